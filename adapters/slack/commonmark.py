"""Writing CommonMark that cannot be read as anything else than was meant. Pure.

The dialect that the whole bridge speaks: CommonMark (spec.commonmark.org/0.31.2) without HTML and
without indented code, with `~~struck~~` as GitHub has it; a line break is a line break.

Only what would be read as markup is escaped, and only where it would be: `snake_case`, `2 * 3` and
`#42` stay as they are, since some readers show the text plain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote as urlquote

JOINER = "\u2060"
"""WORD JOINER, which nobody sees. Emphasis that begins or ends with punctuation in the middle of a
word is none for CommonMark (its "flanking" rules); with a joiner between mark and punctuation it
is."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line. `raw`: `text` is markup that is complete in itself (code, a link)."""

    text: str
    marks: str = ""
    raw: bool = False


def marks(*, bold: bool = False, italic: bool = False, strike: bool = False) -> str:
    return ("~~" if strike else "") + ("**" if bold else "") + ("*" if italic else "")


# --- words ---------------------------------------------------------------------------------------

_SPECIAL = re.compile(r"\\+|`|\*+|_+|~+|[\[\]<&]")
_ENTITY = re.compile(r"&(?:#[xX]?[0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,40})(?:;|\Z)|&#?[xX]?\Z")
_TAG = re.compile(r"[A-Za-z/!?]|[^\s<>]{1,254}@|\Z")


def escape(text: str, *, first: bool = True, last: bool = True, label: bool = False) -> str:
    """Words that mean nothing but themselves inside a line.

    `first`, `last`: nothing stands before or after them; `label`: they stand in a link's brackets.
    """
    before, after = "\n" if first else "", "\n" if last else ""
    whole = before + text + after

    def one(found: re.Match[str]) -> str:
        sides = whole[: found.start()][-1:], whole[found.end() : found.end() + 1]
        return _quoted(found[0]) if _is_special(found, sides, label=label) else found[0]

    escaped = _SPECIAL.sub(one, whole)
    return escaped[len(before) : len(escaped) - len(after)]


BLANKS = frozenset(" \t\u00a0")


_PROSE = re.compile(r"[^\W\d_][\w ,.;:?!'\"()/%$+\u2019\u201c\u201d\u2026-]*(?<! )")
"""`_` is looked for apart: then it is one set of characters, passed over far quicker than two."""


def is_prose(text: str) -> bool:
    """Whether it is one line of words in which nothing can be taken for markup."""
    return "_" not in text and _PROSE.fullmatch(text) is not None


def _quoted(run: str) -> str:
    return "".join(f"\\{char}" for char in run)


def _is_inner(found: re.Match[str]) -> bool:
    """With words before and behind it on its line: at an end a span's marks would stand beside
    it. Looks no further than the blanks around it, since there may be many of these in a text."""
    text, before, after = found.string, found.start() - 1, found.end()
    while before >= 0 and text[before] in BLANKS:
        before -= 1
    while after < len(text) and text[after] in BLANKS:
        after += 1
    return before >= 0 and after < len(text) and "\n" not in (text[before], text[after])


def _is_special(found: re.Match[str], sides: tuple[str, str], *, label: bool) -> bool:
    before, after = sides
    run, kind = found[0], found[0][0]
    if kind == "\\":
        return len(run) > 1 or not after.isalnum()
    if kind == "*":
        return not (before.isspace() and after.isspace() and _is_inner(found))
    if kind == "_":
        inside = before.isalnum() and after.isalnum()
        return not inside and not (before.isspace() and after.isspace() and _is_inner(found))
    if kind == "~":
        return len(run) > 1 or found.string.count("~") > 1 or not _is_inner(found)
    if kind in "[]":
        return label or (kind == "]" and (not after or after in "([:"))
    if kind == "<":
        return _TAG.match(found.string, found.end()) is not None
    return kind == "`" or _ENTITY.match(found.string, found.start()) is not None


_START = re.compile(
    r"#{1,6}(?=\s|\Z)"  # a heading
    r"|[-+*_](?=\s|\Z)"  # a list, a rule
    r"|(?P<number>[0-9]{1,9})[.)](?=\s|\Z)"
    r"|>"
    r"|=+\s*\Z"  # what makes the line above a heading
    r"|[-|:][-|:\s]*\Z"  # that, a rule, or a table's
)


def _line(text: str) -> str:
    """A line that begins no block. Blanks in front are kept as such that markup does not count."""
    words = text.strip(" \t")
    blanks = text[: len(text) - len(text.lstrip(" \t"))].replace("\t", "    ")
    if len(blanks) > 1:
        return "\u00a0" * len(blanks) + words if words else ""
    start = _START.match(words)
    if not start:
        return words
    at = start.end("number") if start["number"] else 0
    return f"{words[:at]}\\{words[at:]}"


def code(text: str) -> str:
    """Inline code, line by line: a code span of several lines would be one."""
    return "\n".join(_code(line) for line in text.split("\n"))


def _code(line: str) -> str:
    if not line.strip():
        return line
    ticks = "`" * (_longest(line) + 1)
    framed = line.startswith("`") or line.endswith("`")
    blank = " " if framed or (line.startswith(" ") and line.endswith(" ")) else ""
    return f"{ticks}{blank}{line}{blank}{ticks}"


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


# --- links ---------------------------------------------------------------------------------------

_SCHEME = re.compile(r"(https?://|mailto:|tel:)(?=.)", re.IGNORECASE)
_UNSAFE = re.compile(r"[\s\x00-\x20\x7f-\x9f\\<>`\"|]")
_REFERENCE = re.compile(r"&(?=#?[A-Za-z0-9]{1,40};)")


