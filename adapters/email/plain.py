"""HTML as plain words, for e-mails that have no others; quotes get a `>` before them. Pure.

Anybody may send us an e-mail, so this takes time in proportion to its length, whatever it is: the
library's parser does not (some KiB of `<p <p <p` hold it up for minutes). What is read as a tag
ends at the first `>` outside of quotation marks; what is none stays as words.
"""

from __future__ import annotations

import html
import re

_LINES = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "hr", "pre", "blockquote"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "section", "article"}
)
_UNSEEN = frozenset({"style", "script", "head", "title"})
_TAG = re.compile(r"(/?)([A-Za-z][^\s/>]{0,60})((?>[^\"'>]|\"[^\"]*\"|'[^']*')*+|[^>]*)>")
"""Behind its `<`, and so within what stands before the next one."""
_COMMENT, _COMMENT_ENDS = "!--", "-->"
_ENTITY = re.compile(r"&#?\w{1,32};?")
_MANY = re.compile(r"\n{3,}")


class _Words:
    """Lines are lists of what is in them; `_begun`: whether the last one has words yet."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._begun = False
        self._unseen = ""
        """The element within which nothing is seen; empty: none."""
        self._in_comment = False
        self._quotes = 0

    def read(self, text: str) -> str:
        before, *pieces = text.split("<")
        self._words(before)
        for piece in pieces:
            self._piece(piece)
        return "\n".join("".join(line).rstrip() for line in self._lines)

    def _piece(self, piece: str) -> None:
        """What stands between one `<` and the next."""
        if self._in_comment or piece.startswith(_COMMENT):
            _, ends, rest = piece.partition(_COMMENT_ENDS)
            self._in_comment = not ends
            self._words(rest)
        elif tag := _TAG.match(piece):
            self._tag(tag[2].casefold(), ends=bool(tag[1]))
            self._words(piece[tag.end() :])
        elif piece.startswith(("!", "?", "/")) and ">" in piece:
            self._words(piece.partition(">")[2])
        else:
            self._words(f"<{piece}")

    def _tag(self, name: str, *, ends: bool) -> None:
        if self._unseen:
            if (ends and name == self._unseen) or (name == "body" and self._unseen == "head"):
                self._unseen = ""
            return
        if name in _UNSEEN and not ends:
            self._unseen = name
        if name == "blockquote":
            self._break()
            self._quotes = max(self._quotes + (-1 if ends else 1), 0)
        if name in _LINES and not (name == "br" and ends):
            self._break()

    def _words(self, text: str) -> None:
        if self._unseen or self._in_comment:
            return
        words = re.sub(r"\s+", " ", _ENTITY.sub(lambda found: html.unescape(found[0]), text))
        words = words if self._begun else words.lstrip()
        self._begun = self._begun or bool(words)
        self._lines[-1].append(words)

    def _break(self) -> None:
        self._lines.append(["> " * min(self._quotes, 3)])
        self._begun = False


def from_html(text: str) -> str:
    return _MANY.sub("\n\n", _Words().read(text)).strip()
