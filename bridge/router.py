"""Routing, performed: looks at the whole floor, wishes what `routing.plan` says, and says when it
is to look again.

It is one lane for each workspace, a timer (`storage/looks.py`), so one worker does it at a time. If
it were two, each step is decided again in its transaction, which looks at seats and loads under a
lock. What is wished together is one batch, and so one commit.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bridge.attending import Seat
from bridge.commands import (
    Answer,
    AssignNext,
    Attend,
    Command,
    Doing,
    HandBack,
    Result,
    Routed,
    Stir,
    ToAgent,
    ToAll,
    ToHandoff,
)
from bridge.errors import DeliveryError
from bridge.model import DEFAULT_WORKSPACE, Agent, AgentId, Micros, WorkspaceId
from bridge.policy import Policy
from bridge.ports import Clock, Staff
from bridge.routing import LOOK_AGAIN, Floor, Plan, plan
from bridge.stores import Rosters, Work
from bridge.turn import DESKBRIDGE


@dataclass(frozen=True, slots=True)
class Router:
    """Implements Runs of `bridge.ports`. `staff`: the desk, where it knows who its agents are; else
    nobody is given anything."""

    rosters: Rosters
    handle: Callable[[Command], Awaitable[Answer]]
    policy: Policy
    clock: Clock
    staff: Staff | None

    async def start(self) -> None:
        """What waits since before may be given by the settings of now. Raises StoreError."""
        if self.policy.routes:
            key = f"start:{uuid.uuid4().hex}"
            await self.handle(Stir(key, self.clock(), ToAll(DEFAULT_WORKSPACE)))

    async def close(self) -> None:
        """What it would wish is wished by another, or later."""

    async def look(self, work: Work) -> Result:
        """Raises StoreError."""
        now = self.clock()
        workspace = WorkspaceId(work.claim.lane.rsplit(":", 1)[1])
        manual = [queue.name for queue in self.policy.queues if not queue.routed]
        floor = await self.rosters.floor(workspace, manual, now)
        members, unsure = await self._members(floor)
        wishes = plan(floor, members, self.policy, now)
        await asyncio.gather(*(self.handle(each) for each in commands(wishes, now)))
        again = now + LOOK_AGAIN if unsure else 0
        return Routed(work.claim, now, min(filter(None, (wishes.next_at, again)), default=0))

    async def _members(self, floor: Floor) -> tuple[dict[AgentId, Agent], bool]:
        """Who is online and belongs to the desk now; and whether somebody could not be asked for.
        Nobody is asked for while nobody waits."""
        online = [seat for seat in floor.seats if seat.online] if floor.waiting else []
        found = await asyncio.gather(*(self._agent(seat) for seat in online))
        members = {agent.id: agent for agent in found if agent and agent.member}
        return members, None in found

    async def _agent(self, seat: Seat) -> Agent | None:
        try:
            return await self.staff.agent(seat.id) if self.staff else None
        except DeliveryError:
            return None


def commands(wishes: Plan, now: Micros) -> Sequence[Command]:
    """Each is known by what it was wished for, so that two who wish the same do it once."""
    return [
        *(_idle(seat, Doing.ASKED, now) for seat in wishes.ask),
        *(_idle(seat, Doing.IDLE, now) for seat in wishes.away),
        *(
            HandBack(f"back:{held.id}:{held.version}", now, ToHandoff(held.id), held.agent)
            for held in wishes.back
        ),
        *(
            AssignNext(
                f"give:{waiting.id}:{waiting.version}:{agent.id}", now, ToHandoff(waiting.id), agent
            )
            for waiting, agent in wishes.give
        ),
    ]


def _idle(seat: Seat, doing: Doing, now: Micros) -> Attend:
    key = f"{doing}:{seat.id}:{seat.active_at}"
    to = ToAgent(seat.workspace_id, seat.id)
    return Attend(key, now, to, DESKBRIDGE, doing, seat.active_at)
