"""What an agent may look at beside their own work."""

import pytest

from bridge.model import Agent, AgentId, replace
from bridge.ranks import Rank
from bridge.sight import sight_of
from tests.bridge.test_botpress import HANDOFF

QUEUES = ("default", "billing", "french")


def seen(agent: Agent, queue: str, assignee: str = "") -> bool:
    sight = sight_of(agent, QUEUES)
    handoff = replace(HANDOFF, queue=queue, assignee=AgentId(assignee) if assignee else None)
    return sight is None or sight.has(handoff)


@pytest.mark.parametrize(
    ("queues", "rank", "visible"),
    [
        (("billing",), Rank.AGENT, {"billing"}),
        (("default",), Rank.AGENT, {"default", "named by nobody"}),
        ((), Rank.AGENT, set()),
        (("billing",), Rank.SUPERVISOR, {*QUEUES, "named by nobody"}),
        (None, Rank.AGENT, {*QUEUES, "named by nobody"}),
    ],
)
def test_agents_see_their_queues_and_supervisors_all(
    queues: tuple[str, ...] | None, rank: Rank, visible: set[str]
) -> None:
    agent = Agent(AgentId("U1"), "Ana", queues=queues, rank=rank)
    assert {each for each in (*QUEUES, "named by nobody") if seen(agent, each)} == visible
    assert all(seen(agent, each, "U1") for each in QUEUES)
