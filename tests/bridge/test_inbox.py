"""The one door: what waits together commits together, and nobody is left without an answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from bridge.commands import (
    Accepted,
    Answer,
    BotAnswered,
    Claim,
    Command,
    Delivered,
    NotDelivered,
    Rejected,
    UserSaid,
)
from bridge.effects import CallBot, OpenThread, Outward, TellAgent
from bridge.errors import BadData, StoreError, StoreUnavailable
from bridge.inbox import AWAY, MOST, QUIET, Inbox
from bridge.model import AgentId, HandoffId
from bridge.ports import TOPIC_WORK
from bridge.stores import Committed, Work
from storage.memory import MemoryBell
from tests.bridge.driver import CNV, SAM
from tests.waiting import turns

CLAIM = Claim(1, "bot:x", "w.1")
WORK = Work(CLAIM, CNV, CallBot("message.created", 1), 0)


def said(text: str) -> UserSaid:
    return UserSaid(text, 0, SAM, text)


def name(command: Command) -> str:
    return getattr(command, "text", "") or type(command).__name__


@dataclass
class StubStore:
    """Commits go through `gate`; those that hold something in `bad` fail each time."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    batches: list[list[str]] = field(default_factory=list)
    moods: deque[Exception | None] = field(default_factory=deque)
    bad: dict[str, Exception] = field(default_factory=dict)
    poison: list[tuple[str, str]] = field(default_factory=list)
    poison_fails: StoreError | None = None
    work: tuple[Work, ...] = ()
    topics: frozenset[str] = frozenset()
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def commit(self, commands: Sequence[Command]) -> Committed:
        names = [name(command) for command in commands]
        self.batches.append(names)
        self.entered.set()
        await self.gate.wait()
        mood = self.moods.popleft() if self.moods else None
        error = mood or next((self.bad[n] for n in names if n in self.bad), None)
        if error:
            raise error
        answers = tuple(Accepted({"text": n}) for n in names)
        return Committed(answers, self.work, self.topics)

    async def keep_poison(self, command: Command, error: str) -> None:
        if self.poison_fails:
            raise self.poison_fails
        self.poison.append((name(command), error))


@dataclass
class Scene:
    store: StubStore
    inbox: Inbox
    bell: MemoryBell
    taken: list[Work]

    async def all(self, *commands: Command) -> list[Answer | BaseException]:
        """All at once: the first is alone, the others wait together."""
        asked = [asyncio.create_task(self.inbox.handle(command)) for command in commands]
        await self.store.entered.wait()
        self.store.gate.set()
        return await asyncio.gather(*asked, return_exceptions=True)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    store, bell, taken = StubStore(), MemoryBell(), list[Work]()
    inbox = Inbox(store, bell, taken.extend)
    yield Scene(store, inbox, bell, taken)
    store.gate.set()
    await inbox.close()


def texts(*names: str) -> list[Answer]:
    return [Accepted({"text": name}) for name in names]


async def test_what_arrives_at_once_commits_together_in_order(scene: Scene) -> None:
    answers = await scene.all(*(said(c) for c in "abc"))
    assert scene.store.batches == [["a", "b", "c"]]
    assert answers == texts("a", "b", "c")


def told(lane: str, effect: Outward | None = None) -> Delivered:
    return Delivered(Claim(1, lane, "w.1", effect), 0)


@pytest.fixture
async def wide() -> AsyncIterator[Scene]:
    """The store can write two transactions at once."""
    store, bell, taken = StubStore(), MemoryBell(), list[Work]()
    scene = Scene(store, Inbox(store, bell, taken.extend, beside=True), bell, taken)
    yield scene
    store.gate.set()
    await scene.inbox.close()


async def under_way(scene: Scene, *commands: Command) -> list[asyncio.Task[Answer]]:
    """Each is handed in when nothing more comes of the one before."""
    asked = []
    for command in commands:
        asked.append(asyncio.create_task(scene.inbox.handle(command)))
        await turns(3 * QUIET)
    return asked


