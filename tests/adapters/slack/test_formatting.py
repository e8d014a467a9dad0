"""Slack's rich text and markup to CommonMark and back: by a table, and by whatever may come."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.slack import markdown, mrkdwn, richtext
from adapters.slack.blocks import Body, rich
from adapters.slack.textcode import from_blocks, from_markup, plain
from bridge.texts import split
from tests.adapters.slack.checks import check, nodes
from tests.adapters.slack.oracle import Meaning, Run, letters, meaning, runs
from tests.adapters.slack.texts import EVIL

Part = dict[str, Any]
PLAIN: frozenset[str] = frozenset()


def t(words: str, *looks: str) -> Part:
    return {
        "type": "text",
        "text": words,
        **({"style": dict.fromkeys(looks, True)} if looks else {}),
    }


def a(url: str, words: str = "", *looks: str) -> Part:
    style = {"style": dict.fromkeys(looks, True)} if looks else {}
    return {"type": "link", "url": url, **({"text": words} if words else {}), **style}


def e(kind: str, **fields: Any) -> Part:
    return {"type": kind, **fields}


def p(*elements: Part) -> Part:
    return {"type": "rich_text_section", "elements": list(elements)}


def q(*elements: Part) -> Part:
    return {"type": "rich_text_quote", "elements": list(elements)}


def pre(*elements: Part, **more: Any) -> Part:
    return {"type": "rich_text_preformatted", "elements": list(elements), **more}


def ul(*items: Part | str, indent: int = 0, **more: Any) -> Part:
    made = [p(t(each)) if isinstance(each, str) else each for each in items]
    return {"type": "rich_text_list", "style": "bullet", "indent": indent, "elements": made, **more}


def ol(*items: Part | str, indent: int = 0, **more: Any) -> Part:
    return {**ul(*items, indent=indent, **more), "style": "ordered"}


def says(*pieces: str | tuple[str, ...], place: str = "p") -> tuple[str, tuple[Run, ...]]:
    found = [(each, PLAIN) if isinstance(each, str) else (each[0], frozenset(each[1:]))
             for each in pieces]  # fmt: skip
    return place, tuple(found) if place == "fence" else runs(found)


# name: (parts of Slack's, exactly what becomes of them, what that means)
TABLE: dict[str, tuple[list[Part], str, Meaning]] = {
    "words": ([p(t("Hello, Sam!"))], "Hello, Sam!", [says("Hello, Sam!")]),
    "a sum": ([p(t("2 * 3 * 4"))], "2 * 3 * 4", [says("2 * 3 * 4")]),
    "stars in a word": ([p(t("a*b*c"))], r"a\*b\*c", [says("a*b*c")]),
    "stars around": ([p(t("*not bold*"))], r"\*not bold\*", [says("*not bold*")]),
    "snake case": ([p(t("snake_case_name"))], "snake_case_name", [says("snake_case_name")]),
    "dunder": ([p(t("__init__"))], r"\_\_init\_\_", [says("__init__")]),
    "about five": ([p(t("in ~5 min"))], "in ~5 min", [says("in ~5 min")]),
    "tildes": ([p(t("~~no~~ ~no~"))], r"\~\~no\~\~ \~no\~", [says("~~no~~ ~no~")]),
    "backticks": ([p(t("a `b` c"))], r"a \`b\` c", [says("a `b` c")]),
    "a path": ([p(t("C:\\Users\\sam"))], "C:\\Users\\sam", [says("C:\\Users\\sam")]),
    "a share": ([p(t("\\\\host\\*"))], "\\\\\\\\host\\\\\\*", [says("\\\\host\\*")]),
    "brackets": ([p(t("[x] and [y](z)"))], r"[x] and [y\](z)", [says("[x] and [y](z)")]),
    "a definition": ([p(t("[x]: https"))], r"[x\]: https", [says("[x]: https")]),
    "a heart": ([p(t("1 < 2 <3"))], "1 < 2 <3", [says("1 < 2 <3")]),
    "a tag": ([p(t("<b>hi</b>"))], r"\<b>hi\</b>", [says("<b>hi</b>")]),
    "an autolink": ([p(t("<a@b.io>"))], r"\<a@b.io>", [says("<a@b.io>")]),
    "an entity": ([p(t("&lt; &copy; R&D &#42;"))], r"\&lt; \&copy; R&D \&#42;",
                  [says("&lt; &copy; R&D &#42;")]),
    "a number sign": ([p(t("#42 is yours"))], "#42 is yours", [says("#42 is yours")]),
    "a heading": ([p(t("# of items"))], r"\# of items", [says("# of items")]),
    "a dash": ([p(t("- not a list"))], r"\- not a list", [says("- not a list")]),
    "a plus": ([p(t("+ 5 EUR"))], r"\+ 5 EUR", [says("+ 5 EUR")]),
    "a phone": ([p(t("+49 30 1234"))], "+49 30 1234", [says("+49 30 1234")]),
    "a year": ([p(t("1986. A great year"))], r"1986\. A great year", [says("1986. A great year")]),
    "a bracketed one": ([p(t("1) first"))], r"1\) first", [says("1) first")]),
    "a decimal": ([p(t("1.5 kg"))], "1.5 kg", [says("1.5 kg")]),
    "greater": ([p(t("> 5 kg"))], r"\> 5 kg", [says("> 5 kg")]),
    "underlined": ([p(t("Title\n====="))], "Title\n\\=====", [says("Title =====")]),
    "dashes": ([p(t("Title\n---"))], "Title\n\\---", [says("Title ---")]),
    "a rule": ([p(t("_ _ _"))], r"\_ _ \_", [says("_ _ _")]),
    "a fence of tildes": ([p(t("~~~"))], r"\~\~\~", [says("~~~")]),
    "set in": ([p(t("a\n\n    b"))], "a\n\n\u00a0\u00a0\u00a0\u00a0b", [says("a"), says("b")]),
    "lines": ([p(t("one\ntwo\n\n\n\nthree"))], "one\ntwo\n\nthree", [says("one two"),
                                                                     says("three")]),
    "bold": ([p(t("now", "bold"))], "**now**", [says(("now", "bold"))]),
    "italic": ([p(t("now", "italic"))], "*now*", [says(("now", "italic"))]),
    "struck": ([p(t("now", "strike"))], "~~now~~", [says(("now", "strike"))]),
    "all of it": ([p(t("x", "bold", "italic", "strike"))], "~~***x***~~",
                  [says(("x", "bold", "italic", "strike"))]),
    "blanks inside": ([p(t("a"), t(" b ", "bold"), t("c"))], "a **b** c",
                      [says("a ", ("b", "bold"), " c")]),
    "in a word": ([p(t("un"), t("believ", "bold"), t("able"))], "un**believ**able",
                  [says("un", ("believ", "bold"), "able")]),
    "side by side": ([p(t("a", "bold"), t("b", "italic"))], "**a**\u2060*b*",
                     [says(("a", "bold"), ("b", "italic"))]),
    "bold then both": ([p(t("a ", "bold"), t("b", "bold", "italic"))], "**a** ***b***",
                       [says(("a", "bold"), " ", ("b", "bold", "italic"))]),
    "quoted bold": ([p(t("a"), t('"b"', "bold"), t("c"))], 'a**\u2060"b"\u2060**c',
                    [says("a", ('"b"', "bold"), "c")]),
    "a bold star": ([p(t("x"), t("*", "bold"))], "x**\u2060\\***", [says("x", ("*", "bold"))]),
    "bold lines": ([p(t("a\nb", "bold"))], "**a**\n**b**", [says(("a", "bold"), " ",
                                                                  ("b", "bold"))]),
    "code": ([p(t("a < *b*", "code"))], "`a < *b*`", [says(("a < *b*", "code"))]),
    "code of code": ([p(t("a`b", "code"))], "``a`b``", [says(("a`b", "code"))]),
    "code of ticks": ([p(t("``", "code"))], "``` `` ```", [says(("``", "code"))]),
    "bold code": ([p(t("x", "code", "bold"))], "**`x`**", [says(("x", "code", "bold"))]),
    "a link": ([p(a("https://x.io/a", "our page"))], "[our page](https://x.io/a)",
               [says(("our page", "to https://x.io/a"))]),
    "an address": ([p(t("see "), a("https://x.io/a_b_c"), t("."))], "see <https://x.io/a_b_c>.",
                   [says("see ", ("https://x.io/a_b_c", "to https://x.io/a_b_c"), ".")]),
    "brackets in it": ([p(a("https://x.io/(a)", "p"))], "[p](https://x.io/%28a%29)",
                       [says(("p", "to https://x.io/(a)"))]),
    "brackets in its name": ([p(a("https://x.io", "[1] *x*"))], r"[\[1\] \*x\*](https://x.io)",
                             [says(("[1] *x*", "to https://x.io"))]),
    "no picture": ([p(t("Look!"), a("https://x.io", "x"))], r"Look\![x](https://x.io)",
                   [says("Look!", ("x", "to https://x.io"))]),
    "a bold link": ([p(t("a"), a("https://x.io", "x", "bold"))], "a**\u2060[x](https://x.io)**",
                    [says("a", ("x", "bold", "to https://x.io"))]),
    "a mail": ([p(a("mailto:a@b.io", "a@b.io"))], "[a@b.io](mailto:a@b.io)",
               [says(("a@b.io", "to mailto:a@b.io"))]),
    "a call": ([p(a("tel:+4930", "030"))], "[030](tel:+4930)", [says(("030", "to tel:+4930"))]),
    "a bad link": ([p(a("javascript:x()", "click"))], "click", [says("click")]),
    "an entity in it": ([p(a("https://x.io/?a=1&copy;=2", "x"))], "[x](https://x.io/?a=1&amp;copy;=2)",
                        [says(("x", "to https://x.io/?a=1&copy;=2"))]),
    "emoji": ([p(t("on it "), e("emoji", name="tada", unicode="1f389"))], "on it 🎉",
              [says("on it 🎉")]),
    "a tone": ([p(e("emoji", name="wave", skin_tone=3))], "👋🏼", [says("👋🏼")]),
    "an emoji of ours": ([p(e("emoji", name="our_logo"))], ":our_logo:", [says(":our_logo:")]),
    "a person": ([p(t("ask "), e("user", user_id="U0SECRET1"))], "ask @colleague",
                 [says("ask @colleague")]),
    "a group": ([p(e("usergroup", usergroup_id="S0SECRET1"))], "@team", [says("@team")]),
    "everyone": ([p(e("broadcast", range="here"))], "@team", [says("@team")]),
    "a channel": ([p(t("in "), e("channel", channel_id="C0SECRET1"))], "in our channel",
                  [says("in our channel")]),
    "a workspace": ([p(e("team", team_id="T0SECRET1"))], "our team", [says("our team")]),
    "a permalink": ([p(a("https://acme.slack.com/archives/C0SECRET1/p17"))], "(internal link)",
                    [says("(internal link)")]),
    "a named permalink": ([p(a("https://acme.slack.com/archives/C0SECRET1", "that thread"))],
                          "that thread", [says("that thread")]),
    "a typed permalink": ([p(t("see acme.slack.com/archives/C0SECRET1/p1 there"))],
                          "see (internal link) there", [says("see (internal link) there")]),
    "Slack's own help": ([p(a("https://slack.com/help"))], "<https://slack.com/help>",
                         [says(("https://slack.com/help", "to https://slack.com/help"))]),
    "a date": ([p(e("date", timestamp=1, format="{date}", fallback="Jan 1"))], "Jan 1",
               [says("Jan 1")]),
    "a bare date": ([p(e("date", timestamp=0))], "1970-01-01 00:00 UTC",
                    [says("1970-01-01 00:00 UTC")]),
    "a colour": ([p(e("color", value="#F405B3"))], "#F405B3", [says("#F405B3")]),
    "bullets": ([p(t("Two:\n")), ul("a", "b"), p(t("end"))], "Two:\n\n- a\n- b\n\nend",
                [says("Two:"), says("a", place="-p"), says("b", place="-p"), says("end")]),
    "numbers": ([ol("a", "b", offset=6)], "7. a\n8. b", [says("a", place="7.p"),
                                                         says("b", place="8.p")]),
    "deeper": ([ol("a"), ul("b", indent=1), ol("c", indent=2), ol("d", offset=1)],
               "1. a\n   - b\n     1. c\n2. d",
               [says("a", place="1.p"), says("b", place="1.-p"), says("c", place="1.-1.p"),
                says("d", place="2.p")]),
    "a dash in an item": ([ul("- a", "# b")], "- \\- a\n- \\# b", [says("- a", place="-p"),
                                                                   says("# b", place="-p")]),
    "two lines of an item": ([ul("a\nb")], "- a\n  b", [says("a b", place="-p")]),
    "an empty item": ([ul("", "b")], "-\n- b", [says(place="-p"), says("b", place="-p")]),
    "begins anew": ([ol("a"), ol("b")], "1. a\n1) b", [says("a", place="1.p"),
                                                       says("b", place="1.p")]),
    "too deep": ([ul("a", indent=3)], "- a", [says("a", place="-p")]),
    "a quote": ([q(t("as said\n\nabove")), p(t("yes"))], "> as said\n>\n> above\n\nyes",
                [says("as said", place=">p"), says("above", place=">p"), says("yes")]),
    "a quoted list": ([ul("a", border=1)], "> - a", [says("a", place=">-p")]),
    "a block of code": ([pre(t("x = 1\n"), a("https://x.io"), t(" `"))],
                        "```\nx = 1\nhttps://x.io `\n```",
                        [says("x = 1\nhttps://x.io `", place="fence")]),
    "a fence of code": ([pre(t("```\nx\n```"))], "````\n```\nx\n```\n````",
                        [says("```\nx\n```", place="fence")]),
    "an id in code": ([pre(e("user", user_id="U0SECRET1"))], "```\n@colleague\n```",
                      [says("@colleague", place="fence")]),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_rich_text_becomes_commonmark_that_means_the_same(name: str) -> None:
    parts, expected, meant = TABLE[name]
    text = from_blocks([rich(*parts)])
    assert text == expected
    assert meaning(text) == meant


@pytest.mark.parametrize("name", TABLE)
def test_what_became_commonmark_is_shown_the_same_in_slack_again(name: str) -> None:
    text = TABLE[name][1]
    again = markdown.parts(text)
    assert meaning(richtext.to_commonmark(again)) == meaning(text)
    check(Body("x", [rich(*again)], plain=markdown.fallback(text)))


# --- whatever may come ---------------------------------------------------------------------------

SPOKEN = st.text(
    st.sampled_from("ab1 *_~`\\\\[]()<>&;#!-+.=|:\n\"'é✅@/ \t"), min_size=1, max_size=14
)
LOOKS = st.lists(st.sampled_from(["bold", "italic", "strike"]), unique=True)
INTERNAL = st.sampled_from([
    e("user", user_id="U0SECRET1"), e("user", user_id="W0SECRET1"),
    e("channel", channel_id="C0SECRET1"),
    e("channel", channel_id="G0SECRET1"), e("usergroup", usergroup_id="S0SECRET1"),
    e("team", team_id="T0SECRET1"), e("broadcast", range="channel"),
    a("https://acme.slack.com/archives/C0SECRET1/p17"), a("https://app.slack.com/client/T0SECRET1"),
    a("slack://user?team=T0SECRET1&id=U0SECRET1", "https://acme.slack.com/team/U0SECRET1"),
    t("https://acme.enterprise.slack.com/archives/C0SECRET1"),
    t("HTTPS://ACME.SLACK.COM/archives/C0SECRET1", "code"),
])  # fmt: skip
WORDS = st.builds(lambda words, looks: t(words, *looks), SPOKEN, LOOKS)
LINKS = st.builds(
    lambda path, words, looks: a(f"https://x.io/{path}", words, *looks),
    st.sampled_from(["", "a_b", "(c)", "?d=1&amp;e", "*"]), st.just("") | SPOKEN, LOOKS,
)  # fmt: skip
CODES = st.builds(lambda words: t(words, "code"), st.text("ab `*\\\\<&", min_size=1, max_size=8))
LINE = st.lists(WORDS | LINKS | CODES | INTERNAL, min_size=1, max_size=5)


def expected(parts: list[Part]) -> list[tuple[Run, ...]]:
    """What a reader of Slack sees in sections and quotes, without what becomes neutral."""
    return [one for part in parts if (one := runs(_looks(part["elements"])))]


def _looks(elements: list[Part]) -> list[Run]:
    return [_look(each) for each in elements]


def _look(each: Part) -> Run:
    looks = frozenset(each.get("style", {}))
    if each["type"] == "link":
        words = " ".join(str(each.get("text") or "").split()) or each["url"]
        return words, looks | {f"to {each['url']}"}
    return str(each["text"]), looks


def apart(text: str) -> list[tuple[Run, ...]]:
    """The paragraphs of a text as one, since empty lines are no words."""
    return [runs(piece for _, found in meaning(text) for piece in [*found, (" ", PLAIN)])]


@given(st.lists(WORDS | LINKS | CODES, min_size=1, max_size=5))
def test_every_line_means_in_commonmark_what_it_means_in_slack(line: list[Part]) -> None:
    text = from_blocks([rich(p(*line))])
    assert text is not None
    assert apart(text) == (expected([p(*line)]) or [()])


@given(st.lists(WORDS | LINKS | CODES, min_size=1, max_size=4))
def test_a_line_is_the_same_after_going_there_and_back(line: list[Part]) -> None:
    said = "".join(str(each.get("text", "")) for each in line)
    assume(not re.search(r":\w+:", said))  # which bots mean as an emoji's name
    text = from_blocks([rich(p(*line))]) or ""
    again = from_blocks([rich(*markdown.parts(text))]) or ""
    assert apart(again) == apart(text)


ITEMS = st.lists(st.sampled_from(["a", "- b", "1. c", "# d", "", "e\nf", "> g", "---"]),
                 min_size=1, max_size=3)  # fmt: skip
LISTS = st.builds(
    lambda items, ordered, indent, offset: (ol if ordered else ul)(
        *items, indent=indent, **({"offset": offset} if ordered else {})
    ),
    ITEMS, st.booleans(), st.integers(0, 3), st.integers(0, 12),
)  # fmt: skip


@given(st.lists(LISTS | st.just(p(t("words"))) | st.just(q(t("quoted"))) | st.just(pre(t("x"))),
                min_size=1, max_size=5))  # fmt: skip
def test_lists_keep_their_items_and_numbers_there_and_back(parts: list[Part]) -> None:
    text = from_blocks([rich(*parts)]) or ""
    told = ["".join(words for words, _ in found) for _, found in meaning(text)]
    given_ = [
        " ".join(str(item["elements"][0]["text"]).split())
        for part in parts
        for item in (part["elements"] if part["type"] == "rich_text_list" else [part])
    ]
    assert " ".join(told).split() == " ".join(given_).split()
    again = from_blocks([rich(*markdown.parts(text))]) or ""
    assert meaning(again) == meaning(text)


@given(LINE, st.sampled_from([p, q, pre]))
def test_nothing_internal_leaves(line: list[Part], kind: Any) -> None:
    text = from_blocks([rich(kind(*line), ul(p(*line)))]) or ""
    assert not re.search(r"[UWCGST]0SECRET", text)
    assert "acme" not in text.lower()


@given(st.text(st.sampled_from("<>@!#|&^;*_~`: ab\n/.1"), max_size=40),
       st.sampled_from(["<@U0SECRET1>", "<@W0SECRET1|sam.r>", "<#C0SECRET1|acme-deals>",
                        "<!subteam^S0SECRET1|@acme-vips>", "<https://acme.slack.com/archives/C0SECRET1>",
                        "<https://acme.slack.com/x|acme.slack.com/x/C0SECRET1>"]))  # fmt: skip
def test_nothing_internal_leaves_by_markup_either(around: str, token: str) -> None:
    text = from_markup(f"{around} {token} {around}")
    assert not re.search(r"[UWCGST]0SECRET", text) or "`" in around or "<" in around
    alone = from_markup(f"*{token}* `{token}`\n```{token}```")
    assert not re.search(r"[UWCGST]0SECRET|acme|sam\.r", alone)


QUIET = st.text(st.sampled_from("ab1 é.,#-()'\n"), min_size=1, max_size=12)
QUIET_WORDS = st.builds(lambda words, looks: t(f" {words.strip()} ", *looks), QUIET, LOOKS)


@given(st.lists(QUIET_WORDS, min_size=1, max_size=5))
def test_slacks_markup_says_the_same_as_its_blocks(line: list[Part]) -> None:
    line = [{**each, "text": f" {' '.join(each['text'].split())}x "} for each in line]
    merged = richtext.to_commonmark([p(*line)])
    assert apart(from_markup(mrkdwn.write(markdown.parts(merged)))) == apart(merged)


BOTS = st.text(st.sampled_from("ab1 *_~`\\\\[]()<>&#!-+.\n:@"), max_size=60) | st.sampled_from(
    [EVIL, "<!channel>", "[<@U1>](https://x.io)", "![a](b)", "```\n<!here>", "> > > a\n- b\n  - c"]
)


@given(BOTS)
def test_whatever_bots_write_slack_takes_it_and_nobody_is_called(text: str) -> None:
    parts = markdown.parts(text)
    if parts:
        check(Body("x", [rich(*parts)], plain=markdown.fallback(text)))
    assert {n["type"] for n in nodes(parts) if "type" in n} <= {
        "text", "link", "rich_text_section", "rich_text_list", "rich_text_quote",
        "rich_text_preformatted",
    }  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=80))
def test_words_are_never_lost_on_the_way_to_slack(text: str) -> None:
    """Without marks there is nothing to take away."""
    bare = re.sub(r"[\W_]", "", text)
    assert letters(markdown.plain(bare)) == letters(bare)


PIECES = ["a b c. ", "*x* ", "\n", "\n\n", "\n```\ncode\n```\n", "👋🏼"]


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_parts_of_a_long_text_are_the_text_and_code_stays_code(pieces: list[str]) -> None:
    text = "".join(pieces)
    parts = split(text, 40)
    assert "".join(parts) == text
    for n, part in enumerate(parts):
        for block in markdown.parts(markdown.continued("".join(parts[:n]), part)):
            assert ("code" in str(block)) == (block["type"] == "rich_text_preformatted")


@pytest.mark.parametrize(
    ("before", "part", "expected"),
    [
        ("```py\na\n", "b\n```", "```\nb\n```"),
        ("```\na\n```\n", "b", "b"),
        ("~~~~\n```\n~~~\n", "b", "~~~~\nb"),
        ("```not `a` fence\n", "b", "b"),
    ],
)
def test_code_that_was_split_is_code_in_each_part(before: str, part: str, expected: str) -> None:
    assert markdown.continued(before, part) == expected


@pytest.mark.parametrize("name", TABLE)
def test_commands_are_read_without_any_mark(name: str) -> None:
    parts = TABLE[name][0]
    bare = plain([rich(*parts)], "")
    assert "SECRET" not in bare
    assert "\\" not in bare or "\\" in str(parts)


def test_commands_that_name_somebody_are_read_with_the_id() -> None:
    blocks = [rich(p(t("!assign "), e("user", user_id="U0BEN")))]
    assert plain(blocks, "", lambda user: f"<@{user}>") == "!assign <@U0BEN>"
    assert plain(None, "!label <@U0BEN> a_b") == "!label @colleague a_b"


@pytest.mark.parametrize(
    "text", ["*a", "[", "`", "- ", ">", "[a](", "<", "~~a ", "_", "\\\\", "![", "&"]
)
def test_no_text_of_a_bot_takes_long(text: str) -> None:
    start = time.process_time()
    parts = markdown.parts((text * 3_000)[:2_900])
    richtext.to_commonmark(parts)
    assert time.process_time() - start < 10.0
