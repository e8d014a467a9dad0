"""CommonMark as plain text, since Messenger shows no formatting. Pure.

Marks go, words stay: a link is its words and its address, a list has its bullets, code is as it was
written. The text may grow a little where it is written tersely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode as Node

_PARSER: Final = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").disable("code")
BULLET = "• "


def plain(text: str) -> str:
    return "\n".join(_lines(Node(_PARSER.parse(text)).children)).strip("\n")


# --- blocks --------------------------------------------------------------------------------------


def _lines(blocks: Sequence[Node], *, tight: bool = False) -> Iterator[str]:
    """With an empty line between two blocks, as far as they had one."""
    for number, block in enumerate(blocks):
        if number and not tight:
            yield ""
        yield from _block(block)


def _block(block: Node) -> Iterator[str]:
    kind = block.type
    if kind in ("bullet_list", "ordered_list"):
        yield from _list(block)
    elif kind == "blockquote":
        yield from (f"> {line}".rstrip() for line in _lines(block.children))
    elif kind in ("fence", "code_block"):
        yield from block.content.rstrip("\n").split("\n")
    elif kind == "hr":
        yield "———"
    elif block.children:
        yield from "".join(map(_inline, block.children)).split("\n")


def _list(block: Node) -> Iterator[str]:
    first = int(block.attrs.get("start", 1)) if block.type == "ordered_list" else 0
    loose = any(not _is_tight(item) for item in block.children)
    for number, item in enumerate(block.children):
        if number and loose:
            yield ""
        sign = f"{first + number}. " if block.type == "ordered_list" else BULLET
        lines = list(_lines(item.children, tight=not loose))
        yield sign + (lines[0] if lines else "")
        yield from ((" " * len(sign) + line).rstrip() for line in lines[1:])


def _is_tight(item: Node) -> bool:
    return all(child.hidden for child in item.children if child.type == "paragraph")


# --- words ---------------------------------------------------------------------------------------


def _inline(node: Node) -> str:
    write = _WRITERS.get(node.type)
    return write(node) if write else "".join(map(_inline, node.children))


def _link(node: Node) -> str:
    return _with_address("".join(map(_inline, node.children)), str(node.attrs.get("href", "")))


def _image(node: Node) -> str:
    return _with_address(node.content, str(node.attrs.get("src", "")))


def _with_address(words: str, url: str) -> str:
    shown = url.removeprefix("mailto:").removeprefix("tel:")
    if not words or words in (url, shown):
        return shown
    return f"{words} ({shown})" if shown else words


_WRITERS: Mapping[str, Callable[[Node], str]] = {
    "text": lambda node: node.content,
    "text_special": lambda node: node.content,
    "code_inline": lambda node: node.content,
    "html_inline": lambda node: node.content,
    "softbreak": lambda _: "\n",
    "hardbreak": lambda _: "\n",
    "link": _link,
    "image": _image,
}
