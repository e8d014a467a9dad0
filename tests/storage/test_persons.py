"""Contacts that are one person, in both databases: what is the person's is found from each of their
conversations, and a change of one is a change of all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import count

import pytest

from bridge.commands import (
    Accepted,
    AddNote,
    Answer,
    Block,
    MergeContacts,
    Rejected,
    Resolve,
    ToConversation,
    ToHandoff,
    ToThread,
    ToUser,
    Unblock,
)
from bridge.inbox import Inbox
from bridge.lists import Wanted
from bridge.model import DEFAULT_WORKSPACE, HandoffId, Status, given
from storage.lists import SqlLists
from storage.mapping import Row
from storage.memory import MemoryBell
from storage.runner import Runner
from tests.bridge.driver import ANA, BOT
from tests.storage.stored import API, Stored, body, stored, user

A, B, C, STRANGER = (user(name) for name in ("ann", "bea", "cee", "someone"))


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, BOT) as made:
        for each in (A, B, C, STRANGER):
            await made.do(made.says(f"hello:{each.address}", to=each))
        yield made


def merge(desk: Stored, to: ToUser, other: ToUser, key: str = "") -> MergeContacts:
    named = key or f"{to.address}:{other.address}"
    here = ToConversation(to.conversation_id)
    return MergeContacts(named, desk.clock.now, here, other.conversation_id, API)


def block(desk: Stored, whom: ToUser) -> Block:
    here = ToConversation(whom.conversation_id)
    return Block(f"block:{whom.address}", desk.clock.now, here, API, "threats")


async def persons(desk: Stored) -> dict[str, tuple[str, bool]]:
    """By address, which person it is and whether they are blocked."""
    rows = await desk.rows("contact")
    return {row["address"]: (row["person_id"], row["blocked_at"] > 0) for row in rows}


async def had(desk: Stored, who: ToUser, note: str) -> HandoffId:
    """A handoff that is over, with a note about the person."""
    thread = ToThread("T1", "C1", f"{who.address}.0")
    handoff = await desk.hands_over(who, thread)
    desk.clock.move(1)
    here, at = ToHandoff(handoff), desk.clock.now
    await desk.do(AddNote(f"note:{note}", at, here, ANA, note))
    await desk.do(Resolve(f"end:{note}", at, here, ANA))
    desk.clock.move(1)
    return handoff


async def test_notes_and_handoffs_are_the_persons_and_conversations_stay_as_they_are(
    desk: Stored,
) -> None:
    gone = [await had(desk, who, f"of {who.address}") for who in (A, B, STRANGER)]
    await desk.do(merge(desk, A, B), merge(desk, B, C))
    now = await desk.hands_over(C, ToThread("T1", "C1", "now.0"))
    assert given(await desk.reads.view(now)).earlier == 2
    assert given(await desk.reads.view(gone[2])).earlier == 0
    notes = await desk.reads.history(C.conversation_id, 1 << 60, 9, notes=True)
    assert [note.text for note in notes] == ["of ann", "of bea"]
    said = await desk.reads.history(C.conversation_id, 1 << 60, 9)
    assert {message.conversation_id for message in said} == {C.conversation_id}
    lists, wanted = SqlLists(desk.database, desk.reads), Wanted(person=C.conversation_id)
    found = await lists.handoffs(DEFAULT_WORKSPACE, wanted, (), 9)
    assert {view.handoff.id for view in found} == {gone[0], gone[1], now}
    people = [contact.id for _, contact in await lists.person(C.conversation_id)]
    assert sorted(people) == sorted(each.contact_id for each in (A, B, C))
    [(_, alone)] = await lists.person(STRANGER.conversation_id)
    assert alone.id == STRANGER.contact_id
    addresses = {row["id"]: row["address"] for row in await desk.rows("conversation")}
    assert addresses == {each.conversation_id: each.address for each in (A, B, C, STRANGER)}


async def test_two_persons_become_one_and_whoever_is_blocked_then_is_so_everywhere(
    desk: Stored,
) -> None:
    await desk.do(merge(desk, A, B))
    await desk.do(merge(desk, C, A))
    ids = {C.address: C.contact_id, A.address: C.contact_id, B.address: C.contact_id}
    assert {k: v[0] for k, v in (await persons(desk)).items()} == {**ids, STRANGER.address: ""}
    for command, blocked in (
        (block(desk, B), True),
        (Unblock("un", desk.clock.now, ToConversation(A.conversation_id), API), False),
    ):
        await desk.do(command)
        told = {name: each[1] for name, each in (await persons(desk)).items()}
        assert told == {**dict.fromkeys(ids, blocked), STRANGER.address: False}


async def test_what_is_open_in_their_other_conversations_ends_as_in_the_one_where_they_are_blocked(
    desk: Stored,
) -> None:
    await desk.do(merge(desk, A, B))
    there = await desk.hands_over(B, ToThread("T1", "C1", "b.0"))
    other = await desk.hands_over(STRANGER, ToThread("T1", "C1", "s.0"))
    await desk.do(block(desk, A))
    handoff = await desk.handoff(there)
    assert (handoff.status, handoff.outcome) == (Status.RESOLVED, "threats")
    assert (await desk.handoff(other)).is_open
    lines = [body(row) for row in await desk.rows("effect") if row["kind"] == "PostLine"]
    told = [(line["line"], line["detail"]) for line in lines if line["handoff_id"] == there]
    assert told == [("ended", "resolved"), ("blocked", "threats")]
    before = await desk.everything()
    await desk.do(replace(block(desk, A), key="again"))
    after = await desk.everything()
    assert (after["handoff"], after["event"]) == (before["handoff"], before["event"])


@pytest.mark.parametrize("whose", [A, B])
async def test_who_becomes_one_with_somebody_who_is_blocked_has_nothing_open_any_more(
    desk: Stored, whose: ToUser
) -> None:
    """On whichever side they are."""
    other = B if whose is A else A
    await desk.do(block(desk, other))
    handoff = await desk.hands_over(whose, ToThread("T1", "C1", "w.0"))
    await desk.do(merge(desk, A, B))
    ended = await desk.handoff(handoff)
    assert (ended.status, ended.outcome) == (Status.RESOLVED, "threats")
    assert {row["person_id"] for row in await desk.rows("contact") if row["blocked_at"]} == {
        A.contact_id
    }


async def test_in_one_transaction_each_meets_what_the_one_before_has_done(desk: Stored) -> None:
    await desk.do(merge(desk, A, B), merge(desk, B, C), block(desk, C))
    here = (A.contact_id, True)
    told = await persons(desk)
    assert told == {**dict.fromkeys(("ann", "bea", "cee"), here), STRANGER.address: ("", False)}


async def test_once_more_with_oneself_or_with_nobody_does_no_harm(desk: Stored) -> None:
    await desk.do(merge(desk, A, B))
    before = await persons(desk)
    again = await desk.do(merge(desk, A, B, "k1"), merge(desk, B, A, "k2"), merge(desk, A, A))
    assert all(isinstance(answer, Accepted) for answer in again)
    unknown = await desk.do(merge(desk, A, user("x"), "k3"), merge(desk, user("x"), A, "k4"))
    assert unknown == (Rejected("unknown_user"), Rejected("unknown_conversation"))
    assert await persons(desk) == before


async def test_who_is_not_there_yet_is_from_their_proof_on(desk: Stored) -> None:
    new = user("new")
    proof = MergeContacts("k", desk.clock.now, new, A.conversation_id, API, proven=True)
    assert isinstance((await desk.do(proof))[0], Accepted)
    told = await persons(desk)
    assert (told["ann"], told["new"]) == ((new.contact_id, False),) * 2


async def test_who_becomes_another_person_meanwhile_is_looked_up_again(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The merge came between the looking up and the locks."""
    await desk.do(merge(desk, A, B))
    inbox = Inbox(desk.store, MemoryBell(), lambda work: None)
    look, asked = Runner.mates, count()

    def late(run: Runner, wanted: Sequence[str]) -> Sequence[Row]:
        return look(run, wanted) if next(asked) else ()

    monkeypatch.setattr(Runner, "mates", late)
    answer: Answer = await inbox.handle(block(desk, A))
    assert isinstance(answer, Accepted)
    assert {name for name, each in (await persons(desk)).items() if each[1]} == {"ann", "bea"}
