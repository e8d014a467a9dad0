"""HTML as plain words, for e-mails that have no others; quotes get a `>` before them. Pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_LINES = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "hr", "pre", "blockquote"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "section", "article"}
)
_UNSEEN = frozenset({"style", "script", "head", "title"})
_MANY = re.compile(r"\n{3,}")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [""]
        self._unseen = 0
        self._quotes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._unseen += tag in _UNSEEN
        if tag in _LINES:
            self._break()
        if tag == "blockquote":
            self._quotes += 1
            self._break()

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(self._unseen - (tag in _UNSEEN), 0)
        if tag == "blockquote":
            self._quotes = max(self._quotes - 1, 0)
        if tag in _LINES and tag != "br":
            self._break()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            words = re.sub(r"\s+", " ", data)
            self.lines[-1] += words if self._line().strip() else words.lstrip()

    def _line(self) -> str:
        return self.lines[-1].removeprefix(self._mark())

    def _mark(self) -> str:
        return "> " * min(self._quotes, 3)

    def _break(self) -> None:
        self.lines.append(self._mark())


def from_html(text: str) -> str:
    words = _Words()
    words.feed(text)
    words.close()
    return _MANY.sub("\n\n", "\n".join(line.rstrip() for line in words.lines)).strip()
