"""Making a report: what it is made of is read a slice at a time, and reckoned beside the event
loop, so that nobody waits for a long one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, tzinfo

from bridge.hours import zone
from bridge.lists import Lists, Wanted
from bridge.model import DEFAULT_WORKSPACE, SECOND, Micros
from bridge.oversight import Oversight, oversight
from bridge.reports import Past, Period, Report, local, midnight, report

SLICE: Micros = 7 * 86_400 * SECOND
"""Of the time that is read at once: SQLite is asked on the event loop itself."""
FEW = 500
"""Handoffs: after a slice with fewer the next one is twice as long."""
DEFAULT_SINCE = "30d"


def place_of(timezone: str) -> tzinfo:
    """Of the desk, as `[hours] timezone` has it."""
    return zone(timezone) or UTC


async def reported(lists: Lists, wanted: Wanted, period: Period) -> Report:
    """Of the handoffs in the period that are wanted. Raises StoreError."""
    rows: list[Past] = []
    since, length = period.since, SLICE
    while since < period.until:
        part = replace(wanted, since=since, until=min(since + length, period.until))
        found = await lists.past(DEFAULT_WORKSPACE, part)
        rows += found
        await asyncio.sleep(0)
        since, length = part.until, SLICE if len(found) >= FEW else length * 2
    missed = await lists.missed(DEFAULT_WORKSPACE, period.since)
    made = await asyncio.to_thread(report, rows, missed, period)
    return replace(made, oversight=await _watched(lists, period)) if wanted == Wanted() else made


async def _watched(lists: Lists, period: Period) -> Oversight:
    drafts = await lists.drafts(DEFAULT_WORKSPACE, period.since, period.until)
    firings = await lists.firings(DEFAULT_WORKSPACE, period.since, period.until)
    return await asyncio.to_thread(oversight, drafts, firings)


def today(now: Micros, where: tzinfo) -> Period:
    """Until now."""
    return Period(midnight(local(now, where).date(), where), now + 1, where)
