"""What stands behind a verb: who is meant, until when, which handoff. Pure.

What cannot be understood is None and nobody guesses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.slack.ids import ChannelId, Ts, read_link
from bridge.model import SECOND, Micros

DAY: Micros = 86_400 * SECOND
MORNING: Micros = 9 * 3_600 * SECOND
LONGEST: Micros = 90 * DAY
ME = "me"
ALL = "all"
SILENT, SPAM = "silent", "spam"
"""Flags before a reason."""

_BEFORE = re.compile(r"#(?!\d+(?:\s|$))([^\s#+-]\S{0,59})(?:\s+|$)")
_LENGTH = re.compile(r"(\d{1,5})\s*(m|min|mins|minutes?|h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_UNITS: Mapping[str, Micros] = {"m": 60 * SECOND, "h": 3_600 * SECOND, "d": DAY, "w": 7 * DAY}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^<>]*)?>")
_NUMBER = re.compile(r"#?([0-9]{1,9})", re.ASCII)
_LABEL = re.compile(r"[-+#]*[^\s#+-][^\s]{0,59}")


def assignee(text: str) -> str | None:
    """`me`, or the Slack id of the one person named; None: nobody knows who is meant."""
    text = text.strip()
    if text.casefold() in ("", ME):
        return ME
    found = _PERSON.fullmatch(text)
    return found[1] if found else None


def named_first(text: str) -> tuple[str, str]:
    """The Slack id of the person that the text begins with, and the rest; no id: the whole."""
    found = _PERSON.match(text.strip())
    return (found[1], text.strip()[found.end() :].strip()) if found else ("", text.strip())


def channel_first(text: str) -> tuple[str, str]:
    """The id of the channel that the text begins with, and the rest; no id: the whole."""
    found = _CHANNEL.match(text.strip())
    return (found[1], text.strip()[found.end() :].strip()) if found else ("", text.strip())


def length(text: str) -> Micros:
    """`2h`, `30 min`, `3d`; zero: it is none."""
    found = _LENGTH.fullmatch(text.strip())
    return int(found[1]) * _UNITS[found[2][0].lower()] if found else 0


def until(text: str, now: Micros, offset: int) -> Micros | None:
    """When a snooze ends: `2h`, `30 min`, `3d`, `tomorrow`, `monday`; days begin at nine.
    `offset`: seconds that the agent's clock is east of UTC."""
    text = text.strip().casefold()
    if _LENGTH.fullmatch(text):
        after = length(text)
        return now + after if after and after <= LONGEST else None
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


def flagged(text: str, flag: str) -> tuple[bool, str]:
    """`silent` → (True, ""), `silent: refund` → (True, "refund"). A reason that merely begins so,
    `silent customer`, is a reason."""
    first, _, rest = text.strip().partition(":")
    found = first.strip().casefold() == flag
    return (True, rest.strip()) if found else (False, text.strip())


def labelled(text: str) -> tuple[tuple[str, ...], str]:
    """`#refund #vip sent back` → (("refund", "vip"), "sent back"); a number, `#42`, is none."""
    found: list[str] = []
    rest = text.strip()
    while label := _BEFORE.match(rest):
        found.append(label[1])
        rest = rest[label.end() :]
    return tuple(found), rest


def with_labels(labels: str, reason: str) -> str:
    """The same as one would have typed it; `labels` with blanks or commas between."""
    marked = (f"#{each.lstrip('#')}" for each in labels.replace(",", " ").split())
    return " ".join([*marked, reason]).strip()


def with_flag(flag: str, reason: str) -> str:
    """The same as one would have typed it."""
    return f"{flag}: {reason}" if reason else flag


def labels(text: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """`vip -spam`: those to put on, and those to take off."""
    words = text.replace(",", " ").split()
    if not words or not all(_LABEL.fullmatch(word) for word in words):
        return None
    add = tuple(word.lstrip("+#") for word in words if not word.startswith("-"))
    return add, tuple(word.lstrip("-#") for word in words if word.startswith("-"))
