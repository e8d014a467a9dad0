"""CommonMark, as bots and agents write it, as the parts of Slack's `rich_text`. Pure.

The dialect is the one of `adapters.slack.commonmark`, parsed by markdown-it. Words stand in text
elements only, where nothing is markup: no text can become a mention. A user's words never come
here: they are shown as they were typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode as Node

from adapters.slack import mrkdwn, richtext
from adapters.slack.blocks import Block, chunks, cut, neutral, words
from adapters.slack.commonmark import JOINER
from adapters.slack.emoji import with_emoji
from adapters.slack.richtext import LIST, PREFORMATTED, QUOTE, SECTION

MAX_URL = 3_000
MAX_INDENT = 8
READ_FOR = 3
"""Characters that are read for each unit of an excerpt: marks and addresses take some."""
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?'()\[\]{}*_~`]", re.IGNORECASE)
_OUTSIDE = re.compile(r"https?://[^\s/]|mailto:.|tel:.", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^\n]*)")


_PARSER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").disable("code")


def _tree(text: str) -> Node:
    return Node(_PARSER.parse(neutral(text)))


# --- what callers ask for ------------------------------------------------------------------------


def parts(text: str) -> list[Block]:
    """The parts of a `rich_text` block that say the same."""
    shape = _Shape()
    _blocks(_tree(text).children, shape)
    return shape.parts


def flat(text: str) -> list[Block]:
    """The same in one section's elements, where there is room for a line only."""
    return list(_flat(parts(text)))


def plain(text: str) -> str:
    """The words without marks, for readers who show none."""
    return richtext.to_plain(parts(text))


def excerpt(text: str, limit: int) -> str:
    """Its first words in one line, of at most `limit` units. What stands far behind them is not
    even read: a menu has hundreds of these."""
    return cut(" ".join(plain(text.lstrip()[: limit * READ_FOR]).split()), limit)


def fallback(text: str) -> str:
    """The same in Slack's markup."""
    return mrkdwn.write(parts(text))


def continued(before: str, part: str) -> str:
    """A part of a text that was split, so that code that began in `before` is code in it, too."""
    fence = ""
    for line in before.split("\n"):
        found = _FENCE.match(line)
        if found and not fence and not (found[1][0] == "`" and "`" in found[2]):
            fence = found[1]
        elif found and fence and found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return f"{fence}\n{part}" if fence else part


# --- blocks --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Shape:
    """The parts so far. `quoted`: what comes stands in a quote."""

    parts: list[Block] = field(default_factory=list)
    quoted: bool = False

    def say(self, elements: Sequence[Block]) -> None:
        """A paragraph: two in a row are one part, with an empty line between them."""
        kind = QUOTE if self.quoted else SECTION
        if self.parts and self.parts[-1]["type"] == kind:
            self.parts[-1]["elements"] += [*words("\n\n"), *elements]
        elif elements:
            self.parts.append({"type": kind, "elements": list(elements)})

    def add(self, part: Block) -> None:
        self.parts.append({**part, "border": 1} if self.quoted else part)


def _blocks(nodes: Iterable[Node], shape: _Shape) -> None:
    for node in nodes:
        if node.type == "blockquote":
            shape.parts.append({"type": "", "elements": []})  # two quotes are not one
            quoted, shape.quoted = shape.quoted, True
            _blocks(node.children, shape)
            shape.quoted = quoted
            shape.parts = [part for part in shape.parts if part["type"]]
        elif node.type in ("bullet_list", "ordered_list"):
            _list(node, shape, 0)
        elif node.type == "fence":
            _code(node, shape)
        else:
            shape.say(_leaf(node))


def _leaf(node: Node) -> list[Block]:
    """A paragraph, a heading, a rule."""
    if node.type == "hr":
        return words("———")
    style = {"bold": True} if node.type == "heading" else {}
    return _inline(node.children, style)


def _code(node: Node, shape: _Shape) -> None:
    if code := words(node.content.rstrip("\n")):
        shape.add({"type": PREFORMATTED, "elements": code})


