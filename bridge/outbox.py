"""The workers: claim lanes, perform effects, report what came of it, back off, give up aloud.

A lane belongs to one worker at a time. Its work comes either with the commit that brought it (the
lane was idle and this process had room), or by claiming what is due: after a ring of the bell, and
every second anyway, since a ring is only a hint.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bridge.commands import (
    Answer,
    Command,
    Delivered,
    NotDelivered,
    Rejected,
    Result,
    ToThread,
    lost,
)
from bridge.effects import CallBot, CallHook, OpenThread, PostPreview
from bridge.errors import (
    Broken,
    DeliveryError,
    Lost,
    Paced,
    Refused,
    Retry,
    Scope,
    StoreError,
    Unknown,
)
from bridge.healing import THREAD_LOST
from bridge.lanes import Direction, direction_of
from bridge.pacing import Turns
from bridge.parking import Parking
from bridge.ports import TOPIC_WORK, Bell, Clock, Listener
from bridge.stores import Lanes, Work

LADDER = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds between tries of a chat message."""
WEBHOOK_LADDER = (1.0, 5.0, 30.0, 60.0)
"""A bot that is back hears so within a minute: what waits behind its first event are users."""
SOON = 0.05
"""The shortest wait that is no failure."""
FIRST = (OpenThread, PostPreview)
"""What a new handoff begins with; goes before all else that waits for a turn, and so does what is
said first in the new thread."""
BROKEN_FOR = 60.0
"""Seconds after which a broken token or channel is tried again."""
GIVE_UP_AFTER = 24 * 3600 * 1_000_000
"""What could not be delivered for so long is told to be failed; µs."""
HOOK_GIVE_UP_AFTER = 3 * GIVE_UP_AFTER
"""For webhooks of tools; what has failed by then can be replayed."""
MUST_HEAR = frozenset({"control.returned"})
"""Events by which a bot learns that users are its own again: it is told once more though it
refused, since it may be in the middle of a deploy. Of any other the next event tells as much."""
INSIST = 3
"""How many times more."""

SIDES: Mapping[Direction, str] = {
    Direction.DESK: "desk",
    Direction.CARD: "desk",
    Direction.MARK: "desk",
    Direction.TICK: "desk",
    Direction.USER: "user",
    Direction.BOT: "bot",
    Direction.HOOK: "hook",
    Direction.MAIL: "mail",
    Direction.ALERT: "alert",
    Direction.TIMER: "timer",
}
"""Whom a direction calls. Each side has slots of its own, so that one that hangs holds up only
what is for itself."""

log = structlog.get_logger("outbox")


@dataclass(frozen=True, slots=True)
class Pace:
    """`workers`: lanes at once, for each side; `poll` in seconds; `quarantine`: how long after a
    lost answer the thing may still arrive, in seconds."""

    workers: int = 64
    poll: float = 1.0
    quarantine: float = 15.0


class Performs(Protocol):
    """Does what an effect says (`perform.Performer`). Raises DeliveryError."""

    async def perform(self, work: Work) -> Result: ...
    async def withdraw(self, effect: OpenThread, result: Delivered) -> None: ...


