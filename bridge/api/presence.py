"""Whether somebody is there who would take a handoff."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from bridge.errors import DeliveryError
from bridge.hours import opens_at
from bridge.model import DEFAULT_WORKSPACE, AgentId, Micros
from bridge.policy import Policy
from bridge.ports import Deps, Staff
from bridge.queues import chosen


@dataclass(frozen=True, slots=True)
class There:
    """`online`: how many agents of the queue are; None: none of them ever said so. `opens_at`:
    when the queue is open next; zero: it is, or never is."""

    queue: str
    open: bool
    online: int | None
    opens_at: Micros

    @property
    def accepting(self) -> bool:
        return self.open and self.online != 0


@dataclass(frozen=True, slots=True)
class Presences:
    """`staff`: the desk, where it knows who its agents are."""

    deps: Deps
    policy: Policy
    staff: Staff | None

    async def of(self, queue: str, labels: Iterable[str] = (), locale: str = "") -> There:
        """Of the queue that a handoff would go to; `queue` is empty where none is named."""
        policy, now = self.policy, self.deps.clock()
        name = queue or chosen(policy.queues, labels, locale)
        opens = opens_at(policy.queue(name).hours, now)
        here = policy.staffed and opens == now
        return There(name, here, await self._online(name), 0 if opens == now else opens)

    async def seats(self) -> dict[AgentId, bool]:
        """Who ever said whether they are there."""
        seats = await self.deps.reads.seats(DEFAULT_WORKSPACE)
        return {seat.id: seat.online for seat in seats}

    async def _online(self, queue: str) -> int | None:
        seats = await self.seats()
        serving = await asyncio.gather(*(self._serves(agent, queue) for agent in seats))
        here = [online for online, serves in zip(seats.values(), serving, strict=True) if serves]
        return sum(here) if here else None

    async def _serves(self, agent: AgentId, queue: str) -> bool:
        """Who cannot be asked for counts: they said that they are there."""
        try:
            found = await self.staff.agent(agent) if self.staff else None
        except DeliveryError:
            return True
        return found is None or self.policy.serves(found, queue)
