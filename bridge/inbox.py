"""The one door through which anything changes: `handle(command)`.

A durable commit costs more than all else here, so commands that wait together commit together:
while one transaction is under way those that arrive queue up, and the next transaction takes them
all. A lone command goes at once. A caller that goes away cancels nothing.

When a batch fails it is replayed one command at a time, in order. One that fails alone because of
what it holds is kept aside as poison and acknowledged; when the database itself is unavailable
nothing is recorded and the caller is told to try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from bridge.commands import Accepted, Answer, Command
from bridge.errors import BadData, StoreUnavailable
from bridge.ports import Bell, Committed, Store, Work

MOST = 256
"""Commands in one transaction."""
ALONE = 3
"""Tries for one command alone: an id that two processes took at once is no poison."""

log = structlog.get_logger("inbox")


class Inbox:
    """`take_work` is given the effects that a commit claimed for this process."""

    def __init__(
        self, store: Store, bell: Bell, take_work: Callable[[Sequence[Work]], None]
    ) -> None:
        self._store = store
        self._bell = bell
        self._take_work = take_work
        self._waiting: list[tuple[Command, asyncio.Future[Answer]]] = []
        self._running: asyncio.Task[None] | None = None

    async def handle(self, command: Command) -> Answer:
        """Returns after the commit. Raises StoreUnavailable; nothing is recorded then."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="inbox")
        return await asyncio.shield(future)

    async def close(self) -> None:
        """Waits until what was handed in is committed."""
        if self._running:
            await self._running

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._commit(batch)
        finally:
            self._running = None

    async def _commit(self, batch: Sequence[tuple[Command, asyncio.Future[Answer]]]) -> None:
        try:
            committed = await self._store.commit([command for command, _ in batch])
        except (BadData, StoreUnavailable) as error:
            if len(batch) == 1:
                await self._alone(*batch[0], error)
                return
            log.warning("batch replayed", commands=len(batch), error=str(error))
            for one in batch:
                await self._commit([one])
            return
        self._announce(committed)
        for (_, future), answer in zip(batch, committed.answers, strict=True):
            future.set_result(answer)

    async def _alone(
        self, command: Command, future: asyncio.Future[Answer], error: Exception
    ) -> None:
        """What to do with one that failed by itself."""
        for _ in range(ALONE - 1):
            if not isinstance(error, BadData):
                break
            try:
                committed = await self._store.commit([command])
            except (BadData, StoreUnavailable) as again:
                error = again
            else:
                self._announce(committed)
                future.set_result(committed.answers[0])
                return
        await self._give_up(command, future, error)

    async def _give_up(
        self, command: Command, future: asyncio.Future[Answer], error: Exception
    ) -> None:
        if isinstance(error, BadData):
            try:
                await self._store.keep_poison(command, str(error))
            except (BadData, StoreUnavailable) as worse:
                error = StoreUnavailable(str(worse))
            else:
                log.error("poison kept", command=type(command).__name__, error=str(error))
                future.set_result(Accepted({"poison": True}))
                return
        future.set_exception(error)

    def _announce(self, committed: Committed) -> None:
        if committed.work:
            self._take_work(committed.work)
        if committed.topics:
            self._bell.ring(committed.topics)
