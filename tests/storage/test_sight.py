"""What an agent may look at, on both databases: by the queues of a conversation's handoffs."""

from collections.abc import AsyncIterator

import pytest

from bridge.commands import Assign, Resolve, ToHandoff
from bridge.lists import Wanted
from bridge.model import DEFAULT_WORKSPACE, AgentId, HandoffId
from bridge.sight import Sight
from storage.lists import SqlLists
from tests.bridge.driver import ANA, BEN, BOT, SAM
from tests.storage.stored import Stored, stored, user

ANN, BOB = user("ann"), user("bob")
EVERY = ("default", "billing")


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, BOT) as made:
        yield made


async def had(desk: Stored, key: str, queue: str) -> HandoffId:
    """Of Ann, in a queue; it is over."""
    [answer] = (await desk.commit(desk.opens(key, to=ANN, queue=queue))).answers
    handoff = HandoffId(answer.data["id"])
    desk.clock.move(1)
    await desk.do(Resolve(f"end:{key}", desk.clock.now, ToHandoff(handoff), ANA))
    return handoff


async def test_any_handoff_in_ones_queues_shows_the_conversation_and_none_at_all_does(
    desk: Stored,
) -> None:
    await had(desk, "o1", "billing")
    await had(desk, "o2", "a name that nobody configured")
    await desk.do(desk.says("b1", to=BOB), desk.opens("o3", to=SAM))
    [sams] = await SqlLists(desk.database, desk.reads).handoffs(
        DEFAULT_WORKSPACE, Wanted(conversation=SAM.conversation_id), (), 9
    )
    await desk.do(Assign("to", desk.clock.now, ToHandoff(sams.handoff.id), ANA, BEN))
    for sight, visible, handoffs in (
        (Sight(AgentId("U9"), ("billing",)), {"ann", "bob"}, 2),
        (Sight(AgentId("U9"), ("default",), EVERY), {"ann", "bob", "sam"}, 3),
        (Sight(AgentId("U9"), ("french",), ("french", *EVERY)), {"ann", "bob"}, 2),
        (Sight(AgentId("U9"), ()), {"bob"}, 0),
        (Sight(BEN.id, ()), {"bob", "sam"}, 1),
    ):
        lists = SqlLists(desk.database, desk.reads)
        people = await lists.conversations(DEFAULT_WORKSPACE, "", (), 9, sight=sight)
        assert {talk.address for talk, _ in people} == visible
        for to in (ANN, BOB, SAM):
            assert await lists.sees(sight, to.conversation_id) is (to.address in visible)
        found = await lists.handoffs(DEFAULT_WORKSPACE, Wanted(sight=sight), (), 9)
        assert len(found) == handoffs
