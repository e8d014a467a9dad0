"""Slack's own markup, mrkdwn: read into the parts of `rich_text`, and written from them. Pure.

In it `&`, `<` and `>` are escaped, and everything special stands in angle brackets
(docs.slack.dev/messaging/formatting-message-text). It has no escape for `*`, `_`, `~` and the
backtick: they are marks only at the edges of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from adapters.slack.blocks import Block, escape
from adapters.slack.commonmark import Span, address, link
from adapters.slack.emoji import character
from adapters.slack.inside import Element
from adapters.slack.richtext import (
    LIST,
    PREFORMATTED,
    QUOTE,
    SECTION,
    outline,
    said,
    style_of,
    verbatim,
)

Style = Mapping[str, bool]

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_QUOTED = re.compile(r"(?:&gt;|>) ?")
_BULLET = re.compile(r"( *)[•◦▪‣] +")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<token>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
    r"|:(?P<emoji>[a-z0-9_+'-]{1,100}(?:::skin-tone-[2-6])?):"
)
_LINKED = re.compile(r"<([^<>|\n]+)(?:\|([^<>\n]*))?>")
_WIDE = 4
"""Blanks by which Slack's texts set in a list within a list."""


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


# --- reading -------------------------------------------------------------------------------------


def read(text: str) -> list[Block]:
    """A message's `text` as the parts that say the same."""
    parts: list[Block] = []
    end = 0
    for found in _FENCE.finditer(text):
        parts += _paragraphs(text[end : found.start()], after=end > 0, before=True)
        parts.append(_part(PREFORMATTED, [_words(_verbatim(found[1]).strip("\n"), {})]))
        end = found.end()
    return parts + _paragraphs(text[end:], after=end > 0, before=False)


def _paragraphs(text: str, *, after: bool, before: bool) -> list[Block]:
    """Lines of one kind together are one part. A fence takes the line breaks around it."""
    text = text.removeprefix("\n") if after else text
    text = text.removesuffix("\n") if before else text
    if not text:
        return []
    parts: list[Block] = []
    for (kind, indent), group in groupby(text.split("\n"), _kind):
        lines = [_bare(kind, line) for line in group]
        if kind == LIST:
            items = [_part(SECTION, _inline(line, {})) for line in lines]
            parts.append({**_part(LIST, items), "style": "bullet", "indent": indent})
        else:
            parts.append(_part(kind, _inline("\n".join(lines), {})))
    return parts


def _kind(line: str) -> tuple[str, int]:
    if _QUOTED.match(line):
        return QUOTE, 0
    bullet = _BULLET.match(line)
    return (LIST, len(bullet[1]) // _WIDE) if bullet else (SECTION, 0)


def _bare(kind: str, line: str) -> str:
    pattern = {QUOTE: _QUOTED, LIST: _BULLET}.get(kind)
    return pattern.sub("", line, count=1) if pattern else line


def _part(kind: str, elements: Iterable[Block]) -> Block:
    return {"type": kind, "elements": list(elements)}


def _words(text: str, style: Style) -> Block:
    return _styled({"type": "text", "text": text}, style)


def _styled(element: Block, style: Style) -> Block:
    return {**element, "style": dict(style)} if style else element


def _inline(text: str, style: Style) -> Iterator[Block]:
    end = 0
    for found in _INLINE.finditer(text):
        if found.start() > end:
            yield _words(unescape(text[end : found.start()]), style)
        kind = str(found.lastgroup)
        yield from _special(kind, found[kind], style)
        end = found.end()
    if end < len(text):
        yield _words(unescape(text[end:]), style)


def _special(kind: str, inner: str, style: Style) -> Iterator[Block]:
    if kind == "code":
        yield _words(_verbatim(inner), {**style, "code": True})
    elif kind == "token":
        yield _styled(_token(inner), style)
    elif kind == "emoji":
        known = character(inner)
        yield _words(known or f":{inner}:", style)
    elif kind in style:
        yield _words(unescape(inner), style)  # one mark within the same: nothing more to say
    else:
        yield from _inline(inner, {**style, kind: True})


def _verbatim(code: str) -> str:
    """Code as it is; an address that Slack linked in it is only the address again."""
    plain = _LINKED.sub(lambda found: said(_token(f"{found[1]}|{found[2] or found[1]}")), code)
    return unescape(plain)


def _token(token: str) -> Block:
    """What stands between angle brackets."""
    target, _, label = token.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("!date^"):
        return {"type": "date", "timestamp": _seconds(target), "fallback": unescape(label)}
    if target.startswith("!"):
        return {"type": "broadcast"}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    return {"type": "link", "url": unescape(target), "text": unescape(label)}


def _seconds(target: str) -> int:
    found = re.match(r"!date\^([0-9]{1,12})", target)
    return int(found[1]) if found else 0


# --- writing -------------------------------------------------------------------------------------

_MARKS = (("strike", "~"), ("bold", "*"), ("italic", "_"), ("code", "`"))


def write(parts: Iterable[Element]) -> str:
    """Parts as a message's `text`: nobody's words can be a mention, a link or an entity in it."""
    return outline(parts, _line, "```\n{}\n```")


def _line(part: Element) -> str:
    if part["type"] == PREFORMATTED:
        return escape(verbatim(part))
    return "".join(_written(element) for element in part["elements"])


def _written(element: Element) -> str:
    text = _linked(element) if element["type"] == "link" else escape(said(element))
    style = style_of(element)
    marks = "".join(mark for name, mark in _MARKS if name in style)
    return "\n".join(_marked(line, marks) for line in text.split("\n")) if marks else text


def _linked(element: Element) -> str:
    """A link that can be clicked, or only its words where the address leads nowhere outside."""
    url, label = str(element.get("url") or ""), " ".join(str(element.get("text") or "").split())
    if not isinstance(link(url, label), Span):
        return escape(said(element))
    target = escape(address(url))
    return f"<{target}|{escape(label.replace('|', '/'))}>" if label else f"<{target}>"


def _marked(line: str, marks: str) -> str:
    """Marks stand at the words, since they are none beside blanks."""
    words = line.strip()
    if not words:
        return line
    start = line.index(words)
    return f"{line[:start]}{marks}{words}{marks[::-1]}{line[start + len(words) :]}"
