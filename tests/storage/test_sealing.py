"""Where one process writes alone, events are sealed in the transaction that brings them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bridge.commands import AgentEdited, ToMessage
from bridge.events import Kind
from bridge.hook_store import TOPIC_SEALED
from bridge.model import Author, Role
from bridge.ports import TOPIC_EVENTS
from bridge.sealing import MOST, Sealer
from storage.audit import SqlAudit
from storage.feed import SqlFeed
from storage.memory import MemoryBell
from tests.bridge.driver import ANA
from tests.storage.stored import CHAIN, Stored, stored, user

ALICE = Author(Role.SYSTEM, "command line", "alice")


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    """The chain has begun."""
    async with stored(database_url) as made:
        made.chain = CHAIN
        desk = made.other("p1")
        await desk.do(desk.says("first", to=user("first")))
        await SqlFeed(desk.database, CHAIN).seal(MOST)
        yield desk


async def sealed(desk: Stored) -> list[bool]:
    """Of each event, in the order in which they were written."""
    return [row["seal"] is not None for row in await desk.rows("event")]


async def positions(desk: Stored) -> list[int | None]:
    return [row["position"] for row in await desk.rows("event")]


async def is_whole(desk: Stored) -> bool:
    found = await SqlAudit(desk.database, CHAIN).check()
    return found.is_whole and found.waiting == 0


async def test_what_is_committed_is_sealed_with_it_and_elsewhere_by_the_sealer(
    desk: Stored,
) -> None:
    before = len(await desk.rows("event"))
    await desk.do(desk.says("k1"), desk.says("k2", "and more"), desk.says("k3", to=user("bo")))
    at_once = desk.database.dialect == "sqlite"
    assert (await sealed(desk))[before:] == [at_once] * (len(await desk.rows("event")) - before)
    await SqlFeed(desk.database, CHAIN).seal(MOST)
    assert await positions(desk) == list(range(1, len(await desk.rows("event")) + 1))
    assert await is_whole(desk)


async def test_it_is_sealed_what_a_message_says_when_the_transaction_ends(desk: Stored) -> None:
    await desk.hands_over()
    edited = AgentEdited("e1", desk.clock.now, ToMessage(source="s1"), ANA, "better", "2")
    await desk.do(desk.replies("s1", "worse"), edited)
    await desk.do(desk.replies("s2", "an answer", order="1.3"))
    later = AgentEdited("e2", desk.clock.now, ToMessage(source="s2"), ANA, "another answer", "2")
    await desk.do(later)
    await SqlFeed(desk.database, CHAIN).seal(MOST)
    assert (await desk.by_source("s1")).text == "better"
    assert await is_whole(desk)
    change = text("UPDATE message SET text = 'I never said so' WHERE source = 's1'")
    await desk.database.write(lambda connection: connection.execute(change).close())
    assert not await is_whole(desk)


async def test_nothing_is_sealed_before_what_waits(desk: Stored) -> None:
    """An event of a conversation never has its place before an older one."""
    trail = SqlAudit(desk.database, CHAIN)
    await trail.note(Kind.AUDIT_EXPORTED, ALICE, desk.clock.now, "by hand")
    before = sum(await sealed(desk))
    await desk.do(desk.says("k1"))
    assert sum(await sealed(desk)) == before
    await SqlFeed(desk.database, CHAIN).seal(MOST)
    await desk.do(desk.says("k2"))
    await SqlFeed(desk.database, CHAIN).seal(MOST)
    assert await positions(desk) == list(range(1, len(await desk.rows("event")) + 1))
    assert await is_whole(desk)


async def test_before_the_chain_has_begun_it_is_left_to_the_sealer(database_url: str) -> None:
    async with stored(database_url) as made:
        made.chain = CHAIN
        desk = made.other("p1")
        await desk.do(desk.says("k1"))
        assert not any(await sealed(desk))
        await SqlFeed(desk.database, CHAIN).seal(MOST)
        assert await is_whole(desk)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_head SET seal = 'another' WHERE name = 'newest'",
        "UPDATE audit_head SET position = position - 1 WHERE name = 'newest'",
        "DELETE FROM audit_head",
    ],
)
async def test_a_record_that_is_not_to_be_believed_is_left_to_the_sealer_who_breaks_the_chain(
    desk: Stored, change: str
) -> None:
    await desk.database.write(lambda connection: connection.execute(text(change)).close())
    before = sum(await sealed(desk))
    await desk.do(desk.says("k1"))
    assert sum(await sealed(desk)) == before
    await SqlFeed(desk.database, CHAIN).seal(MOST)
    assert not await is_whole(desk)


async def test_who_reads_in_the_order_of_places_is_told_of_what_was_sealed_at_once(
    desk: Stored,
) -> None:
    bell = MemoryBell()
    sealer = Sealer(SqlFeed(desk.database, CHAIN), bell, every=0.001, poll=60)
    await sealer.start()
    with bell.listen(TOPIC_SEALED) as listener:
        await listener.wait(60)  # of what was there before
        await desk.do(desk.says("k1"))
        bell.ring([TOPIC_EVENTS])
        async with asyncio.timeout(60):
            assert await listener.wait(60)
    await sealer.close()
    assert await is_whole(desk)
