"""Where a user's channel says that our messages are: told by its answer and by its echo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bridge.commands import (
    Accepted,
    AgentDeleted,
    AgentEdited,
    Command,
    Delivered,
    Echoed,
    Rejected,
    SendTemplate,
    ToConversation,
    ToMessage,
    ToPost,
    UserReacted,
    UserRead,
)
from bridge.effects import PostMessage, SendToUser, ShowSeen
from bridge.model import Message, MessageId, Standing
from bridge.policy import Traits
from bridge.stores import Work
from bridge.templates import Template, Templates
from storage.mapping import read_effect
from tests.bridge.driver import ANA, CNV, NO_BOT
from tests.storage.stored import THREAD, Stored, stored, told

HELLO = Templates(shortcuts=(Template("hello", {"en": "Hello"}),))
PLACE = ("messenger", "page", "m_1")
SENDS = replace(NO_BOT, channels={"webchat": Traits(max_text=100, window=86_400_000_000)})


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, SENDS) as made:
        await made.hands_over()
        yield made


async def sending(desk: Stored) -> tuple[Message, Work]:
    """An agent's reply on its way."""
    desk.room = 100
    work = (await desk.commit(desk.replies("s:1", "hello"))).work
    (joined,) = [each for each in work if isinstance(each.effect, SendToUser)]
    work = (await desk.commit(Delivered(joined.claim, desk.clock.now))).work
    (send,) = [each for each in work if isinstance(each.effect, SendToUser)]
    return await desk.by_source("s:1"), send


def echo(desk: Stored, said: Message) -> Echoed:
    return Echoed("echo", desk.clock.now, ToMessage(said.id), CNV, 0, PLACE)


def answer(desk: Stored, send: Work) -> Delivered:
    return Delivered(send.claim, desk.clock.now, PLACE)


async def test_where_the_desk_shows_a_message_is_known_and_is_not_where_its_user_has_it(
    desk: Stored,
) -> None:
    desk.policy, desk.room = replace(SENDS, templates=HELLO), 100
    asked = SendTemplate("t1", desk.clock.now, THREAD, ANA, "hello")
    committed = await desk.commit(asked)
    work = list(committed.work)
    while work:
        each = work.pop()
        place = {PostMessage: ("T1", "C1", "1.7"), SendToUser: PLACE}.get(type(each.effect))
        work += (await desk.commit(Delivered(each.claim, desk.clock.now, place, shown=1))).work
    said = MessageId(told(committed.answers[0])["id"])
    assert {row["ts"] for row in await desk.rows("post")} >= {"1.7", "m_1"}
    assert await desk.reads.posts_of(said) == [("T1", "C1", "1.7")]


@pytest.mark.parametrize("order", ["answer first", "echo first", "together", "together reversed"])
async def test_both_may_tell_in_any_order(desk: Stored, order: str) -> None:
    said, send = await sending(desk)
    both: list[Command] = [answer(desk, send), echo(desk, said)]
    if order in ("echo first", "together reversed"):
        both.reverse()
    if order.startswith("together"):
        await desk.do(*both)
    else:
        for each in both:
            await desk.do(each)
    assert (await desk.by_source("s:1")).standing is Standing.SENT
    posts = [row for row in await desk.rows("post") if row["ts"] == "m_1"]
    assert [row["message_id"] for row in posts] == [said.id]
    assert await desk.reads.posted("messenger", "page", ["m_1", "m_2"]) == {"m_1"}
    assert await desk.reads.posted("messenger", "page", []) == set()


async def test_a_users_emoji_finds_the_message_by_the_channels_own_id(desk: Stored) -> None:
    _, send = await sending(desk)
    to, at = ToPost(*PLACE), desk.clock.now
    reacts = UserReacted("r1", at, to, CNV, "🎉", True)
    assert await desk.do(reacts) == (Rejected("unknown_post"),)
    await desk.do(answer(desk, send))
    (told,) = await desk.do(reacts)
    assert isinstance(told, Accepted)
    assert [each.emoji for each in (await desk.by_source("s:1")).reactions] == ["🎉"]


async def test_what_was_read_is_known_by_when_it_was_said(desk: Stored) -> None:
    assert await desk.reads.seq_at(CNV, desk.clock.now - 10**9) == 0
    said, send = await sending(desk)
    assert 0 < await desk.reads.seq_at(CNV, desk.clock.now) < said.seq  # it is on its way yet
    await desk.do(answer(desk, send))
    assert await desk.reads.seq_at(CNV, desk.clock.now) == said.seq


async def test_the_newest_message_of_an_agent_that_was_read_is_shown_as_seen(desk: Stored) -> None:
    said, send = await sending(desk)
    await desk.do(answer(desk, send))
    for seq in (said.seq - 1, said.seq, said.seq, 99):
        await desk.do(UserRead(f"read:{seq}", desk.clock.now, ToConversation(CNV), seq))
    rows = [row for row in await desk.rows("effect") if row["kind"] == "ShowSeen"]
    assert [read_effect(row["kind"], row["body"]) for row in rows] == [ShowSeen("s:1")]


async def test_a_view_says_until_when_an_agent_may_answer(desk: Stored) -> None:
    desk.reads._traits = SENDS.traits
    await desk.do(desk.says("k1"))
    view = await desk.reads.view_of(CNV)
    assert view is not None
    assert view.answer_until == desk.clock.now + 86_400_000_000


def edit(desk: Stored, text: str, order: str) -> AgentEdited:
    to = ToMessage(source="s:1")
    return AgentEdited(f"e:{order}", desk.clock.now, to, ANA, text, order)


async def test_new_words_go_in_place_of_those_that_nobody_has_begun_to_send(desk: Stored) -> None:
    await desk.do(desk.replies("s:1", "hello"), edit(desk, "in the same commit", "1"))
    assert (await desk.by_source("s:1")).text == "in the same commit"
    await desk.do(edit(desk, "while it waits", "2"))
    assert (await desk.by_source("s:1")).text == "while it waits"
    joined = next(w for w in await desk.store.claim(10) if isinstance(w.effect, SendToUser))
    await desk.do(edit(desk, "while it is next", "3"))
    desk.room = 100
    (work,) = (await desk.commit(Delivered(joined.claim, desk.clock.now))).work
    await desk.do(edit(desk, "while it is sent", "4"))
    assert (await desk.by_source("s:1")).text == "while it is next"
    await desk.store.put_back(work, 1.0, failed=True, doubtful=False)
    await desk.do(edit(desk, "when it surely was not", "5"))
    assert (await desk.by_source("s:1")).text == "when it surely was not"
    await desk.do(AgentDeleted("d", desk.clock.now, ToMessage(source="s:1")))
    assert (await desk.by_source("s:1")).deleted
