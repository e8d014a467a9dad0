"""Words of agents that are wishes: `!resolve refund`, `/assign 42 @ben`. Pure.

What cannot be understood is None and nobody guesses: in a thread the message is then held, and a
slash command is told what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.slack.ids import ChannelId, Ts, read_link
from bridge.commands import (
    AgentCommand,
    Assign,
    OfHandoff,
    Pause,
    Reject,
    Release,
    Reopen,
    Resolve,
    Resume,
    SetLabels,
    SetPriority,
    Snooze,
    Wake,
)
from bridge.model import SECOND, Agent, Micros, Priority

DAY: Micros = 86_400 * SECOND
MORNING: Micros = 9 * 3_600 * SECOND
LONGEST: Micros = 90 * DAY
MAX_REASON = 2_000
ME = "me"

_LENGTH = re.compile(r"(\d{1,5})\s*(m|min|mins|minutes?|h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_UNITS: Mapping[str, Micros] = {"m": 60 * SECOND, "h": 3_600 * SECOND, "d": DAY, "w": 7 * DAY}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_NUMBER = re.compile(r"#?([0-9]{1,9})", re.ASCII)
_LABEL = re.compile(r"[-+#]*[^\s#+-][^\s]{0,59}")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants something of which handoff. `offset`: seconds that their clock is east of UTC."""

    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    said: str = ""
    offset: int = 0


# --- arguments -----------------------------------------------------------------------------------


def assignee(text: str) -> str | None:
    """`me`, or the Slack id of the one person named; None: nobody knows who is meant."""
    text = text.strip()
    if text.casefold() in ("", ME):
        return ME
    found = _PERSON.fullmatch(text)
    return found[1] if found else None


def until(text: str, now: Micros, offset: int) -> Micros | None:
    """When a snooze ends: `2h`, `30 min`, `3d`, `tomorrow`, `monday`; days begin at nine."""
    text = text.strip().casefold()
    if found := _LENGTH.fullmatch(text):
        length = int(found[1]) * _UNITS[found[2][0].lower()]
        return now + length if 0 < length <= LONGEST else None
    local = now + offset * SECOND
    today = local // DAY
    if text == "tomorrow":
        return (today + 1) * DAY + MORNING - offset * SECOND
    if text in _DAYS:
        weekday = (today + _EPOCH_WEEKDAY) % 7
        ahead = (_DAYS.index(text) - weekday - 1) % 7 + 1
        return (today + ahead) * DAY + MORNING - offset * SECOND
    return None


@dataclass(frozen=True, slots=True)
class Aim:
    """Which handoff a slash command means, and what it says besides."""

    number: int | None = None
    thread: tuple[ChannelId, Ts] | None = None
    rest: str = ""

    @property
    def is_named(self) -> bool:
        return self.number is not None or self.thread is not None


def aim(text: str) -> Aim:
    """`42 refund`, `#42`, a link to the thread, or none of them."""
    first, _, rest = text.strip().partition(" ")
    if found := _NUMBER.fullmatch(first):
        return Aim(number=int(found[1]), rest=rest.strip())
    if thread := read_link(first):
        return Aim(thread=thread, rest=rest.strip())
    return Aim(rest=text.strip())


def silently(text: str) -> tuple[bool, str]:
    """`silent refund` → (True, "refund"): the customer is told nothing."""
    first, _, rest = text.strip().partition(" ")
    return (True, rest.strip()) if first.casefold() == "silent" else (False, text.strip())


# --- from a thread -------------------------------------------------------------------------------


def command(verb: str, args: str, wish: Wish) -> AgentCommand | None:
    """The command for `!verb args`; `assign` is not here, since it names somebody (`give`)."""
    make = _MAKERS.get(verb)
    return make(args, wish) if make and len(args) <= MAX_REASON else None


def give(wish: Wish, agent: Agent) -> Assign:
    return Assign(wish.key, wish.at, wish.to, wish.by, agent, wish.said)


def _release(args: str, wish: Wish) -> AgentCommand | None:
    return None if args else Release(wish.key, wish.at, wish.to, wish.by, wish.said)


def _resolve(args: str, wish: Wish) -> AgentCommand | None:
    silent, reason = silently(args)
    return Resolve(wish.key, wish.at, wish.to, wish.by, reason, silent, wish.said)


def _reject(args: str, wish: Wish) -> AgentCommand | None:
    return Reject(wish.key, wish.at, wish.to, wish.by, args, wish.said)


def _snooze(args: str, wish: Wish) -> AgentCommand | None:
    end = until(args, wish.at, wish.offset)
    return Snooze(wish.key, wish.at, wish.to, wish.by, end, wish.said) if end else None


def _wake(args: str, wish: Wish) -> AgentCommand | None:
    return None if args else Wake(wish.key, wish.at, wish.to, wish.by, wish.said)


def _reopen(args: str, wish: Wish) -> AgentCommand | None:
    return None if args else Reopen(wish.key, wish.at, wish.to, wish.by, wish.said)


def _pause(args: str, wish: Wish) -> AgentCommand | None:
    return Pause(wish.key, wish.at, wish.to, wish.by.as_author(), args, wish.said)


def _resume(args: str, wish: Wish) -> AgentCommand | None:
    if args:
        return None
    return Resume(wish.key, wish.at, wish.to, wish.by.as_author(), wish.said)


def _priority(args: str, wish: Wish) -> AgentCommand | None:
    try:
        priority = Priority(args.strip().casefold())
    except ValueError:
        return None
    return SetPriority(wish.key, wish.at, wish.to, wish.by, priority, wish.said)


def _label(args: str, wish: Wish) -> AgentCommand | None:
    """`vip -spam`: one is put on, one taken off."""
    words = args.replace(",", " ").split()
    if not words or not all(_LABEL.fullmatch(word) for word in words):
        return None
    add = tuple(word.lstrip("+#") for word in words if not word.startswith("-"))
    remove = tuple(word.lstrip("-#") for word in words if word.startswith("-"))
    return SetLabels(wish.key, wish.at, wish.to, wish.by, add, remove, wish.said)


_MAKERS: Mapping[str, Callable[[str, Wish], AgentCommand | None]] = {
    "release": _release,
    "resolve": _resolve,
    "reject": _reject,
    "snooze": _snooze,
    "wake": _wake,
    "reopen": _reopen,
    "pause": _pause,
    "resume": _resume,
    "priority": _priority,
    "label": _label,
}
