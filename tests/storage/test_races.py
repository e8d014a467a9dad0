"""Two processes at one database, and what they do at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection

from bridge.alerts import Alert, SendAlert
from bridge.commands import (
    Accepted,
    AgentDeleted,
    AgentEdited,
    Assign,
    KeepAsNote,
    Rejected,
    SendHeld,
    ToMessage,
)
from bridge.effects import OpenThread
from bridge.errors import BadData
from bridge.model import ConversationId
from storage import postgresql
from storage.bulk import Writes
from storage.database import connect
from storage.leases import Leases
from storage.mailboxes import Mailboxes
from storage.runner import Runner
from tests.bridge.driver import ANA, BEN
from tests.storage.stored import THREAD, Stored, stored
from tests.waiting import until

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
async def desk(fresh_postgres: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stored]:
    for limit in ("LOCK_TIMEOUT_MS", "STATEMENT_TIMEOUT_MS", "IDLE_TIMEOUT_MS"):
        monkeypatch.setattr(postgresql, limit, 60_000)  # here they wait until they are let
    async with stored(fresh_postgres, room=8) as made:
        yield made


@pytest.fixture
async def other(desk: Stored, fresh_postgres: str) -> AsyncIterator[Stored]:
    """Another process, with connections of its own."""
    made = connect(fresh_postgres)
    yield Stored(made, desk.policy, "p2", desk.clock, 8)
    await made.close()


@pytest.fixture
async def aside(fresh_postgres: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(fresh_postgres)
    yield connection
    await connection.close()


@asynccontextmanager
async def held_up(aside: asyncpg.Connection[Any], rows: str) -> AsyncIterator[None]:
    """Whoever wants these rows waits until the block ends."""
    async with aside.transaction():
        await aside.execute(f"SELECT 1 FROM {rows} FOR UPDATE")  # noqa: S608 - of this file
        yield


async def begun(aside: asyncpg.Connection[Any], doing: Coroutine[Any, Any, Any], nth: int) -> Any:
    """The task, as soon as it is the `nth` that waits for a lock."""
    task = asyncio.ensure_future(doing)

    async def waits() -> bool:
        return bool(await aside.fetchval(WAITING) >= nth)

    await until(waits, what="somebody who waits for a lock")
    return task


async def test_what_one_kept_as_a_note_another_cannot_send(
    desk: Stored, other: Stored, aside: asyncpg.Connection[Any]
) -> None:
    await desk.hands_over()
    await desk.do(Assign("a1", desk.clock.now, THREAD, BEN, BEN))
    await desk.do(desk.replies("s1", "not for the customer"))
    to = ToMessage((await desk.by_source("s1")).id)
    async with held_up(aside, "conversation"):
        kept = await begun(aside, desk.do(KeepAsNote("c1", desk.clock.now, to, BEN)), 1)
        sent = await begun(aside, other.do(SendHeld("c2", desk.clock.now, to, ANA)), 2)
    await kept
    assert isinstance((await sent)[0], Rejected)
    assert not (await desk.by_source("s1")).leaves


async def test_an_edit_brings_nothing_back_that_another_deleted(
    desk: Stored, other: Stored, aside: asyncpg.Connection[Any]
) -> None:
    await desk.hands_over()
    await desk.do(desk.replies("s1", "the number is 1234"))
    to, at = ToMessage(None, "s1"), desk.clock.now
    async with held_up(aside, "conversation"):
        deleted = await begun(aside, desk.do(AgentDeleted("d1", at, to)), 1)
        edited = AgentEdited("e1", at, to, ANA, "the number is 12345", "1.2")
        changed = await begun(aside, other.do(edited), 2)
    await asyncio.gather(deleted, changed)
    assert (await desk.by_source("s1")).deleted


async def test_a_reply_that_comes_while_its_thread_is_recorded_is_tried_again(
    desk: Stored, other: Stored, aside: asyncpg.Connection[Any]
) -> None:
    committed = await desk.commit(desk.says("k1"))
    work = next(each for each in committed.work if isinstance(each.effect, OpenThread))
    async with held_up(aside, "lane"):
        recorded = await begun(aside, desk.commit(desk.delivered(work, THREAD)), 1)
        replied = await begun(aside, other.do(other.replies("s1", "hi, I am Ana")), 2)
    await recorded
    with pytest.raises(BadData):  # by which the inbox tries it once more, alone
        await replied
    await other.do(other.replies("s1", "hi, I am Ana"))
    assert (await desk.by_source("s1")).leaves


async def test_a_result_that_waits_while_its_lane_becomes_anothers_is_stale(
    desk: Stored, aside: asyncpg.Connection[Any]
) -> None:
    (work,) = (await desk.commit(desk.says("k1"))).work
    async with aside.transaction():
        await aside.execute("UPDATE lane SET owner = 'p2.1' WHERE key = $1", work.claim.lane)
        late = await begun(aside, desk.do(desk.delivered(work, THREAD)), 1)
    assert await late == (Rejected("stale"),)
    assert await desk.waiting(work.claim.lane) == ["OpenThread", "PostMessage"]
    assert await desk.rows("thread") == []


async def test_lanes_that_no_conversation_guards_are_locked_in_their_order(
    desk: Stored, aside: asyncpg.Connection[Any]
) -> None:
    """Whoever puts into both does so too, else each would wait for the other."""
    for to in ("zoe", "amy"):
        await desk.database.write(partial(alerted, desk, SendAlert(to, "a1", Alert.OVERDUE, 9, 1)))
    works = await desk.store.claim(8)
    results = [desk.delivered(work) for work in sorted(works, key=lambda w: w.claim.effect_id)]
    assert [result.claim.lane for result in results] == ["alert:zoe:here", "alert:amy:here"]
    async with held_up(aside, "lane WHERE key = 'alert:amy:here'"):
        settled = await begun(aside, desk.do(*results), 1)
        async with held_up(aside, "lane WHERE key = 'alert:zoe:here'"):
            pass
    assert await settled == (Accepted(), Accepted())


def alerted(desk: Stored, alert: SendAlert, connection: Connection) -> None:
    run, writes = Runner(connection, "postgresql"), Writes()
    boxes = Mailboxes(run, writes, desk.clock.now, Leases("alerts"))
    boxes.put(ConversationId("here"), [alert])
    boxes.save({}, {})
    run.write(writes)


async def test_what_another_keeps_meanwhile_for_a_thread_is_taken_with_it(
    desk: Stored, other: Stored, aside: asyncpg.Connection[Any]
) -> None:
    """Whether there is anything at all that came early is known only under the locks."""
    (work,) = (await desk.commit(desk.says("k1"))).work
    async with aside.transaction():
        await aside.execute("LOCK TABLE early IN SHARE MODE")
        kept = await begun(aside, other.do(other.replies("s1", "hi, I am Ana")), 1)
        opened = await begun(aside, desk.do(desk.delivered(work, THREAD)), 2)
    assert (await kept, await opened) == ((Accepted({"waiting": True}),), (Accepted(),))
    assert (await desk.by_source("s1")).leaves
    assert await desk.rows("early") == []
