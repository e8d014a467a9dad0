"""Slack's `rich_text` as CommonMark, and as plain words. Pure.

A message's parts are sections, lists, quotes and preformatted texts, in `elements` of its blocks
(docs.slack.dev/reference/block-kit/blocks/rich-text-block). Nested lists stand one after another
with an `indent`; `border: 1` is a quote around a list or code. What leaves goes through
`inside.outward` first: here is only spelling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from adapters.slack import commonmark
from adapters.slack.commonmark import Items, Span
from adapters.slack.emoji import character, from_codes
from adapters.slack.inside import NEUTRAL, Element

MAX_ITEMS = 10_000
"""Of a list's number and its depth: more is a mistake, and a very long text."""
SECTION, LIST = "rich_text_section", "rich_text_list"
QUOTE, PREFORMATTED = "rich_text_quote", "rich_text_preformatted"
_PARTS = frozenset({SECTION, LIST, QUOTE, PREFORMATTED})


# --- what there is -------------------------------------------------------------------------------


def parts_of(blocks: object) -> list[Element] | None:
    """The parts of a message that consists of `rich_text` that we know; None for anything else."""
    if not isinstance(blocks, list) or not blocks or not all(map(_is_rich, blocks)):
        return None
    return [part for block in blocks for part in block["elements"]]


def prose_of(blocks: object) -> str | None:
    """The words of a message that is one line of them and nothing else, as most are."""
    section = _only(_only(blocks, "rich_text").get("elements"), SECTION)
    element = _only(section.get("elements"), "text")
    text = element.get("text")
    if not isinstance(text, str) or element.get("style") or not commonmark.is_prose(text):
        return None
    return text


def _only(found: object, kind: str) -> Element:
    """The one thing of its kind that a list consists of; an empty one where it does not."""
    one = found[0] if isinstance(found, list) and len(found) == 1 else None
    return one if isinstance(one, dict) and one.get("type") == kind else {}


def _is_rich(block: object) -> bool:
    if not isinstance(block, dict) or block.get("type") != "rich_text":
        return False
    return _all(block.get("elements"), _is_part)


def _is_part(part: Element) -> bool:
    if part.get("type") not in _PARTS:
        return False
    return _all(part.get("elements"), _is_item if part["type"] == LIST else _is_inline)


def _is_item(item: Element) -> bool:
    return item.get("type") == SECTION and _all(item.get("elements"), _is_inline)


def _is_inline(element: Element) -> bool:
    return isinstance(element.get("type"), str) and element["type"] in _INLINE


def _all(found: object, right: Callable[[Element], bool]) -> bool:
    return isinstance(found, list) and all(isinstance(one, dict) and right(one) for one in found)