async def test_nobody_waits_while_it_is_written_that_something_was_delivered(wide: Scene) -> None:
    asked = await under_way(wide, told("desk:cnv_1"), said("a"), said("b"))
    assert wide.store.batches == [["Delivered"], ["a"]]
    wide.store.gate.set()
    await asyncio.gather(*asked)
    assert wide.store.batches == [["Delivered"], ["a"], ["b"]]


async def test_what_was_delivered_goes_along_with_what_waits(wide: Scene) -> None:
    first = await under_way(wide, said("a"))
    more = await under_way(wide, told("user:cnv_1"), said("b"), told("tick:cnv_1"))
    assert wide.store.batches == [["a"]]
    wide.store.gate.set()
    await asyncio.gather(*first, *more)
    assert wide.store.batches == [["a"], ["Delivered", "b", "Delivered"]]


async def test_no_more_than_two_are_written_at_once(wide: Scene) -> None:
    asked = await under_way(wide, told("desk:cnv_1"), told("user:cnv_1"), told("card:cnv_1"))
    assert wide.store.batches == [["Delivered"], ["Delivered"]]
    wide.store.gate.set()
    await asyncio.gather(*asked)
    assert len(wide.store.batches) == 3


@pytest.mark.parametrize(
    "first",
    [
        said("a"),
        told("alert:lead:default"),
        told("timer:route:default"),
        told("desk:cnv_1", OpenThread(HandoffId("hnd_1"), 1)),
        told("desk:U1", TellAgent(AgentId("U1"), "hello")),
        NotDelivered(Claim(1, "desk:cnv_1", "w.1"), 0, "refused"),
    ],
    ids=repr,
)
async def test_all_else_is_waited_for(wide: Scene, first: Command) -> None:
    asked = await under_way(wide, first, said("b"))
    assert len(wide.store.batches) == 1
    wide.store.gate.set()
    await asyncio.gather(*asked)


async def test_where_one_writes_at_a_time_all_wait(scene: Scene) -> None:
    asked = await under_way(scene, told("desk:cnv_1"), said("a"))
    assert scene.store.batches == [["Delivered"]]
    scene.store.gate.set()
    await asyncio.gather(*asked)


async def test_closing_waits_for_what_is_written_beside(wide: Scene) -> None:
    asked = await under_way(wide, told("desk:cnv_1"))
    closing = asyncio.create_task(wide.inbox.close())
    await turns()
    assert not closing.done()
    wide.store.gate.set()
    await closing
    assert all(each.done() for each in asked)


async def test_what_cannot_be_kept_beside_is_told_as_not_delivered_without_another_command(
    wide: Scene,
) -> None:
    wide.store.bad["Delivered"] = BadData("x")
    wide.store.gate.set()
    (asked,) = await under_way(wide, told("desk:cnv_1"))
    await wide.inbox.close()
    assert await asked == Accepted({"text": "NotDelivered"})


async def test_what_waited_too_long_for_the_other_is_tried_again_after_it(wide: Scene) -> None:
    first = await under_way(wide, told("desk:cnv_1"))
    wide.store.bad["a"] = StoreUnavailable("locked")
    held, wide.store.gate = wide.store.gate, asyncio.Event()
    wide.store.gate.set()
    (second,) = await under_way(wide, said("a"))
    assert not second.done()
    del wide.store.bad["a"]
    held.set()
    await asyncio.gather(*first)
    assert await second == Accepted({"text": "a"})
    assert wide.store.batches == [["Delivered"], ["a"], ["a"]]


async def test_two_that_are_refused_by_a_store_that_is_away_do_not_wait_for_each_other(
    wide: Scene,
) -> None:
    wide.store.bad = {name: StoreUnavailable("away") for name in ("Delivered", "a")}
    asked = await under_way(wide, told("desk:cnv_1"), said("a"))
    wide.store.gate.set()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in found] == [StoreUnavailable] * 2


