"""A handoff whose thread is gone goes on in a new one, whole, once and in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql

from bridge.commands import (
    Accepted,
    Answer,
    Assign,
    Claim,
    Delivered,
    Duplicate,
    Rejected,
    Resolve,
    lost,
)
from bridge.effects import (
    Line,
    Mark,
    OpenThread,
    PostLine,
    PostMessage,
    PostPreview,
    PutMark,
)
from bridge.errors import Broken, Retry, Scope, StoreUnavailable
from bridge.events import Kind
from bridge.healing import following
from bridge.model import HandoffId, MessageId
from bridge.stores import Work
from bridge.views import LinePost, PreviewPost
from tests.bridge.driver import ANA, BEN, CNV
from tests.bridge.fakes import AbleDesk, MortalDesk
from tests.bridge.house import House, house
from tests.bridge.test_handoffs import opened
from tests.bridge.test_results import refuse

LONG = "a" * 90 + " " + "b" * 90
"""Two posts on this desk."""
HND, MSG, OTHER = HandoffId("hnd_1"), MessageId("msg_1"), MessageId("msg_2")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(f"sqlite:///{tmp_path}/desk.db", MortalDesk()) as made:
        yield made


def shown(desk: MortalDesk, ts: str) -> list[str]:
    """What stands in a thread below its root: lines and previews by what they are."""
    told: list[str] = []
    for _, post in desk.shown[ts]:
        if isinstance(post, PreviewPost):
            told.append("|".join(message.text for message in post.messages))
        elif isinstance(post, LinePost):
            told.append(str(post.line))
        elif post is not None:
            told += [post.text, *(message.text for message in post.also)]
    return told


async def mid_talk(home: House) -> None:
    await home.hands_over()
    await home.hears("where is my parcel?")
    await home.quiet()
    await home.replies("on its way")
    await home.quiet()


async def lines(home: House, ts: str) -> list[LinePost]:
    return [post for _, post in home.desk.shown[ts] if isinstance(post, LinePost)]


# --- the whole way -------------------------------------------------------------------------------


async def test_what_waits_follows_into_a_new_thread_once_and_in_order(home: House) -> None:
    await mid_talk(home)
    home.desk.posting.say(Retry("http_503"))
    for text in ("hello?", LONG, "still there?"):
        await home.hears(text)
    await home.quiet()
    home.desk.dead.add("1.0")
    await home.later(0.5)
    assert home.desk.opened[1].endswith("/2")
    begin, line, *rest = shown(home.desk, "2.0")
    assert "where is my parcel?|on its way" in begin
    assert "hello?" not in begin
    assert line == Line.MOVED
    assert "".join(rest) == f"hello?{LONG}still there?"
    (moved,) = [post for post in await lines(home, "2.0") if post.line is Line.MOVED]
    assert (moved.who, moved.detail) == (ANA.id, "thread_gone")
    assert [event for event in await kinds(home) if event == Kind.THREAD_LOST] == ["thread.lost"]


async def kinds(home: House) -> list[str]:
    rows = await home.database.read(
        lambda connection: connection.execute(sql("SELECT kind FROM event ORDER BY id")).all()
    )
    return [row[0] for row in rows]


async def test_a_message_that_was_half_posted_is_posted_whole(home: House) -> None:
    await mid_talk(home)
    home.desk.posting.say(None, Retry("http_503"))
    await home.hears(LONG)
    await home.quiet()
    assert len(home.desk.texts("1.0")) == 2
    home.desk.dead.add("1.0")
    await home.later(0.5)
    assert "".join(home.desk.texts("2.0")) == LONG
    assert LONG not in shown(home.desk, "2.0")[0]


async def test_a_card_that_is_gone_is_enough_and_the_new_one_is_drawn(home: House) -> None:
    await mid_talk(home)
    home.desk.dead.add("1.0")
    await home.do(Assign(home.key(), home.clock.now, home.thread, ANA, BEN))
    await home.later(0.5)
    assert Line.TRANSFERRED in shown(home.desk, "2.0")
    assert home.desk.cards[-1].handoff.assignee == BEN.id


async def test_the_new_thread_may_be_lost_as_well(home: House) -> None:
    await mid_talk(home)
    home.desk.dead |= {"1.0", "2.0"}
    await home.hears("hello?")
    await home.quiet()
    assert shown(home.desk, "2.0") == []
    preview, line, hello = shown(home.desk, "3.0")
    assert (line, hello) == (Line.MOVED, "hello?")
    assert preview.count("on its way") == 1


async def test_whoever_finds_out_second_changes_nothing(home: House) -> None:
    await mid_talk(home)
    news = lost(home.thread, home.clock.now, "thread_deleted")
    assert isinstance(await home.do(news), Accepted)
    await home.quiet()
    assert isinstance(await home.do(news), Duplicate)
    late = lost(home.thread, home.clock.now, "thread_gone")
    again = await home.do(type(late)("another", late.at, late.to, late.reason))
    assert isinstance(again, Accepted)
    await home.quiet()
    assert list(home.desk.shown) == ["1.0", "2.0"]


async def test_late_words_in_the_old_thread_find_the_handoff(home: House) -> None:
    await mid_talk(home)
    await home.do(lost(home.thread, home.clock.now, "thread_deleted"))
    await home.quiet()
    await home.replies("from the old thread")
    await home.quiet()
    assert home.channel.sent[-1][1] == "from the old thread"


async def test_a_handoff_that_is_over_gets_no_new_thread(home: House) -> None:
    await mid_talk(home)
    home.desk.dead.add("1.0")
    await home.do(Resolve(home.key(), home.clock.now, home.thread, ANA, "found"))
    await home.later(0.5)
    assert list(home.desk.shown) == ["1.0"]
    assert (await kinds(home)).count(Kind.DELIVERY_FAILED) == 2  # the line and the card
    assert isinstance(await home.do(lost(home.thread, 1, "thread_deleted")), Rejected)


async def test_a_mark_in_a_lost_thread_is_given_up(home: House) -> None:
    await mid_talk(home)
    home.desk.moods.say(Broken("thread_locked", Scope.THREAD))
    await home.replies("!n a note")
    await home.later(3_600)
    assert len(home.desk.marked) == 1
    assert list(home.desk.shown) == ["1.0"]


# --- two workers ---------------------------------------------------------------------------------


async def opens_late(home: House) -> Awaitable[None]:
    """Another worker has opened the same thread, and had lost its lane."""
    view = await home.reads.view((await home.hands_over()).id)
    assert view is not None
    effect = OpenThread(view.handoff.id, 1)
    receipt = await home.desk.open(view, "the same once more")
    done = Delivered(Claim(1, "desk:x", "p0.1"), 1, receipt.place, 1)
    work = Work(done.claim, view.conversation.id, effect, 1)
    return home.outbox._too_late(work, done)


async def test_a_root_that_was_opened_twice_is_taken_back(home: House) -> None:
    await (await opens_late(home))
    assert list(home.desk.shown) == ["1.0"]


async def test_a_root_that_cannot_be_taken_back_is_told_of(home: House) -> None:
    late = await opens_late(home)
    home.desk.closed = Broken("is_archived", Scope.CHANNEL)
    await late
    assert list(home.desk.shown) == ["1.0", "2.0"]


async def test_only_what_is_kept_elsewhere_is_taken_back(home: House) -> None:
    handoff = await home.hands_over()
    claim = Claim(1, "desk:x", "p0.1")
    ours = Delivered(claim, 1, ("T1", "C1", "1.0"), 1)
    await home.performer.withdraw(OpenThread(handoff.id, 1), ours)
    later = Delivered(claim, 1, ("T1", "C1", "9.0"), 1)
    await home.performer.withdraw(OpenThread(handoff.id, 2), later)
    home.performer.showing.desk = AbleDesk()
    await home.performer.withdraw(OpenThread(handoff.id, 1), later)
    assert list(home.desk.shown) == ["1.0"]


@pytest.mark.parametrize(
    ("effect", "taken_back"), [(OpenThread(HND, 1), 1), (PutMark("s:1", Mark.TAKEN), 0)]
)
async def test_a_result_that_comes_too_late_takes_back_only_a_root(
    home: House, effect: Any, taken_back: int
) -> None:
    done = Delivered(Claim(1, "desk:x", "p0.1"), 1, ("T1", "C1", "9.0"), 1)
    withdrawn: list[Any] = []

    async def perform(_: Work) -> Any:
        return done

    async def stale(_: Any) -> Answer:
        return Rejected("stale")

    home.outbox.performer, home.outbox.handle = Cut(perform, withdrawn), stale
    await home.outbox._work(Work(done.claim, CNV, effect, 1))
    assert len(withdrawn) == taken_back


# --- killed at any moment ------------------------------------------------------------------------


class Power:
    """Is cut off after so many steps; nothing is done or recorded from then on."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def through(self, do: Callable[..., Awaitable[Any]]) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def done(*given: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise StoreUnavailable("killed")
            return await do(*given)

        return done


