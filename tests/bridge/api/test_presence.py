"""Whether somebody is there who would take a handoff."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from bridge.api.presence import Presences
from bridge.attending import Seat
from bridge.model import DEFAULT_WORKSPACE, Agent, AgentId
from bridge.policy import Policy
from bridge.queues import Queue
from tests.bridge.driver import ANA, BEN

QUEUES = (Queue(), Queue("orders"))
AGENTS = {each.id: replace(each, queues=("orders",)) for each in (ANA, BEN)}


class Desk:
    """Who is there, as the store and the network know it."""

    async def seats(self, _workspace: object) -> list[Seat]:
        return [
            Seat(DEFAULT_WORKSPACE, ANA.id, online=True),
            Seat(DEFAULT_WORKSPACE, BEN.id, online=False),
        ]

    async def agent(self, id: AgentId) -> Agent:
        return AGENTS[id]


async def test_what_agents_of_other_queues_said_tells_nothing_of_this_one() -> None:
    desk: Any = Desk()
    deps: Any = SimpleNamespace(reads=desk, clock=lambda: 7)
    presences = Presences(deps, Policy(queues=QUEUES), desk)
    there = [await presences.of(queue.name) for queue in QUEUES]
    assert [(each.online, each.accepting) for each in there] == [(None, True), (1, True)]