async def test_who_comes_a_few_turns_of_the_loop_later_joins(scene: Scene) -> None:
    scene.store.gate.set()
    first = asyncio.create_task(scene.inbox.handle(said("a")))
    await turns(QUIET // 2)
    second = asyncio.create_task(scene.inbox.handle(said("b")))
    assert [*await asyncio.gather(first, second)] == texts("a", "b")
    assert scene.store.batches == [["a", "b"]]


async def test_what_arrives_during_a_commit_waits_for_the_next(scene: Scene) -> None:
    first = asyncio.create_task(scene.inbox.handle(said("a")))
    await scene.store.entered.wait()
    others = [asyncio.create_task(scene.inbox.handle(said(c))) for c in "bc"]
    await turns()
    scene.store.gate.set()
    assert await asyncio.gather(first, *others) == texts("a", "b", "c")
    assert scene.store.batches == [["a"], ["b", "c"]]


async def test_a_transaction_takes_only_so_many(scene: Scene) -> None:
    await scene.all(*(said(f"{n}") for n in range(MOST + 3)))
    assert [len(batch) for batch in scene.store.batches] == [MOST, 3]


async def test_a_later_command_starts_anew(scene: Scene) -> None:
    scene.store.gate.set()
    assert await scene.inbox.handle(said("a")) == Accepted({"text": "a"})
    assert await scene.inbox.handle(said("b")) == Accepted({"text": "b"})


async def test_work_and_bell_are_handed_over(scene: Scene) -> None:
    scene.store.work, scene.store.topics = (WORK,), frozenset({TOPIC_WORK})
    scene.store.gate.set()
    with scene.bell.listen(TOPIC_WORK) as listener:
        await scene.inbox.handle(said("a"))
        assert await listener.wait(0)
    assert scene.taken == [WORK]


async def sends(
    monkeypatch: pytest.MonkeyPatch, commands: Sequence[Command], works: int
) -> list[str]:
    """What happens where work is to be sent as HTTP does it: the body is written by a task of its
    own, and then the loop sends."""
    store, bell, happened = StubStore(work=(WORK,) * works), MemoryBell(), list[str]()
    workers = list[asyncio.Task[None]]()
    store.gate.set()
    store.topics = frozenset({TOPIC_WORK})
    monkeypatch.setattr(bell, "ring", lambda _topics: happened.append("rung"))

    async def write() -> None:
        happened.append("written")
        asyncio.get_running_loop().call_soon(happened.append, "sent")

    async def perform() -> None:
        happened.append("begun")
        await asyncio.create_task(write())

    def take(all_of_it: Sequence[Work]) -> None:
        workers.extend(asyncio.create_task(perform()) for _ in all_of_it)

    inbox = Inbox(store, bell, take)
    await asyncio.gather(*(inbox.handle(command) for command in commands))
    happened.append("answered")
    await asyncio.gather(*workers)
    await turns()
    return happened


async def test_what_one_command_alone_has_begun_goes_out_before_anybody_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    happened = await sends(monkeypatch, [said("a")], works=1)

    assert happened == ["begun", "written", "sent", "rung", "answered"]


@pytest.mark.parametrize(("names", "works"), [("a", 2), ("ab", 1)])
async def test_where_there_are_many_nobody_waits_until_it_is_out(
    monkeypatch: pytest.MonkeyPatch, names: str, works: int
) -> None:
    happened = await sends(monkeypatch, [said(each) for each in names], works=works)

    assert happened[:2] == ["rung", "begun"]


async def test_a_caller_that_goes_away_cancels_nothing(scene: Scene) -> None:
    gone = asyncio.create_task(scene.inbox.handle(said("a")))
    await scene.store.entered.wait()
    gone.cancel()
    scene.store.gate.set()
    await scene.inbox.close()
    assert gone.cancelled()
    assert await scene.inbox.handle(said("b")) == Accepted({"text": "b"})
    assert scene.store.batches == [["a"], ["b"]]


async def test_closing_waits_for_what_was_handed_in(scene: Scene) -> None:
    asked = asyncio.create_task(scene.inbox.handle(said("a")))
    await scene.store.entered.wait()
    closing = asyncio.create_task(scene.inbox.close())
    await turns()
    assert not closing.done()
    scene.store.gate.set()
    await closing
    assert (await asked) == Accepted({"text": "a"})


async def test_a_batch_that_fails_is_replayed_one_by_one_in_order(scene: Scene) -> None:
    scene.store.moods.append(StoreUnavailable("deadlock"))
    assert await scene.all(*(said(c) for c in "abc")) == texts("a", "b", "c")
    assert scene.store.batches == [["a", "b", "c"], ["a"], ["b"], ["c"]]


async def test_what_fails_alone_is_kept_aside_and_refused_and_its_neighbours_go_on(
    scene: Scene,
) -> None:
    scene.store.bad["b"] = BadData("DataError")
    with capture_logs() as logs:
        answers = await scene.all(*(said(c) for c in "abc"))
    assert answers == [*texts("a"), Rejected("bad_data"), *texts("c")]
    assert scene.store.poison == [("b", "DataError")]
    assert scene.store.batches.count(["b"]) == 3
    assert "poison kept" in [line["event"] for line in logs]


async def test_two_processes_that_took_the_same_id_make_no_poison(scene: Scene) -> None:
    scene.store.moods.extend([BadData("IntegrityError")])
    assert await scene.all(said("a")) == texts("a")
    assert scene.store.poison == []


async def test_while_the_store_is_away_nothing_is_recorded(scene: Scene) -> None:
    scene.store.moods.append(StoreUnavailable("gone"))
    (answer,) = await scene.all(said("a"))
    assert isinstance(answer, StoreUnavailable)
    assert scene.store.batches == [["a"]]
    assert scene.store.poison == []


async def test_a_store_that_stays_away_is_not_asked_for_each_of_many(scene: Scene) -> None:
    scene.store.moods.extend([StoreUnavailable("gone")] * 99)
    answers = await scene.all(*(said(f"{n}") for n in range(20)))
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    assert len(scene.store.batches) == 1 + AWAY


async def test_one_lock_that_is_held_fails_nobody_else(scene: Scene) -> None:
    scene.store.bad["b"] = StoreUnavailable("lock")
    answers = await scene.all(*(said(c) for c in "abcd"))
    assert isinstance(answers[1], StoreUnavailable)
    assert [answers[0], *answers[2:]] == texts("a", "c", "d")


async def test_poison_that_cannot_be_kept_is_not_acknowledged(scene: Scene) -> None:
    scene.store.bad["a"] = BadData("DataError")
    scene.store.poison_fails = StoreUnavailable("disk full")
    (answer,) = await scene.all(said("a"))
    assert isinstance(answer, StoreUnavailable)


async def test_a_mistake_of_ours_hangs_nobody(scene: Scene) -> None:
    scene.store.bad["b"] = LookupError("oops")
    with capture_logs() as logs:
        answers = await scene.all(*(said(c) for c in "abc"))
    assert answers == [*texts("a"), Rejected("bad_data"), *texts("c")]
    assert scene.store.poison == [("b", "LookupError")]
    assert "cannot decide" in [line["event"] for line in logs]


async def test_an_effect_whose_result_cannot_be_kept_is_told_to_have_failed(scene: Scene) -> None:
    scene.store.bad["BotAnswered"] = BadData("DataError")
    (answer,) = await scene.all(BotAnswered(CLAIM, 0))
    assert answer == Accepted({"text": "NotDelivered"})
    assert scene.store.poison == [("BotAnswered", "DataError")]


async def test_even_that_failure_may_be_poison_and_ends_there(scene: Scene) -> None:
    scene.store.bad["NotDelivered"] = BadData("DataError")
    assert await scene.all(NotDelivered(CLAIM, 0, "x")) == [Rejected("bad_data")]


async def test_another_error_of_the_store_goes_to_the_caller(scene: Scene) -> None:
    scene.store.moods.append(StoreError("other"))
    (answer,) = await scene.all(said("a"))
    assert isinstance(answer, StoreError)
