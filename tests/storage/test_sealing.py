"""Events are sealed in the transaction that brings them, if no other one is sealing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest
from sqlalchemy import text

from bridge.commands import AgentEdited, ToMessage
from bridge.events import Kind
from bridge.hook_store import TOPIC_SEALED
from bridge.model import Author, Role
from bridge.ports import TOPIC_EVENTS
from bridge.sealing import MOST, Sealer
from storage import chain
from storage.audit import SqlAudit
from storage.bulk import CHAIN_LOCK as LOCK
from storage.database import connect
from storage.feed import SqlFeed
from storage.memory import MemoryBell
from tests.bridge.driver import ANA
from tests.storage.stored import CHAIN, Stored, stored, user

ALICE = Author(Role.SYSTEM, "command line", "alice")


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with begun(database_url) as made:
        yield made


@asynccontextmanager
async def begun(url: str) -> AsyncIterator[Stored]:
    """The chain has begun."""
    async with stored(url) as made:
        made.chain = CHAIN
        desk = made.other("p1")
        await desk.do(desk.says("first", to=user("first")))
        await SqlFeed(desk.database, CHAIN).seal(MOST)
        yield desk


async def sealed(desk: Stored) -> list[bool]:
    """Of each event, in the order in which they were written."""
    return [row["seal"] is not None for row in await desk.rows("event")]


async def in_order(desk: Stored) -> bool:
    """All have their places, in the order in which they were written."""
    positions = [row["position"] for row in await desk.rows("event")]
    return positions == list(range(1, len(positions) + 1))


async def is_whole(desk: Stored) -> bool:
    found = await SqlAudit(desk.database, CHAIN).check()
    return found.is_whole and found.waiting == 0


async def test_what_is_committed_is_sealed_with_it(desk: Stored) -> None:
    await desk.do(desk.says("k1"), desk.says("k2", "and more"), desk.says("k3", to=user("bo")))
    await desk.do(desk.says("k4"))
    assert all(await sealed(desk))
    assert await in_order(desk)
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


async def test_what_waits_is_sealed_along_and_first(desk: Stored) -> None:
    """An event of a conversation never has its place before an older one."""
    trail = SqlAudit(desk.database, CHAIN)
    await trail.note(Kind.AUDIT_EXPORTED, ALICE, desk.clock.now, "by hand")
    await desk.do(desk.says("k1"))
    assert await in_order(desk)
    assert await is_whole(desk)


async def test_where_much_waits_nothing_is_sealed_before_it(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "ALONG", 1)
    trail = SqlAudit(desk.database, CHAIN)
    for _ in range(3):
        await trail.note(Kind.AUDIT_EXPORTED, ALICE, desk.clock.now, "by hand")
    await desk.do(desk.says("k1"))
    assert not (await sealed(desk))[-1]
    await SqlFeed(desk.database, CHAIN).seal(MOST)
    await desk.do(desk.says("k2"))
    assert await in_order(desk)
    assert await is_whole(desk)


async def test_whoever_does_not_get_the_lock_leaves_it_to_the_next(fresh_postgres: str) -> None:
    async with begun(fresh_postgres) as desk:
        aside = await asyncpg.connect(fresh_postgres)
        async with aside.transaction():
            await aside.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            await desk.do(desk.says("k1"))
            assert not (await sealed(desk))[-1]
        await aside.close()
        await desk.do(desk.says("k2"))
        assert await in_order(desk)
        assert await is_whole(desk)


async def test_processes_that_write_at_once_make_one_chain(fresh_postgres: str) -> None:
    async with begun(fresh_postgres) as desk:
        sealer = Sealer(SqlFeed(desk.database, CHAIN), MemoryBell(), every=0.001, poll=0.001)
        await sealer.start()
        doors = [replace(desk.other(f"p{n}"), database=connect(fresh_postgres)) for n in range(3)]
        await asyncio.gather(*(_talks(door, n) for n, door in enumerate(doors)))
        await sealer.close()
        await SqlFeed(desk.database, CHAIN).seal(MOST)
        assert await is_whole(desk)
        for door in doors:
            await door.database.close()


async def _talks(desk: Stored, person: int) -> None:
    for n in range(20):
        await desk.do(desk.says(f"{person}-{n}", to=user(f"person {person}")))


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
