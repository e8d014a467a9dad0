"""What an agent may look at beside their own work, where a desk has several queues. Pure.

Conversations that came to one of their queues with any handoff, what is theirs now, and those that
nobody of the desk ever had. Supervisors look at everything, and where no staff is named everybody
does (`ranks.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.model import Agent, AgentId, Handoff
from bridge.queues import DEFAULT
from bridge.ranks import Rank


@dataclass(frozen=True, slots=True)
class Sight:
    """`queues`: the agent's. `known`: of all there are, where handoffs of any other name are
    theirs, too; else empty."""

    agent: AgentId
    queues: tuple[str, ...]
    known: tuple[str, ...] = ()

    def has(self, handoff: Handoff) -> bool:
        strange = bool(self.known) and handoff.queue not in self.known
        return handoff.assignee == self.agent or handoff.queue in self.queues or strange


def sight_of(agent: Agent, queues: Sequence[str]) -> Sight | None:
    """None: of everything. `queues`: the names of all there are."""
    if agent.queues is None or agent.rank >= Rank.SUPERVISOR:
        return None
    known = tuple(queues) if DEFAULT in agent.queues else ()
    return Sight(agent.id, agent.queues, known)
