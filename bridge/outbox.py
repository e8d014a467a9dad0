"""The workers: claim lanes, perform effects, report what came of it, back off, give up aloud.

A lane belongs to one worker at a time. Its work comes either with the commit that brought it (the
lane was idle and this process had room), or by claiming what is due: after a ring of the bell, and
every second anyway, since a ring is only a hint.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bridge.commands import Answer, Command, NotDelivered, Result
from bridge.effects import CallBot, OpenThread, PostPreview
from bridge.errors import Broken, Paced, Refused, Retry, StoreError, Unknown
from bridge.pacing import Turns
from bridge.ports import TOPIC_WORK, Bell, Clock, Lanes, Work

LADDER = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds between tries of a chat message."""
WEBHOOK_LADDER = (1.0, 5.0, 30.0, 300.0, 1_800.0, 7_200.0)
SOON = 0.05
"""The shortest wait that is no failure."""
FIRST = (OpenThread, PostPreview)
"""What a new handoff begins with; goes before all else that waits for a turn."""
BROKEN_FOR = 60.0
"""Seconds after which a broken token or channel is tried again."""
GIVE_UP_AFTER = 24 * 3600 * 1_000_000
"""A message that could not be delivered for so long is told to be failed; µs."""

log = structlog.get_logger("outbox")


@dataclass(frozen=True, slots=True)
class Pace:
    """`workers`: lanes at once; `poll` in seconds; `quarantine`: how long after a lost answer the
    thing may still arrive, in seconds."""

    workers: int = 64
    poll: float = 1.0
    quarantine: float = 15.0


class Performs(Protocol):
    """Does what an effect says (`perform.Performer`). Raises DeliveryError."""

    async def perform(self, work: Work) -> Result: ...


@dataclass(slots=True)
class Outbox:
    """`handle` is the inbox's: what came of an effect is a command. One for each process."""

    lanes: Lanes
    performer: Performs
    handle: Callable[[Command], Awaitable[Answer]]
    bell: Bell
    clock: Clock
    pace: Pace
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _turns: Turns = field(default_factory=Turns)
    _stopping: bool = False
    _polling: asyncio.Task[None] | None = None

    # --- life ----------------------------------------------------------------------------------

    def room(self) -> int:
        """How many lanes more this process takes; negative: it is about to end."""
        return -1 if self._stopping else self.pace.workers - len(self._tasks)

    def start(self) -> None:
        """Without workers there is nothing to do."""
        if not self.pace.workers:
            return
        self._polling = asyncio.create_task(self._poll(), name="outbox")

    async def close(self) -> None:
        """Takes no more work, and waits for what is in hand."""
        self._stopping = True
        if self._polling:
            self._polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._polling
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _poll(self) -> None:
        with self.bell.listen(TOPIC_WORK) as listener:
            while True:
                try:
                    full = await self._claim()
                except StoreError as error:
                    log.warning("cannot claim", error=str(error))
                    full = False
                if not full:
                    await listener.wait(self.pace.poll)

    async def _claim(self) -> bool:
        """Whether there may be more that is due."""
        room = self.room()
        if room <= 0:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            return True
        work = await self.lanes.claim(room)
        self.take(work)
        return len(work) == room

    # --- work ----------------------------------------------------------------------------------

    def take(self, works: Sequence[Work]) -> None:
        """Begins with work that is claimed for this process."""
        for work in works:
            task = asyncio.create_task(self._work(work))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("worker failed", error=repr(error), exc_info=error)

    async def _work(self, work: Work) -> None:
        """Performs one effect. A store that is away leaves the lane to its lease."""
        try:
            result = await self._attempt(work)
            if result is not None:
                await self.handle(result)
        except StoreError as error:
            log.warning("cannot record", lane=work.claim.lane, error=str(error))

    async def _attempt(self, work: Work) -> Result | None:
        """What came of it; None: it was put back, to be tried again."""
        try:
            return await self.performer.perform(work)
        except Retry as error:
            return await self._again(work, error)
        except Unknown as error:
            log.info("outcome unknown", lane=work.claim.lane, reason=error.reason)
            after = self.pace.quarantine
            await self.lanes.put_back(work, after, failed=not work.doubtful, doubtful=True)
        except Broken as error:
            await self._rest(work, error)
        except Refused as error:
            log.warning("refused", lane=work.claim.lane, reason=error.reason)
            return NotDelivered(work.claim, self.clock(), error.reason)
        return None

    async def _rest(self, work: Work, error: Broken) -> None:
        log.error("broken", lane=work.claim.lane, reason=error.reason, scope=str(error.scope))
        await self.lanes.put_back(work, BROKEN_FOR, failed=True, doubtful=work.doubtful)

    async def _again(self, work: Work, error: Retry) -> Result | None:
        if error.counts and self.clock() - work.since > GIVE_UP_AFTER:
            return NotDelivered(work.claim, self.clock(), error.reason)
        after = max(error.after, backoff(work) if error.counts else SOON)
        if isinstance(error, Paced):
            urgent = isinstance(work.effect, FIRST)
            now = time.monotonic()
            after = self._turns.next(error.limit, after, error.every, now, urgent=urgent)
        await self.lanes.put_back(work, after, failed=error.counts, doubtful=work.doubtful)
        return None


def backoff(work: Work) -> float:
    """Seconds until the next try, by the number of failures before this one."""
    ladder = WEBHOOK_LADDER if isinstance(work.effect, CallBot) else LADDER
    return ladder[min(work.failures, len(ladder) - 1)]
