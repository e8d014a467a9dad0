"""The one sealer: numbers what is committed, so that feeds and the audit read one order.

Row ids are not the order of commits: a reader that has seen 2 may miss 1, which commits later. So
events are read by `position`, which is given here to what is committed, ten times a second, under
a lock that one process at a time has. Every process that works tries; who does not get the lock
waits for the next time.
"""

from __future__ import annotations

import asyncio

import structlog

from bridge.errors import StoreError
from bridge.hook_store import TOPIC_SEALED, Feed
from bridge.ports import Bell

EVERY = 0.1
"""Seconds."""
MOST = 500
"""Events in one transaction."""

log = structlog.get_logger("sealer")


class Sealer:
    def __init__(self, feed: Feed, bell: Bell, every: float = EVERY) -> None:
        self._feed = feed
        self._bell = bell
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="sealer")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        """Nothing that fails here may end it."""
        away = False
        while True:
            try:
                await self.seal()
                away = False
            except StoreError as error:
                if not away:
                    log.warning("cannot seal", error=str(error))
                away = True
            await asyncio.sleep(self._every)

    async def seal(self) -> int:
        """All that is there; how many events it were."""
        sealed = 0
        while found := await self._feed.seal(MOST):
            sealed += found
            self._bell.ring([TOPIC_SEALED])
            if found < MOST:
                break
        return sealed
