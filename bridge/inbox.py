"""The one door through which anything changes: `handle(command)`.

A durable commit costs more than all else here, so commands that wait together commit together:
while one transaction is under way those that arrive queue up, and the next transaction takes them
all. A lone command goes at once, and what it alone has begun goes out before it is answered: the
other side waits for that, and nobody for the answer. A caller that goes away cancels nothing. Only
what says that something was delivered is written beside all else, where a store can: nobody who
speaks waits for that.

When a batch fails it is replayed one command at a time, in order. One that fails alone because of
what it holds is kept aside as poison and refused, since it would not go better by coming again;
when the database itself is unavailable nothing is recorded and the caller is told to try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

import structlog

from bridge.commands import (
    Answer,
    BotAnswered,
    Command,
    Delivered,
    NotDelivered,
    Rejected,
    Routed,
    TimerFired,
)
from bridge.effects import OpenThread, TellAgent
from bridge.errors import BadData, StoreError, StoreUnavailable
from bridge.lanes import Direction, direction_of
from bridge.latest import Latest
from bridge.ports import Bell
from bridge.stores import Committed, Store, Work

MOST = 256
"""Commands in one transaction."""
QUIET = 8
"""Turns of the event loop."""
ON_ITS_WAY = 3
"""Turns of the event loop after which a request is out that waits for nothing else: its worker
begins, HTTP's body is written by a task of its own, and the loop sends. What is done meanwhile for
others would delay it."""
ALONE = 3
"""Tries for one command alone: an id that two processes took at once is no poison."""
AWAY = 2

OF_TALK = frozenset(
    {Direction.DESK, Direction.CARD, Direction.MARK, Direction.TICK, Direction.USER}
)
"""Directions of lanes that are written under the lock of their conversation, so that two
transactions cannot wait for each other in a circle."""
ELSE = (OpenThread, TellAgent)
"""Effects of these directions that are not: by a thread others know where they go, and a word to
an agent is no conversation's."""

Waiting: TypeAlias = tuple[Command, asyncio.Future[Answer]]

log = structlog.get_logger("inbox")


class Inbox:
    """`take_work` is given the effects that a commit claimed for this process."""

    def __init__(
        self,
        store: Store,
        bell: Bell,
        take_work: Callable[[Sequence[Work]], None],
        latest: Latest | None = None,
        *,
        beside: bool = False,
    ) -> None:
        """`beside`: the store can write two transactions at once."""
        self._store = store
        self._bell = bell
        self._take_work = take_work
        self._latest = latest or Latest()
        self._waiting: list[Waiting] = []
        self._running: asyncio.Task[None] | None = None
        self._can_beside = beside
        self._beside: asyncio.Task[None] | None = None
        self._trying: set[asyncio.Future[None]] = set()

    async def handle(self, command: Command) -> Answer:
        """Returns after the commit. Raises StoreUnavailable; nothing is recorded then."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._hand_in((command, future))
        return await future

    def _hand_in(self, one: Waiting) -> None:
        self._waiting.append(one)
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="inbox")

    async def close(self) -> None:
        """Waits until what was handed in is committed."""
        while under_way := [task for task in (self._running, self._beside) if task]:
            await asyncio.gather(*under_way)

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                if self._can_beside and self._beside is None and all(map(_is_told, batch)):
                    self._beside = asyncio.create_task(self._take_beside(batch), name="inbox")
                else:
                    await self._take(batch)
        finally:
            self._running = None

    async def _take_beside(self, batch: Sequence[Waiting]) -> None:
        try:
            await self._take(batch)
        finally:
            self._beside = None

    async def _gather(self) -> None:
        """Lets those that are on their way join, until a few turns of the loop have brought none:
        where there is nothing else to do these take no time, and where there is much, more join."""
        seen = quiet = 0
        while quiet < QUIET and len(self._waiting) < MOST:
            quiet = 0 if len(self._waiting) > seen else quiet + 1
            seen = len(self._waiting)
            await _turns(1)

    async def _take(self, batch: Sequence[Waiting]) -> None:
        error = await self._try(batch)
        if isinstance(error, StoreUnavailable) and self._trying:
            await asyncio.wait(self._trying)
            error = await self._commit(batch)
        if error and len(batch) == 1:
            await self._alone(batch[0], error)
        elif error:
            log.warning("batch replayed", commands=len(batch), error=str(error))
            await self._replay(batch)

    async def _try(self, batch: Sequence[Waiting]) -> StoreError | None:
        """Both that are written at once may be about one conversation, for which the store waits
        only so long: whoever gave up tries again when the other has ended. That one does not wait
        in turn, since who has given up is not in the set any more."""
        trying: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._trying.add(trying)
        try:
            return await self._commit(batch)
        finally:
            self._trying.remove(trying)
            trying.set_result(None)

    async def _commit(self, batch: Sequence[Waiting]) -> StoreError | None:
        """All together; why not, when it failed: nothing is recorded and nobody answered then."""
        try:
            committed = await self._store.commit([command for command, _ in batch])
        except StoreError as error:
            return error
        except Exception as error:  # a mistake of ours: whoever ran into it must not hang on it
            log.exception("cannot decide", commands=len(batch))
            return BadData(type(error).__name__)
        await self._announce(committed, alone=len(batch) == 1)
        for (_, future), answer in zip(batch, committed.answers, strict=True):
            _answer(future, answer)
        return None

    async def _replay(self, batch: Sequence[Waiting]) -> None:
        """One at a time, in order. A store that is away twice in a row is away for the rest too."""
        away = 0
        for one in batch:
            error = StoreUnavailable("away") if away == AWAY else await self._commit([one])
            if error:
                await self._alone(one, error)
            away = min(away + 1, AWAY) if isinstance(error, StoreUnavailable) else 0

    async def _alone(self, one: Waiting, error: StoreError | None) -> None:
        """What to do with one that failed by itself."""
        for _ in range(ALONE - 1):
            if not isinstance(error, BadData):
                break
            error = await self._commit([one])
        if isinstance(error, BadData):
            await self._keep_aside(one, error)
        elif error:
            _answer(one[1], error)

    async def _keep_aside(self, one: Waiting, error: BadData) -> None:
        command, future = one
        try:
            await self._store.keep_poison(command, str(error))
        except StoreError as worse:
            _answer(future, StoreUnavailable(str(worse)))
            return
        log.error("poison kept", command=type(command).__name__, error=str(error))
        if isinstance(command, Delivered | BotAnswered | TimerFired | Routed):
            # The effect must not be performed for ever only since its result cannot be kept.
            self._hand_in((NotDelivered(command.claim, command.at, "bad_result"), future))
        else:
            _answer(future, Rejected("bad_data"))

    async def _announce(self, committed: Committed, *, alone: bool) -> None:
        if committed.work:
            self._take_work(committed.work)
        if alone and len(committed.work) == 1:
            await _turns(ON_ITS_WAY)
        self._latest.tell(committed.fresh)
        if committed.topics:
            self._bell.ring(committed.topics)


async def _turns(number: int) -> None:
    """Lets the event loop go round, so that whoever can go on does. No time is waited for."""
    for _ in range(number):
        await asyncio.sleep(0)


def _is_told(one: Waiting) -> bool:
    """Whether it only says that something was delivered. Others do not wait while that is written:
    where each comes just after one, all of them would."""
    command = one[0]
    if not isinstance(command, Delivered) or isinstance(command.claim.effect, ELSE):
        return False
    return direction_of(command.claim.lane) in OF_TALK


def _answer(future: asyncio.Future[Answer], answer: Answer | Exception) -> None:
    """Tells the caller, unless it has gone away: that cancels nothing."""
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
