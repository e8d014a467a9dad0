"""Slack's own presence as a sign that an agent is there, where the settings wish it
(`[agents] presence = "slack"`).

Slack tells no app of it by events, so members are asked for in turn, as many a minute as the method
allows (users.getPresence: Tier 3, 50 a minute), by one process for all. Who has said that they are
away stays so; who writes or clicks here is online, whatever Slack thinks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from adapters.slack.client import Client
from adapters.slack.members import Members, MembershipUnknown
from bridge.attending import FRESH, Seat
from bridge.background import Background
from bridge.commands import Attend, Doing, ToAgent
from bridge.errors import DeliveryError, StoreError
from bridge.model import DEFAULT_WORKSPACE, Agent, AgentId, Micros
from bridge.ports import Clock, Limiter, Receive
from bridge.stores import Reads

EVERY = 60.0
"""Seconds."""
MOST = 40
"""People in one round."""
log = structlog.get_logger("slack")


class Presences:
    """Implements Runs of `bridge.ports`."""

    def __init__(
        self,
        client: Client,
        members: Members,
        reads: Reads,
        receive: Receive,
        *,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._client = client
        self._members = members
        self._reads = reads
        self._receive = receive
        self._limiter = limiter
        self._clock = clock
        self._next = 0
        self._background = Background()

    async def start(self) -> None:
        self._background.start("slack-presences", self._run())

    async def close(self) -> None:
        """Whom nobody has asked for is asked for in the next round."""
        await self._background.close()

    async def _run(self) -> None:
        while True:
            if not await self._limiter.take("slack:presence", 1 / (EVERY * 0.9), 1):
                await self.once()
            await asyncio.sleep(EVERY)

    async def once(self) -> None:
        """One round, as far as Slack and the store allow just now."""
        try:
            seats = {seat.id: seat for seat in await self._reads.seats(DEFAULT_WORKSPACE)}
            for agent in self._turn(await self._members.agents()):
                await self._look(agent, seats.get(agent.id))
        except (DeliveryError, StoreError, MembershipUnknown) as error:
            log.info("presence_not_known", reason=str(error))

    def _turn(self, agents: Sequence[Agent]) -> Sequence[Agent]:
        """Those of this round: it goes on where the last one ended."""
        start = self._next if self._next < len(agents) else 0
        self._next = start + MOST
        return agents[start : start + MOST]

    async def _look(self, agent: Agent, seat: Seat | None) -> None:
        answer = await self._client.call("users.getPresence", user=agent.id)
        doing = Doing.PRESENT if answer.get("presence") == "active" else Doing.ABSENT
        now = self._clock()
        if _says_nothing(seat, doing, now):
            return
        to = ToAgent(DEFAULT_WORKSPACE, AgentId(agent.id))
        key = f"{doing}:{agent.id}:{now // FRESH}"
        await self._receive(Attend(key, now, to, agent.as_author(), doing))


def _says_nothing(seat: Seat | None, doing: Doing, now: Micros) -> bool:
    """Whether everybody knows that already."""
    online = seat is not None and seat.online
    if doing is Doing.ABSENT:
        return not online
    return online and seat is not None and now - seat.active_at < FRESH