@dataclass
class Cut:
    """A performer without power; what is opened twice is not its business."""

    perform: Callable[..., Coroutine[Any, Any, Any]]

    withdrawn: list[Any] = field(default_factory=list)

    async def withdraw(self, effect: OpenThread, result: Delivered) -> None:
        self.withdrawn.append(result)


@pytest.mark.parametrize("steps", range(10))
async def test_a_process_may_be_killed_between_all_steps_of_healing(
    tmp_path: Path, steps: int
) -> None:
    async with house(f"sqlite:///{tmp_path}/desk.db", MortalDesk()) as first:
        await mid_talk(first)
        first.desk.posting.say(Retry("http_503"))
        for text in ("one", "two"):
            await first.hears(text)
        await first.quiet()
        first.desk.dead.add("1.0")
        power = Power(steps)
        first.outbox.handle = power.through(first.outbox.handle)
        first.outbox.performer = Cut(power.through(first.performer.perform))
        first.clock.move(0.5)
        await first.until(lambda: power.left <= 0 or len(first.desk.texts("2.0")) == 2)
        await first.until(lambda: first.outbox.room() == first.workers)
        await first.outbox.close()
        second = House(first.database, first.desk, name="p2", clock=first.clock)
        second.outbox.start()
        await second.later(60)
        await second.later(60)
        await second.outbox.close()
        await second.inbox.close()
        preview, line, *rest = shown(first.desk, "2.0")
        assert list(first.desk.shown) == ["1.0", "2.0"]
        assert preview.endswith("on its way")
        assert (line, rest) == (Line.MOVED, ["one", "two"])


