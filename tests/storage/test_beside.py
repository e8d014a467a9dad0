"""Silent bots, the last reply, deleting, and the desk as a whole: on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bridge.commands import (
    EVERY_BOT,
    Accepted,
    Assign,
    Command,
    DeleteConversation,
    Pause,
    Rate,
    Recall,
    Rejected,
    Resolve,
    SwitchBot,
    ToBot,
    ToConversation,
    ToHandoff,
    ToMessage,
    Transfer,
    UserEnded,
)
from bridge.model import DEFAULT_WORKSPACE, SECOND, HandoffId, Mode, given
from bridge.policy import Asks
from bridge.views import Figures
from storage.lists import SqlLists
from tests.bridge.driver import ANA, BEN, BOT, CNV, SAM, START
from tests.storage.stored import API, Stored, stored, told, user

POLICY = replace(BOT, may_delete=True)
ASKING = replace(POLICY, channels={"webchat": replace(POLICY.traits("webchat"), asks=Asks.ITSELF)})
HERE = ToConversation(CNV)
ANN, BOB = user("ann"), user("bob")


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, POLICY) as made:
        yield made


def switch(desk: Stored, key: str, *, on: bool = False, bot: str = "robo") -> SwitchBot:
    to = ToBot(DEFAULT_WORKSPACE, bot)
    return SwitchBot(key, desk.clock.now, to, API, on, "maintenance")


async def calls(desk: Stored) -> int:
    return (await desk.waiting(f"bot:{CNV}")).count("CallBot")


# --- silent bots ---------------------------------------------------------------------------------


async def test_a_bot_is_silent_for_everybody_until_it_is_resumed(desk: Stored) -> None:
    assert [told(a) for a in await desk.do(switch(desk, "s1"))] == [{"bot": "robo", "paused": True}]
    await desk.do(desk.says("k1"))
    assert await calls(desk) == 1  # that the conversation has begun; not what was said
    assert await desk.reads.silent_bots(DEFAULT_WORKSPACE) == {"robo": "crm"}
    await desk.do(switch(desk, "s2", on=True), desk.says("k2", "again"))
    assert await calls(desk) == 2
    assert await desk.reads.silent_bots(DEFAULT_WORKSPACE) == {}


async def test_switching_twice_is_as_once_and_every_switch_is_in_the_log(desk: Stored) -> None:
    await desk.do(switch(desk, "s1", bot=EVERY_BOT), switch(desk, "s2", bot=EVERY_BOT))
    [again] = await desk.do(switch(desk, "s1", bot=EVERY_BOT))
    assert again.data == {"bot": "*", "paused": True}
    kinds = [row["kind"] for row in await desk.rows("event")]
    assert kinds == ["bot.paused"]
    await desk.do(desk.says("k1"))
    assert await calls(desk) == 1


async def test_a_switch_and_words_in_one_transaction_follow_each_other(desk: Stored) -> None:
    await desk.do(desk.says("k1"), switch(desk, "s1"), desk.says("k2", "again"))
    assert await calls(desk) == 2


# --- recalling -----------------------------------------------------------------------------------


def recall(desk: Stored, key: str, to: ToHandoff | ToMessage) -> Recall:
    return Recall(key, desk.clock.now, to, ANA)


async def test_the_last_reply_is_found_and_only_once(desk: Stored) -> None:
    handoff = await desk.hands_over()
    await desk.do(desk.replies("m1", "first"), desk.replies("m2", "second", order="1.2"))
    await desk.do(desk.replies("m3", "!n a note", order="1.3"))
    [answer] = await desk.do(recall(desk, "r1", ToHandoff(handoff)))
    assert told(answer)["recalled"]
    assert (await desk.by_source("m2")).deleted
    [again] = await desk.do(recall(desk, "r2", ToHandoff(handoff)))
    assert again == Rejected("already_recalled")
    assert not (await desk.by_source("m1")).deleted


async def test_a_reply_of_the_same_transaction_is_found(desk: Stored) -> None:
    handoff = await desk.hands_over()
    said, back = desk.replies("m1", "first"), recall(desk, "r1", ToHandoff(handoff))
    answers = await desk.do(said, back, recall(desk, "r2", ToHandoff(handoff)))
    assert isinstance(answers[1], Accepted)
    assert answers[2] == Rejected("already_recalled")
    assert (await desk.by_source("m1")).deleted


async def test_without_a_handoff_there_is_nothing_to_recall(desk: Stored) -> None:
    await desk.do(desk.says("k1"))
    [answer] = await desk.do(Recall("r1", desk.clock.now, HERE, ANA))
    assert answer == Rejected("nothing_to_recall")


# --- deleting ------------------------------------------------------------------------------------


async def test_every_word_is_gone_and_the_user_may_come_again(desk: Stored) -> None:
    handoff = await desk.hands_over(replace(SAM, name="Sam Rivera", email="sam@example.org"))
    await desk.do(desk.says("k1", "a secret"), desk.replies("m1", "another secret"))
    gone = DeleteConversation("d1", desk.clock.now, ToHandoff(handoff), ANA.as_author())
    [answer] = await desk.do(gone)
    assert told(answer) == {"conversation_id": CNV, "deleted": True}
    assert await desk.rows("message") == []
    assert await desk.rows("post") == []
    contact = await desk.reads.contact(CNV)
    assert contact
    assert (contact.name, contact.email) == ("", "")
    assert (await desk.handoff(handoff)).title == ""
    for table in ("handoff", "contact", "conversation", "message", "event"):
        assert "secret" not in str(await desk.rows(table))
    await desk.do(desk.says("k2", "hello again"))
    assert [m.text for m in await desk.reads.shown(CNV, 0)] == ["hello again"]


async def test_words_of_the_same_transaction_are_gone_too_and_later_ones_stay(
    desk: Stored,
) -> None:
    gone = DeleteConversation("d1", desk.clock.now, HERE, API)
    await desk.do(desk.says("k1", "before"), gone, desk.says("k2", "after"))
    assert [m.text for m in await desk.reads.shown(CNV, 0)] == ["after"]


# --- the desk as a whole -------------------------------------------------------------------------


async def test_who_is_live_is_with_the_bot_or_paused_and_the_newest_is_first(
    desk: Stored,
) -> None:
    await desk.do(desk.says("a1", to=ANN))
    desk.clock.move(60)
    await desk.do(desk.says("b1", to=BOB))
    desk.clock.move(60)
    await desk.hands_over()
    live = await desk.reads.live(DEFAULT_WORKSPACE, START)
    assert [contact.name for _, contact in live] == ["Bob", "Ann"]
    at = desk.clock.now
    await desk.do(Pause("p1", at, ToConversation(ANN.conversation_id), ANA.as_author()))
    live = await desk.reads.live(DEFAULT_WORKSPACE, START)
    assert [talk.mode for talk, _ in live] == [Mode.BOT, Mode.HUMAN]
    assert await desk.reads.live(DEFAULT_WORKSPACE, START + 61 * SECOND) == []


async def test_people_are_found_by_title_by_words_and_only_paused_ones(desk: Stored) -> None:
    await desk.do(desk.says("a1", "my 100% parcel", to=ANN), desk.says("b1", to=BOB))
    await desk.do(desk.opens("o1", to=SAM, description="a broken cup"))

    async def found(text: str, *, paused: bool = False) -> list[str]:
        lists = SqlLists(desk.database, desk.reads)
        people = await lists.conversations(DEFAULT_WORKSPACE, text, (), 9, paused=paused or None)
        return sorted(contact.address for _, contact in people)

    assert await found("0% PARCEL") == ["ann"]
    assert await found("cup") == ["sam"]
    assert await found("help") == ["sam"]
    assert await found("bob") == ["bob"]
    assert await found("", paused=True) == []
    to = ToConversation(BOB.conversation_id)
    await desk.do(Pause("p1", desk.clock.now, to, ANA.as_author()))
    assert await found("", paused=True) == ["bob"]
    assert await found("ann", paused=True) == []


async def test_history_is_everything_in_pages(desk: Stored) -> None:
    await desk.hands_over()
    await desk.do(*(desk.says(f"k{n}", f"word {n}") for n in range(5)))
    await desk.do(desk.replies("m1", "!n a note"))
    last = await desk.reads.history(CNV, 1 << 60, 2)
    assert [m.text for m in last] == ["word 4", "a note"]
    before = await desk.reads.history(CNV, last[0].seq, 2)
    assert [m.text for m in before] == ["word 2", "word 3"]


async def test_what_an_agent_holds_or_could_not_send_is_theirs_while_it_is_open(
    desk: Stored,
) -> None:
    handoff = await desk.hands_over()
    await desk.do(Assign("a1", desk.clock.now, ToHandoff(handoff), BEN, BEN))
    await desk.do(desk.replies("m1", "I know this one"))
    assert [m.text for m in await desk.reads.stuck(DEFAULT_WORKSPACE, ANA.id)] == [
        "I know this one"
    ]
    assert await desk.reads.stuck(DEFAULT_WORKSPACE, BEN.id) == []
    await desk.do(Resolve("e1", desk.clock.now, ToHandoff(handoff), BEN))
    assert await desk.reads.stuck(DEFAULT_WORKSPACE, ANA.id) == []


async def test_the_figures_are_those_since_then(desk: Stored) -> None:
    desk.policy = ASKING
    assert await desk.reads.figures(DEFAULT_WORKSPACE, START) == Figures(0, 0, 0, 0)
    handoff = await desk.hands_over()
    desk.clock.move(48)
    await desk.do(desk.replies("m1", "Hello"))
    await desk.do(desk.opens("o2", to=ANN))
    figures = await desk.reads.figures(DEFAULT_WORKSPACE, START)
    assert figures == Figures(1, 2, 2, 0, 48 * SECOND)
    desk.clock.move(1)
    await desk.do(Resolve("e1", desk.clock.now, ToHandoff(HandoffId(handoff)), ANA))
    assert await desk.reads.figures(DEFAULT_WORKSPACE, START, ANA.id) == Figures(
        0, 0, 1, 1, 48 * SECOND
    )
    await desk.do(Rate("r1", desk.clock.now, ToConversation(CNV), 4, "quick"))
    rated = await desk.reads.figures(DEFAULT_WORKSPACE, START)
    assert (rated.rating, rated.rated) == (4.0, 1)
    later = desk.clock.now + 1
    assert await desk.reads.figures(DEFAULT_WORKSPACE, later) == Figures(1, 1, 0, 0)


async def test_a_first_reply_is_theirs_who_gave_it_whoever_has_the_handoff_next(
    desk: Stored,
) -> None:
    handoff = ToHandoff(HandoffId(await desk.hands_over()))
    desk.clock.move(43)
    await desk.do(desk.replies("m1", "Hello"))
    await desk.do(Assign("a1", desk.clock.now, handoff, ANA, BEN))
    await desk.do(Resolve("e1", desk.clock.now, handoff, BEN))
    mine, theirs = [
        await desk.reads.figures(DEFAULT_WORKSPACE, START, who.id) for who in (ANA, BEN)
    ]
    assert (mine.first_reply, mine.resolved) == (43 * SECOND, 0)
    assert (theirs.first_reply, theirs.resolved) == (None, 1)


@pytest.mark.parametrize("end", ["resolve", "leave", "/end", "resolve at once"])
async def test_who_wrote_last_is_whom_the_user_is_asked_about(desk: Stored, end: str) -> None:
    """Ben has it at the end, and Ana wrote; also where all comes in one transaction."""
    desk.policy = ASKING
    handoff = await desk.hands_over()
    desk.clock.move(1)
    at, here = desk.clock.now, ToHandoff(handoff)
    before: list[Command] = [desk.replies("m1", "Hello"), Transfer("t1", at, here, ANA, BEN)]
    resolve = Resolve("r1", at, here, BEN)
    ends: dict[str, Command] = {
        "resolve": resolve,
        "leave": UserEnded("e1", at, ToConversation(SAM.conversation_id)),
        "/end": desk.says("u2", "/end"),
    }
    if end == "resolve at once":
        await desk.do(*before, resolve)
    else:
        await desk.do(*before)
        await desk.do(ends[end])
    view = given(await desk.reads.view(handoff))
    assert view.handoff.assignee_name == "Ben"
    assert view.handoff.rating.question == "How was the conversation with Ana?"
