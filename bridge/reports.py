"""What was done, in figures: volume, waiting, first response, resolution, ratings and goals, of all
handoffs that were opened in some time, and by queue, agent, label, channel, weekday, hour and date.
Pure.

A report is of what was *opened* in its time, whenever it ended, so that all its figures are of the
same handoffs. Lengths are whole seconds (what is begun is not counted) of the clock on the wall,
nights and holidays among them. Weekdays, hours and dates are the desk's own, at the opening.

A percentile is the nearest rank: p of n values is the value at place ⌈p·n/100⌉ of them in order, so
that it is always one that was measured.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple, TypeVar

from bridge.model import OPEN, SECOND, Micros, Status

T = TypeVar("T")
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
class Lengths:
    """How long something took, in whole seconds; all zero where it never happened."""

    number: int = 0
    mean: int = 0
    p50: int = 0
    p90: int = 0
    p95: int = 0
    longest: int = 0


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
    is in the groups of both; who has no label, or nobody, is in none of these."""

    period: Period
    total: Group
    by: Mapping[By, tuple[Group, ...]]
    week: tuple[tuple[int, ...], ...]


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


# --- lengths -------------------------------------------------------------------------------------


def nearest_rank(ordered: Sequence[int], percent: int) -> int:
    """Of one value or more, in order."""
    return ordered[-(-percent * len(ordered) // 100) - 1]


def lengths(values: Iterable[int]) -> Lengths:
    """Of those that are not less than zero."""
    ordered = sorted(values)
    del ordered[: bisect_left(ordered, 0)]
    if not ordered:
        return Lengths()
    p50, p90, p95 = (nearest_rank(ordered, percent) for percent in (50, 90, 95))
    return Lengths(len(ordered), sum(ordered) // len(ordered), p50, p90, p95, ordered[-1])


# --- the whole -----------------------------------------------------------------------------------
#
# Of 100,000 handoffs there are twenty figures by each of seven things, and no time to lose. So all
# that is counted of one handoff is one small number, and lengths are small numbers, too.

Late = tuple[Past, Collection[str]]
"""A handoff with the goals that it has missed."""
_Keys = Sequence[str] | Sequence[tuple[str, ...]]
"""Of each handoff, the group that it is in, or those."""
_Kind = tuple[str, int, bool]
"""Status, score, whether they were asked for one."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """`codes`: of each handoff, the place of its kind in `kinds`. `lengths`: how long each waited,
    for whom, and until the end, if resolved; less than zero: it did not happen. `late`: goals that
    were missed, for each that missed any."""

    codes: Sequence[int]
    kinds: Sequence[_Kind]
    lengths: Sequence[Sequence[int]]
    late: Sequence[Collection[str]]


def report(rows: Sequence[Past], late: Sequence[Late], period: Period) -> Report:
    """Of these, which are all that were opened in the period; `late` are those among them that
    missed a goal."""
    keys, late_keys = _keys(rows, period), _keys([row for row, _ in late], period)
    facts = _facts(rows, [goals for _, goals in late])
    names = {row.agent: row.agent_name for row in rows}
    by: dict[By, tuple[Group, ...]] = {}
    for each in (By.QUEUE, By.AGENT, By.LABEL, By.CHANNEL):
        called = names if each is By.AGENT else {}
        by[each] = _largest(_groups(facts, keys[each], late_keys[each], called))
    for each, every in _clock_faces(period).items():
        found = {group.key: group for group in _groups(facts, keys[each], late_keys[each])}
        by[each] = tuple(found.get(key) or _group(key) for key in every)
    [*total] = _groups(facts, [""] * len(rows), [""] * len(late))
    week = _week(keys[By.WEEKDAY], keys[By.HOUR])
    return Report(period, total[0] if total else _group(""), by, week)


def _facts(rows: Sequence[Past], late: Sequence[Collection[str]]) -> _Facts:
    kinds: dict[_Kind, int] = {}
    codes = [kinds.setdefault((r.status, r.score, r.asked), len(kinds)) for r in rows]
    measured = (
        [_length(r.opened_at, r.assigned_at) for r in rows],
        [_length(r.opened_at, r.first_reply_at) for r in rows],
        [_length(r.opened_at, r.closed_at if r.status == _RESOLVED else 0) for r in rows],
    )
    return _Facts(codes, list(kinds), measured, late)


def _length(since: Micros, until: Micros) -> int:
    """In seconds. A clock that was set back between them made it zero."""
    return (until - since) // SECOND if until > since else 0 if until else -1


def _groups(
    facts: _Facts, keys: _Keys, late_keys: _Keys, names: Mapping[str, str] | None = None
) -> list[Group]:
    parts = [_parted(keys, values) for values in facts.lengths]
    late = _parted(late_keys, facts.late)
    return [
        _group(
            *(key, (names or {}).get(key) or key),
            {facts.kinds[code]: number for code, number in Counter(codes).items()},
            [lengths(part[key]) for part in parts],
            late.get(key, ()),
        )
        for key, codes in _parted(keys, facts.codes).items()
    ]


def _parted(keys: _Keys, values: Sequence[T]) -> dict[str, list[T]]:
    """The values of each group; a value is more than once there where it is in several."""
    parts: defaultdict[str, list[T]] = defaultdict(list)
    for key, value in zip(keys, values, strict=True):
        if isinstance(key, str):
            parts[key].append(value)
        else:
            for each in key:
                parts[each].append(value)
    return parts


def _group(
    key: str,
    name: str = "",
    kinds: Mapping[_Kind, int] | None = None,
    spread: Sequence[Lengths] = (Lengths(),) * 3,
    late: Sequence[Collection[str]] = (),
) -> Group:
    kinds = kinds or {}
    statuses: Counter[str] = Counter()
    scores: Counter[int] = Counter()
    for (status, score, _), number in kinds.items():
        statuses[status] += number
        scores[score] += number
    waiting, first_response, resolution = spread
    missed = Counter(goal for goals in late for goal in goals)
    return Group(
        *(key, name or key, sum(kinds.values()), statuses, waiting, first_response, resolution),
        scores=tuple(scores[score + 1] for score in range(SCORES)),
        asked=sum(number for (_, _, asked), number in kinds.items() if asked),
        missed={goal: missed[goal] for goal in GOALS},
        late=len(late),
    )


# --- who is in which group -----------------------------------------------------------------------


def _keys(rows: Sequence[Past], period: Period) -> dict[By, _Keys]:
    width = _width(period)
    parts = [row.opened_at // width for row in rows]
    faces = {part: _face(part * width, period) for part in set(parts)}
    return {
        By.QUEUE: [row.queue for row in rows],
        By.AGENT: [row.agent for row in rows],
        By.LABEL: [row.labels for row in rows],
        By.CHANNEL: [row.channel for row in rows],
        By.WEEKDAY: [faces[part][0] for part in parts],
        By.HOUR: [faces[part][1] for part in parts],
        By.DATE: [faces[part][2] for part in parts],
    }


def _width(period: Period) -> Micros:
    """For so long a clock shows the same hour, from each multiple of it on. All clocks on earth are
    off by whole quarters of an hour, most by whole hours; what one is off changes twice a year."""
    month = 30 * 86_400 * SECOND
    offs = {local(at, period.zone).utcoffset() for at in range(period.since, period.until, month)}
    return 4 * QUARTER if not any(off and off % timedelta(hours=1) for off in offs) else QUARTER


def _face(moment: Micros, period: Period) -> tuple[str, str, str]:
    """What a clock and a calendar show: the weekday, the hour, the date."""
    at = local(moment, period.zone)
    return str(at.weekday()), str(at.hour), _stepped(at.date(), period.step).isoformat()


def _clock_faces(period: Period) -> dict[By, list[str]]:
    """All that there are, in order, those without a handoff too."""
    return {
        By.WEEKDAY: [str(weekday) for weekday in range(WEEKDAYS)],
        By.HOUR: [str(hour) for hour in range(HOURS)],
        By.DATE: [day.isoformat() for day in _dates(period)],
    }


def _largest(groups: Iterable[Group]) -> tuple[Group, ...]:
    """The one with the most handoffs first; without those that nobody had."""
    return tuple(sorted((g for g in groups if g.key), key=lambda g: (-g.opened, g.key)))


def _week(weekdays: _Keys, hours: _Keys) -> tuple[tuple[int, ...], ...]:
    found = Counter(zip(weekdays, hours, strict=True))
    return tuple(tuple(found[str(w), str(h)] for h in range(HOURS)) for w in range(WEEKDAYS))
