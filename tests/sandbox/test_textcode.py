"""Typed text is stored as Slack stores it, and says the same in text and block."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack import seed
from sandbox.slack.config import SandboxConfig
from sandbox.slack.ids import IdSource
from sandbox.slack.limits import check_blocks
from sandbox.slack.textcode import encode, escape, link_names, settle, unescape
from sandbox.slack.workspace import Workspace

WORKSPACE = Workspace(SandboxConfig(), IdSource(1))


def typed(text: str) -> str:
    return encode(WORKSPACE, text).text


def elements(text: str) -> list[Any]:
    found: list[Any] = encode(WORKSPACE, text).blocks[0]["elements"]
    return found


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("hi @Ana", f"hi <@{seed.ANA}>"),
        ("hi @Ana Torres!", f"hi <@{seed.ANA}>!"),
        ("hi @chloé", f"hi <@{seed.CHLOE}>"),
        ("@Analyst is nobody", "@Analyst is nobody"),
        ("see #desk-billing now", f"see <#{seed.BILLING}|desk-billing> now"),
        ("#42 is no channel", "#42 is no channel"),
        ("@here @channel @everyone", "<!here> <!channel> <!everyone>"),
        ("ask @billing-team", f"ask <!subteam^{seed.BILLING_GROUP}>"),
        ("https://a.example/x?y=1&z=2.", "<https://a.example/x?y=1&amp;z=2>."),
        ("done ✅ :eyes: :not_one:", "done :white_check_mark: :eyes: :not_one:"),
        ("*bold* _it_ ~gone~ `co<de`", "*bold* _it_ ~gone~ `co&lt;de`"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("> said\nme", "&gt; said\nme"),
        ("- one\n- two", "• one\n• two"),
        ("```x < 1\ny```", "```x &lt; 1\ny```"),
        ("!n check the courier", "!n check the courier"),
        ("<@U06ANAT0RR5>", "&lt;@U06ANAT0RR5&gt;"),
    ],
)
def test_typed_text_is_encoded(text: str, stored: str) -> None:
    assert typed(text) == stored


def test_a_mention_is_an_element_of_its_own() -> None:
    section = elements("hi *@Ana*")[0]
    assert section["elements"] == [
        {"type": "text", "text": "hi "},
        {"type": "user", "user_id": seed.ANA, "style": {"bold": True}},
    ]


def test_lines_of_one_kind_stand_together() -> None:
    kinds = [element["type"] for element in elements("a\nb\n> q\n- x\n- y\n```code```")]
    assert kinds == [
        "rich_text_section", "rich_text_quote", "rich_text_list", "rich_text_preformatted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a & b &amp; c", "a &amp; b &amp; c"),
        ("1 < 2 > 0", "1 &lt; 2 &gt; 0"),
        ("<@U1> <!here> <#C1|x> <https://a.example|b>",
         "<@U1> <!here> <#C1|x> <https://a.example|b>"),
        ("see https://a.example now", "see <https://a.example> now"),
        ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
    ],
)  # fmt: skip
def test_an_apps_text_keeps_its_markup_and_loses_stray_characters(text: str, stored: str) -> None:
    assert settle(text) == stored
    assert settle(stored) == stored


def test_names_are_linked_only_when_asked_for() -> None:
    assert settle("@Ana @here #desk-orders") == "@Ana @here #desk-orders"
    linked = link_names(WORKSPACE, "@Ana @here #desk-orders #nowhere")
    assert linked == f"<@{seed.ANA}> <!here> <#{seed.ORDERS}|desk-orders> #nowhere"


@given(st.text(max_size=200))
def test_escaping_is_undone_by_unescaping(text: str) -> None:
    assert unescape(escape(text)) == text
    assert "<" not in escape(text)


@given(st.text(alphabet="ab@#<>&*_~`:- \nAna/here.https", max_size=80))
def test_any_typed_text_gives_good_blocks_and_no_foreign_markup(text: str) -> None:
    encoded = encode(WORKSPACE, text)
    for word in encoded.text.split("<")[1:]:
        assert word.startswith(("@U", "#C", "!", "http")), encoded.text
    parts = [part for block in encoded.blocks for part in block["elements"]]
    if all(part["elements"] for part in parts) and encoded.blocks:
        assert check_blocks(encoded.blocks) == []


@given(st.text(max_size=120))
def test_settled_text_does_not_change_again(text: str) -> None:
    once = settle(text)
    assert settle(once) == once
