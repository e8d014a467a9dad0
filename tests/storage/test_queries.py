"""What adapters and the outbox look up: each answer once, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bridge.commands import AgentDeleted, Assign, Resolve, ToHandoff, ToMessage, ToThread, UserSaid
from bridge.effects import OpenThread
from bridge.model import DEFAULT_WORKSPACE, HandoffId, Status, Thread, WorkspaceId, conversation_id
from bridge.views import View
from storage.lists import SqlLists
from storage.queries import SqlReads
from storage.tables import metadata
from tests.bridge.driver import ANA, BEN, CNV, SAM
from tests.storage.stored import THREAD, Stored, stored, told, user

NOWHERE = WorkspaceId("elsewhere")
ANN, BOB = user("ann"), user("bob")


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url) as made:
        yield made


async def resolved(desk: Stored, handoff: HandoffId) -> None:
    desk.clock.move(1)
    await desk.do(Resolve(f"end:{handoff}", desk.clock.now, ToHandoff(handoff), ANA))


async def assigned(desk: Stored, handoff: HandoffId) -> None:
    await desk.do(Assign(f"to:{handoff}", desk.clock.now, ToHandoff(handoff), ANA, ANA))


def ids(views: list[View]) -> list[str]:
    return [view.handoff.id for view in views]


# --- one thing -----------------------------------------------------------------------------------


async def test_a_conversation_is_found_by_its_id(desk: Stored) -> None:
    await desk.do(desk.says("k1"))
    found = await desk.reads.conversation(CNV)
    assert found is not None
    assert (found.id, found.address, found.seq) == (CNV, "sam", 1)


async def test_a_contact_is_found_by_their_conversation(desk: Stored) -> None:
    to = replace(SAM, email="sam@example.org", attributes={"plan": "pro"})
    await desk.do(desk.says("k1", to=to))
    found = await desk.reads.contact(CNV)
    assert found is not None
    assert (found.name, found.email) == ("Sam", "sam@example.org")
    assert found.attributes == {"plan": "pro"}


async def test_a_message_is_found_by_its_id_and_by_its_source(desk: Stored) -> None:
    await desk.hands_over()
    (answer,) = await desk.do(desk.replies("s1", "hi"))
    found = await desk.reads.message(told(answer)["id"])
    assert found is not None
    assert (found.text, found.author) == ("hi", ANA.as_author())
    assert await desk.reads.by_message("s1") == found


async def test_the_newest_thread_of_a_handoff_is_the_one(desk: Stored) -> None:
    handoff = await desk.hands_over()
    assert await desk.reads.thread(handoff) == Thread(handoff, 1, "T1", "C1", "1.0")
    await reopened(desk, handoff)
    assert await desk.reads.thread(handoff) == Thread(handoff, 2, "T1", "C1", "2.0")


async def reopened(desk: Stored, handoff: HandoffId) -> None:
    """The thread was lost and is there anew."""
    desk.room = 8
    committed = await desk.commit(desk.says("again"))
    work = next(w for w in committed.work if w.claim.lane.startswith("desk:"))
    claim = replace(work.claim, effect=OpenThread(handoff, 2))
    await desk.do(desk.delivered(replace(work, claim=claim), ToThread("T1", "C1", "2.0")))


async def test_what_is_not_there_is_none(desk: Stored) -> None:
    reads = desk.reads
    assert await reads.conversation(CNV) is None
    assert await reads.contact(CNV) is None
    assert await reads.message("msg_none") is None
    assert await reads.by_message("none") is None
    assert await reads.thread(HandoffId("hnd_none")) is None
    assert await reads.view(HandoffId("hnd_none")) is None
    assert await reads.view_of(CNV) is None
    assert await reads.by_number(DEFAULT_WORKSPACE, 1) is None
    assert await reads.by_thread("T", "C", "1") is None


# --- views ---------------------------------------------------------------------------------------


async def test_a_view_has_all_that_a_desk_shows(desk: Stored) -> None:
    handoff = await desk.hands_over()
    view = await desk.reads.view(handoff)
    assert view is not None
    assert (view.handoff.title, view.handoff.status) == ("help", Status.QUEUED)
    assert (view.conversation.id, view.contact.name) == (CNV, "Sam")
    assert (view.bot, view.earlier) == (True, 0)


async def test_a_view_is_the_same_however_it_is_found(desk: Stored) -> None:
    await desk.hands_over(ANN, ToThread("T1", "C1", "9.9"))
    handoff = await desk.hands_over()
    view, reads = await desk.reads.view(handoff), desk.reads
    assert view is not None
    assert await reads.view_of(CNV) == view
    assert await reads.by_number(DEFAULT_WORKSPACE, 2) == view
    assert await reads.by_thread(THREAD.team, THREAD.channel, THREAD.ts) == view


async def test_a_thread_of_another_team_or_channel_is_another_thread(desk: Stored) -> None:
    await desk.hands_over()
    assert await desk.reads.by_thread("T2", THREAD.channel, THREAD.ts) is None
    assert await desk.reads.by_thread(THREAD.team, "C2", THREAD.ts) is None


async def test_a_number_belongs_to_its_workspace(desk: Stored) -> None:
    await desk.hands_over()
    assert await desk.reads.by_number(NOWHERE, 1) is None


async def test_a_view_says_whether_a_bot_gets_the_conversation_back(desk: Stored) -> None:
    handoff = await desk.hands_over()
    with_bot = await SqlReads(desk.database, lambda channel: channel == "webchat").view(handoff)
    without = await SqlReads(desk.database, lambda channel: channel != "webchat").view(handoff)
    assert with_bot is not None
    assert without is not None
    assert (with_bot.bot, without.bot) == (True, False)


async def test_a_view_counts_the_handoffs_before_it(desk: Stored) -> None:
    first = await desk.hands_over()
    await resolved(desk, first)
    desk.clock.move(1)
    (answer,) = await desk.do(desk.opens("o2"))
    view, old = await desk.reads.view_of(CNV), await desk.reads.view(first)
    assert view is not None
    assert old is not None
    assert (view.handoff.id, view.earlier, old.earlier) == (told(answer)["id"], 1, 0)


async def test_all_open_handoffs_come_oldest_first_however_many_pages_they_fill(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    for number, to in enumerate((ANN, BOB, SAM)):
        desk.clock.move(number % 2)  # two are of the same moment
        opened.append(await desk.hands_over(to, ToThread("T1", "C1", f"{number}.0")))
    await resolved(desk, opened[1])
    assert ids(await desk.reads.open_all(DEFAULT_WORKSPACE)) == [opened[0], opened[2]]
    third = (await desk.reads.open_all(DEFAULT_WORKSPACE))[1].handoff
    assert (third.number, await desk.reads.ahead(third)) == (3, 1)
    for page, most, found in ((1, 9, [opened[0], opened[2]]), (1, 1, [opened[0]])):
        monkeypatch.setattr("storage.paging.PAGE", page)
        monkeypatch.setattr("storage.paging.MOST", most)
        assert ids(await desk.reads.open_all(DEFAULT_WORKSPACE)) == found
    assert await desk.reads.open_all(NOWHERE) == []


async def test_the_open_handoffs_of_an_agent_are_theirs_alone(desk: Stored) -> None:
    mine = await desk.hands_over(ANN, ToThread("T1", "C1", "1.0"))
    await desk.hands_over(BOB, ToThread("T1", "C1", "2.0"))
    await assigned(desk, mine)
    assert ids(await desk.reads.open_of(DEFAULT_WORKSPACE, ANA.id)) == [mine]
    assert await desk.reads.open_of(DEFAULT_WORKSPACE, BEN.id) == []
    await resolved(desk, mine)
    assert await desk.reads.open_of(DEFAULT_WORKSPACE, ANA.id) == []


# --- messages ------------------------------------------------------------------------------------


async def talk(desk: Stored) -> None:
    """hello (1), a note, hi (2), bye (3), and hi deleted (4): the revs of what a user may see."""
    await desk.hands_over()
    await desk.do(desk.says("k1", "hello"))
    await desk.do(desk.replies("s0", "note: a secret", order="1.1"))
    await desk.do(desk.replies("s1", "hi", order="1.2"))
    await desk.do(desk.says("k2", "bye"))
    await desk.do(AgentDeleted("d1", desk.clock.now, ToMessage(source="s1")))


async def test_what_a_user_is_shown_has_every_change_and_no_note(desk: Stored) -> None:
    await talk(desk)
    before = await desk.reads.conversation(CNV)
    assert before is not None
    shown = [m for m in await desk.reads.shown(CNV, 0) if m.author.role != "system"]
    assert [m.author.role for m in shown] == ["user", "user", "agent"]
    assert (shown[-1].deleted, shown[-1].rev) == (True, before.rev)
    assert [m.rev for m in shown] == sorted(m.rev for m in shown)


async def test_what_a_user_is_shown_goes_on_after_the_last_rev(desk: Stored) -> None:
    await talk(desk)
    everything = await desk.reads.shown(CNV, 0)
    assert await desk.reads.shown(CNV, everything[0].rev) == everything[1:]
    assert await desk.reads.shown(CNV, everything[-1].rev) == []
    assert await desk.reads.shown(CNV, 0, limit=1) == everything[:1]


async def test_the_last_messages_before_come_oldest_first(desk: Stored) -> None:
    await desk.do(*(desk.says(f"k{n}", str(n)) for n in range(1, 6)))
    assert [m.text for m in await desk.reads.before(CNV, 4, 2)] == ["3", "4"]
    assert [m.text for m in await desk.reads.between(CNV, 1, 4)] == ["2", "3", "4"]


async def test_neither_notes_nor_what_was_deleted_is_told_again(desk: Stored) -> None:
    await talk(desk)
    for told_again in (await desk.reads.before(CNV, 99, 99), await desk.reads.between(CNV, 0, 99)):
        said = [m.text for m in told_again if m.author.role != "system"]
        assert said == ["hello", "bye"]


async def test_messages_are_those_of_one_conversation(desk: Stored) -> None:
    await desk.do(desk.says("k1", "mine"), desk.says("k2", "hers", ANN))
    assert [m.text for m in await desk.reads.before(ANN.conversation_id, 9, 9)] == ["hers"]


# --- what the desk's history is compared with -----------------------------------------------------


async def test_threads_that_count_are_those_of_open_handoffs_and_of_those_just_ended(
    desk: Stored,
) -> None:
    ended, earlier, older, younger = [
        await desk.hands_over(user(name), ToThread("T1", "C1", f"{number}.0"))
        for number, name in enumerate(("cy", "di", "ed", "flo"))
    ]
    await resolved(desk, earlier)
    between = desk.clock.now
    await resolved(desk, ended)
    await reopened_of(desk, younger)

    async def found(since: int) -> list[tuple[str, int]]:
        threads = await desk.reads.threads_since(DEFAULT_WORKSPACE, since)
        return [(thread.handoff_id, thread.generation) for thread in threads]

    assert set((await found(between))[:2]) == {(older, 1), (younger, 2)}
    assert (await found(between))[2:] == [(ended, 1)]
    assert (await found(0))[2:] == [(ended, 1), (earlier, 1)]
    assert await desk.reads.threads_since(NOWHERE, 0) == []


async def reopened_of(desk: Stored, handoff: HandoffId) -> None:
    thread = metadata.tables["thread"]
    row = {
        "handoff_id": handoff, "generation": 2, "workspace_id": DEFAULT_WORKSPACE,
        "team": "T1", "channel": "C1", "ts": "77.0",
    }  # fmt: skip
    await desk.database.write(lambda c: c.execute(thread.insert().values(row)).close())


async def test_what_was_said_in_a_handoff_has_its_notes_and_what_was_deleted(desk: Stored) -> None:
    await talk(desk)
    view = await desk.reads.view_of(CNV)
    assert view is not None
    said = await desk.reads.said_in(view.handoff.id)
    assert [(m.source, m.deleted) for m in said] == [("s0", False), ("s1", True)]
    assert await desk.reads.said_in(HandoffId("hnd_none")) == []


async def test_the_keys_of_commands_that_were_taken_are_known(desk: Stored) -> None:
    await desk.hands_over()
    await desk.do(desk.replies("s1", "hi"))
    assert await desk.reads.taken(["slack:s1", "slack:s2"]) == {"slack:s1"}
    assert await desk.reads.taken([]) == set()


# --- finding users -------------------------------------------------------------------------------


def lists(desk: Stored) -> SqlLists:
    return SqlLists(desk.database, desk.reads)


async def met(desk: Stored) -> None:
    known = {"order": 1009, "of": {"firm": 'Miller "& Co'}}
    ann = replace(ANN, email="ann@example.org", attributes=known)
    for to in (ann, replace(BOB, name="100% Bob_by")):
        desk.clock.move(1)
        await desk.do(UserSaid(f"k:{to.address}", desk.clock.now, to, "hello"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ANN", ["ann"]),
        ("example.ORG", ["ann"]),
        ("bob_", ["bob"]),
        ("100%", ["bob"]),
        ("%", ["bob"]),
        ("_", ["bob", "ann"]),
        ("\\", []),
        ("1009", ["ann"]),
        ('miller "', ["ann"]),
        ("order", []),
        (conversation_id(DEFAULT_WORKSPACE, "webchat", "ann"), ["ann"]),
    ],
)
async def test_users_are_found_by_what_is_known_of_them(
    desk: Stored, text: str, found: list[str]
) -> None:
    """`_` is in each conversation's id; no character is a wildcard."""
    await met(desk)
    pairs = await lists(desk).conversations(DEFAULT_WORKSPACE, text, (), 9)
    names = [conversation.address for conversation, _ in pairs]
    assert names == found
    assert all(c.contact_id == contact.id for c, contact in pairs)


async def test_the_most_recent_users_come_first(desk: Stored) -> None:
    await met(desk)
    pairs = await lists(desk).conversations(DEFAULT_WORKSPACE, "", (), 1)
    assert [conversation.address for conversation, _ in pairs] == ["bob"]
    assert await lists(desk).conversations(NOWHERE, "ann", (), 9) == []