@dataclass(slots=True)
class Outbox:
    """`handle` is the inbox's: what came of an effect is a command. One for each process."""

    lanes: Lanes
    performer: Performs
    handle: Callable[[Command], Awaitable[Answer]]
    bell: Bell
    clock: Clock
    pace: Pace
    parking: Parking | None = None
    _tasks: dict[asyncio.Task[None], str] = field(default_factory=dict)
    _busy: Counter[str] = field(default_factory=Counter)
    """Slots in use, by side."""
    _turns: Turns = field(default_factory=Turns)
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it is some lane's turn."""
    _stopping: bool = False
    _polling: asyncio.Task[None] | None = None

    # --- life ----------------------------------------------------------------------------------

    def room(self, lanes: Sequence[str] = ()) -> int:
        """How many lanes more than these this process takes of any side; negative: not even these,
        or it is about to end."""
        if self._stopping:
            return -1
        asked = Counter(map(_side_of, lanes))
        busy = (self._busy[side] + asked[side] for side in {*self._busy, *asked})
        spare = self.pace.workers - max(busy, default=0)
        return spare if lanes else max(spare, 0)

    def start(self) -> None:
        """Without workers there is nothing to do."""
        if not self.pace.workers:
            return
        self._polling = asyncio.create_task(self._poll(), name="outbox")
        if self.parking:
            self.parking.start()

    async def close(self) -> None:
        """Takes no more work, and waits for what is in hand."""
        self._stopping = True
        if self.parking:
            await self.parking.close()
        if self._polling:
            self._polling.cancel()
            await asyncio.wait([self._polling])
        while self._tasks:  # a worker that failed is told by `_done`, and stops nobody from ending
            await asyncio.wait(self._tasks)

    async def _poll(self) -> None:
        """Without it are no timers and no second tries, so nothing that fails here ends it."""
        with self.bell.listen(TOPIC_WORK) as listener:
            while True:
                try:
                    full = await self._claim()
                except StoreError as error:
                    log.warning("cannot claim", error=str(error))
                    full = False
                except Exception:
                    log.exception("cannot claim")
                    full = False
                if not full:
                    await self._wait(listener)

    async def _claim(self) -> bool:
        """Whether there may be more that is due, for a side that has room."""
        workers = self.pace.workers
        full = {side for side, busy in self._busy.items() if busy >= workers}
        open_sides = set(SIDES.values()) - full
        if not open_sides:
            return False
        room = min(workers - self._busy[side] for side in open_sides)
        skip = [direction for direction, side in SIDES.items() if side in full]
        work = await self.lanes.claim(room, skip)
        self.take(work)
        return len(work) == room

    async def _wait(self, listener: Listener) -> None:
        """For a ring, for a lane's turn, and for a slot of a side that had none."""
        workers = self.pace.workers
        crowd = [task for task, side in self._tasks.items() if self._busy[side] >= workers]
        ring = asyncio.ensure_future(listener.wait(self.pace.poll))
        turn = asyncio.ensure_future(self._due.wait())
        try:
            await asyncio.wait([ring, turn, *crowd], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ring.cancel()
            turn.cancel()
            self._due.clear()

    # --- work ----------------------------------------------------------------------------------

    def take(self, works: Sequence[Work]) -> None:
        """Begins with work that is claimed for this process."""
        for work in works:
            task = asyncio.create_task(self._work(work))
            side = self._tasks[task] = _side_of(work.claim.lane)
            self._busy[side] += 1
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy[self._tasks.pop(task)] -= 1
        if not task.cancelled() and (error := task.exception()):
            log.error("worker failed", error=repr(error), exc_info=error)

    async def _work(self, work: Work) -> None:
        """Performs one effect. A store that is away leaves the lane to its lease."""
        try:
            result = await self._attempt(work)
            if result is None:
                return
            self._turns.done(
                work.claim.lane, time.monotonic(), opened=isinstance(work.effect, FIRST)
            )
            if isinstance(await self.handle(result), Rejected):
                await self._too_late(work, result)
        except StoreError as error:
            log.warning("cannot record", lane=work.claim.lane, error=str(error))

    async def _too_late(self, work: Work, result: Result) -> None:
        """Somebody else had the lane by then. What was opened twice is taken back."""
        if not isinstance(work.effect, OpenThread) or not isinstance(result, Delivered):
            return
        try:
            await self.performer.withdraw(work.effect, result)
        except DeliveryError as error:
            log.warning("opened twice", lane=work.claim.lane, reason=error.reason)

    async def _attempt(self, work: Work) -> Result | None:
        """What came of it; None: it was put back, to be tried again."""
        try:
            self._turns.let_pass(work.claim.lane, time.monotonic())
            return await self.performer.perform(work)
        except Lost as error:
            return await self._heal(work, error)
        except DeliveryError as error:
            if self._is_final(work, error):
                log.warning("given up", lane=work.claim.lane, reason=error.reason)
                return NotDelivered(work.claim, self.clock(), error.reason)
            if not await self._is_parked(work, error):
                await self._put_back(work, error)
            return None

    async def _heal(self, work: Work, error: Lost) -> Result | None:
        """The handoff goes on in a new thread, and this with it. When it is over there is none."""
        log.warning("thread lost", lane=work.claim.lane, reason=error.reason)
        answer = await self.handle(lost(ToThread(*error.place), self.clock(), error.reason))
        if isinstance(answer, Rejected):
            return NotDelivered(work.claim, self.clock(), THREAD_LOST)
        await self.lanes.put_back(work, backoff(work), failed=True, doubtful=False)
        return None

    def _is_final(self, work: Work, error: DeliveryError) -> bool:
        """Whether it is told to have failed. A thread is opened however long that takes, since all
        that the user says waits behind it and nobody would ever see it."""
        if isinstance(work.effect, OpenThread):
            return False
        if isinstance(error, Broken) and error.scope is Scope.THREAD:
            return True  # a mark in a thread that is gone
        if isinstance(error, Refused):
            return not (_must_hear(work) and work.failures < INSIST)
        waits = isinstance(error, Retry) and not error.counts
        longest = HOOK_GIVE_UP_AFTER if isinstance(work.effect, CallHook) else GIVE_UP_AFTER
        return not waits and self.clock() - work.since > longest

    async def _is_parked(self, work: Work, error: DeliveryError) -> bool:
        """Whether it waits until somebody has mended what is broken."""
        parking = self.parking
        return parking is not None and isinstance(error, Broken) and await parking.keep(work, error)

    async def _put_back(self, work: Work, error: DeliveryError) -> None:
        lane, reason = work.claim.lane, error.reason
        failed, doubtful = True, work.doubtful
        match error:
            case Retry():
                after, failed = self._pause(work, error), error.counts
            case Unknown():
                log.info("outcome unknown", lane=lane, reason=reason)
                after, failed, doubtful = self.pace.quarantine, not work.doubtful, True
            case Broken():
                log.error("broken", lane=lane, reason=reason, scope=str(error.scope))
                after = BROKEN_FOR
            case _:
                log.error("refused", lane=lane, reason=reason)
                after = BROKEN_FOR if isinstance(work.effect, OpenThread) else backoff(work)
        await self.lanes.put_back(work, after, failed=failed, doubtful=doubtful)
        if isinstance(error, Paced):  # by the time of the next look the turn would be half over
            asyncio.get_running_loop().call_later(after, self._due.set)

    def _pause(self, work: Work, error: Retry) -> float:
        """Seconds; who waits for a rate limit is given a turn of its own."""
        after = max(error.after, min(backoff(work), error.at_most) if error.counts else SOON)
        if not isinstance(error, Paced):
            return after
        urgent, now = isinstance(work.effect, FIRST), time.monotonic()
        lane = work.claim.lane
        return self._turns.next(error.limit, lane, after, error.every, now, urgent=urgent)


def backoff(work: Work) -> float:
    """Seconds until the next try, by the number of failures before this one. When a webhook of a
    tool comes again, its endpoint's circuit has said (`circuit.pause`)."""
    if isinstance(work.effect, CallHook):
        return SOON
    return _rung(WEBHOOK_LADDER if isinstance(work.effect, CallBot) else LADDER, work)


def _rung(ladder: Sequence[float], work: Work) -> float:
    return ladder[min(work.failures, len(ladder) - 1)]


def _side_of(lane: str) -> str:
    return SIDES[direction_of(lane)]


def _must_hear(work: Work) -> bool:
    return isinstance(work.effect, CallBot) and work.effect.type in MUST_HEAR
