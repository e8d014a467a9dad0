"""What Slack's history says that no event has told. Pure.

The history of a channel gives for each thread how many replies it has and when the latest came;
only a thread where that differs from what it was is read. Its replies are compared with what we
have: an unknown one is new, one with a later edit was edited, and what is not there any more was
deleted. Each difference is given as the event that Slack would have sent, so that it is read,
judged and taken once like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack import ids
from bridge.model import SECOND, Message, Micros, Thread
from bridge.stores import RECEIPTS_KEPT

Json = dict[str, Any]
HIDDEN_AFTER: Micros = 30 * 86_400 * SECOND
"""What is older may be missing without being deleted: Slack's free plan hides it after 90 days."""
NEW_WITHIN: Micros = RECEIPTS_KEPT - 86_400 * SECOND
"""What is older, and was taken, may be forgotten to have been."""
YOUNG: Micros = 5 * SECOND
"""What was said just now may be missing in a copy that Slack reads from."""


@dataclass(frozen=True, slots=True)
class Root:
    """What the history says of a thread as a whole."""

    replies: int
    latest: str


@dataclass(frozen=True, slots=True)
class Differences:
    """The events that are missing, in the order of what they are about. Not `settled`: something is
    missing that may yet appear, so the thread is to be read again."""

    events: tuple[Json, ...]
    settled: bool = True


def roots(messages: Iterable[Any]) -> dict[str, Root]:
    """By ts, from a page of history."""
    return {
        str(message["ts"]): Root(
            _number(message.get("reply_count")), str(message.get("latest_reply") or "")
        )
        for message in messages
        if isinstance(message, dict) and ids.is_ts(message.get("ts"))
    }


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def unknown(replies: Sequence[Json], ours: Mapping[str, Message], now: Micros) -> list[str]:
    """The ts of people's replies that are no message of ours; some may be words that were commands,
    of which only the receipt tells, and no longer than that is kept."""
    stamps = [str(each["ts"]) for each in replies if not each.get("bot_id")]
    return [ts for ts in stamps if ts not in ours and ids.micros_of(ts) > now - NEW_WITHIN]


def in_thread(thread: Thread, messages: Iterable[Any]) -> list[Json] | None:
    """The replies of a thread that was read whole; None when its root is not there."""
    found = [m for m in messages if isinstance(m, dict) and ids.is_ts(m.get("ts"))]
    if not any(message["ts"] == thread.ts for message in found):
        return None
    return [message for message in found if message["ts"] != thread.ts]


def by_ts(thread: Thread, messages: Iterable[Message]) -> dict[str, Message]:
    """Our messages that were said in this thread's channel."""
    place = ids.source_of(thread.team, thread.channel, "")
    return {
        message.source.removeprefix(place): message
        for message in messages
        if message.source and message.source.startswith(place)
    }


def differences(
    thread: Thread,
    replies: Sequence[Json],
    ours: Mapping[str, Message],
    new: frozenset[str],
    now: Micros,
) -> Differences:
    """`ours`: what we know to have been said in it; `new`: the ts of unknown replies that nobody
    has taken."""
    there = {str(reply["ts"]): reply for reply in replies}
    gone = [ts for ts, message in ours.items() if ts not in there and not message.deleted]
    events = {ts: {**there[ts], "event_ts": ts} for ts in there if ts in new}
    for ts, message in ours.items():
        if ts in there and _is_edited(there[ts], message):
            events[ts] = _changed(there[ts])
    for ts in gone:
        if now - HIDDEN_AFTER < ids.micros_of(ts) < now - YOUNG:
            events[ts] = _deleted(thread, ts, ours[ts], now)
    ordered = sorted(events.items(), key=lambda each: ids.order_of(each[0]))
    settled = all(ids.micros_of(ts) < now - YOUNG for ts in gone)
    return Differences(tuple(_envelope(thread, event) for _, event in ordered), settled)


def _is_edited(reply: Json, ours: Message) -> bool:
    edited = reply.get("edited")
    stamp = edited.get("ts") if isinstance(edited, dict) else None
    return ids.is_ts(stamp) and not ours.deleted and ids.order_of(str(stamp)) > ours.edited_order


def _changed(reply: Json) -> Json:
    stamp = reply["edited"]["ts"]
    return {"subtype": "message_changed", "message": reply, "ts": stamp, "event_ts": stamp}


def _deleted(thread: Thread, ts: str, message: Message, now: Micros) -> Json:
    """When it was deleted nobody says; we found it now."""
    before = {"user": message.author.id, "ts": ts, "thread_ts": thread.ts}
    event = {"subtype": "message_deleted", "deleted_ts": ts, "previous_message": before}
    return {**event, "event_ts": ids.ts_of(now)}


def _envelope(thread: Thread, event: Json) -> Json:
    place = {"type": "message", "channel": thread.channel, "channel_type": "channel"}
    return {"type": "event_callback", "team_id": thread.team, "event": {**event, **place}}
