"""Making a report: what it is made of is read a slice at a time, so that there is never much of it
in memory, and reckoned beside the event loop, so that nobody waits for a long one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import partial
from typing import TypeVar

from bridge.columns import Handoffs
from bridge.hours import zone
from bridge.lists import Lists, Wanted
from bridge.model import DEFAULT_WORKSPACE, SECOND, Micros
from bridge.oversight import Oversight, PastDrafts, PastFirings, oversight
from bridge.reports import Past, Period, Report, local, midnight

Columns = TypeVar("Columns", Past, PastDrafts, PastFirings)
FIRST: Micros = 32 * 86_400 * SECOND
"""Of the time, the slice that is read first."""
MANY = 25_000
"""Rows, some four megabytes: after a slice with more the next one is half as long; after one with
less than half as many, twice."""
DEFAULT_SINCE = "30d"


def place_of(timezone: str) -> tzinfo:
    """Of the desk, as `[hours] timezone` has it."""
    return zone(timezone) or UTC


async def reported(lists: Lists, wanted: Wanted, period: Period) -> Report:
    """Of the handoffs in the period that are wanted. Raises StoreError."""
    if wanted != Wanted():
        return await _of_handoffs(lists, wanted, period)
    made, seen = await asyncio.gather(_of_handoffs(lists, wanted, period), _watched(lists, period))
    return replace(made, oversight=seen)


async def _of_handoffs(lists: Lists, wanted: Wanted, period: Period) -> Report:
    async def past(since: Micros, until: Micros) -> Past:
        return await lists.past(DEFAULT_WORKSPACE, replace(wanted, since=since, until=until))

    slices = _slices(past, period)
    missed = lists.missed(DEFAULT_WORKSPACE, period.since)
    part: Past | None
    found, part = await asyncio.gather(missed, anext(slices))
    handoffs = Handoffs(found)
    while part:
        await asyncio.to_thread(handoffs.add, part)
        part = await anext(slices, None)
    return await asyncio.to_thread(_reckoned, handoffs, period)


def _reckoned(handoffs: Handoffs, period: Period) -> Report:
    from bridge.reckoning import report  # noqa: PLC0415 - NumPy, see there

    return report(handoffs, period)


async def _watched(lists: Lists, period: Period) -> Oversight:
    drafts = _slices(partial(lists.drafts, DEFAULT_WORKSPACE), period)
    firings = _slices(partial(lists.firings, DEFAULT_WORKSPACE), period)
    every = [part async for part in drafts], [part async for part in firings]
    false = await lists.false_alarms(DEFAULT_WORKSPACE, period.since)
    return await asyncio.to_thread(oversight, *every, false)


async def _slices(
    read: Callable[[Micros, Micros], Awaitable[Columns]], period: Period
) -> AsyncIterator[Columns]:
    """All that is read of the period. While one slice is looked at the database is at the next."""
    since, length = period.since, FIRST
    until = min(since + length, period.until)
    coming = asyncio.ensure_future(read(since, until))
    try:
        while until < period.until:
            part = await coming
            length = _next(length, len(part[0]))
            since, until = until, min(until + length, period.until)
            coming = asyncio.ensure_future(read(since, until))
            yield part
        yield await coming
    finally:
        await asyncio.wait([coming])  # a driver that is cancelled amid a statement is of no use


def _next(length: Micros, found: int) -> Micros:
    if found > MANY:
        return length // 2
    return length * 2 if found < MANY // 2 else length


def today(now: Micros, where: tzinfo) -> Period:
    """Until now."""
    return Period(midnight(local(now, where).date(), where), now + 1, where)