def address(url: str) -> str:
    """An address in which nothing ends it."""
    return _UNSAFE.sub(lambda found: urlquote(found[0]), url)


def link(url: str, label: str = "", *, monospaced: bool = False) -> Span | str:
    """A link, or the words that are left where an address is none that anybody may open."""
    scheme = _SCHEME.match(url)
    label = label if label.strip() else ""
    if not scheme:
        return label or url
    bare = url[scheme.end() :]
    if label in {"", url, bare} and scheme[1].lower().startswith("http") and not monospaced:
        return Span(f"<{address(url)}>", raw=True)
    shown = " ".join((label or (url if scheme[1].endswith("/") else bare)).split())
    target = _REFERENCE.sub("&amp;", address(url)).replace("(", "%28").replace(")", "%29")
    inside = _code(shown) if monospaced else escape(shown, first=False, last=False, label=True)
    return Span(f"[{inside}]({target})", raw=True)


# --- a paragraph ---------------------------------------------------------------------------------


def paragraph(spans: Iterable[Span]) -> str:
    """Spans as lines that are one paragraph, or some where empty lines part them."""
    merged = _merged(spans)
    out = ""
    for n, span in enumerate(merged):
        after = _first(merged[n + 1]) if n + 1 < len(merged) else "\n"
        source = span.text if span.raw else _escaped(merged, n)
        lines = source.split("\n")
        for m, line in enumerate(lines):
            last = m + 1 == len(lines)
            out = _added(out, line, span.marks, after if last else "\n") + ("" if last else "\n")
    lines = [_line(line) for line in out.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Neighbours of one look are one span: the fewer marks, the less there is to be misread."""
    found = [span for span in spans if span.text]
    together = (list(group) for _, group in groupby(found, lambda span: (span.raw, span.marks)))
    merged: list[Span] = []
    for group in together:
        if group[0].raw:
            merged += group
        else:
            merged.append(Span("".join(span.text for span in group), group[0].marks))
    return merged


def _escaped(spans: Sequence[Span], n: int) -> str:
    """Where marks follow or precede, the words' own characters may not be added to them."""
    span, before, after = spans[n], spans[n - 1 : n], spans[n + 1 : n + 2]
    return escape(
        span.text,
        first=not span.marks and not before,
        last=not span.marks and not after,
    )


def _first(span: Span) -> str:
    """What will be seen first of it, as far as flanking is concerned."""
    char = span.text[0]
    return char if char.isspace() or not span.marks else JOINER


def _added(out: str, line: str, mark: str, after: str) -> str:
    words = line.strip()
    if not mark or not words:
        return _beside(out, line)
    start = line.index(words)
    lead, rest = line[:start], line[start + len(words) :]
    before = lead[-1:] or out[-1:]
    if before in {"*", "~"}:
        out, before = out + JOINER, JOINER
    opening, closing = mark, mark[::-1]
    if not _parts(before):
        opening = _stuck(opening, words[0])
    if not _parts(rest[:1] or after):
        closing = _stuck(mark, words[-1])[::-1]
    return f"{out}{lead}{opening}{words}{closing}{rest}"


def _beside(out: str, line: str) -> str:
    """A `!` before a link would make it a picture."""
    return f"{out[:-1]}\\!{line}" if line.startswith("[") and out.endswith("!") else out + line


def _stuck(mark: str, char: str) -> str:
    """Marks in the midst of a word: each kind of them beside something that is no punctuation."""
    apart = mark.replace("~~*", f"~~{JOINER}*")
    return apart + JOINER if _is_punctuation(char) else apart


def _parts(char: str) -> bool:
    """Whether it stands between words for every reader of CommonMark."""
    return not char or char.isspace() or unicodedata.category(char).startswith("P")


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


# --- blocks --------------------------------------------------------------------------------------


def fence(text: str) -> str:
    """A block of code, whatever stands in it."""
    ticks = "`" * max(3, _longest(text) + 1)
    return f"{ticks}\n{text.strip(chr(10))}\n{ticks}"


def quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@dataclass(frozen=True, slots=True)
class Items:
    """One list at one level; `start` of an ordered one, 0 for bullets."""

    level: int
    start: int
    texts: tuple[str, ...]


def nested(lists: Iterable[Items]) -> str:
    """Lists one after another, the deeper ones within the item before them.

    A nested item stands where its parent's words begin: `- ` is two wide, `10. ` is four.
    """
    lines: list[str] = []
    depths: list[_Depth] = []
    worded = False  # the item before; one without words would end at an empty line
    for each in lists:
        level = min(each.level, len(depths))
        deeper = level == len(depths)
        mark = _delimiter(depths[level] if not deeper else None, each)
        if worded and deeper and (each.start > 1 or not each.texts[0]):
            lines.append("")  # neither may follow words without an empty line
        for n, text in enumerate(each.texts):
            left = depths[level - 1].width if level else 0
            sign = f"{each.start + n}{mark}" if each.start else "-"
            depths[level:] = [_Depth(left + len(sign) + 1, each.start + n + 1, mark)]
            lines += _item(text, sign, left)
            worded = bool(text.strip())
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Depth:
    width: int
    following: int
    mark: str


def _delimiter(before: _Depth | None, items: Items) -> str:
    """`.`, or what tells a list that begins anew from the one before it."""
    if not items.start or before is None or not before.mark:
        return "." if items.start else ""
    same = before.following == items.start
    return before.mark if same else {".": ")", ")": "."}[before.mark]


def _item(text: str, sign: str, left: int) -> list[str]:
    first, *more = text.split("\n")
    inside = " " * (left + len(sign) + 1)
    rest = [inside + line for line in more if line]
    return [f"{' ' * left}{sign} {first}".rstrip(), *rest]
