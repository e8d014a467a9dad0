"""What Meta tells of a page, read from the payload of a webhook. Pure.

Both levels, entries and their events, are lists, though one of each is the rule. Numbers come as
texts and texts as numbers, fields are missing, wrapped or new from one month to the next: whatever
is not understood is left out, and what is beside it is read. Only a payload that is no event of a
page at all is an error (`Malformed`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from bridge.model import Micros
from bridge.problems import WHOLE, clean

PAGE = "page"
MAX_ID = 500
"""Characters of an id; Meta's are shorter."""
MAX_TEXT = 40_000
"""Characters of a text. Meta takes 2,000 from a user; what is longer came from nobody."""
MILLISECOND: Micros = 1_000
LATEST: Micros = 1 << 60
EMOJI: Mapping[str, str] = {
    "smile": "😄",
    "angry": "😠",
    "sad": "😢",
    "wow": "😮",
    "love": "❤️",
    "like": "👍",
    "dislike": "👎",
}
"""By the name of a reaction, where no emoji comes with it."""

Json = Mapping[str, Any]
Referral = dict[str, str]
"""Some of `ref` (what the page's owner wrote into the link), `source` (SHORTLINK, ADS), `ad_id` and
`ad_title`."""


class Malformed(Exception):
    """It is no event of a page."""


@dataclass(frozen=True, slots=True)
class Where:
    """`at`: when it happened, zero when nobody says; `standby`: another app has the thread."""

    page: str
    user: str
    at: Micros
    standby: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """Something that came with a message. `kind` is Meta's: image, audio, video, file, sticker."""

    kind: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """`key` names the thing: a message's mid, or what a postback can be known by. `referral`: what
    brought the user here with it, if anything did."""

    where: Where
    key: str
    text: str
    payload: str = ""
    attached: tuple[Attached, ...] = ()
    referral: Referral = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Referred:
    """The user came by a link or an ad into a conversation that there is, and says nothing yet."""

    where: Where
    key: str
    referral: Referral


@dataclass(frozen=True, slots=True)
class Edited:
    where: Where
    mid: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Reacted:
    where: Where
    mid: str
    emoji: str
    on: bool


@dataclass(frozen=True, slots=True)
class ReadUpTo:
    """Everything up to `watermark` was read."""

    where: Where
    watermark: Micros


@dataclass(frozen=True, slots=True)
class Echo:
    """What the page itself sent: we, or another app of the page's."""

    where: Where
    mid: str
    metadata: str


@dataclass(frozen=True, slots=True)
class Control:
    """The thread was given to an app, taken, asked for."""

    where: Where
    kind: str
    owner: str


@dataclass(frozen=True, slots=True)
class Enforced:
    """Meta warns, blocks or unblocks the page."""

    where: Where
    action: str
    reason: str


Event: TypeAlias = Said | Referred | Edited | Reacted | ReadUpTo | Echo | Control | Enforced


def read(payload: object) -> list[Event]:
    """All that is understood, in the order of its own time. Raises Malformed."""
    if not isinstance(payload, Mapping) or payload.get("object") != PAGE:
        raise Malformed("object")
    entries = payload.get("entry")
    if not isinstance(entries, list):
        raise Malformed("entry")
    found = [event for entry in _objects(entries) for event in _of_entry(entry)]
    return sorted(found, key=lambda event: event.where.at)


def _of_entry(entry: Json) -> Iterator[Event]:
    page, at = _id(entry.get("id")), _time(entry.get("time"))
    for name in ("messaging", "standby", "changes"):
        for each in _objects(entry.get(name)):
            told = _object(each.get("value")) if "field" in each else each
            yield from _of_event(told, Where(page, "", at, name == "standby"))


def _of_event(told: Json, around: Where) -> Iterator[Event]:
    message = _object(told.get("message"))
    sender, recipient = (_id(_object(told.get(name)).get("id")) for name in ("sender", "recipient"))
    echo = message.get("is_echo") is True
    page, user = (sender, recipient) if echo else (recipient, sender)
    at = _time(told.get("timestamp")) or around.at
    where = Where(around.page or page, user, at, around.standby)
    if "policy_enforcement" in told and where.page:
        yield _enforced(_object(told["policy_enforcement"]), where)
    elif where.page and user:
        for name, reader in (_ECHO if echo else _READERS).items():
            if name in told:
                found = reader(_object(told[name]), where)
                yield from [found] if found else []


def _message(message: Json, where: Where) -> Event | None:
    mid = _id(message.get("mid"))
    attached, lines = _attachments(message.get("attachments"))
    text = _text(message.get("text")) or "\n".join(lines)
    if not mid or not (text.strip() or attached) or message.get("is_deleted") is True:
        return None
    payload = _text(_object(message.get("quick_reply")).get("payload"))
    return Said(where, mid, text, payload, attached, _came_by(message))


def _postback(postback: Json, where: Where) -> Event | None:
    """Without a mid (before v11) it is known by when it was pressed and what it says; on standby
    without what it says."""
    payload, title = _text(postback.get("payload")), _text(postback.get("title"))
    key = _id(postback.get("mid")) or _known_by("postback", where, payload, title)
    text = title.strip() or payload.strip()
    if not text:
        return _referral(_object(postback.get("referral")), where)
    return Said(where, key, text, payload, referral=_came_by(postback))


def _referral(told: Json, where: Where) -> Event | None:
    found = _came_by({"referral": told})
    key = _known_by("referral", where, *found.values())
    return Referred(where, key, found) if found else None


