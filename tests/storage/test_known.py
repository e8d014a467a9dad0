"""What is said is written on what the process knows, in one statement, or else with locks; on
PostgreSQL, with two processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.commands import (
    AddNote,
    AgentEdited,
    Assign,
    Block,
    Command,
    DeleteConversation,
    Duplicate,
    Rejected,
    Release,
    Resolve,
    SetPriority,
    SwitchBot,
    ToBot,
    ToConversation,
    ToMessage,
)
from bridge.errors import BadData
from bridge.model import DEFAULT_WORKSPACE, Priority
from bridge.sealing import MOST
from storage import known
from storage.audit import SqlAudit
from storage.bulk import Writes
from storage.database import connect
from storage.feed import SqlFeed
from storage.postgresql import Kept
from storage.runner import Runner
from storage.transaction import Transaction
from tests.bridge.driver import ANA, BEN, SAM
from tests.storage.stored import API, CHAIN, THREAD, Stored, told, user
from tests.storage.test_races import aside, begun, desk, held_up

__all__ = ["aside", "desk"]
MINE = ToConversation(SAM.conversation_id)


@pytest.fixture
async def other(desk: Stored, fresh_postgres: str) -> AsyncIterator[Stored]:
    made = connect(fresh_postgres)
    yield Stored(made, desk.policy, "p2", desk.clock, 8, desk.chain)
    await made.close()


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """Of each transaction that locked something what that was."""
    locked, lock = list[Sequence[str]](), Runner.lock

    def counted(self: Runner, conversations: Sequence[str], *rest: Any, **more: Any) -> Any:
        locked.append(conversations)
        return lock(self, conversations, *rest, **more)

    monkeypatch.setattr(Runner, "lock", counted)
    return locked


@pytest.fixture
async def talk(desk: Stored) -> None:
    """An agent has the handoff, and has said something."""
    await desk.hands_over()
    await desk.do(Assign("a1", desk.clock.now, THREAD, ANA, ANA))
    await desk.do(desk.replies("s1", "hello Sam"))


async def texts(desk: Stored) -> list[str]:
    rows = await desk.rows("message")
    return [row["text"] for row in sorted(rows, key=lambda row: row["seq"])]


# --- what it is for ------------------------------------------------------------------------------


@pytest.mark.usefixtures("talk")
async def test_both_sides_go_on_without_locks_when_the_process_knows_the_conversation(
    desk: Stored, locks: list[Sequence[str]]
) -> None:
    locks.clear()
    answers = await desk.do(desk.says("k1", "one"), desk.says("k2", "two"))
    await desk.do(desk.replies("s2", "three", order="1.2"))
    await desk.do(desk.says("k3", "four"))
    assert locks == []
    assert (await texts(desk))[-5:] == ["hello Sam", "one", "two", "three", "four"]
    first, second = (told(answer)["seq"] for answer in answers)
    assert second == first + 1


@pytest.mark.usefixtures("talk")
async def test_while_it_is_decided_on_no_connection_is_taken(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, take, decide = list[str](), Kept._taken, Transaction.decide

    async def taken(self: Kept) -> AsyncConnection:
        order.append("taken")
        return await take(self)

    def decided(self: Transaction, commands: Sequence[Command]) -> Writes:
        order.append("decided")
        return decide(self, commands)

    monkeypatch.setattr(Kept, "_taken", taken)
    monkeypatch.setattr(Transaction, "decide", decided)
    await desk.do(desk.says("k1", "one"))
    await desk.do(AddNote("n1", desk.clock.now, THREAD, ANA, "with locks"))
    assert order == ["decided", "taken", "taken", "decided"]


@pytest.mark.usefixtures("talk")
async def test_words_that_no_database_can_keep_are_refused_as_with_locks(desk: Stored) -> None:
    for odd in ("\ud800", "nul \x00"):
        with pytest.raises(BadData):
            await desk.do(desk.replies(f"s{odd}", odd))
    await desk.do(desk.says("k1", "and it goes on"))
    assert (await texts(desk))[-1] == "and it goes on"


async def test_a_user_who_is_new_is_written_down_with_locks(
    desk: Stored, locks: list[Sequence[str]]
) -> None:
    await desk.hands_over()
    await desk.do(desk.says("k1"), desk.says("k2", to=user("bo")))
    assert [len(each) for each in locks][-3:] == [2, 1, 1]  # both, what is there, what is made


async def test_the_work_that_it_brings_is_given_along(desk: Stored) -> None:
    await desk.hands_over()
    committed = await desk.commit(desk.says("k1", "hello"))
    (work,) = [each for each in committed.work if each.claim.lane.startswith("desk:")]
    assert work.subject is not None
    assert work.subject.text == "hello"
    assert work.thread is not None
    assert work.thread.ts == THREAD.ts
    assert committed.fresh


# --- what another process did meanwhile ----------------------------------------------------------


async def test_what_another_process_did_is_what_is_decided_on(desk: Stored, other: Stored) -> None:
    await desk.hands_over()
    await desk.do(desk.says("k1"))
    told((await other.do(Resolve("r1", desk.clock.now, THREAD, ANA)))[0])
    told((await desk.do(desk.says("k2", "one more thing")))[0])
    assert [row["kind"] for row in await desk.rows("event")].count("handoff.reopened") == 1


async def test_who_was_given_the_handoff_by_another_process_keeps_it(
    desk: Stored, other: Stored
) -> None:
    handoff = await desk.hands_over()
    await desk.do(desk.says("k1"))
    await other.do(Assign("a1", desk.clock.now, THREAD, BEN, BEN))
    await desk.do(desk.says("k2"))
    found = await desk.handoff(handoff)
    assert found.assignee == BEN.id


async def test_who_was_blocked_by_another_process_is_not_heard(desk: Stored, other: Stored) -> None:
    await desk.hands_over()
    await desk.do(desk.says("k1"))
    told((await other.do(Block("b1", desk.clock.now, MINE, ANA.as_author())))[0])
    assert [answer.data for answer in await desk.do(desk.says("k2"))] == [{"rejected": "blocked"}]


async def test_what_another_process_has_taken_is_a_duplicate(desk: Stored, other: Stored) -> None:
    await desk.hands_over()
    await desk.do(desk.says("k0"))
    (first,) = await other.do(other.says("k1", "once"))
    (second,) = await desk.do(desk.says("k1", "once"))
    assert second == Duplicate(told(first))
    assert (await texts(desk)).count("once") == 1


async def test_the_same_again_is_a_duplicate_and_another_with_its_id_is_refused(
    desk: Stored,
) -> None:
    await desk.hands_over()
    (first,) = await desk.do(desk.says("k1", digest="a"))
    again = await desk.do(desk.says("k1", digest="a"), desk.says("k1", digest="b"))
    assert again == (Duplicate(told(first)), Rejected("id_reused"))


async def test_while_a_bot_is_silent_there_are_locks(
    desk: Stored, other: Stored, locks: list[Sequence[str]]
) -> None:
    await desk.hands_over()
    bot = ToBot(DEFAULT_WORKSPACE, "default")
    await other.do(SwitchBot("b1", desk.clock.now, bot, ANA.as_author(), on=False))
    locks.clear()
    await desk.do(desk.says("k1"))
    assert locks == [[SAM.conversation_id]]


async def test_after_one_in_vain_there_are_locks_for_a_while(
    desk: Stored, other: Stored, locks: list[Sequence[str]]
) -> None:
    await desk.hands_over()
    await other.do(other.says("o1"))
    locks.clear()
    for number in range(known.AGAIN + 2):
        await desk.do(desk.says(f"k{number}"))
    assert len(locks) == known.AGAIN + 1
    assert len(await desk.rows("message")) == known.AGAIN + 3


async def test_of_a_conversation_that_was_deleted_nothing_is_remembered(
    desk: Stored, other: Stored, locks: list[Sequence[str]]
) -> None:
    desk.policy = other.policy = replace(desk.policy, may_delete=True)
    await desk.hands_over()
    for who in (desk, other):
        await desk.do(desk.says(f"k:{who.name}"))
        deleted = DeleteConversation(f"d:{who.name}", desk.clock.now, MINE, API)
        told((await who.do(deleted))[0])
        locks.clear()
        await desk.do(desk.says(f"l:{who.name}"))
        assert locks


# --- at the same moment --------------------------------------------------------------------------


async def test_who_waited_for_a_change_to_the_conversation_is_decided_on_it(
    desk: Stored, aside: asyncpg.Connection[Any]
) -> None:
    await desk.hands_over()
    async with aside.transaction():
        await aside.execute("UPDATE conversation SET locale = 'fr'")
        said = await begun(aside, desk.do(desk.says("k1", "hello")), 1)
    told((await said)[0])
    assert [row["locale"] for row in await desk.rows("conversation")] == ["fr"]
    assert await texts(desk) == ["hello"]


async def test_who_waited_for_one_who_changed_nothing_needs_no_locks(
    desk: Stored, aside: asyncpg.Connection[Any], locks: list[Sequence[str]]
) -> None:
    await desk.hands_over()
    locks.clear()
    async with held_up(aside, "conversation"):
        said = await begun(aside, desk.do(desk.says("k1", "hello")), 1)
    told((await said)[0])
    assert locks == []


async def test_two_processes_that_say_something_at_once_are_both_heard(
    desk: Stored, other: Stored, aside: asyncpg.Connection[Any]
) -> None:
    await desk.hands_over()
    await other.do(other.says("o1", "zero"))
    for number in range(known.AGAIN):
        await desk.do(desk.says(f"d{number}", "-"))
    await desk.do(desk.says("d", "-"))
    async with held_up(aside, "conversation"):
        one = await begun(aside, desk.do(desk.says("k1", "one")), 1)
        two = await begun(aside, other.do(other.says("k2", "two")), 2)
    await one
    await two
    assert sorted(text for text in await texts(desk) if text != "-") == ["one", "two", "zero"]
    numbers = sorted(row["seq"] for row in await desk.rows("message"))
    assert numbers == list(range(1, len(numbers) + 1))


# --- the version stands for all that is known with it --------------------------------------------

_WROTE = """
SELECT h.xmin::text::bigint <= c.xmin::text::bigint AND k.xmin::text::bigint <= c.xmin::text::bigint
FROM conversation AS c JOIN handoff AS h ON h.id = c.handoff_id
JOIN contact AS k ON k.id = c.contact_id
"""


async def test_who_writes_a_handoff_or_a_contact_writes_the_conversation(
    desk: Stored, aside: asyncpg.Connection[Any]
) -> None:
    await desk.hands_over()
    here = desk.clock.now, THREAD, BEN
    for command in (
        Assign("a1", *here, BEN),
        AddNote("n1", *here, "calls often"),
        SetPriority("p1", *here, Priority.URGENT),
        Release("l1", *here),
        Block("b1", desk.clock.now, MINE, ANA.as_author()),
    ):
        told((await desk.do(command))[0])
        assert await aside.fetchval(_WROTE)


# --- what came early -----------------------------------------------------------------------------


def edit(desk: Stored, source: str, text: str) -> AgentEdited:
    key = f"edit:{source}"
    return AgentEdited(key, desk.clock.now, ToMessage(source=source), ANA, text, "5")


async def test_an_edit_that_another_process_kept_is_found_by_the_words_it_is_about(
    desk: Stored, other: Stored
) -> None:
    await desk.hands_over()
    await desk.do(desk.says("k1"))
    await other.do(edit(other, "s1", "better"))
    await desk.do(desk.replies("s1", "worse"))
    assert (await desk.by_source("s1")).text == "better"
    assert await desk.rows("early") == []


async def test_what_awaits_a_users_words_by_their_source_finds_them(desk: Stored) -> None:
    await desk.hands_over()
    await desk.do(desk.says("k1"))
    await desk.do(edit(desk, "mail:1", "better"))
    await desk.do(replace(desk.says("k2"), source="mail:1"))
    assert await desk.rows("early") == []


@pytest.mark.usefixtures("talk")
async def test_an_edit_that_comes_while_its_words_are_written_waits_for_these(
    desk: Stored, other: Stored, aside: asyncpg.Connection[Any]
) -> None:
    async with held_up(aside, "conversation"):
        said = await begun(aside, desk.do(desk.replies("s2", "worse", order="1.2")), 1)
        edited = await begun(aside, other.do(edit(other, "s2", "better")), 2)
    await said
    with pytest.raises(Exception, match="came meanwhile"):  # by which the inbox tries once more
        await edited
    await other.do(edit(other, "s2", "better"))
    assert (await desk.by_source("s2")).text == "better"


@pytest.mark.usefixtures("talk")
async def test_words_that_come_while_an_edit_of_them_is_kept_find_it(
    desk: Stored, other: Stored, aside: asyncpg.Connection[Any]
) -> None:
    async with aside.transaction():  # whoever keeps something waits here, having counted
        await aside.execute("LOCK TABLE early IN SHARE MODE")
        edited = await begun(aside, other.do(edit(other, "s2", "better")), 1)
        said = await begun(aside, desk.do(desk.replies("s2", "worse", order="1.2")), 2)
    await edited
    await said
    assert (await desk.by_source("s2")).text == "better"


# --- the audit chain -----------------------------------------------------------------------------


async def test_the_chain_is_whole_whoever_goes_on_with_it(desk: Stored, other: Stored) -> None:
    desk.chain = other.chain = CHAIN
    one, two = (
        desk.other("p1", 8),
        Stored(other.database, other.policy, "p2", other.clock, 8, CHAIN),
    )
    await one.hands_over()
    await SqlFeed(one.database, CHAIN).seal(MOST)
    for number in range(2 * known.AGAIN):
        await one.do(one.says(f"a{number}"))
        if number % 10 == 0:
            await two.do(two.says(f"b{number}", to=user("bo")))
    found = await SqlAudit(one.database, CHAIN).check()
    assert found.is_whole
    assert found.waiting == 0


@pytest.mark.parametrize(
    "changed", ["UPDATE audit_head SET seal = 'x'", "UPDATE audit_head SET proof = 'x'"]
)
async def test_a_record_of_the_chain_that_was_changed_is_not_gone_on_with(
    desk: Stored, aside: asyncpg.Connection[Any], changed: str
) -> None:
    desk.chain = CHAIN
    one = desk.other("p1", 8)
    await one.hands_over()
    await SqlFeed(one.database, CHAIN).seal(MOST)
    await one.do(one.says("k1"))
    await aside.execute(changed)
    await one.do(one.says("k2"))
    await SqlFeed(one.database, CHAIN).seal(MOST)
    assert not (await SqlAudit(one.database, CHAIN).check()).is_whole


async def test_what_waits_to_be_sealed_is_sealed_before_what_is_said_next(desk: Stored) -> None:
    desk.chain = CHAIN
    one = desk.other("p1", 8)
    await one.do(one.says("first", to=user("first")))
    await SqlFeed(one.database, CHAIN).seal(MOST)
    (work,) = (await one.commit(one.says("k1"))).work
    await one.do(one.delivered(work, THREAD))  # which does not wait to seal what it brings
    await one.do(one.says("k2"))
    events = await one.rows("event")
    assert [row["position"] for row in events] == list(range(1, len(events) + 1))
