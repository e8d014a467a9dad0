"""What was done, in figures: volume, waiting, first response, resolution, ratings and goals, of all
handoffs that were opened in some time, and by queue, agent, label, channel, weekday, hour and date.
Pure.

A report is of what was *opened* in its time, whenever it ended, so that all its figures are of the
same handoffs. Lengths are whole seconds (what is begun is not counted) of the clock on the wall,
nights and holidays among them. Weekdays, hours and dates are the desk's own, at the opening.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from bridge.lengths import Lengths
from bridge.model import OPEN, SECOND, Micros, Status
from bridge.oversight import Oversight

GOALS = ("first_reply", "next_reply", "resolution")
"""Those that a handoff may miss (`goals.py`)."""
SCORES = 5
HOURS, WEEKDAYS = 24, 7
MOST_DAYS = 45
"""Of so many each is shown for itself; of more the weeks are, and of more than `MOST_WEEKS` the
months."""
MOST_WEEKS = 60
LONGEST = 3_660
"""Days of a report."""
_LENGTH = re.compile(r"([1-9]\d{0,3})([dw])", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Past(NamedTuple):
    """Handoffs as the figures see them: the same field of each in one column, for there are many.

    A moment that did not come is zero. `agent`: who has it, or had it at its end; empty: nobody.
    `asked`: the user was asked for a rating. `replier`: the agent who answered first, who need not
    have it any more."""

    opened_at: Sequence[Micros]
    status: Sequence[str]
    queue: Sequence[str]
    agent: Sequence[str]
    agent_name: Sequence[str]
    channel: Sequence[str]
    labels: Sequence[tuple[str, ...]]
    assigned_at: Sequence[Micros]
    first_reply_at: Sequence[Micros]
    closed_at: Sequence[Micros]
    asked: Sequence[bool]
    score: Sequence[int]
    replier: Sequence[str]
    replier_name: Sequence[str]
    id: Sequence[str]


Missed = Mapping[str, frozenset[str]]
"""By handoff, the goals that it has missed; who is not there has missed none."""


class By(StrEnum):
    QUEUE = "queue"
    AGENT = "agent"
    LABEL = "label"
    CHANNEL = "channel"
    WEEKDAY = "weekday"
    HOUR = "hour"
    DATE = "date"


class Step(StrEnum):
    """What one date of a report stands for: its day, or the week or the month that begins then."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of some handoffs. `key` is what they have in common, `name` how people call it.

    `statuses`: how many are in each now. `waiting`: until an agent had it first; `first_response`:
    until an agent's first answer; `resolution`: until the end, of those that are resolved.
    `scores`: how many users gave 1 to 5, of those `asked` or not. `missed`: how many missed each
    goal once or more, `late` how many missed any."""

    key: str
    name: str
    opened: int
    statuses: Mapping[str, int]
    waiting: Lengths
    first_response: Lengths
    resolution: Lengths
    scores: tuple[int, ...]
    asked: int
    missed: Mapping[str, int]
    late: int

    @property
    def resolved(self) -> int:
        return self.statuses.get(Status.RESOLVED, 0)

    @property
    def still_open(self) -> int:
        return sum(self.statuses.get(status, 0) for status in OPEN)

    @property
    def rated(self) -> int:
        return sum(self.scores)

    @property
    def rating(self) -> float | None:
        """The mean; None: nobody gave one."""
        total = sum(score * number for score, number in enumerate(self.scores, 1))
        return total / self.rated if self.rated else None


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on and before `until`, by the clock of `zone`."""

    since: Micros
    until: Micros
    zone: tzinfo

    @property
    def days(self) -> int:
        first, last = local(self.since, self.zone), local(self.until - 1, self.zone)
        return (last.date() - first.date()).days + 1

    @property
    def step(self) -> Step:
        if self.days <= MOST_DAYS:
            return Step.DAY
        return Step.WEEK if self.days <= MOST_WEEKS * WEEKDAYS else Step.MONTH


@dataclass(frozen=True, slots=True)
class Report:
    """`week`: how many were opened, by weekday from Monday and by hour. A handoff with two labels
    is in the groups of both; who has no label, or nobody, is in none of these. `oversight`:
    None where the report is not of the whole desk."""

    period: Period
    total: Group
    by: Mapping[By, tuple[Group, ...]]
    week: tuple[tuple[int, ...], ...]
    oversight: Oversight | None = None


# --- times ---------------------------------------------------------------------------------------


def local(at: Micros, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at // SECOND, zone)


def midnight(day: date, zone: tzinfo) -> Micros:
    return int(datetime.combine(day, time.min, zone).timestamp()) * SECOND


def begin(text: str, now: Micros, zone: tzinfo) -> Micros | None:
    """What `--since` says: `30d` are the last 30 days of the desk, today among them, `4w` is 28;
    a date begins at its midnight. None: nobody can know what is meant."""
    today = local(now, zone).date()
    if found := _LENGTH.fullmatch(text):
        days = int(found[1]) * (WEEKDAYS if found[2] == "w" else 1)
        return midnight(today - timedelta(days - 1), zone) if days <= LONGEST else None
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    fits = day is not None and timedelta() <= today - day < timedelta(LONGEST)
    return midnight(day, zone) if day and fits else None


def stepped(day: date, step: Step) -> date:
    """The first day of the step that this one is in."""
    if step is Step.WEEK:
        return day - timedelta(day.weekday())
    return day.replace(day=1) if step is Step.MONTH else day


_FURTHER = {Step.DAY: timedelta(1), Step.WEEK: timedelta(7), Step.MONTH: timedelta(31)}


def dates(period: Period) -> Iterator[date]:
    """Each step of it, those without a handoff too."""
    day = stepped(local(period.since, period.zone).date(), period.step)
    last = local(period.until - 1, period.zone).date()
    while day <= last:
        yield day
        day = stepped(day + _FURTHER[period.step], period.step)
