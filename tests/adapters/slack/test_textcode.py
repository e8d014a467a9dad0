"""What agents write in Slack, as users are to read it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.blocks import escape
from adapters.slack.textcode import Named, clean, from_blocks, from_markup, named_in
from tests.adapters.slack.oracle import meaning, runs


def names(user: str) -> str:
    return {"U0ANA": "Ana"}.get(user, "")


@pytest.mark.parametrize(
    ("slack", "expected"),
    [
        ("Hello &amp; welcome, 1 &lt; 2 &gt; 0", "Hello & welcome, 1 < 2 > 0"),
        ("&amp;lt;", r"\&lt;"),
        ("*bold* and _soft_ and ~gone~", "**bold** and *soft* and ~~gone~~"),
        ("*_both_*", "***both***"),
        ("2 * 3 * 4 and a*b*c and snake_case_name", r"2 * 3 * 4 and a\*b\*c and snake_case_name"),
        ("* not a list *", r"\* not a list \*"),
        ("`a *b* <https://x.io>`", "`a *b* https://x.io`"),
        ("```x = 1 &lt; 2\ny```", "```\nx = 1 < 2\ny\n```"),
        ("see <https://x.io/a_b_c>", "see <https://x.io/a_b_c>"),
        ("see <https://x.io/(a)|our page>", "see [our page](https://x.io/%28a%29)"),
        ("<http://x.io|x.io>", "<http://x.io>"),
        ("<mailto:a@b.io|a@b.io>", "[a@b.io](mailto:a@b.io)"),
        ("<slack://open|our app>", "our app"),
        ("<javascript:alert(1)|click>", "click"),
        ("ask <@U0ANA>, <@U0BEN|ben.okafor> or <@W0XYZ>", "ask Ana, @colleague or @colleague"),
        ("in <#C012|secret-deals>, <!subteam^S01|@vips> <!here>", "in our channel, @team @team"),
        ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
        ("on it :tada: :wave::skin-tone-3: :our-logo:", "on it 🎉 👋🏼 :our-logo:"),
        ("at 10:30:00 sharp", "at 10:30:00 sharp"),
        ("&gt; quoted\nmine", "> quoted\n\nmine"),
        ("• one\n• two", "- one\n- two"),
        ("nul\x00 and \ud800", "nul\ufffd and \ufffd"),
        ("", ""),
    ],
)
def test_markup_becomes_commonmark(slack: str, expected: str) -> None:
    assert from_markup(slack, names) == expected


@given(st.text(st.characters(exclude_characters="*_~`:\x00•◦▪‣>", exclude_categories=["Cs"])))
def test_what_was_only_typed_arrives_as_typed(text: str) -> None:
    typed = text.replace("&", "&amp;").replace("<", "&lt;")
    assert runs([(text, frozenset())]) == runs(
        piece for _, found in meaning(from_markup(typed)) for piece in [*found, (" ", frozenset())]
    )


@given(st.text(st.sampled_from("<>@!#|UC0^&;*_~`: ab\n/."), max_size=80))
def test_no_id_and_no_channel_ever_gets_out(text: str) -> None:
    out = from_markup(f"{text} <@U0SECRET1> <#C0SECRET2|deals> <!subteam^S0SECRET3>", names)
    for secret in ("U0SECRET1", "C0SECRET2", "S0SECRET3"):
        assert secret not in out or "`" in text


@pytest.mark.parametrize("text", ["*", "_", "~", "`", "```", "<", ":", "*a ", "<@", "&", "[("])
def test_time_grows_with_the_length_of_a_text_and_not_with_its_square(text: str) -> None:
    """Of what is called, which is the same on every machine; regular expressions have time enough
    for what they do on the way, and not for looking through all of it again from each place."""

    def calls(length: int) -> int:
        long = text * (length // len(text))
        styled = rich(section({"type": "text", "text": long, "style": {"bold": True}}))
        with counted() as found:
            from_markup(long, names)
            from_blocks(styled, names)
        return found[0]

    calls(100)  # what is made once
    start = time.process_time()
    assert calls(32_000) <= 8 * calls(4_000)
    assert time.process_time() - start < 10.0


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many functions were called, and returned."""
    found, before = [0], sys.getprofile()

    def count(*_: object) -> None:
        found[0] += 1

    sys.setprofile(count)
    try:
        yield found
    finally:
        sys.setprofile(before)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain @here", Named()),
        ("&lt;@U123&gt;", Named()),
        ("<@U0ANA> and <@U0ANA|ana> and <@U0BEN>", Named(("U0ANA", "U0BEN"), True)),
        ("<!here>", Named((), True)),
        ("<!channel|channel>", Named((), True)),
        ("<!subteam^S01>", Named((), True)),
        ("<!date^1^{date}|now> <#C01|c>", Named()),
    ],
)
def test_who_is_named(text: str, expected: Named) -> None:
    assert named_in(text) == expected


# --- rich_text -----------------------------------------------------------------------------------


def rich(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "block_id": "b", "elements": list(parts)}]


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def test_a_known_name_stands_for_an_id_where_names_are_wanted() -> None:
    people = [{"type": "user", "user_id": "U0ANA"}, text(" "), {"type": "user", "user_id": "U0BEN"}]
    assert from_blocks(rich(section(*people)), names) == "Ana @colleague"
    assert from_blocks(rich(section(*people))) == "@colleague @colleague"


@pytest.mark.parametrize(
    "blocks",
    [None, [], "x", [{"type": "section"}], [{"type": "rich_text"}], [{"type": "rich_text",
     "elements": [{"type": "rich_text_new", "elements": []}]}], [None], [{"type": "rich_text",
     "elements": [{"type": "rich_text_section", "elements": [{"type": "secret", "text": "x"}]}]}]],
)  # fmt: skip
def test_blocks_that_are_not_the_composers_are_not_read(blocks: object) -> None:
    assert from_blocks(blocks, names) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "elements", "text", "style", "url", "name"]), inner
        )
    ),
    max_leaves=12,
)
PART = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"]
        ),
        "elements": st.lists(JSON, max_size=4),
    },
    optional={"indent": JSON, "offset": JSON, "style": JSON},
)


@given(st.lists(PART, max_size=3))
def test_whatever_the_blocks_are_they_are_read_or_left_to_the_text(
    parts: list[dict[str, Any]],
) -> None:
    out = from_blocks(rich(*parts), names)
    assert out is None or out.encode() is not None


WORDS = st.sampled_from(
    ["a", "Ü", "1", " ", ", ", "...", "- ", "-", "1. ", "(", ")", "?", "!", ":", "/", "%", "+", "$",
     "acme.slack.com/archives/C1", "www.a.de", "slack://x", "’", "…", "_", "*", "&", "\n"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map("".join))
def test_plain_prose_is_read_faster_and_no_other_way(said: str) -> None:
    words, nothing = {"type": "text", "text": said}, {"type": "text", "text": ""}
    alone, beside = (
        from_blocks(rich(section(*elements))) for elements in ([words], [words, nothing])
    )
    assert alone == beside


@given(st.text())
def test_clean_texts_can_be_stored_anywhere(text_: str) -> None:
    assert "\x00" not in clean(text_)
    clean(text_ + "\ud834").encode()


@given(st.text())
def test_escaped_words_hold_no_markup(text_: str) -> None:
    assert not set("<>") & set(escape(text_))
