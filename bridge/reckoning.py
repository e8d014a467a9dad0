"""Reckoning a report: of 100,000 handoffs there are twenty figures by each of seven things, and no
time to lose. Pure.

So this works on whole columns of numbers (NumPy), and one sort of group and length together puts
the lengths of every group in order at once. NumPy takes some 20 MB and a tenth of a second to be
loaded: this file is imported when the first report is asked for.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.columns import Coded, Handoffs, Kind
from bridge.lengths import Lengths, measured
from bridge.model import SECOND, Micros, Status
from bridge.reports import (
    GOALS,
    HOURS,
    SCORES,
    WEEKDAYS,
    By,
    Group,
    Period,
    Report,
    dates,
    local,
    stepped,
)

Numbers = NDArray[np.int64]
QUARTER: Micros = 900 * SECOND
_BITS = 44
"""Of a length; those above them are its group's. No two moments are further apart in seconds."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """Of each handoff. `codes`: the place of its kind in `kinds`. `lengths`: how long it waited,
    for whom, and until the end, if resolved; less than zero: it did not happen."""

    codes: Numbers
    kinds: Sequence[Kind]
    lengths: Sequence[Numbers]


@dataclass(frozen=True, slots=True)
class _Parts:
    """Who is in which group. `codes`: places in `keys`, of each handoff, or of those in `of`, which
    may name one more than once or not at all. `replied`: the places of those whom its first
    response counts for, where that may be somebody else."""

    keys: Sequence[str]
    codes: Numbers
    of: Numbers | None = None
    replied: Numbers | None = None

    def each(self, values: Numbers) -> Numbers:
        """Of all values those of its handoffs, in its order."""
        return values if self.of is None else values[self.of]


def report(of: Handoffs, period: Period) -> Report:
    """Of these, which are all that were opened in the period."""
    opened = _numbers(of.opened_at)
    facts = _facts(of, opened)
    clock, week = _clock(opened, period)
    return Report(
        period,
        _groups(facts, _Parts([""], np.zeros(len(of), np.int64)))[0],
        {
            By.QUEUE: _largest(_groups(facts, _parted(of.queues))),
            By.AGENT: _largest(_groups(facts, _worked(of), of.names)),
            By.LABEL: _largest(_groups(facts, _labelled(of.labels))),
            By.CHANNEL: _largest(_groups(facts, _parted(of.channels))),
            **{by: tuple(_groups(facts, parts)) for by, parts in clock.items()},
        },
        week,
    )


def _facts(of: Handoffs, opened: Numbers) -> _Facts:
    kinds, codes = of.kinds.keys, _numbers(of.kinds.codes)
    resolved = np.array([status == Status.RESOLVED for status, *_ in kinds], bool)
    ends = (
        _numbers(of.assigned_at),
        _numbers(of.first_reply_at),
        np.where(resolved[codes], _numbers(of.closed_at), 0),
    )
    return _Facts(codes, kinds, [_took(opened, until) for until in ends])


def _took(since: Numbers, until: Numbers) -> Numbers:
    """As `lengths.length` has it."""
    return np.where(until > since, (until - since) // SECOND, np.where(until == 0, -1, 0))


def _numbers(values: array[int] | Sequence[int]) -> Numbers:
    return np.array(values, np.int64)


# --- groups --------------------------------------------------------------------------------------


def _groups(facts: _Facts, parts: _Parts, names: Mapping[str, str] | None = None) -> list[Group]:
    """One for each key. `names`: how people call it."""
    number = len(parts.keys)
    kinds = _counted(parts.codes, number, parts.each(facts.codes), len(facts.kinds))
    replied = parts.codes if parts.replied is None else parts.replied
    whose = (parts.codes, replied, parts.codes)
    lengths = [
        _spread(codes, number, parts.each(values))
        for codes, values in zip(whose, facts.lengths, strict=True)
    ]
    return [
        _group(key, (names or {}).get(key) or key, _held(facts.kinds, counts), spread)
        for key, counts, spread in zip(parts.keys, kinds, zip(*lengths, strict=True), strict=True)
    ]


def _counted(down: Numbers, height: int, across: Numbers, width: int) -> Numbers:
    """A table: how often two codes meet."""
    return np.bincount(down * width + across, minlength=height * width).reshape(height, width)


def _spread(codes: Numbers, number: int, lengths: Numbers) -> list[Lengths]:
    """Of each of so many groups, from one sort of all."""
    happened = lengths >= 0
    both = (codes[happened] << _BITS) | lengths[happened]
    both.sort()
    ordered: Any = both & ((1 << _BITS) - 1)
    sums = np.concatenate(([0], np.cumsum(ordered)))
    ends = np.searchsorted(both, np.arange(number + 1) << _BITS).tolist()
    return [measured(ordered[a:b], int(sums[b] - sums[a])) for a, b in pairwise(ends)]


def _held(kinds: Sequence[Kind], counts: Numbers) -> list[tuple[Kind, int]]:
    [found] = counts.nonzero()
    return [(kinds[code], int(counts[code])) for code in found.tolist()]


def _group(
    key: str, name: str, held: Iterable[tuple[Kind, int]], spread: Sequence[Lengths]
) -> Group:
    """`held`: how many of each kind there are in it."""
    statuses: Counter[str] = Counter()
    scores: Counter[int] = Counter()
    missed: Counter[str] = Counter()
    asked = late = 0
    for (status, score, was_asked, goals), number in held:
        statuses[status] += number
        scores[score] += number
        for goal in goals:
            missed[goal] += number
        asked += number * was_asked
        late += number * bool(goals)
    waiting, first_response, resolution = spread
    return Group(
        *(key, name, statuses.total(), statuses, waiting, first_response, resolution),
        scores=tuple(scores[score + 1] for score in range(SCORES)),
        asked=asked,
        missed={goal: missed[goal] for goal in GOALS},
        late=late,
    )


def _largest(groups: Iterable[Group]) -> tuple[Group, ...]:
    """The one with the most handoffs first; without those that nobody had."""
    return tuple(sorted((g for g in groups if g.key), key=lambda g: (-g.opened, g.key)))


# --- who is in which group -----------------------------------------------------------------------


def _parted(column: Coded[str]) -> _Parts:
    return _Parts(column.keys, _numbers(column.codes))


def _worked(of: Handoffs) -> _Parts:
    """Whose a handoff is, and who answered it first: the answer was theirs, whoever had it next."""
    return replace(_parted(of.agents), replied=_numbers(of.repliers.codes))


def _labelled(column: Coded[tuple[str, ...]]) -> _Parts:
    """A handoff with two labels is twice among those in groups."""
    sets, codes = column.keys, _numbers(column.codes)
    flat: Coded[str] = Coded()
    flat.add(chain.from_iterable(sets))
    sizes = np.array([len(each) for each in sets], np.int64)
    of = np.repeat(np.arange(len(codes)), sizes[codes])
    before = np.cumsum(sizes) - sizes  # labels of other sets, in `flat`
    taken = np.cumsum(sizes[codes]) - sizes[codes]  # labels of other handoffs, in `of`
    places = before[codes[of]] + np.arange(len(of)) - taken[of]
    return _Parts(flat.keys, _numbers(flat.codes)[places], of)


def _clock(opened: Numbers, period: Period) -> tuple[dict[By, _Parts], tuple[tuple[int, ...], ...]]:
    """All weekdays, hours and dates, those without a handoff too; and how many were opened, by
    weekday and hour."""
    width = _width(period)
    stretches, places = np.unique(opened // width, return_inverse=True)
    moments = [local(int(stretch) * width, period.zone) for stretch in stretches]
    days = [day.isoformat() for day in dates(period)]
    names = {day.isoformat(): place for place, day in enumerate(dates(period))}
    weekday = _numbers([at.weekday() for at in moments])[places]
    hour = _numbers([at.hour for at in moments])[places]
    of = {ordinal: _first(ordinal, period) for ordinal in {at.toordinal() for at in moments}}
    day = _numbers([names[of[at.toordinal()]] for at in moments])[places]
    week = _counted(weekday, WEEKDAYS, hour, HOURS).tolist()
    return {
        By.WEEKDAY: _Parts([str(each) for each in range(WEEKDAYS)], weekday),
        By.HOUR: _Parts([str(each) for each in range(HOURS)], hour),
        By.DATE: _Parts(days, day),
    }, tuple(map(tuple, week))


def _first(ordinal: int, period: Period) -> str:
    return stepped(date.fromordinal(ordinal), period.step).isoformat()


def _width(period: Period) -> Micros:
    """For so long a clock shows the same hour, from each multiple of it on. All clocks on earth are
    off by whole quarters of an hour, most by whole hours; what one is off changes twice a year."""
    month = 30 * 86_400 * SECOND
    offs = {local(at, period.zone).utcoffset() for at in range(period.since, period.until, month)}
    return 4 * QUARTER if not any(off and off % timedelta(hours=1) for off in offs) else QUARTER
