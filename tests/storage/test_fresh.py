"""What a commit tells of a conversation is what the store tells; on both databases."""

from collections.abc import AsyncIterator

import pytest

from bridge.commands import AgentDeleted, AgentEdited, Command, Resolve, ToMessage
from tests.bridge.driver import ANA, CNV, NO_BOT
from tests.storage.stored import THREAD, Stored, stored, user


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, NO_BOT) as made:
        await made.hands_over()
        yield made


async def commands(desk: Stored) -> AsyncIterator[list[Command]]:
    """Batches of what may happen in a conversation."""
    now = desk.clock.now
    yield [desk.says("k1", "hello")]
    yield [desk.replies("s1", "one", order="1.1"), desk.says("k2", "and")]
    yield [desk.replies("s2", "!n a note", order="1.2")]
    yield [desk.replies("s3", "!unknown", order="1.3"), desk.replies("s4", "four", order="1.4")]
    first = ToMessage(source="s1")
    yield [AgentEdited("e1", now, first, ANA, "one, better", "2")]
    yield [AgentDeleted("d1", now, first), desk.says("k3", "again", to=user("other"))]
    yield [Resolve("r1", now, THREAD, ANA)]
    yield [desk.says("k4", "once more")]


async def test_a_commit_tells_what_the_store_would(desk: Stored) -> None:
    before, told = 0, 0
    async for batch in commands(desk):
        at = await desk.reads.news(CNV, before)
        assert at is not None
        before = at.conversation.rev
        committed = await desk.commit(*batch)
        news = await desk.reads.news(CNV, before)
        assert news is not None
        if news.conversation.rev > before:
            assert committed.fresh[CNV].before == before
            assert committed.fresh[CNV].after(before) == news
            told += len(news.messages)
    assert told > 6
