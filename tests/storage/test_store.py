"""The inbox's transaction: what is taken once, numbered, early, refused; on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import insert

from bridge.commands import (
    Accepted,
    AgentDeleted,
    AgentEdited,
    Duplicate,
    Rejected,
    Resolve,
    ToHandoff,
    ToMessage,
    ToThread,
)
from bridge.errors import BadData
from bridge.model import HandoffId, MessageId, Status
from bridge.ports import TOPIC_EVENTS, TOPIC_WORK, topic_of
from storage.mapping import HANDOFF
from storage.tables import metadata
from tests.bridge.driver import ANA, CNV, SAM
from tests.storage.stored import THREAD, Stored, body, stored, told, user

HALF = "half a pair \ud83d"
NUL = "before\x00after"


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url) as made:
        yield made


def edit(desk: Stored, source: str, text: str, order: str = "5") -> AgentEdited:
    key = f"edit:{source}:{order}"
    return AgentEdited(key, desk.clock.now, ToMessage(source=source), ANA, text, order)


# --- once ----------------------------------------------------------------------------------------


async def test_the_same_key_again_is_told_the_first_answer_and_changes_nothing(
    desk: Stored,
) -> None:
    (first,) = await desk.do(desk.says("k1", "one"))
    before = await desk.everything()
    assert await desk.do(desk.says("k1", "one")) == (Duplicate(told(first)),)
    assert await desk.everything() == before
    assert told(first)["seq"] == 1


async def test_the_same_key_with_another_digest_is_a_reused_id(desk: Stored) -> None:
    await desk.do(desk.says("k1", "one", digest="a"))
    assert await desk.do(desk.says("k1", "two", digest="b")) == (Rejected("id_reused"),)
    assert await desk.do(desk.says("k1", "one", digest="a")) == (Duplicate(await first(desk)),)


async def first(desk: Stored) -> dict[str, object]:
    (message,) = await desk.reads.before(CNV, 1, 1)
    return {"id": message.id, "seq": 1}


async def test_a_twin_in_one_batch_has_the_answer_of_the_first(desk: Stored) -> None:
    one, two = await desk.do(desk.says("k1"), desk.says("k1"))
    assert two == Duplicate(told(one))
    assert len(await desk.reads.before(CNV, 9, 9)) == 1


async def test_a_twin_in_one_batch_with_another_digest_is_a_reused_id(desk: Stored) -> None:
    one, two = await desk.do(desk.says("k1", digest="a"), desk.says("k1", digest="b"))
    assert isinstance(one, Accepted)
    assert two == Rejected("id_reused")


async def test_what_was_rejected_may_be_tried_again_with_the_same_key(desk: Stored) -> None:
    resolve = Resolve("r1", desk.clock.now, ToHandoff(HandoffId("hnd_none")), ANA)
    assert await desk.do(resolve) == (Rejected("unknown_handoff"),)
    assert await desk.rows("receipt") == []
    handoff = await desk.hands_over()
    (answer,) = await desk.do(replace(resolve, to=ToHandoff(handoff)))
    assert isinstance(answer, Accepted)


async def test_answers_come_in_the_order_of_the_commands(desk: Stored) -> None:
    await desk.do(desk.says("old"))
    old, new, refused, twin = await desk.do(
        desk.says("old"),
        desk.says("new"),
        Resolve("r", desk.clock.now, ToHandoff(HandoffId("hnd_none")), ANA),
        desk.says("new"),
    )
    assert isinstance(old, Duplicate)
    assert told(new)["seq"] == 2
    assert refused == Rejected("unknown_handoff")
    assert twin == Duplicate(told(new))


# --- places and numbers --------------------------------------------------------------------------


async def test_messages_of_one_batch_are_numbered_in_its_order(desk: Stored) -> None:
    answers = await desk.do(*(desk.says(f"k{n}", str(n)) for n in range(5)))
    assert [told(answer)["seq"] for answer in answers] == [1, 2, 3, 4, 5]
    assert [m.text for m in await desk.reads.before(CNV, 9, 9)] == ["0", "1", "2", "3", "4"]


async def test_handoffs_are_numbered_through_the_whole_workspace(desk: Stored) -> None:
    one, two = await desk.do(desk.opens("o1", user("ann")), desk.opens("o2", user("bob")))
    (three,) = await desk.do(desk.opens("o3", user("cid")))
    assert sorted([told(one)["number"], told(two)["number"]]) == [1, 2]
    assert told(three)["number"] == 3


async def test_a_batch_that_fails_uses_up_no_number(desk: Stored) -> None:
    with pytest.raises(BadData):
        await desk.do(desk.opens("o1", user("ann")), desk.says("k1", HALF))
    (one,) = await desk.do(desk.opens("o1", user("ann")))
    assert told(one)["number"] == 1


async def test_the_position_is_how_many_wait_before(desk: Stored) -> None:
    answers = [(await desk.do(desk.opens(name, user(name))))[0] for name in ("ann", "bob", "cid")]
    assert [told(answer)["position"] for answer in answers] == [0, 1, 2]


async def test_the_first_answer_to_an_open_handoff_is_kept_with_its_number(desk: Stored) -> None:
    (one,) = await desk.do(desk.opens("o1"))
    assert await desk.do(desk.opens("o1")) == (Duplicate(told(one)),)
    assert {"id", "number", "position", "status"} <= told(one).keys()


async def test_one_conversation_has_one_open_handoff(desk: Stored) -> None:
    one, two = await desk.do(desk.opens("o1"), desk.opens("o2"))
    assert isinstance(two, Rejected)
    assert (two.reason, two.data["id"]) == ("handoff_open", told(one)["id"])
    assert len(await desk.rows("handoff")) == 1


async def test_the_database_itself_refuses_a_second_open_handoff(desk: Stored) -> None:
    handoff = await desk.handoff(await desk.hands_over())
    second = HANDOFF.write(replace(handoff, id=HandoffId("hnd_2"), number=2))
    row = dict(zip(HANDOFF.shape.columns, second, strict=True))
    statement = insert(metadata.tables["handoff"]).values(row)
    with pytest.raises(BadData):
        await desk.database.write(lambda connection: connection.execute(statement).close())
    assert len(await desk.rows("handoff")) == 1


async def test_one_batch_may_end_a_handoff_and_open_the_next(desk: Stored) -> None:
    old = await desk.hands_over()
    end = Resolve("r1", desk.clock.now, ToHandoff(old), ANA)
    ended, opened = await desk.do(end, desk.opens("o2"))
    assert isinstance(ended, Accepted)
    new = HandoffId(told(opened)["id"])
    assert (await desk.handoff(old)).status is Status.RESOLVED
    assert (await desk.handoff(new)).status is Status.QUEUED


# --- early ---------------------------------------------------------------------------------------


async def test_a_reply_before_its_thread_waits_for_it(desk: Stored) -> None:
    assert await desk.do(desk.replies("s1", "hi Sam")) == (Accepted({"waiting": True}),)
    assert await desk.reads.by_message("s1") is None
    await desk.hands_over()
    assert (await desk.by_source("s1")).text == "hi Sam"
    assert await desk.rows("early") == []


async def test_a_reply_for_another_thread_goes_on_waiting(desk: Stored) -> None:
    await desk.do(desk.replies("s1", "hi", to=ToThread("T1", "C2", THREAD.ts)))
    await desk.hands_over()
    assert await desk.reads.by_message("s1") is None
    assert len(await desk.rows("early")) == 1


async def test_an_edit_before_its_message_waits_for_it(desk: Stored) -> None:
    await desk.hands_over()
    assert await desk.do(edit(desk, "s1", "second")) == (Accepted({"waiting": True}),)
    await desk.do(desk.replies("s1", "first"))
    assert (await desk.by_source("s1")).text == "second"


async def test_a_deletion_before_its_message_waits_for_it(desk: Stored) -> None:
    await desk.hands_over()
    await desk.do(AgentDeleted("del", desk.clock.now, ToMessage(source="s1")))
    await desk.do(desk.replies("s1", "first"))
    assert (await desk.by_source("s1")).deleted


async def test_an_edit_in_one_batch_before_its_message_is_taken(desk: Stored) -> None:
    await desk.hands_over()
    await desk.do(edit(desk, "s1", "second"), desk.replies("s1", "first"))
    assert (await desk.by_source("s1")).text == "second"
    assert await desk.rows("early") == []


async def test_an_edit_before_a_reply_before_its_thread_waits_for_both(desk: Stored) -> None:
    await desk.do(edit(desk, "s1", "second"))
    await desk.do(desk.replies("s1", "first"))
    await desk.hands_over()
    assert (await desk.by_source("s1")).text == "second"
    assert await desk.rows("early") == []


async def test_early_replies_are_taken_in_the_order_of_their_own_time(desk: Stored) -> None:
    late = replace(desk.replies("s2", "two", order="1.2"), at=desk.clock.now + 2)
    soon = replace(desk.replies("s1", "one", order="1.1"), at=desk.clock.now + 1)
    await desk.do(late)
    await desk.do(soon)
    await desk.hands_over()
    assert (await desk.by_source("s1")).seq < (await desk.by_source("s2")).seq


async def test_an_early_command_is_taken_once(desk: Stored) -> None:
    reply = desk.replies("s1", "hi Sam")
    await desk.do(reply)
    (again,) = await desk.do(reply)
    assert isinstance(again, Duplicate)
    assert len(await desk.rows("early")) == 1


async def test_what_names_a_message_by_our_own_id_does_not_wait(desk: Stored) -> None:
    command = replace(edit(desk, "", "x"), to=ToMessage(MessageId("msg_none")))
    assert await desk.do(command) == (Rejected("unknown_message"),)


# --- what the database refuses -------------------------------------------------------------------


async def test_half_a_surrogate_pair_is_bad_data(desk: Stored) -> None:
    with pytest.raises(BadData):
        await desk.do(desk.says("k1", HALF))


async def test_half_a_surrogate_pair_in_what_is_known_of_a_user_is_bad_data(desk: Stored) -> None:
    with pytest.raises(BadData):
        await desk.do(desk.says("k1", to=replace(SAM, attributes={"plan": HALF})))


async def test_half_a_surrogate_pair_in_an_early_command_is_bad_data(desk: Stored) -> None:
    with pytest.raises(BadData):
        await desk.do(desk.replies("s1", HALF))


async def test_a_nul_is_kept_or_bad_data_but_never_cut_off(desk: Stored) -> None:
    if desk.database.dialect == "postgresql":
        with pytest.raises(BadData):
            await desk.do(desk.says("k1", NUL))
    else:
        await desk.do(desk.says("k1", NUL))
        (message,) = await desk.reads.before(CNV, 1, 1)
        assert message.text == NUL


async def test_a_batch_is_all_or_nothing(desk: Stored) -> None:
    before = await desk.everything()
    with pytest.raises(BadData):
        await desk.do(desk.says("k1", "fine", user("ann")), desk.says("k2", HALF))
    assert await desk.everything() == before
    (answer,) = await desk.do(desk.says("k1", "fine", user("ann")))
    assert isinstance(answer, Accepted)


async def test_poison_is_kept_readable_whatever_is_in_it(desk: Stored) -> None:
    await desk.store.keep_poison(desk.says("k1", HALF + NUL), "DataError")
    (row,) = await desk.rows("poison")
    assert (row["kind"], row["error"], row["at"]) == ("UserSaid", "DataError", desk.clock.now)
    assert row["body"].isascii()
    assert body(row)["text"] == HALF + NUL


# --- the bell ------------------------------------------------------------------------------------


async def test_a_commit_names_the_conversations_that_users_would_see_change(desk: Stored) -> None:
    handoff = await desk.hands_over()
    committed = await desk.commit(desk.replies("s1", "hi"))
    assert committed.topics == {topic_of(CNV), TOPIC_EVENTS, TOPIC_WORK}
    note = await desk.commit(desk.replies("s2", "note: a secret", order="1.2"))
    assert topic_of(CNV) not in note.topics
    assert (await desk.handoff(handoff)).status is Status.ASSIGNED
