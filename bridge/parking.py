"""What nobody can deliver until somebody mends it: a channel that is closed, a token that is taken
back.

Its lanes are parked, all at once and each with what is in it; nothing of it is tried meanwhile.
That is said aloud once, with the remedy. Every worker then looks from time to time whether it may
work again, with one call and none for each lane, and also when it starts, since a new token comes
with a restart; then all of it is released at once, and each lane goes on in its order. What cannot
be seen from outside (a right that is missing) is found out by releasing: when it fails again the
next look is twice as far away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from bridge.errors import Broken, DeliveryError, Scope, StoreError
from bridge.lanes import Direction, direction_of
from bridge.ports import TOPIC_WORK, Bell, Mends
from bridge.stores import Outage, Parks, Work

DESK = frozenset({Direction.DESK, Direction.CARD, Direction.MARK, Direction.TICK})
PARKING = frozenset({Scope.CHANNEL, Scope.TOKEN})
LONGEST = 300.0
"""Seconds between two looks at most."""

log = structlog.get_logger("parking")


@dataclass(slots=True)
class Rest:
    """Times in seconds of one steady clock."""

    every: float
    look_at: float = 0.0
    released_at: float = 0.0


@dataclass(slots=True)
class Parking:
    """`every` in seconds. One for each process that has workers."""

    lanes: Parks
    desk: object
    bell: Bell
    every: float = 15.0
    _rests: dict[tuple[Scope, str], Rest] = field(default_factory=dict)
    _told: set[tuple[Scope, str]] = field(default_factory=set)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._running = asyncio.create_task(self._run(), name="parking")

    async def close(self) -> None:
        """Not by a cancellation: a driver that is amid a statement would make another error of
        it."""
        self._ending.set()
        if self._running:
            await self._running

    async def keep(self, work: Work, error: Broken) -> bool:
        """Whether the work is parked, and all that has the same trouble with it."""
        direction = direction_of(work.claim.lane)
        if direction not in DESK or error.scope not in PARKING or not isinstance(self.desk, Mends):
            return False
        outage = Outage(error.scope, error.about, error.reason)
        await self.lanes.park_all(work, outage)
        self._tell(outage, self.desk)
        return True

    def _tell(self, outage: Outage, desk: Mends) -> None:
        rest = self._rests.setdefault(outage.what, Rest(self.every))
        now = time.monotonic()
        if rest.released_at:  # it has come back
            soon = now - rest.released_at < rest.every
            rest.every = min(rest.every * 2, LONGEST) if soon else self.every
            rest.released_at, rest.look_at = 0.0, now + rest.every
            if not soon:
                self._told.discard(outage.what)
        if outage.what in self._told:
            return
        self._told.add(outage.what)
        log.error(
            "desk_broken",
            reason=outage.reason,
            scope=str(outage.scope),
            channel=outage.about,
            remedy=desk.remedy(outage.reason, outage.scope),
        )

    async def _run(self) -> None:
        while not self._ending.is_set():
            try:
                await self.look()
            except StoreError as error:
                log.warning("cannot look", error=str(error))
            except Exception:  # what is parked must not stay so for a mistake of ours
                log.exception("cannot look")
            with suppress(TimeoutError):
                async with asyncio.timeout(self.every):
                    await self._ending.wait()

    async def look(self) -> None:
        """Releases what may work again. Raises StoreError."""
        desk = self.desk
        if not isinstance(desk, Mends):
            return
        outages = await self.lanes.outages()
        for what in dict.fromkeys(outage.what for outage in outages):
            rest = self._rests.setdefault(what, Rest(self.every))
            if time.monotonic() >= rest.look_at:
                await self._try([each for each in outages if each.what == what], desk, rest)

    async def _try(self, outages: Sequence[Outage], desk: Mends, rest: Rest) -> None:
        scope, about = outages[0].what
        try:
            await desk.probe(scope, about)
        except Broken:
            self._tell(outages[0], desk)
            return
        except DeliveryError as error:
            log.info("cannot probe", reason=error.reason)
            return
        rest.released_at = time.monotonic()
        released = [await self.lanes.release(outage) for outage in outages]
        log.info("desk_released", scope=str(scope), channel=about, lanes=sum(released))
        self.bell.ring([TOPIC_WORK])

    async def fault(self) -> str:
        """What is parked, for `/readyz`; empty: nothing, or nobody can say."""
        try:
            outages = await self.lanes.outages()
        except StoreError:
            return ""
        return ", ".join(sorted({outage.reason for outage in outages}))