def _came_by(told: Json) -> Referral:
    referral = _object(told.get("referral"))
    title = _object(referral.get("ads_context_data")).get("ad_title")
    found = {
        "ref": _text(referral.get("ref"))[:_LONGEST_REF],
        "source": _id(referral.get("source"))[:_LONGEST_NAME],
        "ad_id": _id(referral.get("ad_id"))[:_LONGEST_NAME],
        "ad_title": _text(title)[:_LONGEST_NAME],
    }
    return {name: value for name, value in found.items() if value}


def _known_by(kind: str, where: Where, *told: str) -> str:
    """A key of what has no id: who did when what."""
    text = ":".join([where.user, str(where.at), *told])
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _edit(edit: Json, where: Where) -> Event | None:
    mid, text = _id(edit.get("mid")), _text(edit.get("text"))
    return Edited(where, mid, _id(edit.get("num_edit")) or "1", text) if mid and text else None


def _reaction(reaction: Json, where: Where) -> Event | None:
    mid, action = _id(reaction.get("mid")), reaction.get("action")
    emoji = _text(reaction.get("emoji")) or EMOJI.get(_id(reaction.get("reaction")), "")
    if not mid or not 0 < len(emoji) <= _LONGEST_EMOJI or action not in ("react", "unreact"):
        return None
    return Reacted(where, mid, emoji, action == "react")


def _read(read_: Json, where: Where) -> Event | None:
    watermark = _time(read_.get("watermark"))
    return ReadUpTo(where, watermark) if watermark else None


def _echo(message: Json, where: Where) -> Event | None:
    mid, metadata = _id(message.get("mid")), _text(message.get("metadata"))
    return Echo(where, mid, metadata) if mid else None


def _control(kind: str) -> Callable[[Json, Where], Event]:
    def read_control(told: Json, where: Where) -> Event:
        named = told.get("new_owner_app_id") or told.get("requested_owner_app_id")
        return Control(where, kind, _id(named))

    return read_control


def _enforced(told: Json, where: Where) -> Event:
    reason = _text(told.get("reason"))[:500]
    return Enforced(replace(where, user=""), _id(told.get("action")), reason)


_LONGEST_EMOJI = 32
_LONGEST_REF, _LONGEST_NAME = 250, 80
"""Characters: an attribute of 2 KB would leave no room for others (`bridge/attributes.py`)."""
_ECHO: Mapping[str, Callable[[Json, Where], Event | None]] = {"message": _echo}
_READERS: Mapping[str, Callable[[Json, Where], Event | None]] = {
    "message": _message,
    "postback": _postback,
    "message_edit": _edit,
    "reaction": _reaction,
    "read": _read,
    "referral": _referral,
    **{
        kind: _control(kind)
        for kind in ("pass_thread_control", "take_thread_control", "request_thread_control")
    },
}
"""By the field that an event has. Deliveries are none of them (`keeper.FIELDS` says why)."""


# --- attachments ---------------------------------------------------------------------------------

FILES = ("image", "audio", "video", "file", "sticker")


def _attachments(given: object) -> tuple[tuple[Attached, ...], list[str]]:
    """The files, and lines about whatever is none. Until all of Meta has changed over, a sticker
    comes as an image, too (Messenger changelog, June 2026)."""
    files: list[Attached] = []
    lines: list[str] = []
    sticker = any(each.get("type") == "sticker" for each in _objects(given))
    for each in _objects(given):
        kind, payload = _id(each.get("type")), _object(each.get("payload"))
        url = _text(payload.get("url")) or _text(each.get("url"))
        if kind == "image" and sticker and payload.get("sticker_id"):
            continue
        if kind in FILES and url:
            files.append(Attached(kind, _name(kind, url), url))
        elif line := _line(each, payload, url):
            lines.append(line)
    return tuple(files), lines


def _line(each: Json, payload: Json, url: str) -> str:
    """A place, a shared post, a template: in words."""
    place = _object(payload.get("coordinates"))
    if "lat" in place and "long" in place:
        return f"📍 {_degrees(place['lat'])}, {_degrees(place['long'])}"
    title = _text(each.get("title")) or _text(payload.get("title"))
    return " ".join(filter(None, [title, url])) or (f"[{_id(each.get('type'))}]")


def _degrees(value: object) -> str:
    """A whole number past all figures is no place, and too large to be written as one."""
    return f"{value:.6g}" if isinstance(value, float) else _id(value)


def _name(kind: str, url: str) -> str:
    """The file's own name for what was sent as a file; pictures and sounds have none."""
    last = url.partition("?")[0].rpartition("/")[2]
    return last[:200] if kind == "file" and "." in last else kind


# --- values --------------------------------------------------------------------------------------


def _objects(value: object) -> Iterator[Json]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, Mapping))


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _id(value: object) -> str:
    """An id or a short word, be it a text or a number; one that is too long is none."""
    if isinstance(value, int) and not isinstance(value, bool) and value in WHOLE:
        return str(value)
    text = clean(value).strip() if isinstance(value, str) else ""
    return text if len(text) <= MAX_ID else ""


def _text(value: object) -> str:
    return clean(value)[:MAX_TEXT] if isinstance(value, str) else ""


def _time(value: object) -> Micros:
    """Milliseconds since the epoch, as a number or its digits; zero: none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    at = value * MILLISECOND
    return at if 0 < at < LATEST else 0


_DIGITS = 18
