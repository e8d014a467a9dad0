"""Approvals in both databases: kept whole, settled once, erased with what was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bridge.commands import (
    Accepted,
    DeleteConversation,
    Judge,
    RequestApproval,
    ToConversation,
    ToUser,
)
from bridge.gates import CHANNEL, Act, Approval, Ask, Stand, Verdict
from bridge.inbox import Inbox
from bridge.model import DEFAULT_WORKSPACE, Author, Role, contact_id, conversation_id, given
from storage.lists import SqlLists
from storage.memory import MemoryBell
from tests.bridge.driver import ANA, BEN, BOT
from tests.storage.stored import API, Stored, stored, user

SAM = user("sam")
HERE = ToConversation(SAM.conversation_id)
ROBO = Author(Role.BOT, "robo")


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, replace(BOT, may_delete=True)) as made:
        await made.do(made.says("hello", to=SAM))
        yield made


async def asked(desk: Stored, key: str, to: ToConversation | ToUser = HERE) -> str:
    ask = Ask("Refund", {"text": "Five €"}, send=isinstance(to, ToConversation), context=[key])
    await desk.do(RequestApproval(key, desk.clock.now, to, ROBO, "robo", ask))
    rows = await desk.rows("approval")
    return str(next(row["id"] for row in rows if row["context"] == f'["{key}"]'))


async def read(desk: Stored, id: str) -> Approval:
    return given(await SqlLists(desk.database, desk.reads).approval(id))


async def test_it_is_kept_whole_and_what_is_approved_is_said_with_it(desk: Stored) -> None:
    first, second = await asked(desk, "a"), await asked(desk, "b")
    kept = await read(desk, first)
    assert (kept.draft, kept.context, kept.send, kept.is_pending) == (
        *({"text": "Five €"}, ["a"]),
        *(True, True),
    )
    wish = Verdict(Act.EDIT, value={"text": "Four €"})
    await desk.do(Judge("j", desk.clock.now, HERE, first, ANA, wish))
    done = await read(desk, first)
    assert (done.status, done.value, done.votes[0].name) == (
        Stand.EDITED,
        {"text": "Four €"},
        "Ana",
    )
    said = [row["text"] for row in await desk.rows("message") if row["author_role"] == "bot"]
    assert said == ["Four €"]
    assert (await read(desk, second)).is_pending
    (conversation,) = await desk.rows("conversation")
    assert conversation["drafts"] == 1


async def test_of_many_at_once_one_decides(desk: Stored) -> None:
    inbox = Inbox(desk.store, MemoryBell(), lambda _: None)
    named = [await asked(desk, f"a{n}") for n in range(5)]
    judging = [
        Judge(f"{it}:{by.id}:{act}", desk.clock.now, HERE, it, by, Verdict(act, text="No"))
        for it in named
        for by in (ANA, BEN)
        for act in (Act.APPROVE, Act.REJECT, Act.RESPOND)
    ]
    answers = await asyncio.gather(*map(inbox.handle, judging))
    assert sum(isinstance(answer, Accepted) for answer in answers) == len(named)
    assert all([not (await read(desk, each)).is_pending for each in named])
    await inbox.close()


async def test_about_no_conversation_it_is_in_none_that_anybody_lists(desk: Stored) -> None:
    ids = (
        conversation_id(DEFAULT_WORKSPACE, CHANNEL, "ask_1"),
        contact_id(DEFAULT_WORKSPACE, CHANNEL, "ask_1"),
    )
    it = await asked(desk, "a", ToUser(DEFAULT_WORKSPACE, *ids, CHANNEL, "ask_1"))
    assert (await read(desk, it)).is_alone
    listed = await SqlLists(desk.database, desk.reads).conversations(DEFAULT_WORKSPACE, "", (), 9)
    assert [talk.id for talk, _ in listed] == [SAM.conversation_id]


async def test_with_a_conversation_its_drafts_are_deleted(desk: Stored) -> None:
    over, waiting = await asked(desk, "a"), await asked(desk, "b")
    await desk.do(Judge("j", desk.clock.now, HERE, over, ANA, Verdict(Act.REJECT, text="No")))
    await desk.do(DeleteConversation("d", desk.clock.now, HERE, API))
    for each in (over, waiting):
        gone = await read(desk, each)
        assert (gone.title, gone.draft, gone.value, gone.context) == ("", None, None, None)
        assert not gone.is_pending
