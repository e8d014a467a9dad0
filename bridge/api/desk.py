"""`/v1/agents` and `/v1/availability`: who answers, and whether a bot should offer a human."""

from __future__ import annotations

from starlette.responses import Response

from bridge.api import answers, shapes
from bridge.api.actions import away
from bridge.api.calls import Asked, Call, told
from bridge.errors import DeliveryError
from bridge.lists import Lists
from bridge.model import DEFAULT_WORKSPACE
from bridge.ports import Staff

AVAILABILITY = """Asked before a human is offered. There are neither hours nor presence yet: a desk
that is set up is open, and `online` and `estimated_wait` are null."""


class DeskCalls:
    """`staffed`: whether there is a desk; `staff`: the desk, where it knows who its agents are."""

    def __init__(self, lists: Lists, staff: Staff | None, *, staffed: bool) -> None:
        self._lists = lists
        self._staff = staff
        self._staffed = staffed

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
                "GET",
                "/v1/availability",
                self.availability,
                "Desk",
                "Ask whether somebody is there",
                {200: answers.Availability},
                query=shapes.AvailabilityQuery,
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
        shown = [answers.agent(agent, loads.get(agent.id, 0)) for agent in known]
        return told(answers.Agents(agents=shown))

    async def availability(self, it: Asked) -> Response:
        query: shapes.AvailabilityQuery = it.query
        waiting = await self._lists.waiting(DEFAULT_WORKSPACE, query.queue)
        return told(
            answers.Availability(
                open=self._staffed,
                online=None,
                accepting=self._staffed,
                position=waiting,
                estimated_wait=None,
                opens_at=None,
            )
        )
