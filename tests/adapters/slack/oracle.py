"""What a text in CommonMark means, after a parser that is not ours: markdown-it.

A meaning is a list of blocks, each its place (`ul:0`, `quote`, `p` ...) and its runs of words with
their look. Blanks have no look, empty lines no number, and a joiner is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode as Node

PARSER = MarkdownIt("commonmark", {"html": True}).enable("strikethrough")
Run = tuple[str, frozenset[str]]
Meaning = list[tuple[str, tuple[Run, ...]]]

LOOKS = {"strong": "bold", "em": "italic", "s": "strike"}


def meaning(text: str) -> Meaning:
    return list(_blocks(Node(PARSER.parse(text)).children, ""))


def runs(pieces: Iterable[Run]) -> tuple[Run, ...]:
    """Neighbours of one look together; blanks are one blank, and have their neighbours' look."""
    chars = [
        (char, look)
        for text, look in pieces
        for char in text.replace("\u2060", "").replace("\u00a0", " ").replace("\ufffd", "?")
    ]
    shown = [(" " if char.isspace() else char, look) for char, look in chars]
    plain = [(char, frozenset() if char == " " else look) for char, look in shown]
    squeezed = [
        each for n, each in enumerate(plain) if each[0] != " " or (n and plain[n - 1][0] != " ")
    ]
    while squeezed and squeezed[-1][0] == " ":
        squeezed.pop()
    return tuple(
        ("".join(char for char, _ in group), look)
        for look, group in groupby(squeezed, lambda each: each[1])
    )


def _blocks(nodes: Iterable[Node], place: str) -> Iterator[tuple[str, tuple[Run, ...]]]:
    for node in nodes:
        if node.type in ("bullet_list", "ordered_list"):
            yield from _list(node, place)
        elif node.type == "blockquote":
            yield from _blocks(node.children, f"{place}>")
        elif node.type == "paragraph":
            yield f"{place}p", runs(_inline(node.children, frozenset()))
        else:
            words = [each.content for each in node.walk() if each.type != "inline"]
            yield f"{place}{node.type}", (("".join(words).strip("\n"), frozenset()),)


def _list(node: Node, place: str) -> Iterator[tuple[str, tuple[Run, ...]]]:
    start = int(node.attrs.get("start", 1))
    for n, item in enumerate(node.children):
        sign = f"{start + n}." if node.type == "ordered_list" else "-"
        if not item.children or item.children[0].type != "paragraph":
            yield f"{place}{sign}p", ()
        yield from _blocks(item.children, f"{place}{sign}")


def _inline(nodes: Iterable[Node], look: frozenset[str]) -> Iterator[Run]:
    for node in nodes:
        if node.type in ("softbreak", "hardbreak"):
            yield "\n", look
        elif node.type in ("text", "html_inline"):
            yield node.content, look | ({"html"} if node.type == "html_inline" else set())
        elif node.type == "code_inline":
            yield node.content, look | {"code"}
        elif node.type == "image":
            yield node.content, look | {"image"}
        else:
            more = {LOOKS[node.type]} if node.type in LOOKS else set()
            if node.type == "link":
                more = {f"to {unquote(str(node.attrs['href']))}"}
            yield from _inline(node.children, look | more)


def letters(text: str) -> str:
    """The text without blanks, for comparing what was kept of it."""
    return re.sub(r"\s+", "", text)
