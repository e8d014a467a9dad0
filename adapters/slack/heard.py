"""What a `message` event says, if it is anybody's words in a thread at all. Pure.

Which events count (docs.slack.dev/reference/events/message): a person's message, with files, also
shown in the channel, or `/me`; an edit that a person made, told by `edited` and a text that differs
(previews of links change a message, too); a deletion, be it of a card of ours, whose thread is
`Uprooted` then. Everything else is noise of the platform: our
own posts and other bots' (`bot_id`), people who come and go, topics. Messages outside threads are
nobody's answer (`Stray`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack import files
from adapters.slack.ids import is_ts, is_user
from bridge.model import Attachment
from bridge.quick import quick

SPOKEN = frozenset({None, "file_share", "thread_broadcast", "me_message"})
PRIVATE = frozenset({"im", "mpim", "app_home"})
PLATFORM = frozenset({"USLACK", "USLACKBOT"})


class Malformed(Exception):
    """Signed, and yet not what Slack sends: answer 400."""


@quick
@dataclass(frozen=True, slots=True)
class Place:
    team: str
    channel: str
    thread: str
    ts: str


@quick
@dataclass(frozen=True, slots=True)
class Spoken:
    place: Place
    user: str
    text: str
    blocks: object
    files: int
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """`edited`: the ts of the edit."""

    place: Place
    user: str
    text: str
    blocks: object
    edited: str


@dataclass(frozen=True, slots=True)
class Removed:
    """`at`: the ts of the deletion. `files`: only these of the message's, by their places."""

    place: Place
    at: str
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Uprooted:
    """A post of an app's in the channel was deleted, and with it the head of its thread, if it had
    one. `place.thread` is its ts."""

    place: Place
    at: str


@dataclass(frozen=True, slots=True)
class Stray:
    """Somebody's words in a channel, in no thread."""

    team: str
    channel: str
    user: str
    ts: str


Heard = Spoken | Changed | Removed | Uprooted | Stray


def read(envelope: Mapping[str, Any]) -> Heard | None:
    """Raises Malformed."""
    event = envelope["event"]
    channel = event.get("channel")
    if not isinstance(channel, str) or not channel:
        raise Malformed("channel")
    if str(event.get("channel_type")) in PRIVATE:
        return None
    subtype = event.get("subtype")
    if subtype is not None and not isinstance(subtype, str):
        raise Malformed("subtype")
    team = team_of(envelope)
    if subtype in SPOKEN:
        return _spoken(event, team, channel)
    if subtype == "message_changed":
        return _changed(event, team, channel)
    if subtype == "message_deleted":
        before = event.get("previous_message")
        return _removed(event, team, channel, event.get("deleted_ts"), before)
    return None


def team_of(envelope: Mapping[str, Any]) -> str:
    """The workspace that the app is installed in, which in shared channels is not the author's.

    Raises Malformed."""
    team = _authorized(envelope).get("team_id") or envelope.get("team_id")
    if not isinstance(team, str) or not team:
        raise Malformed("team_id")
    return team


def is_by_us(envelope: Mapping[str, Any]) -> bool:
    """Whether the app itself did what the event tells of: it is whom Slack authorized to see it
    (docs.slack.dev/apis/events-api, `authorizations`)."""
    us = _authorized(envelope)
    who = us.get("user_id")
    return us.get("is_bot") is True and bool(who) and who == envelope["event"].get("user")


def _authorized(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """The installation that may see the event: the first, which alone is told."""
    found = envelope.get("authorizations")
    first = found[0] if isinstance(found, list) and found else None
    return first if isinstance(first, dict) else {}


def _person(message: Mapping[str, Any]) -> str | None:
    user = message.get("user")
    if message.get("bot_id") or not is_user(user) or user in PLATFORM:
        return None
    return str(user)


def _place(message: Mapping[str, Any], team: str, channel: str) -> Place | None:
    """None for a message that is in no thread."""
    ts, thread = message.get("ts"), message.get("thread_ts")
    if not is_ts(ts):
        raise Malformed("ts")
    if not thread or thread == ts:
        return None
    if not is_ts(thread):
        raise Malformed("thread_ts")
    return Place(team, channel, str(thread), str(ts))


def _text(message: Mapping[str, Any]) -> str:
    text = message.get("text")
    if text is not None and not isinstance(text, str):
        raise Malformed("text")
    return text or ""


def _spoken(event: Mapping[str, Any], team: str, channel: str) -> Spoken | Stray | None:
    place = _place(event, team, channel)
    user = _person(event)
    if user is None:
        return None
    if place is None:
        return Stray(team, channel, user, str(event["ts"]))
    listed = event.get("files")
    count = len(listed) if isinstance(listed, list) else 0
    return Spoken(place, user, _text(event), event.get("blocks"), count, files.shared(listed))


def _changed(
    event: Mapping[str, Any], team: str, channel: str
) -> Changed | Removed | Uprooted | None:
    message = event.get("message")
    if not isinstance(message, dict):
        raise Malformed("message")
    before = event.get("previous_message")
    if message.get("subtype") == "tombstone":
        return _removed(event, team, channel, message.get("ts"), before or message)
    place, user, edited = _place(message, team, channel), _person(message), message.get("edited")
    same = isinstance(before, dict) and before.get("text") == message.get("text")
    removed = files.removed(message.get("files")) if same else ()
    if place and user and removed:
        return Removed(place, _moment(event, place.ts), removed)
    stamp = edited.get("ts") if isinstance(edited, dict) else None
    if place is None or user is None or not is_ts(stamp):
        return None
    if same:
        return None
    return Changed(place, user, _text(message), message.get("blocks"), str(stamp))


def _moment(event: Mapping[str, Any], otherwise: str) -> str:
    """When it was told."""
    stamp = event.get("event_ts") or event.get("ts")
    return str(stamp) if is_ts(stamp) else otherwise


def _removed(
    event: Mapping[str, Any], team: str, channel: str, ts: object, before: object
) -> Removed | Uprooted | None:
    if not is_ts(ts):
        raise Malformed("deleted_ts")
    message = before if isinstance(before, dict) else {}
    thread, at = message.get("thread_ts"), _moment(event, str(ts))
    if message.get("bot_id") and (not thread or thread == ts):
        return Uprooted(Place(team, channel, str(ts), str(ts)), at)
    if message.get("bot_id") or str(message.get("user")) in PLATFORM:
        return None
    if not is_ts(thread) or thread == ts:
        return None
    return Removed(Place(team, channel, str(thread), str(ts)), at)