def _number(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < MAX_ITEMS else 0


# --- what stands in a line -----------------------------------------------------------------------


def _text(element: Element) -> str:
    return str(element.get("text") or "")


def _link(element: Element) -> str:
    """The address, and before it what it is called: for plain readers."""
    url, label = str(element.get("url") or ""), str(element.get("text") or "")
    found = commonmark.link(url, label)
    if isinstance(found, str):
        return found
    bare = url.split(":", 1)[-1].removeprefix("//")
    if label and label not in (url, bare):
        return f"{label} ({url})"
    return url if url.lower().startswith("http") else bare


def _emoji(element: Element) -> str:
    """Custom emoji have no code points, and are their name."""
    name = str(element.get("name") or "")
    found = from_codes(str(element.get("unicode") or ""))
    if not found:
        tone = element.get("skin_tone")
        found = character(f"{name}::skin-tone-{tone}" if tone else name)
    return found or f":{name}:"


def _date(element: Element) -> str:
    """What Slack would show where it cannot show the reader's own time."""
    if fallback := element.get("fallback"):
        return str(fallback)
    try:
        moment = datetime.fromtimestamp(int(element.get("timestamp") or 0), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return ""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


_SAID: Mapping[str, Callable[[Element], str]] = {
    "text": _text,
    "link": _link,
    "emoji": _emoji,
    "date": _date,
    "color": lambda element: str(element.get("value") or ""),
}
_INLINE = frozenset({*_SAID, *NEUTRAL})


def said(element: Element) -> str:
    """An element in plain words."""
    kind = element["type"]
    return NEUTRAL.get(kind) or _SAID[kind](element)


def style_of(element: Element) -> Mapping[str, bool]:
    style = element.get("style")
    return {k: True for k, v in style.items() if v} if isinstance(style, dict) else {}


# --- as CommonMark -------------------------------------------------------------------------------


def to_commonmark(parts: Iterable[Element]) -> str:
    """What is said in the parts, as CommonMark that says the same."""
    blocks: list[str] = []
    for (kind, bordered), group in groupby(parts, lambda each: (each["type"], _bordered(each))):
        made = [text for text in _WRITERS[kind](list(group)) if text]
        blocks += [commonmark.quote(text) if bordered else text for text in made]
    return "\n\n".join(blocks)


def _bordered(part: Element) -> bool:
    return part["type"] in (LIST, PREFORMATTED) and _number(part.get("border")) > 0


def _sections(parts: Sequence[Element]) -> list[str]:
    spans: list[Span] = []
    for part in parts:
        if spans and not spans[-1].text.endswith("\n"):
            spans.append(Span("\n"))
        spans += _spans(part)
    return [commonmark.paragraph(spans)]


def _quotes(parts: Sequence[Element]) -> list[str]:
    texts = (commonmark.paragraph(_spans(part)) for part in parts)
    return [commonmark.quote(text) for text in texts if text]


def _codes(parts: Sequence[Element]) -> list[str]:
    return [commonmark.fence(verbatim(part)) for part in parts]


def _lists(parts: Sequence[Element]) -> list[str]:
    return [commonmark.nested(_items(part) for part in parts if part["elements"])]


def _items(part: Element) -> Items:
    ordered = part.get("style") == "ordered"
    start = _number(part.get("offset")) + 1 if ordered else 0
    texts = (commonmark.paragraph(_spans(item)) for item in part["elements"])
    return Items(_number(part.get("indent")), start, tuple(texts))


_WRITERS: Mapping[str, Callable[[Sequence[Element]], list[str]]] = {
    SECTION: _sections,
    QUOTE: _quotes,
    PREFORMATTED: _codes,
    LIST: _lists,
}


def _spans(part: Element) -> list[Span]:
    return [_span(element) for element in _together(part["elements"])]


def _together(elements: Iterable[Element]) -> Iterator[Element]:
    """Words of one look as one element: code beside code would be other code."""
    for text, group in groupby(elements, lambda one: one["type"] == "text" and style_of(one)):
        if text is False:
            yield from group
        else:
            same = list(group)
            yield {**same[0], "text": "".join(str(one.get("text") or "") for one in same)}


def _span(element: Element) -> Span:
    style = style_of(element)
    marks = commonmark.marks(**{k: True for k in ("bold", "italic", "strike") if k in style})
    monospaced = "code" in style
    if element["type"] == "link":
        url, label = str(element.get("url") or ""), str(element.get("text") or "")
        found = commonmark.link(url, label, monospaced=monospaced)
        if isinstance(found, Span):
            return Span(found.text, marks, raw=True)
        text = found
    else:
        text = said(element)
    return Span(commonmark.code(text), marks, raw=True) if monospaced else Span(text, marks)


# --- as plain words ------------------------------------------------------------------------------


def to_plain(parts: Iterable[Element]) -> str:
    """The words without any marks, for commands, and for readers who show no markup."""
    return outline(parts, lambda part: "".join(said(one) for one in part["elements"]), "{}")


def outline(parts: Iterable[Element], line: Callable[[Element], str], code: str) -> str:
    """Parts below each other, in text where lists and quotes are only characters. `line` makes a
    section's text, `code` is what stands around preformatted text."""
    out = ""
    for part in parts:
        text = _outlined(part, line, code)
        out += text if not out or out.endswith("\n") else f"\n{text}"
    return out


def _outlined(part: Element, line: Callable[[Element], str], code: str) -> str:
    if part["type"] == PREFORMATTED:
        return code.format(line(part))
    if part["type"] == QUOTE:
        return "\n".join(f"> {each}".rstrip() for each in line(part).split("\n"))
    if part["type"] == SECTION:
        return line(part)
    start = _number(part.get("offset")) + 1
    blanks = "    " * min(_number(part.get("indent")), 8)
    signs = (
        f"{start + n}." if part.get("style") == "ordered" else "•"
        for n in range(len(part["elements"]))
    )
    rows = (
        f"{blanks}{sign} {line(each)}" for sign, each in zip(signs, part["elements"], strict=True)
    )
    return "\n".join(rows)


def verbatim(part: Element) -> str:
    """What is in a block of code: an address that Slack linked in it is only the address again."""

    def one(element: Element) -> str:
        if element["type"] != "link":
            return said(element)
        return str(element.get("text") or element.get("url") or "")

    return "".join(one(element) for element in part["elements"])
