"""`/v1/agents` and `/v1/availability`: who answers, and whether a bot should offer a human."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from bridge.api import answers, queries, shapes
from bridge.api.actions import away
from bridge.api.calls import DESK, Asked, Call, told
from bridge.api.presence import Presences
from bridge.commands import Attend, Doing, ToAgent
from bridge.errors import BadRequest, DeliveryError
from bridge.lists import Lists
from bridge.model import DEFAULT_WORKSPACE, AgentId
from bridge.ports import Receive, Staff
from bridge.waiting import MEASURED_OVER, usual

AVAILABILITY = """Asked before a human is offered, of a `queue`, or of the one for customers with
this `locale`. It is `open` within its hours; `opens_at`: else the next time. `online` counts its
agents, null where none ever said whether they are there; `accepting`: it is open, and not all are
away. `estimated_wait` is the median of the last week in seconds, null while there are fewer than
five."""
PRESENCE = """As `/desk online` and `/desk away`. Who is away is given nothing; what they have not
answered goes back to a queue that gives handoffs out."""


class DeskCalls:
    """`staff`: the desk, where it knows who its agents are."""

    def __init__(
        self, receive: Receive, lists: Lists, staff: Staff | None, presences: Presences
    ) -> None:
        self._receive = receive
        self._clock = presences.deps.clock
        self._lists = lists
        self._staff = staff
        self._presences = presences

    def calls(self) -> list[Call]:
        return [
            Call(
                "GET",
                "/v1/agents",
                self.agents,
                "Desk",
                "List agents",
                {200: answers.Agents},
                about="Who may speak to customers now, by name.",
            ),
            Call(
                "POST",
                "/v1/agents/{id}/presence",
                self.presence,
                "Desk",
                "Say that an agent is there, or away",
                {200: answers.PresenceOut},
                DESK,
                shapes.PresenceRequest,
                refusals=(404,),
                about=PRESENCE,
            ),
            Call(
                "GET",
                "/v1/availability",
                self.availability,
                "Desk",
                "Ask whether somebody is there",
                {200: answers.Availability},
                query=queries.AvailabilityQuery,
                about=AVAILABILITY,
            ),
        ]

    async def agents(self, _it: Asked) -> Response:
        """503 while the desk cannot be asked."""
        try:
            staff = await self._staff.agents() if self._staff else ()
        except DeliveryError as error:
            raise away() from error
        loads = await self._lists.loads(DEFAULT_WORKSPACE)
        known = sorted(staff, key=lambda agent: (agent.name.casefold(), agent.id))
        online = await self._presences.seats()
        shown = [answers.agent(a, loads.get(a.id, 0), online.get(a.id)) for a in known]
        return told(answers.Agents(agents=shown))

    async def presence(self, it: Asked) -> Response:
        """503 while the desk cannot be asked who that is."""
        try:
            found = await self._staff.agent(AgentId(it.path("id"))) if self._staff else None
        except DeliveryError as error:
            raise away() from error
        if found is None or not found.member:
            raise BadRequest("not_found", "There is no such agent.", status=404)
        doing = Doing.ONLINE if it.body.online else Doing.AWAY
        to, by = ToAgent(DEFAULT_WORKSPACE, found.id), it.caller.as_author()
        key = f"api:presence:{secrets.token_hex(12)}"
        await self._receive(Attend(key, self._clock(), to, by, doing))
        return told(answers.PresenceOut(id=found.id, online=it.body.online))

    async def availability(self, it: Asked) -> Response:
        query: queries.AvailabilityQuery = it.query
        there = await self._presences.of(query.queue, locale=query.locale)
        waiting = await self._lists.waiting(DEFAULT_WORKSPACE, there.queue)
        since = self._clock() - MEASURED_OVER
        waits = await self._presences.deps.reads.waits(DEFAULT_WORKSPACE, there.queue, since)
        return told(
            answers.Availability(
                open=there.open,
                online=there.online,
                accepting=there.accepting,
                position=waiting,
                estimated_wait=usual(waits),
                opens_at=answers.when(there.opens_at),
            )
        )
