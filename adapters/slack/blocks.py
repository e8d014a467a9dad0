"""Block Kit's small parts, within Slack's limits, and the one way that anybody's words get into
them.

Words of users, bots and agents go only into `rich_text` and `plain_text`, where nothing is markup:
`<!channel>` and `@here` in them notify nobody. mrkdwn holds only what we write ourselves. Slack
counts in UTF-16 units (an emoji is two), and so do the limits here. All pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.ids import is_user

Block = dict[str, Any]
_GROUP = re.compile(r"S[A-Z0-9]{2,20}", re.ASCII)

MAX_TEXT = 3_900
"""Units of a message's `text`: Slack splits at 4,041 and refuses more than 4,000 in an update."""
MAX_POST = 2_900
"""Characters of a user's text in one post, so that blocks and notification both fit."""
MAX_ELEMENT = 2_900
"""Units of one text element; Slack's limit for texts in blocks is 3,000."""
MAX_BUTTON = 75
MAX_LABEL = 75
MAX_CONTEXT = 2_900
MAX_BLOCK_ID = 255

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Sender:
    """Under which name and picture a post appears."""

    name: str
    icon_url: str = ""
    icon_emoji: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """A message as it is sent: `text` is what notifications show, `plain` the whole of it without
    blocks, for the second try when Slack refuses the blocks."""

    text: str
    blocks: list[Block] = field(default_factory=list)
    plain: str = ""
    sender: Sender | None = None


# --- texts ---------------------------------------------------------------------------------------


def units(text: str) -> int:
    """Length as Slack counts it: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """At most `limit` units, and then with an ellipsis; never half a character."""
    return text if units(text) <= limit else _begun(text, limit, {})


def _begun(text: str, limit: int, widths: Mapping[str, int]) -> str:
    """As much of the text as fits with an ellipsis; `widths`: of characters that are written as
    more than themselves."""
    room, end = limit - 1, 0
    for char in text:
        room -= widths.get(char) or (2 if char > "\uffff" else 1)
        if room < 0:
            break
        end += 1
    return text[:end].rstrip() + "…"


def chunks(text: str, limit: int = MAX_ELEMENT) -> list[str]:
    """The text in pieces of at most `limit` units that joined are the text again."""
    if len(text) * 2 <= limit or units(text) <= limit:
        return [text] if text else []
    pieces, start, room = [], 0, limit
    for at, char in enumerate(text):
        width = 2 if char > "\uffff" else 1
        if room < width:
            pieces.append(text[start:at])
            start, room = at, limit
        room -= width
    return [*pieces, text[start:]]


def neutral(text: str) -> str:
    """Without control characters, of which Slack shows nothing or refuses the whole."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


_ENTITIES: Mapping[str, str] = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_WIDTHS: Mapping[str, int] = {char: len(entity) for char, entity in _ENTITIES.items()}


def escape(text: str) -> str:
    """For `text` and mrkdwn: what is left cannot be a mention, a link or an entity."""
    text = neutral(text)
    for char, entity in _ENTITIES.items():
        text = text.replace(char, entity)
    return text


def fallback(text: str, limit: int = MAX_TEXT) -> str:
    """Somebody's words for a notification: escaped, at most `limit` units, no entity cut in two."""
    text = neutral(text)
    escaped = escape(text)
    return escaped if units(escaped) <= limit else escape(_begun(text, limit, _WIDTHS))


# --- rich text -----------------------------------------------------------------------------------


def words(text: str, **style: bool) -> list[Block]:
    """Somebody's words as text elements: no markup is read in them."""
    marked = {"style": style} if style else {}
    return [{"type": "text", "text": piece, **marked} for piece in chunks(neutral(text))]


def user(user_id: str) -> Block:
    """A mention that notifies."""
    return {"type": "user", "user_id": user_id}


def channel(channel_id: str) -> Block:
    """A channel by its name, which Slack hides from who may not know it."""
    return {"type": "channel", "channel_id": channel_id}


def called(whom: str) -> Block | None:
    """A mention of a person, a group (`S…`) or everyone (`@here`, `@channel`), whom the settings
    may name; None for what is none of them."""
    if whom in ("@here", "@channel"):
        return {"type": "broadcast", "range": whom[1:]}
    if _GROUP.fullmatch(whom):
        return {"type": "usergroup", "usergroup_id": whom}
    return user(whom) if is_user(whom) else None


def moment(at: int, form: str, otherwise: str) -> Block:
    """A time in the reader's own zone; `at` in seconds, `form` as `{time}` or `{ago}`."""
    return {"type": "date", "timestamp": at, "format": form, "fallback": otherwise}


def anchor(url: str, label: str) -> Block:
    return {"type": "link", "url": url, "text": label}


def section(elements: Sequence[Block]) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def quote(elements: Sequence[Block]) -> Block:
    return {"type": "rich_text_quote", "elements": list(elements)}


def rich(*parts: Block, block_id: str = "") -> Block:
    named = {"block_id": block_id[:MAX_BLOCK_ID]} if block_id else {}
    return {"type": "rich_text", **named, "elements": list(parts)}


def stacked(parts: Sequence[Block]) -> Block:
    """Sections below each other: they would run into each other without a line break between."""
    for part in parts[:-1]:
        part["elements"].append({"type": "text", "text": "\n"})
    return rich(*parts)


# --- blocks --------------------------------------------------------------------------------------


def context(text: str, block_id: str = "") -> Block:
    """A line of small mrkdwn that we wrote; `verbatim`, so that Slack links nothing on its own."""
    named = {"block_id": block_id[:MAX_BLOCK_ID]} if block_id else {}
    element = {"type": "mrkdwn", "text": cut(text, MAX_CONTEXT), "verbatim": True}
    return {"type": "context", **named, "elements": [element]}


def small(text: str, block_id: str = "") -> Block:
    """A line of small plain text, for what others wrote."""
    named = {"block_id": block_id[:MAX_BLOCK_ID]} if block_id else {}
    element = {"type": "plain_text", "text": cut(neutral(text), MAX_CONTEXT), "emoji": False}
    return {"type": "context", **named, "elements": [element]}


def button(action_id: str, text: str, value: str, label: str = "", style: str = "") -> Block:
    """`label` is what screen readers say instead of the text."""
    made: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": cut(neutral(text), MAX_BUTTON), "emoji": True},
        "value": value,
        "accessibility_label": cut(neutral(label or text), MAX_LABEL),
    }
    return {**made, "style": style} if style else made


def actions(buttons: Iterable[Block], block_id: str = "") -> Block:
    named = {"block_id": block_id[:MAX_BLOCK_ID]} if block_id else {}
    return {"type": "actions", **named, "elements": list(buttons)}


def row(elements: Sequence[Block], block_id: str = "") -> Block:
    return rich(section(elements), block_id=block_id)


def spoken(elements: list[Block]) -> str:
    """What the elements of a line say, for notifications, mentions included."""
    return "".join(_speak(each) for each in elements)


def _speak(element: Block) -> str:
    if element["type"] in _MENTIONS:
        return _MENTIONS[element["type"]](element)
    if element["type"] == "date":
        return str(element["fallback"])
    return fallback(str(element["text"]), 1_000)


_MENTIONS: Mapping[str, Callable[[Block], str]] = {
    "channel": lambda each: f"<#{each['channel_id']}>",
    "user": lambda each: f"<@{each['user_id']}>",
    "usergroup": lambda each: f"<!subteam^{each['usergroup_id']}>",
    "broadcast": lambda each: f"<!{each['range']}>",
}