def _list(node: Node, shape: _Shape, level: int) -> None:
    """Slack has no lists in lists: a deeper one interrupts, and then the first goes on."""
    ordered = node.type == "ordered_list"
    start = int(node.attrs.get("start", 1)) - 1 if ordered else 0
    row = _Row({"type": LIST, "style": "ordered" if ordered else "bullet", "indent": level}, start)
    for item in node.children:
        said: list[Block] = []
        row.open = True
        for child in item.children:
            if child.type in ("bullet_list", "ordered_list", "fence", "blockquote"):
                row.take(said, shape)
                row.flush(shape)
                said = []
                _within(child, shape, min(level + 1, MAX_INDENT))
            else:
                said += [*(words("\n") if said else []), *_leaf(child)]
        row.take(said, shape)
    row.flush(shape)


def _within(child: Node, shape: _Shape, level: int) -> None:
    if child.type.endswith("_list"):
        _list(child, shape, level)
    else:
        _blocks([child], shape)


@dataclass(slots=True)
class _Row:
    """Items of one list that stand together; `done` of them were told before."""

    look: Block
    done: int
    items: list[Block] = field(default_factory=list)
    open: bool = False

    def take(self, said: list[Block], shape: _Shape) -> None:
        """The item that is open; what comes after a list within it stands on its own."""
        if self.open:
            self.items.append({"type": SECTION, "elements": said or words(" ")})
            self.open = False
        elif said:
            shape.say(said)

    def flush(self, shape: _Shape) -> None:
        if not self.items:
            return
        offset = {"offset": self.done} if self.done and self.look["style"] == "ordered" else {}
        shape.add({**self.look, **offset, "elements": self.items})
        self.done += len(self.items)
        self.items = []


# --- lines ---------------------------------------------------------------------------------------

_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


def _inline(nodes: Iterable[Node], style: dict[str, bool]) -> list[Block]:
    return _joined(element for node in nodes for element in _elements(node, style))


def _elements(node: Node, style: dict[str, bool]) -> Iterator[Block]:
    if node.type in ("softbreak", "hardbreak"):
        yield from words("\n", **style)
    elif node.type == "text":
        yield from _text(node.content, style)
    elif node.type == "code_inline":
        yield from words(node.content, **style, code=True)
    elif node.type in ("link", "image"):
        yield from _link(node, style)
    elif node.children:
        known = _STYLES.get(node.type)
        inner = {**style, known: True} if known else style
        for child in node.children:
            yield from _elements(child, inner)


def _text(text: str, style: dict[str, bool]) -> Iterator[Block]:
    """Words, in which bare addresses can be clicked."""
    text = with_emoji(text.replace(JOINER, ""))
    end = 0
    for found in _ADDRESS.finditer(text):
        if len(found[0]) <= MAX_URL:
            yield from words(text[end : found.start()], **style)
            yield _styled({"type": "link", "url": found[0]}, style)
            end = found.end()
    yield from words(text[end:], **style)


def _link(node: Node, style: dict[str, bool]) -> Iterator[Block]:
    url = str(node.attrs.get("href") or node.attrs.get("src") or "")
    label = "".join(str(each.content) for each in node.walk() if each.type in _SAYING)
    label = neutral(label.replace(JOINER, "") or str(node.attrs.get("alt") or ""))
    codes = [child.type == "code_inline" for child in node.children]
    style = {**style, "code": True} if codes and all(codes) else style
    for child in node.children:
        if len(node.children) == 1 and child.type in _STYLES:
            style = {**style, _STYLES[child.type]: True}
    if not _OUTSIDE.match(url) or len(url) > MAX_URL:
        yield from words(f"{label} ({url})" if label != url else label, **style)
        return
    named = {"text": chunks(label)[0]} if label and label != url else {}
    yield _styled({"type": "link", "url": neutral(url), **named}, style)


_SAYING = frozenset({"text", "code_inline"})


def _styled(element: Block, style: dict[str, bool]) -> Block:
    return {**element, "style": dict(style)} if style else element


def _joined(elements: Iterable[Block]) -> list[Block]:
    """Words of one look in one element, as long as it may be."""
    out: list[Block] = []
    for each in elements:
        last = out[-1] if out else {}
        if each["type"] == last.get("type") == "text" and each.get("style") == last.get("style"):
            style: dict[str, Any] = each.get("style") or {}
            out[-1:] = words(str(last["text"]) + str(each["text"]), **style)
        else:
            out.append(each)
    return out


def _flat(found: Sequence[Block]) -> Iterator[Block]:
    for n, part in enumerate(found):
        if n:
            yield from words("\n")
        if part["type"] == LIST:
            yield from words(richtext.to_plain([part]))
        elif part["type"] == PREFORMATTED:
            yield from words(richtext.verbatim(part), code=True)
        else:
            yield from part["elements"]
