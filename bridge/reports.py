"""What was done, in figures: volume, waiting, first response, resolution, ratings and goals, of all
handoffs that were opened in some time, and by queue, agent, label, channel, weekday, hour and date.
Pure.

A report is of what was *opened* in its time, whenever it ended, so that all its figures are of the
same handoffs. Lengths are whole seconds (what is begun is not counted) of the clock on the wall,
nights and holidays among them. Weekdays, hours and dates are the desk's own, at the opening.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

from bridge.lengths import Lengths, length, lengths
from bridge.model import OPEN, SECOND, Micros, Status
from bridge.oversight import Oversight

_RESOLVED = str(Status.RESOLVED)
QUARTER: Micros = 900 * SECOND
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
    """A handoff as the figures see it; a moment that did not come is zero. `agent`: who has it, or
    had it at its end; empty: nobody. `asked`: the user was asked for a rating."""

    opened_at: Micros
    status: str
    queue: str
    agent: str
    agent_name: str
    channel: str
    labels: tuple[str, ...]
    assigned_at: Micros
    first_reply_at: Micros
    closed_at: Micros
    asked: bool
    score: int
    id: str = ""


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


def _stepped(day: date, step: Step) -> date:
    """The first day of the step that this one is in."""
    if step is Step.WEEK:
        return day - timedelta(day.weekday())
    return day.replace(day=1) if step is Step.MONTH else day


_FURTHER = {Step.DAY: timedelta(1), Step.WEEK: timedelta(7), Step.MONTH: timedelta(31)}


def _dates(period: Period) -> Iterator[date]:
    """Each step of it, those without a handoff too."""
    day = _stepped(local(period.since, period.zone).date(), period.step)
    last = local(period.until - 1, period.zone).date()
    while day <= last:
        yield day
        day = _stepped(day + _FURTHER[period.step], period.step)


# --- the whole -----------------------------------------------------------------------------------
#
# Of 100,000 handoffs there are twenty figures by each of seven things, and no time to lose. So all
# that is counted of one handoff is one small number, lengths are small numbers, too, and a group is
# the places of its handoffs in the order of their opening, in which those of one hour are together.

Missed = Mapping[str, frozenset[str]]
"""By handoff, the goals that it has missed; who is not there has missed none."""
_NONE: frozenset[str] = frozenset()
_Places = Mapping[str, Sequence[int]]
"""By key, the places of the handoffs of a group."""
_Kind = tuple[str, int, bool, frozenset[str]]
"""Status, score, whether they were asked for one, goals that were missed."""
_Face = tuple[str, str, str]
"""What a clock and a calendar show: the weekday, the hour, the date."""


class _Columns(NamedTuple):
    """The fields of every `Past`, in the same order."""

    opened_at: Sequence[Micros]
    status: Sequence[str]
    queue: Sequence[str]
    agent: Sequence[str]
    agent_name: Sequence[str]
    channel: Sequence[str]
    labels: Sequence[Collection[str]]
    assigned_at: Sequence[Micros]
    first_reply_at: Sequence[Micros]
    closed_at: Sequence[Micros]
    asked: Sequence[bool]
    score: Sequence[int]
    id: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Facts:
    """`codes`: of each handoff, the place of its kind in `kinds`. `lengths`: how long each waited,
    for whom, and until the end, if resolved; less than zero: it did not happen."""

    codes: Sequence[int]
    kinds: Sequence[_Kind]
    lengths: Sequence[Sequence[int]]


def report(rows: Iterable[Past], missed: Missed, period: Period) -> Report:
    """Of these, which are all that were opened in the period."""
    ordered = sorted(rows, key=itemgetter(0))  # by when they were opened
    columns = _Columns(*(zip(*ordered, strict=True) if ordered else [()] * len(Past._fields)))
    facts = _facts(columns, missed)
    names = dict(zip(columns.agent, columns.agent_name, strict=True))
    by: dict[By, tuple[Group, ...]] = {}
    for each, places in _named(columns).items():
        called = names if each is By.AGENT else {}
        by[each] = _largest(
            _group(facts, key, called.get(key, ""), at) for key, at in places.items()
        )
    stretches = _stretches(columns.opened_at, period)
    for place, (each, every) in enumerate(_clock_faces(period).items()):
        places = _united(stretches, place)
        by[each] = tuple(_group(facts, key, "", places.get(key, ())) for key in every)
    total = _group(facts, "", "", range(len(ordered)))
    return Report(period, total, by, _week(stretches))


def _facts(of: _Columns, missed: Missed) -> _Facts:
    kinds: dict[_Kind, int] = {}
    goals = [missed.get(each, _NONE) for each in of.id] if missed else [_NONE] * len(of.id)
    codes = [
        kinds.setdefault(kind, len(kinds))
        for kind in zip(of.status, of.score, of.asked, goals, strict=True)
    ]
    resolved = [
        closed if status == _RESOLVED else 0
        for status, closed in zip(of.status, of.closed_at, strict=True)
    ]
    ends = (of.assigned_at, of.first_reply_at, resolved)
    return _Facts(codes, list(kinds), [list(map(length, of.opened_at, until)) for until in ends])


def _group(facts: _Facts, key: str, name: str, places: Sequence[int]) -> Group:
    statuses: Counter[str] = Counter()
    scores: Counter[int] = Counter()
    missed: Counter[str] = Counter()
    asked = late = 0
    for code, number in Counter(map(facts.codes.__getitem__, places)).items():
        status, score, was_asked, goals = facts.kinds[code]
        statuses[status] += number
        scores[score] += number
        missed.update(dict.fromkeys(goals, number))
        asked += number * was_asked
        late += number * bool(goals)
    waiting, first_response, resolution = (
        lengths(map(values.__getitem__, places)) for values in facts.lengths
    )
    return Group(
        *(key, name or key, len(places), statuses, waiting, first_response, resolution),
        scores=tuple(scores[score + 1] for score in range(SCORES)),
        asked=asked,
        missed={goal: missed[goal] for goal in GOALS},
        late=late,
    )


# --- who is in which group -----------------------------------------------------------------------


def _named(of: _Columns) -> dict[By, _Places]:
    return {
        By.QUEUE: _parted(of.queue),
        By.AGENT: _parted(of.agent),
        By.LABEL: _labelled(of.labels),
        By.CHANNEL: _parted(of.channel),
    }


def _parted(keys: Iterable[str]) -> _Places:
    parts: defaultdict[str, list[int]] = defaultdict(list)
    for at, key in enumerate(keys):
        parts[key].append(at)
    return parts


def _labelled(labels: Iterable[Collection[str]]) -> _Places:
    parts: defaultdict[str, list[int]] = defaultdict(list)
    for at, its in enumerate(labels):
        for label in its:
            parts[label].append(at)
    return parts


def _stretches(opened: Sequence[Micros], period: Period) -> list[tuple[range, _Face]]:
    """The places of those that were opened while a clock showed the same, and what it showed."""
    width, step, begun = _width(period), period.step, 0
    found: list[tuple[range, _Face]] = []
    while begun < len(opened):
        part = opened[begun] // width
        end = bisect_left(opened, (part + 1) * width, begun)
        found.append((range(begun, end), _face(part * width, period.zone, step)))
        begun = end
    return found


def _united(stretches: Iterable[tuple[range, _Face]], which: int) -> _Places:
    parts: defaultdict[str, list[int]] = defaultdict(list)
    for places, face in stretches:
        parts[face[which]] += places
    return parts


def _width(period: Period) -> Micros:
    """For so long a clock shows the same hour, from each multiple of it on. All clocks on earth are
    off by whole quarters of an hour, most by whole hours; what one is off changes twice a year."""
    month = 30 * 86_400 * SECOND
    offs = {local(at, period.zone).utcoffset() for at in range(period.since, period.until, month)}
    return 4 * QUARTER if not any(off and off % timedelta(hours=1) for off in offs) else QUARTER


def _face(moment: Micros, zone: tzinfo, step: Step) -> _Face:
    at = local(moment, zone)
    return str(at.weekday()), str(at.hour), _stepped(at.date(), step).isoformat()


def _clock_faces(period: Period) -> dict[By, list[str]]:
    """All that there are, in the order of a `_Face`, those without a handoff too."""
    return {
        By.WEEKDAY: [str(weekday) for weekday in range(WEEKDAYS)],
        By.HOUR: [str(hour) for hour in range(HOURS)],
        By.DATE: [day.isoformat() for day in _dates(period)],
    }


def _largest(groups: Iterable[Group]) -> tuple[Group, ...]:
    """The one with the most handoffs first; without those that nobody had."""
    return tuple(sorted((g for g in groups if g.key), key=lambda g: (-g.opened, g.key)))


def _week(stretches: Iterable[tuple[range, _Face]]) -> tuple[tuple[int, ...], ...]:
    found: Counter[tuple[str, str]] = Counter()
    for places, (weekday, hour, _) in stretches:
        found[weekday, hour] += len(places)
    return tuple(tuple(found[str(w), str(h)] for h in range(HOURS)) for w in range(WEEKDAYS))
