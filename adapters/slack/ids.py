"""Slack's ids, and the references and keys that the bridge gets for them: made and read only here.

A message is (team, channel, ts): `ts` is unique in its channel only. What was done is named by the
thing and not by its envelope, since the same message may come as an event, as a repeated event and
from a look into the history.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NewType

from bridge.model import SECOND, Micros

TeamId = NewType("TeamId", str)
UserId = NewType("UserId", str)
ChannelId = NewType("ChannelId", str)
Ts = NewType("Ts", str)
"""Seconds and microseconds with a dot, `1763700000.000200`: a message's id and its time."""

_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,6}", re.ASCII)
_USER = re.compile(r"[UW][A-Z0-9]{2,20}", re.ASCII)
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}", re.ASCII)
_LINK = re.compile(
    r"https?://[^/\s|<>]+/archives/([A-Z0-9]+)/p([0-9]{7,18})(?:\?([^\s|<>]*))?", re.ASCII
)
INTERNAL_LINKS = (
    r"https?://[^\s|<>]+/archives/[CDG][A-Z0-9]{4,}"
    r"|https?://(?:[\w-]+\.)*slack\.com/(?:archives|client|files|messages|team|app_redirect)\b"
    r"|https?://files\.slack\.com/"
)
"""A regular expression of addresses that only members of a workspace can open."""
_THREAD = re.compile(r"(?:^|[?&;])thread_ts=([0-9.]+)", re.ASCII)
_DIGITS_AFTER_DOT = 6


def is_ts(value: object) -> bool:
    return isinstance(value, str) and _TS.fullmatch(value) is not None


def is_user(value: object) -> bool:
    return isinstance(value, str) and _USER.fullmatch(value) is not None


def is_channel(value: object) -> bool:
    return isinstance(value, str) and _CHANNEL.fullmatch(value) is not None


def order_of(ts: str) -> str:
    """The ts as a string that sorts like the time does."""
    seconds, _, micros = ts.partition(".")
    return f"{seconds:0>12}.{micros:0<6}"


def micros_of(ts: str) -> Micros:
    seconds, _, micros = ts.partition(".")
    return int(seconds) * SECOND + int(f"{micros:0<6}")


def ts_of(at: Micros) -> Ts:
    return Ts(f"{at // SECOND}.{at % SECOND:06d}")


def source_of(team: str, channel: str, ts: str) -> str:
    return f"slack:{team}:{channel}:{ts}"


def read_source(source: str) -> tuple[TeamId, ChannelId, Ts]:
    """Raises ValueError for a reference that this desk did not make."""
    parts = source.split(":")
    if len(parts) != len(("slack", "team", "channel", "ts")) or parts[0] != "slack":
        raise ValueError("not a reference of a Slack message")
    if not is_ts(parts[3]):
        raise ValueError("not a Slack timestamp")
    return TeamId(parts[1]), ChannelId(parts[2]), Ts(parts[3])


def message_key(team: str, channel: str, ts: str) -> str:
    return f"slack:msg:{team}:{channel}:{ts}"


def edit_key(team: str, channel: str, ts: str, edited: str) -> str:
    return f"{message_key(team, channel, ts)}:edit:{edited}"


def delete_key(team: str, channel: str, ts: str, files: Sequence[int] = ()) -> str:
    """Of a message, or of some of its files."""
    which = "+".join(map(str, files))
    return f"{message_key(team, channel, ts)}:deleted" + (f":{which}" if which else "")


def click_key(user: str, action_ts: str, action_id: str) -> str:
    return f"slack:click:{user}:{action_ts}:{action_id}"


def trigger_key(trigger_id: str) -> str:
    return f"slack:trigger:{trigger_id}"


def permalink(workspace_url: str, channel: str, ts: str) -> str:
    """The address of a message, for people; `workspace_url` as auth.test gives it."""
    return f"{workspace_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"


def read_link(text: str) -> tuple[ChannelId, Ts] | None:
    """Channel and thread of a message's address, wherever in the thread it points."""
    found = _LINK.search(text)
    if not found or len(found[2]) <= _DIGITS_AFTER_DOT:
        return None
    thread = _THREAD.search(found[3] or "")
    if thread and is_ts(thread[1]):
        return ChannelId(found[1]), Ts(thread[1])
    return ChannelId(found[1]), Ts(f"{found[2][:-6]}.{found[2][-6:]}")
