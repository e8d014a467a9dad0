"""Positions: every committed event gets the next one, once, whoever seals and whatever fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from bridge import sealing
from bridge.errors import BadData, StoreUnavailable
from bridge.hook_store import TOPIC_SEALED
from bridge.sealing import MOST, Sealer
from storage.bulk import CHAIN_LOCK as LOCK
from storage.database import connect
from storage.feed import SqlFeed
from storage.memory import MemoryBell
from tests.storage.stored import CHAIN, Stored, stored, user
from tests.waiting import until


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url) as made:
        yield made


async def positions(desk: Stored) -> list[int | None]:
    """In the order in which the events were written."""
    return [row["position"] for row in await desk.rows("event")]


async def test_what_is_committed_is_numbered_in_its_order_without_gaps(desk: Stored) -> None:
    feed = SqlFeed(desk.database, CHAIN)
    assert (await feed.seal(9), await feed.last()) == (0, 0)
    await desk.do(desk.says("k1"))
    assert await feed.seal(2) == 2
    assert await feed.seal(2) == 1
    await desk.do(desk.says("k2"))
    assert await feed.seal(MOST) == 1
    assert await positions(desk) == [1, 2, 3, 4]
    assert await feed.last() == 4
    told = await feed.after(1, 2)
    assert [each.position for each in told] == [2, 3]
    assert [str(each.event.kind) for each in told] == ["message.user", "handoff.queued"]
    event = told[0].event
    row = (await desk.rows("event"))[1]
    assert (event.id, event.conversation_id, event.at) == (
        row["name"],
        row["conversation_id"],
        row["at"],
    )
    assert event.id.startswith("evt_")


async def test_a_transaction_that_fails_takes_no_number(desk: Stored) -> None:
    feed = SqlFeed(desk.database, CHAIN)
    await desk.do(desk.says("k1"))
    with pytest.raises(BadData):
        await desk.do(desk.says("k2", to=user("bob")), desk.says("k3", "\x00\ud800"))
    await desk.do(desk.says("k4"))
    await feed.seal(MOST)
    assert await positions(desk) == list(range(1, 5))


async def test_events_of_a_newer_programs_kind_are_passed_over(desk: Stored) -> None:
    feed = SqlFeed(desk.database, CHAIN)
    await desk.do(desk.says("k1"))
    await desk.database.write(
        lambda connection: connection.execute(
            text("UPDATE event SET kind = 'message.sung' WHERE kind = 'message.user'")
        ).close()
    )
    await feed.seal(MOST)
    assert [each.position for each in await feed.after(0, 9)] == [1, 3]


class Moody(SqlFeed):
    """Away at first."""

    asked = 0

    async def seal(self, most: int) -> int:
        self.asked += 1
        if self.asked <= 2:
            raise StoreUnavailable("away")
        return await super().seal(most)


async def test_the_sealer_rings_and_outlives_a_database_that_is_away(desk: Stored) -> None:
    bell, feed = MemoryBell(), Moody(desk.database, CHAIN)
    sealer = Sealer(feed, bell, every=0.001, poll=0.001)
    await desk.do(desk.says("k1"))
    with bell.listen(TOPIC_SEALED) as listener:
        await sealer.start()
        assert await listener.wait(10)
        await sealer.close()
    assert (await feed.last(), await sealer.seal()) == (3, 0)


async def test_a_commit_rings_for_the_sealer_which_looks_at_nothing_meanwhile(desk: Stored) -> None:
    bell, feed = MemoryBell(), Moody(desk.database, CHAIN)
    feed.asked = 2
    sealer = Sealer(feed, bell, every=0.001, poll=60)
    with bell.listen(TOPIC_SEALED) as listener:
        await sealer.start()
        while feed.asked == 2:
            await asyncio.sleep(0)
        bell.ring((await desk.commit(desk.says("k1"))).topics)
        assert await listener.wait(10)
        await sealer.close()
    assert (await feed.last(), feed.asked) == (3, 4)


async def test_all_that_waits_is_sealed_at_once(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST", 2)
    await desk.do(desk.says("k1"))
    assert await Sealer(SqlFeed(desk.database, CHAIN), MemoryBell()).seal() == 3


async def test_sealers_of_many_processes_number_everything_once(fresh_postgres: str) -> None:
    """While others commit, in an order that is not that of their row ids."""
    async with stored(fresh_postgres) as desk:
        others = [connect(fresh_postgres) for _ in range(3)]
        writers = [Stored(other, desk.policy, f"w{n}") for n, other in enumerate(others)]
        sealers = [
            Sealer(SqlFeed(other, CHAIN), MemoryBell(), every=0.001, poll=0.001) for other in others
        ]
        for sealer in sealers:
            await sealer.start()
        await asyncio.gather(
            *(
                writer.do(writer.says(f"{writer.name}-{n}", to=user(f"{writer.name}-{n % 7}")))
                for n in range(25)
                for writer in writers
            )
        )
        feed, number = SqlFeed(desk.database, CHAIN), len(await desk.rows("event"))

        async def all_sealed() -> bool:
            return await feed.last() == number

        await until(all_sealed)
        for sealer in sealers:
            await sealer.close()
        found = [p for p in await positions(desk) if p is not None]
        assert sorted(found) == list(range(1, number + 1))
        rows = sorted(await desk.rows("event"), key=lambda row: row["position"])
        for conversation in {row["conversation_id"] for row in rows}:
            own = [row["id"] for row in rows if row["conversation_id"] == conversation]
            assert own == sorted(own)  # within a conversation it is the order of what happened
        for other in others:
            await other.close()


END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_a_sealer_that_dies_amid_its_work_takes_no_number_with_it(
    fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST", 2)
    async with stored(fresh_postgres) as desk:
        await desk.do(*(desk.says(f"k{n}", to=user(f"u{n % 9}")) for n in range(60)))
        number = len(await desk.rows("event"))
        databases = [connect(fresh_postgres) for _ in range(2)]
        sealers = [
            Sealer(SqlFeed(each, CHAIN), MemoryBell(), every=0.001, poll=0.001)
            for each in databases
        ]
        for sealer in sealers:
            await sealer.start()
        aside = await asyncpg.connect(fresh_postgres)
        ended, query = 0, "SELECT count(*) FROM event WHERE position IS NULL"
        async with asyncio.timeout(60):
            while await aside.fetchval(query):
                ended += len(await aside.fetch(END_ALL)) if ended < 12 else 0
                await asyncio.sleep(0.005)
        await aside.close()
        for sealer in sealers:
            await sealer.close()
        for each in databases:
            await each.close()
        assert ended >= 2
        found = [row["position"] for row in await desk.rows("event")]
        assert sorted(found) == list(range(1, number + 1))


async def test_who_comes_second_waits_for_the_next_time(fresh_postgres: str) -> None:
    async with stored(fresh_postgres) as desk:
        feed = SqlFeed(desk.database, CHAIN)
        await desk.do(desk.says("k1"))
        aside = await asyncpg.connect(fresh_postgres)
        async with aside.transaction():
            await aside.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            assert await feed.seal(MOST) == 0
        await aside.close()
        assert await feed.seal(MOST) == 3


async def test_what_commits_late_comes_after_what_was_sealed_before(fresh_postgres: str) -> None:
    """A row id that is smaller but was committed later is never missed."""
    insert = (
        "INSERT INTO event (workspace_id, conversation_id, kind, at, actor_role, actor_id, "
        "actor_name, epoch, body, name) VALUES ('', '', 'bot.paused', 1, 'system', '', '', 0, "
        "'{}', $1)"
    )
    async with stored(fresh_postgres) as desk:
        feed = SqlFeed(desk.database, CHAIN)
        slow, quick = await asyncpg.connect(fresh_postgres), await asyncpg.connect(fresh_postgres)
        try:
            transaction = slow.transaction()
            await transaction.start()
            await slow.execute(insert, "early id")
            await quick.execute(insert, "late id")
            assert await feed.seal(MOST) == 1
            await transaction.commit()
            assert await feed.seal(MOST) == 1
        finally:
            await slow.close()
            await quick.close()
        assert [each.event.id for each in await feed.after(0, 9)] == ["late id", "early id"]
