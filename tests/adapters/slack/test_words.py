"""Names and words on the desk: harmless, and of bearable length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import lines, posts, replies
from adapters.slack.blocks import chunks, cut, escape, fallback, units, words
from adapters.slack.card import title_of
from adapters.slack.names import (
    customer_name,
    customer_sender,
    first_name,
    is_public,
    isolated,
    safe_name,
)
from bridge.effects import Line
from bridge.views import LinePost
from tests.adapters.slack.checks import shown
from tests.adapters.slack.texts import LONG, TEXT
from tests.adapters.slack.things import contact, handoff, post, view

# --- texts ---------------------------------------------------------------------------------------


@given(TEXT | LONG, st.integers(2, 3_000))
def test_chunks_joined_are_the_text(text: str, limit: int) -> None:
    pieces = chunks(text, limit)
    assert "".join(pieces) == text
    assert all(0 < units(piece) <= limit for piece in pieces)


@given(TEXT | LONG, st.integers(1, 3_000))
def test_cut_texts_fit_and_say_that_they_are_cut(text: str, limit: int) -> None:
    out = cut(text, limit)
    assert units(out) <= limit
    assert out == text or out.endswith("…")


@given(TEXT | LONG, st.integers(10, 4_000))
def test_a_notification_fits_and_has_whole_entities(text: str, limit: int) -> None:
    out = fallback(text, limit)
    assert units(out) <= limit
    assert not set("<>") & set(out)
    assert out.count("&") == sum(out.count(each) for each in ("&amp;", "&lt;", "&gt;"))
    assert units(escape(text)) > limit or out == escape(text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=2_900))
def test_a_customers_words_arrive_whole(text: str) -> None:
    body = posts.said(view(), post(text), "eff_1")
    assert shown(body) == text
    assert body.plain == f"Sam: {escape(text)}"


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sam Rivera", "Sam Rivera"),
        ("  Sam\n\tRivera ", "Sam Rivera"),
        ("<!channel>", "!channel"),
        ("Ana · bot", "Ana bot"),
        ("\u202egnol\u202c", "gnol"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("می‌خواهم", "\u2068می‌خواهم\u2069"),
        ("\u200d", "Visitor"),
        ("", "Visitor"),
    ],
)
def test_names_are_made_harmless(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_words_from_right_to_left_turn_nothing_beside_them() -> None:
    left, right = "Sam", "אלישבע מזרחי"
    assert (isolated(left), isolated(right)) == (left, f"\u2068{right}\u2069")
    assert first_name(contact(name=right)) == "\u2068אלישבע\u2069"
    long = customer_name(contact(name=right * 30))
    assert (long[0], long[-2:], units(long) <= 62) == ("\u2068", "…\u2069", True)
    assert title_of(handoff(title=right * 30), 20)[-2:] == "…\u2069"


def test_a_name_of_300_emoji_is_shortened() -> None:
    sender = customer_sender(contact(name="😀" * 300))
    assert units(sender.name) <= 80
    assert sender.name.endswith("… · customer")


def test_the_nameless_are_spoken_of_politely() -> None:
    nameless = [customer_name(contact(name="", id=f"con_{n}")) for n in range(9)]
    assert nameless[0] == customer_name(contact(name="\u200d", id="con_0"))
    assert all(name.startswith("Visitor ") for name in nameless)
    assert len(set(nameless)) > 7
    assert first_name(contact(name="")) == "the customer"


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://cdn.acme.com/a.png", True),
        ("https://8.8.8.8/a.png", True),
        ("http://cdn.acme.com/a.png", False),
        ("https://localhost/a.png", False),
        ("https://desk.local/a.png", False),
        ("https://10.0.0.1/a.png", False),
        ("https://[::1]/a.png", False),
        ("https://cdn.acme.com:8443/a.png", False),
        ("https://user@cdn.acme.com/a.png", False),
        ("https://intranet/a.png", False),
        ("https://cdn.acme.com/a b.png", False),
        ("https://[bad/a.png", False),
        ("", False),
    ],
)
def test_a_picture_is_shown_only_where_slack_can_fetch_it(url: str, public: bool) -> None:
    assert is_public(url) is public
    sender = customer_sender(contact(avatar_url=url))
    assert bool(sender.icon_url) is public


def test_words_are_kept_within_an_element() -> None:
    assert [units(each["text"]) for each in words("😀" * 2_000)] == [2_900, 1_100]


def test_who_has_no_name_is_small_in_the_middle_of_a_sentence() -> None:
    assert replies.held("no_words,foreign").endswith(", and a colleague has this conversation.")
    reopened = lines.line(view(), LinePost(Line.REOPENED, None, "", "\u200b", "agent"), "k")
    assert reopened.text == "Reopened by a colleague"