# --- what follows --------------------------------------------------------------------------------


def test_what_an_earlier_thread_was_to_begin_with_is_said_by_the_new_one() -> None:
    ahead = (OpenThread(HND, 3), PostPreview(HND, 3, 7))
    waiting = (
        PostPreview(HND, 2, 5),
        PostLine(HND, Line.MOVED),
        PostMessage(HND, MSG, 2, 4),
        PostMessage(HND, MSG, 3, 4),
        PostLine(HND, Line.WAITING),
        PostMessage(HND, OTHER, mention="U1"),
        PostPreview(HandoffId("hnd_2")),
    )
    assert following(ahead, waiting) == [
        *(PostMessage(HND, MSG, part, 4) for part in range(4)),
        PostLine(HND, Line.WAITING),
        PostMessage(HND, OTHER, mention="U1"),
        PostPreview(HandoffId("hnd_2")),
    ]


@pytest.mark.parametrize("kind", [PostMessage, PostPreview])
def test_where_there_is_no_thread_any_more_nobody_is_told_so(kind: Any) -> None:
    world = opened()
    message = next(iter(world.messages.values()))
    effect = PostPreview(HND) if kind is PostPreview else PostMessage(HND, message.id)
    world.waiting = {1: effect}
    refuse(world, kind, "thread_lost")
    assert world.events[-1].body["reason"] == "thread_lost"
    assert not world.effects(PostLine)


def test_nobody_is_called_into_the_new_thread_of_a_handoff_that_waits() -> None:
    world = opened()
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C1", "9.9"), 1))
    before = world.conversation.agent_at
    world.do(lost(world.thread, world.tick(), "thread_deleted"))
    assert world.conversation.agent_at == before
    (decision,) = [each for each in world.history if each.ahead]
    assert [type(each) for each in decision.ahead] == [OpenThread, PostPreview, PostLine]
