"""The sealer: it looks when a commit rings, numbers all that waits, and outlives what fails. That
each event is numbered once is told by `tests/storage/test_feed.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bridge.errors import StoreUnavailable
from bridge.hook_store import TOPIC_SEALED, Sealed
from bridge.ports import TOPIC_EVENTS
from bridge.sealing import MOST, Sealer
from storage.memory import MemoryBell
from tests.waiting import until


class Events:
    """So many wait; the database is away for the first looks."""

    def __init__(self, waiting: int, away: int = 0) -> None:
        self.waiting = waiting
        self.away = away
        self.looks = 0

    async def seal(self, most: int) -> int:
        self.looks += 1
        if self.looks <= self.away:
            raise StoreUnavailable("away")
        sealed = min(self.waiting, most)
        self.waiting -= sealed
        return sealed

    async def last(self) -> int:
        return 0

    async def after(self, position: int, limit: int) -> Sequence[Sealed]:
        return []


async def test_it_numbers_all_that_waits_and_rings_for_each_part() -> None:
    bell, events = MemoryBell(), Events(MOST + 3)
    with bell.listen(TOPIC_SEALED) as listener:
        assert await Sealer(events, bell).seal() == MOST + 3
        assert await listener.wait(0)
    assert await Sealer(events, bell).seal() == 0
    full = Events(MOST)
    assert (await Sealer(full, bell).seal(), full.looks) == (MOST, 2)


async def test_it_looks_when_it_is_rung_and_outlives_a_database_that_is_away() -> None:
    bell, events = MemoryBell(), Events(0, away=2)
    sealer = Sealer(events, bell, every=0.0, poll=60.0)
    with bell.listen(TOPIC_SEALED) as listener:
        await sealer.start()
        for looks in (1, 2):
            while events.looks < looks:
                await asyncio.sleep(0)
            bell.ring([TOPIC_EVENTS])
        events.waiting = 1
        assert await listener.wait(10)
    await sealer.close()
    assert events.waiting == 0


async def test_without_a_ring_it_looks_all_the_same() -> None:
    events = Events(0)
    sealer = Sealer(events, MemoryBell(), poll=0.001)
    await sealer.start()
    await until(lambda: events.looks >= 3)
    await sealer.close()
