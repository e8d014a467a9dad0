"""The audit trail over both databases: what is sealed holds, whatever is done to it is found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from bridge.audit import Chain, Head, content_of
from bridge.commands import DeleteConversation, ToConversation
from bridge.errors import BadData, StoreError
from bridge.events import Kind
from bridge.model import SECOND, Agent, AgentId, Author, Role
from bridge.sealing import Sealer
from bridge.trail import MOST_FAULTS, Sought
from storage import audit
from storage.audit import SqlAudit
from storage.database import Database, connect
from storage.feed import SqlFeed
from storage.memory import MemoryBell
from storage.tables import metadata
from tests.bridge.driver import SAM
from tests.storage.stored import CHAIN, Stored, stored, user
from tests.waiting import until

ALICE = Author(Role.SYSTEM, "command line", "alice")


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url) as made:
        yield made


def trail(desk: Stored) -> SqlAudit:
    return SqlAudit(desk.database, CHAIN)


async def sealed_rows(desk: Stored) -> int:
    """Sealed in several parts."""
    for name in ("ana", "ben", "chloe"):
        await desk.do(desk.says(f"{name} 1", to=user(name)), desk.says(f"{name} 2", to=user(name)))
        desk.clock.move(60)
        await trail(desk).seal()
    return len(await desk.rows("event"))


async def tamper(database: Database, *statements: str, **given: Any) -> None:
    """As somebody does who owns the database: triggers hold up nobody."""

    def write(connection: Connection) -> None:
        if database.dialect == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(text("DROP TRIGGER IF EXISTS event_stays"))
            connection.execute(text("DROP TRIGGER IF EXISTS event_is_kept"))
        for statement in statements:
            connection.execute(text(statement), given if ":" in statement else {}).close()

    await database.write(write)


TABLES = ("event", "audit_head", "message", "counter")


async def restore(desk: Stored, saved: dict[str, list[dict[str, Any]]]) -> None:
    await tamper(desk.database, *(f"DELETE FROM {table}" for table in TABLES))  # noqa: S608

    def write(connection: Connection) -> None:
        for table in TABLES:
            connection.execute(insert(metadata.tables[table]), saved[table])

    await desk.database.write(write)


COPIED = "workspace_id, conversation_id, handoff_id, kind, at, actor_role, actor_id, actor_name, \
epoch, body, cause, changes, salt, said, seal"
AT_THE_END = f"INSERT INTO event ({COPIED}, name, position) SELECT {COPIED}, 'evt_false', 13 \
FROM event WHERE position = 12"  # noqa: S608
APART = "UPDATE event SET position = position + 100 WHERE position >= {}"
TOGETHER = "UPDATE event SET position = position - {} WHERE position > 100"
IN_THE_MIDDLE = f"INSERT INTO event ({COPIED}, name, position) SELECT {COPIED}, 'evt_false', 5 \
FROM event WHERE position = 4"  # noqa: S608
WORDS = "UPDATE message SET text = 'I agree' WHERE seq = 1 AND conversation_id IN \
(SELECT conversation_id FROM event WHERE position = 2)"
AWAY = "DELETE FROM event WHERE position "
Found = Sequence[tuple[str, int, int]]
DONE: dict[str, tuple[Sequence[str], Found]] = {
    "the first changed": (["UPDATE event SET at = at + 1 WHERE position = 1"], [("changed", 1, 1)]),
    "one changed": (
        ["UPDATE event SET actor_id = 'U1' WHERE position = 5"],
        [("changed", 5, 5)],
    ),
    "the last changed": (
        ["UPDATE event SET kind = 'message.agent' WHERE position = 12"],
        [("changed", 12, 12)],
    ),
    "a name changed": (
        ["UPDATE event SET actor_name = 'Eve' WHERE position = 5"],
        [("changed", 5, 5)],
    ),
    "a body changed": (["UPDATE event SET body = '{}' WHERE position = 12"], [("changed", 12, 12)]),
    "a change taken away": (
        ["UPDATE event SET changes = '{}' WHERE position = 3"],
        [("changed", 3, 3)],
    ),
    "the first removed": ([f"{AWAY} = 1"], [("removed", 1, 1)]),
    "two removed": ([f"{AWAY} IN (6, 7)"], [("removed", 6, 7)]),
    "the last removed": ([f"{AWAY} = 12"], [("removed", 12, 12)]),
    "the last three removed": ([f"{AWAY} > 9"], [("removed", 10, 12)]),
    "all removed": (["DELETE FROM event"], [("removed", 1, 12)]),
    "the last removed, and counted back": (
        [f"{AWAY} > 9", "UPDATE counter SET value = 9 WHERE name = 'sealed'"],
        [("removed", 10, 12)],
    ),
    "one put at the end": ([AT_THE_END], [("inserted", 13, 13)]),
    "one put in the middle": (
        [APART.format(5), IN_THE_MIDDLE, TOGETHER.format(99)],
        [("inserted", 5, 5), ("head", 12, 12), ("inserted", 13, 13)],
    ),
    "one removed and the others moved up": (
        [f"{AWAY} = 5", APART.format(6), TOGETHER.format(101)],
        [("changed", 5, 5), ("removed", 12, 12)],
    ),
    "two exchanged": (
        [
            "UPDATE event SET position = 100 WHERE position = 5",
            "UPDATE event SET position = 5 WHERE position = 6",
            "UPDATE event SET position = 6 WHERE position = 100",
        ],
        [("inserted", 5, 5), ("changed", 7, 7)],
    ),
    "a seal taken away": (
        ["UPDATE event SET seal = NULL WHERE position = 5"],
        [("changed", 5, 5), ("changed", 6, 6)],
    ),
    "the record of the newest changed": (
        ["UPDATE audit_head SET position = 9 WHERE name = 'newest'", f"{AWAY} > 9"],
        [("key", 9, 9)],
    ),
    "no record of the newest": (
        ["DELETE FROM audit_head WHERE name = 'newest'"],
        [("head", 12, 12)],
    ),
    "a message says something else": ([WORDS], [("text", 2, 2)]),
    "nothing": ([], []),
}  # fmt: skip


async def test_whatever_is_done_to_sealed_rows_is_found_with_its_place(desk: Stored) -> None:
    assert await sealed_rows(desk) == 12
    saved = {table: await desk.rows(table) for table in TABLES}
    for name, (statements, expected) in DONE.items():
        await tamper(desk.database, *statements)
        found = await trail(desk).check()
        told = [(str(each.what), each.position, each.until) for each in found.faults]
        assert (name, told) == (name, list(expected))
        assert found.is_whole is not bool(expected)
        await restore(desk, saved)


async def test_the_place_is_told_by_id_and_time_too(desk: Stored) -> None:
    await sealed_rows(desk)
    row = (await desk.rows("event"))[4]
    await tamper(desk.database, "UPDATE event SET epoch = 9 WHERE position = 5")
    (fault,) = (await trail(desk).check()).faults
    assert (fault.id, fault.at) == (row["name"], row["at"])


async def test_sealed_rows_are_kept_but_for_erasing(desk: Stored) -> None:
    """By a trigger; erasing takes away what names and quotes, and the chain holds."""
    await sealed_rows(desk)

    async def run(statement: str) -> None:
        await desk.database.write(lambda to: to.execute(text(statement)).close())

    for refused in (
        "UPDATE event SET at = 1 WHERE position = 3",
        "UPDATE event SET body = '{}' WHERE position = 3",
        "DELETE FROM event WHERE position = 3",
    ):
        with pytest.raises((BadData, StoreError)):
            await run(refused)
    (row,) = await trail(desk).rows(Sought(), 2, 1)
    kept = content_of(row, row.salt or "")
    gone = f"salt = NULL, content = '{kept}', actor_name = '', body = '{{}}', changes = NULL"
    await run(f"UPDATE event SET {gone} WHERE position = 3")  # noqa: S608
    found = await trail(desk).check()
    assert (found.is_whole, found.erased, found.rows) == (True, 1, 12)


async def test_what_was_there_before_the_chain_is_sealed_first(desk: Stored) -> None:
    await sealed_rows(desk)
    await tamper(
        desk.database,
        "UPDATE event SET salt = NULL, said = NULL, seal = NULL",
        "DELETE FROM audit_head",
    )
    before = await trail(desk).check()
    assert [str(fault.what) for fault in before.faults] == ["changed"] * 12 + ["head"]
    await desk.do(desk.says("later"))
    feed = SqlFeed(desk.database, CHAIN)
    assert await feed.seal(5) == 5
    between = await trail(desk).check()
    assert (between.is_whole, between.rows, between.waiting, between.older) == (True, 5, 10, 12)
    await trail(desk).seal()
    after = await trail(desk).check()
    assert (after.is_whole, after.rows, after.waiting) == (True, 15, 0)


async def test_rows_are_not_sealed_anew_because_somebody_unsealed_them(desk: Stored) -> None:
    """The record of where the chain begins has a proof; a chain that is broken goes on, and says
    so."""
    await sealed_rows(desk)
    await tamper(
        desk.database,
        "UPDATE event SET at = 7, seal = NULL WHERE position > 8",
        "UPDATE audit_head SET position = 8 WHERE name = 'newest'",
        "UPDATE audit_head SET position = 12 WHERE name = 'begin'",
    )
    await desk.do(desk.says("later"))
    await trail(desk).seal()
    assert [row["seal"] for row in (await desk.rows("event"))[8:12]] == [None] * 4
    found = await trail(desk).check()
    assert {(str(each.what), each.position) for each in found.faults} >= {
        ("changed", position) for position in (9, 10, 11, 12, 13)
    }


async def test_a_chain_without_its_records_is_broken_and_begins_nowhere_anew(
    desk: Stored,
) -> None:
    """Else who takes them away, and some seals, had what they wrote sealed as older."""
    await sealed_rows(desk)
    await tamper(
        desk.database,
        "UPDATE event SET at = 7, seal = NULL WHERE position > 8",
        "DELETE FROM audit_head",
    )
    await desk.do(desk.says("later"))
    await trail(desk).seal()
    assert [row["seal"] for row in (await desk.rows("event"))[8:12]] == [None] * 4
    found = await trail(desk).check()
    assert (found.older, [each.position for each in found.faults]) == (0, [9, 10, 11, 12, 13])
    assert {str(each.what) for each in found.faults} == {"changed"}


async def test_where_only_the_records_are_gone_the_place_is_after_the_last_row(
    desk: Stored,
) -> None:
    await sealed_rows(desk)
    await tamper(desk.database, "DELETE FROM audit_head")
    await desk.do(desk.says("later"))
    await trail(desk).seal()
    await desk.do(desk.says("later still"))
    await trail(desk).seal()
    found = await trail(desk).check()
    assert (found.older, found.faults[0].position) == (0, 13)


async def test_a_key_that_was_turned_is_believed_and_another_is_not(desk: Stored) -> None:
    old, new = b"a key of thirty-two characters and more", b"another of thirty-two characters more"
    await sealed_rows(desk)
    both = SqlAudit(desk.database, Chain([new, old]))
    await desk.do(desk.says("later"))
    await both.seal()
    assert (await both.check()).is_whole
    found = await SqlAudit(desk.database, Chain([new])).check()
    assert not found.is_whole
    assert found.faults[0].detail.startswith("the record begin was changed, or made with a key")


async def test_no_more_faults_are_told_than_anybody_reads(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST_FAULTS", 5)
    await sealed_rows(desk)
    found = await SqlAudit(desk.database, Chain([b"none of ours"])).check()
    assert (len(found.faults), found.more) == (5, 9)
    assert MOST_FAULTS == 100


async def test_edits_and_deletions_are_no_faults(desk: Stored) -> None:
    desk = Stored(desk.database, replace(desk.policy, may_delete=True))
    await desk.do(desk.says("k1", "hello"))
    await trail(desk).seal()
    admin = Agent(AgentId("U1"), "Ana")
    to = ToConversation(SAM.conversation_id)
    await desk.do(DeleteConversation("delete", desk.clock.now, to, admin.as_author()))
    assert await desk.rows("message") == []
    assert (await trail(desk).check()).is_whole
    await trail(desk).seal()
    assert (await trail(desk).check()).is_whole


async def test_rows_are_read_by_what_is_sought(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "WINDOW", 2)
    begun = desk.clock.now
    handoff = await desk.hands_over()
    desk.clock.move(3_600)
    await desk.do(desk.replies("1.1", "hello"))
    await desk.do(desk.says("k9", to=user("ben")))
    unsealed = await trail(desk).rows(Sought(), 0, 99)
    await trail(desk).seal()

    async def kinds(after: int = 0, limit: int = 99, **sought: Any) -> list[str]:
        return [entry.kind for entry in await trail(desk).rows(Sought(**sought), after, limit)]

    everything = await kinds()
    assert (unsealed, len(everything)) == ([], len(await desk.rows("event")))
    assert await kinds(after=2, limit=2) == everything[2:4]
    of_sam = await kinds(conversation=SAM.conversation_id)
    assert of_sam == everything[: len(of_sam)]
    assert "message.agent" in of_sam
    assert len(of_sam) < len(everything)
    of_handoff = await kinds(handoff=handoff)
    assert 0 < len(of_handoff) <= len(of_sam)
    assert await kinds(handoff="hnd_none") == []
    assert await kinds(actor="U1") == await kinds(actor="Ana") == await kinds(agent="Ana")
    assert "message.agent" in await kinds(agent="Ana")
    assert await kinds(agent="crm") == []
    later = begun + 1_800 * SECOND
    assert [*await kinds(until=later), *await kinds(since=later)] == everything
    assert "message.agent" in await kinds(since=later)


async def test_a_row_has_its_cause_and_what_was_before_and_after(desk: Stored) -> None:
    await desk.do(desk.opens("open"))
    await trail(desk).seal()
    rows = {entry.kind: entry for entry in await trail(desk).rows(Sought(), 0, 9)}
    queued = rows["handoff.queued"]
    assert queued.cause == "OpenHandoff open"
    changes = json.loads(queued.changes or "")
    assert changes["handoff"]["status"] == [None, "queued"]
    assert changes["handoff"]["title"] == [0, 4]
    assert changes["conversation"]["mode"] == ["bot", "human"]


async def test_the_head_of_a_day_is_kept_once_told_once_and_holds(desk: Stored) -> None:
    """It is noted, too; the day on which nothing had happened yet has none."""
    kept, now = trail(desk), desk.clock.now
    await kept.close_day("2026-11-20", now, ALICE, now)
    await sealed_rows(desk)
    await kept.close_day("2026-11-20", now, ALICE, now)
    assert await kept.untold() == []
    ended = desk.clock.now + 1
    for _ in range(2):
        await kept.close_day("2026-11-21", ended, ALICE, ended)
    (head,) = await kept.untold()
    assert (head.name, head.position) == ("2026-11-21", 12)
    await kept.told(head)
    assert await kept.untold() == []
    await kept.seal()
    (noted,) = await kept.rows(Sought(actor="alice"), 0, 9)
    assert noted.kind == Kind.AUDIT_HEAD
    assert json.loads(noted.body) == {"day": "2026-11-21", "position": 12, "seal": head.seal}
    assert (await kept.check([head])).is_whole
    await tamper(desk.database, "UPDATE audit_head SET position = 3 WHERE name = '2026-11-21'")
    assert [str(each.what) for each in (await kept.check()).faults] == ["key"]


async def test_a_head_from_outside_finds_what_was_put_back_whole(desk: Stored) -> None:
    """Somebody who kept a copy of the database of an hour ago can put that in its place: within it
    all fits."""
    await desk.do(desk.says("k1"))
    await trail(desk).seal()
    saved = {table: await desk.rows(table) for table in TABLES}
    await desk.do(desk.says("k2"))
    await trail(desk).seal()
    newest = (await trail(desk).check()).newest
    assert newest
    await restore(desk, saved)
    assert (await trail(desk).check()).is_whole
    (fault,) = (
        await trail(desk).check([Head("of --head", newest.position, 0, newest.seal)])
    ).faults
    assert (str(fault.what), fault.position) == ("head", newest.position)


async def test_two_sealers_make_one_chain(fresh_postgres: str) -> None:
    async with stored(fresh_postgres) as desk:
        others = [connect(fresh_postgres) for _ in range(2)]
        sealers = [
            Sealer(SqlFeed(other, CHAIN), MemoryBell(), every=0.001, poll=0.001) for other in others
        ]
        for sealer in sealers:
            await sealer.start()
        await asyncio.gather(
            *(desk.do(desk.says(f"k{n}", to=user(f"u{n % 7}"))) for n in range(40))
        )
        number = len(await desk.rows("event"))

        async def all_sealed() -> bool:
            return await SqlFeed(desk.database, CHAIN).last() == number

        await until(all_sealed)
        for sealer in sealers:
            await sealer.close()
        for other in others:
            await other.close()
        found = await trail(desk).check()
        assert (found.faults, found.rows, found.waiting) == ([], number, 0)
