"""The one sealer: numbers what is committed, so that feeds and the audit read one order.

Row ids are not the order of commits: a reader that has seen 2 may miss 1, which commits later. So
events are read by `position`. As a rule the commit that brings them gives it to them; what is left
gets it here, at most ten times a second, under a lock that one transaction at a time has. Every
process that works tries; who does not get the lock waits for the next time. A commit rings for it;
without a ring, which is only a hint, it looks every second.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from bridge.errors import StoreError
from bridge.hook_store import TOPIC_SEALED, Feed
from bridge.ports import TOPIC_EVENTS, Bell

EVERY = 0.1
"""Seconds between a ring and the look: what is committed meanwhile is numbered with it."""
POLL = 1.0
"""Seconds between two looks without a ring."""
MOST = 250
"""Events in one transaction."""

log = structlog.get_logger("sealer")


class Sealer:
    def __init__(self, feed: Feed, bell: Bell, every: float = EVERY, poll: float = POLL) -> None:
        self._feed = feed
        self._bell = bell
        self._every = every
        self._poll = poll
        self._ending = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._run(), name="sealer")]

    async def close(self) -> None:
        """Lets what it is at come to its end: a driver that is cancelled amid a statement raises
        errors of its own."""
        self._ending.set()
        self._bell.ring([TOPIC_EVENTS])
        await asyncio.gather(*self._tasks)

    async def _run(self) -> None:
        """Nothing that fails here may end it."""
        away = False
        with self._bell.listen(TOPIC_EVENTS) as listener:
            while not self._ending.is_set():
                try:
                    await self.seal()
                    away = False
                except StoreError as error:
                    if not away:
                        log.warning("cannot seal", error=str(error))
                    away = True
                if await listener.wait(self._poll):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._ending.wait(), self._every)

    async def seal(self) -> int:
        """All that is there; how many events it were."""
        sealed = 0
        while found := await self._feed.seal(MOST):
            sealed += found
            self._bell.ring([TOPIC_SEALED])
            if found < MOST:
                break
        return sealed
