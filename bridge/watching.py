"""The look for alerts: every few seconds one process sees what has happened and how things are, and
puts what is to be told into lanes, in the commit that writes down that it was (`alerts.turn`).

So nothing is lost by a stop, and nothing told twice. Who looks holds a lease: what an adapter says
of its platform is what that process knows. Without rules nobody looks, and what was not told is
forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog

from bridge import alert_rings
from bridge.alert_rings import FROM_HANDOFFS, Waiter
from bridge.alerts import OF_EVENTS, Alert, Book, Facts, Ring, Rule, SendAlert, turn
from bridge.attending import Seat
from bridge.errors import DeliveryError, StoreError
from bridge.model import DEFAULT_WORKSPACE, SECOND, Agent, AgentId, Micros
from bridge.policy import Policy
from bridge.ports import TOPIC_WORK, Bell, Check, Clock, Staff
from bridge.stores import Outage, Reads

EVERY = 5.0
"""Seconds between two looks."""
LEASE: Micros = 30 * SECOND
NO_DESK = "desk"
"""The name of the check that says that there is none: nothing that could be mended by waiting."""

log = structlog.get_logger("alerts")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the last look left. `position`: so far events were read; `busy`: rules whose last
    message is on its way."""

    book: Book
    position: int
    version: int
    busy: frozenset[str] = frozenset()


class AlertBook(Protocol):
    """All raise StoreError."""

    async def take(self, owner: str, lease: Micros) -> Kept | None:
        """None: another process looks."""
        ...

    async def keep(self, owner: str, kept: Kept, messages: Sequence[SendAlert]) -> bool:
        """The book as it is now, and these into lanes; False, and nothing, when another was
        first."""
        ...

    async def leave(self, owner: str) -> None: ...
    async def forget(self) -> None: ...
    async def happened(
        self, position: int, kinds: Collection[str]
    ) -> tuple[Sequence[tuple[str, Ring]], int]:
        """Events of these kinds after that position, and how far was read."""
        ...

    async def waiters(self) -> Sequence[Waiter]: ...
    async def drafts(self) -> Sequence[Ring]:
        """Approvals that nobody has decided yet, the oldest first."""
        ...


class Outages(Protocol):
    async def outages(self) -> list[Outage]: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What is looked at. `checks`: of adapters, by name."""

    reads: Reads
    parked: Outages
    checks: Mapping[str, Check]
    staff: Staff | None = None
    desk: str = ""


class Watch:
    """Implements Runs of `bridge.ports`. One for each process that works."""

    def __init__(
        self,
        store: AlertBook,
        rules: Sequence[Rule],
        sources: Sources,
        policy: Policy,
        *,
        bell: Bell,
        clock: Clock,
        owner: str,
        every: float = EVERY,
    ) -> None:
        self._store = store
        self._rules = rules
        self._sources = sources
        self._policy = policy
        self._bell = bell
        self._clock = clock
        self._owner = owner
        self._every = every
        self._wanted = frozenset(kind for rule in rules for kind in rule.kinds)
        self._away = False
        self._down: frozenset[str] = frozenset()
        self._ending = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Raises StoreError."""
        if not self._rules:
            return await self._store.forget()
        self._tasks = [asyncio.create_task(self._run(), name="alerts")]
        return None

    async def close(self) -> None:
        """Not by a cancellation: a driver that is amid a statement would make another error of
        it."""
        self._ending.set()
        await asyncio.gather(*self._tasks)
        if self._tasks:
            with suppress(StoreError):  # the lease ends by itself
                await self._store.leave(self._owner)

    async def _run(self) -> None:
        """Nothing that fails here may end it."""
        while not self._ending.is_set():
            try:
                await self.look()
                self._away = False
            except StoreError as error:
                if not self._away:
                    log.warning("cannot look", error=str(error))
                self._away = True
            except Exception:
                log.exception("cannot look")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._ending.wait()

    async def look(self) -> Sequence[SendAlert]:
        """What is told by it. Raises StoreError."""
        kept = await self._store.take(self._owner, LEASE)
        if kept is None:
            return ()
        now = self._clock()
        happened, position = await self._happened(kept.position)
        facts = Facts(happened, await self._standing(now))
        book, messages = turn(kept.book, self._rules, facts, kept.busy, now)
        after = Kept(book, position, kept.version)
        same = (book, position) == (kept.book, kept.position)
        if same or not await self._store.keep(self._owner, after, messages):
            return ()
        for each in messages:
            log.info("alert", to=each.to, kind=str(each.kind), count=each.count, over=each.over)
        if messages:
            self._bell.ring([TOPIC_WORK])
        return messages

    # --- what is looked at ---------------------------------------------------------------------

    async def _happened(self, position: int) -> tuple[Mapping[Alert, Sequence[Ring]], int]:
        names = [name for name, kind in OF_EVENTS.items() if kind in self._wanted]
        found, position = await self._store.happened(position, names)
        rings: dict[Alert, list[Ring]] = {}
        for name, ring in found:
            rings.setdefault(OF_EVENTS[name], []).append(ring)
        return rings, position

    async def _standing(self, now: Micros) -> dict[Alert, Sequence[Ring]]:
        wanted, desk = self._wanted, self._sources.desk
        standing: dict[Alert, Sequence[Ring]] = {}
        if kinds := wanted & FROM_HANDOFFS.keys():
            waiters = await self._store.waiters()
            standing |= alert_rings.of_handoffs(kinds, waiters, self._policy, now)
        if Alert.APPROVAL_WAITING in wanted:
            standing[Alert.APPROVAL_WAITING] = await self._store.drafts()
        if Alert.NOBODY_ONLINE in wanted and (online := await self._online()) is not None:
            standing[Alert.NOBODY_ONLINE] = alert_rings.nobody_online(online, self._policy, now)
        if wanted & {Alert.DELIVERY_PARKED, Alert.DISCONNECTED}:
            outages = await self._sources.parked.outages()
            faults = await self._faults()
            standing[Alert.DELIVERY_PARKED] = alert_rings.parked(outages, desk, now)
            standing[Alert.DISCONNECTED] = alert_rings.disconnected(faults, outages, now)
            self._tell_log(standing[Alert.DISCONNECTED])
        return standing

    async def _online(self) -> Mapping[AgentId, Agent] | None:
        """Who is online and belongs to the desk now; None: somebody could not be asked for."""
        seats = await self._sources.reads.seats(DEFAULT_WORKSPACE)
        try:
            found = [await self._agent(seat) for seat in seats if seat.online]
        except DeliveryError:
            return None
        return {agent.id: agent for agent in found if agent.member}

    async def _agent(self, seat: Seat) -> Agent:
        staff = self._sources.staff
        return await staff.agent(seat.id) if staff else Agent(seat.id, "")

    async def _faults(self) -> Mapping[str, str]:
        checks = self._sources.checks.items()
        return {name: await check() for name, check in checks if name != NO_DESK}

    def _tell_log(self, rings: Iterable[Ring]) -> None:
        """At once, and whoever else is told: what does not work may be what tells."""
        down = frozenset(ring.about for ring in rings)
        for name in sorted(down - self._down):
            log.error("disconnected", platform=name)
        for name in sorted(self._down - down):
            log.info("connected_again", platform=name)
        self._down = down
