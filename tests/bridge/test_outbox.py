"""What is to be done outside is done once, or told to have failed; over a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import text as sql
from structlog.testing import capture_logs

from bridge.commands import (
    Claim,
    Command,
    Escalation,
    OpenHandoff,
    Reopen,
    Resolve,
    SendAgain,
    ToMessage,
    UserSaid,
)
from bridge.effects import CallBot, Line, Mark, PutMark
from bridge.errors import (
    Broken,
    DeliveryError,
    Paced,
    Refused,
    Retry,
    Scope,
    StoreUnavailable,
    Unknown,
)
from bridge.lanes import Direction
from bridge.model import SECOND, HandoffId, Standing
from bridge.outbox import (
    INSIST,
    LADDER,
    SIDES,
    WEBHOOK_LADDER,
    Outbox,
    Pace,
    backoff,
)
from bridge.ports import TOPIC_WORK, BotReply
from bridge.stores import Work
from bridge.views import CustomerPost, LinePost
from storage.memory import MemoryBell
from tests.bridge.driver import ANA, BEN, CNV, SAM
from tests.bridge.fakes import FakeBot, PlainDesk
from tests.bridge.house import API, House, house
from tests.storage.stored import user
from tests.waiting import until

CLAIM = Claim(1, "bot:x", "w.1")
RETURNED = ["control.returned"]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(f"sqlite:///{tmp_path}/desk.db") as made:
        yield made


async def posted(home: House) -> list[str]:
    """The texts of users' messages on the desk."""
    return [post.text for _, post in home.desk.posted if hasattr(post, "text")]


def together(home: House) -> list[list[str]]:
    """The texts of users' messages, by post."""
    posts = [post for _, post in home.desk.posted if isinstance(post, CustomerPost)]
    return [[post.text, *(message.text for message in post.also)] for post in posts]


# --- the whole way -------------------------------------------------------------------------------


async def test_a_conversation_goes_all_the_way(home: House) -> None:
    await home.hears("hello")
    await home.quiet()
    assert [call.type for call in home.bot.calls] == ["conversation.started", "message.created"]
    handoff = await home.hands_over()
    assert home.desk.opened == [f"{handoff.id}/1"]
    await home.hears("where is my parcel?")
    source = await home.replies("on its way")
    await home.quiet()
    assert await posted(home) == ["where is my parcel?"]
    assert home.channel.sent[-1][1] == "on its way"
    assert home.desk.marked[-1] == (source, Mark.TAKEN)
    await home.do(Resolve(home.key(), home.clock.now, home.thread, ANA, "found"))
    await home.quiet()
    returned = home.bot.calls[-1]
    assert returned.type == "control.returned"
    said = [message["text"] for message in returned.body["data"]["transcript"]]
    assert said == ["where is my parcel?", "on its way"]
    assert home.desk.cards[-1].handoff.outcome == "found"


async def test_what_waits_in_one_lane_goes_out_in_order(home: House) -> None:
    await home.hands_over()
    home.desk.moods.say(Retry("http_503"))
    for text in ("one", "two", "three"):
        await home.hears(text)
    await home.quiet()
    assert await posted(home) == []
    await home.later(0.5)
    assert [text for post in together(home) for text in post] == ["one", "two", "three"]


async def test_a_desk_that_is_down_does_not_stop_a_reply_to_the_user(home: House) -> None:
    await home.hands_over()
    home.desk.moods.say(*[Retry("http_503")] * 9)
    await home.hears("one")
    await home.replies("hello")
    await home.quiet()
    assert home.channel.sent[-1][1] == "hello"


# --- what goes wrong -----------------------------------------------------------------------------


async def test_a_failure_is_tried_again_after_longer_and_longer(home: House) -> None:
    await home.hands_over()
    home.desk.moods.say(*[Retry("http_503")] * 3)
    await home.hears("one")
    for wait in LADDER[:3]:
        await home.later(wait - 0.01)
        assert await posted(home) == []
        await home.later(0.01)
    assert await posted(home) == ["one"]


async def test_what_must_not_wait_long_is_tried_again_soon_however_often_it_has_failed(
    home: House,
) -> None:
    await home.hands_over()
    home.channel.moods.say(*[Retry("http_503", at_most=60.0)] * 12)
    source = await home.replies("hello")
    await home.quiet()
    for _ in range(12):
        await home.later(60)
    message = await home.reads.by_message(source)
    assert message is not None
    assert message.standing is Standing.SENT


async def test_a_rate_limit_is_waited_out_and_is_no_failure(home: House) -> None:
    await home.hands_over()
    limit = Retry("ratelimited", 7.0, counts=False)
    home.desk.moods.say(limit, limit, Retry("http_503"))
    await home.hears("one")
    await home.later(6.9)
    assert home.desk.moods.errors
    await home.later(0.1)
    await home.later(7.0)
    await home.later(LADDER[0])
    assert await posted(home) == ["one"]


async def test_what_arrived_though_its_answer_was_lost_is_not_repeated(home: House) -> None:
    await home.hands_over()
    home.desk.moods.say(Unknown("timeout"), lost=True)
    await home.hears("one")
    await home.quiet()
    await home.later(15.0)
    assert await posted(home) == ["one"]
    assert [key.endswith("/0") for key, _ in home.desk.looked] == [True]
    await home.hears("two")
    await home.quiet()
    assert await posted(home) == ["one", "two"]


async def test_what_did_not_arrive_is_sent_once_more_after_a_quarantine(home: House) -> None:
    await home.hands_over()
    home.desk.moods.say(Unknown("timeout"))
    await home.hears("one")
    await home.later(14.9)
    assert await posted(home) == []
    await home.later(0.1)
    assert await posted(home) == ["one"]
    await home.later(3600)
    assert await posted(home) == ["one"]


async def test_an_opening_whose_answer_was_lost_is_looked_up_too(home: House) -> None:
    home.desk.moods.say(Unknown("timeout"), lost=True)
    answer = await home.do(OpenHandoff("lost", home.clock.now, SAM, API, Escalation("help")))
    await home.until(lambda: home.desk.opened)
    await home.later(15.0)
    assert len(home.desk.opened) == 1
    thread = await home.reads.thread(HandoffId(answer.data["id"]))
    assert thread is not None
    assert thread.ts == "1.0"


async def test_a_desk_that_cannot_look_up_is_sent_it_again(tmp_path: Path) -> None:
    async with house(f"sqlite:///{tmp_path}/desk.db", PlainDesk()) as home:
        await home.hands_over()
        home.desk.moods.say(Unknown("timeout"), lost=True)
        await home.hears("one")
        await home.later(15.0)
        assert await posted(home) == ["one", "one"]
        await home.replies("!n a note")  # and what cannot be marked is left unmarked
        await home.quiet()


async def test_a_user_is_never_sent_the_same_twice_and_the_agent_is_asked(home: House) -> None:
    await home.hands_over()
    home.channel.moods.say(Unknown("timeout"))
    source = await home.replies("hello")
    await home.later(15.0)
    assert "hello" not in [text for _, text in home.channel.sent]
    message = await home.reads.by_message(source)
    assert message is not None
    assert (message.standing, message.held_for) == (Standing.FAILED, "unknown_outcome")
    assert home.desk.marked[-1] == (source, Mark.FAILED)
    (_, line) = home.desk.posted[-1]
    assert isinstance(line, LinePost)
    assert (line.line, line.message) == (Line.FAILED, message)


async def test_what_is_refused_is_told_and_the_rest_of_it_is_not_sent(home: House) -> None:
    await home.hands_over()
    sent = len(home.channel.sent)
    home.channel.moods.say(Refused("blocked"))
    source = await home.replies("this is too long for one")
    await home.quiet()
    assert len(home.channel.sent) == sent
    message = await home.reads.by_message(source)
    assert message is not None
    assert (message.standing, message.held_for) == (Standing.FAILED, "blocked")


async def test_what_is_broken_rests_a_minute_and_is_said_aloud(home: House) -> None:
    await home.hands_over()
    with capture_logs() as logs:
        home.desk.moods.say(Broken("token_revoked"))
        await home.hears("one")
        await home.later(59.9)
        assert await posted(home) == []
        await home.later(0.1)
    assert await posted(home) == ["one"]
    assert [log["reason"] for log in logs if log["event"] == "broken"] == ["token_revoked"]


async def test_a_thread_is_opened_however_often_the_desk_refuses(home: House) -> None:
    home.desk.moods.say(Refused("http_403"), Broken("is_archived", Scope.CHANNEL), Refused("odd"))
    with capture_logs() as logs:
        await home.do(OpenHandoff("open", home.clock.now, SAM, API, Escalation("help")))
        await home.hears("anybody?")
        for _ in range(3):
            await home.later(24 * 3600 + 60)
    assert len(home.desk.opened) == 1
    assert await posted(home) == ["anybody?"]
    assert [log["event"] for log in logs if log["log_level"] == "error"] == [
        "refused",
        "broken",
        "refused",
    ]


@pytest.mark.parametrize("error", [Broken("token_revoked"), Unknown("no_answer")])
async def test_what_is_broken_or_unknown_for_a_day_is_given_up_and_told(
    home: House, error: DeliveryError
) -> None:
    await home.hands_over()
    home.desk.moods.say(*[error] * 2)
    home.desk.blind = 1
    await home.hears("one")
    await home.quiet()
    await home.later(24 * 3600 + 1)
    await home.later(60)
    assert await posted(home) == []
    (_, line) = home.desk.posted[-1]
    assert isinstance(line, LinePost)
    assert (line.line, line.detail) == (Line.FAILED, error.reason)


async def test_a_customers_words_that_were_refused_are_told_and_shown_on_demand(
    home: House,
) -> None:
    await home.hands_over()
    home.desk.moods.say(Refused("invalid_blocks"))
    await home.hears("please help")
    await home.quiet()
    (_, line) = home.desk.posted[-1]
    assert isinstance(line, LinePost)
    assert line.message is not None
    assert (line.line, line.message.text) == (Line.FAILED, "please help")
    await home.do(SendAgain("again", home.clock.now, ToMessage(line.message.id), ANA))
    await home.quiet()
    assert await posted(home) == ["please help"]


async def test_after_a_day_it_is_told_to_have_failed(home: House) -> None:
    await home.hands_over()
    home.channel.moods.say(Retry("http_503"), Retry("http_503"))
    source = await home.replies("hello")
    await home.quiet()
    await home.later(24 * 3600 + 1)
    message = await home.reads.by_message(source)
    assert message is not None
    assert (message.standing, message.held_for) == (Standing.FAILED, "http_503")


async def test_a_bot_that_fails_is_called_again_by_the_ladder_of_webhooks(home: House) -> None:
    home.bot.moods.say(Retry("http_500"))
    await home.hears("hello")
    await home.later(WEBHOOK_LADDER[0])
    assert [call.type for call in home.bot.calls] == [
        "conversation.started",
        "conversation.started",
        "message.created",
    ]
    first, again = home.bot.calls[:2]
    assert (first.id, first.body) == (again.id, again.body)


async def test_a_bot_that_is_back_hears_so_within_a_minute(home: House) -> None:
    home.bot.moods.say(*[Retry("bot_http_503")] * 30)
    await home.hears("hello")
    await home.quiet()
    for _ in range(30):
        calls = len(home.bot.calls)
        await home.later(60)
        assert len(home.bot.calls) > calls
    assert not home.bot.moods.errors


async def test_a_bot_is_told_again_that_users_are_its_own_though_it_refused(home: House) -> None:
    await home.hands_over()
    home.bot.moods.say(None, Refused("bot_http_404"))
    await home.do(Resolve(home.key(), home.clock.now, home.thread, ANA, "found"))
    await home.quiet()
    await home.later(WEBHOOK_LADDER[0])
    assert [call.type for call in home.bot.calls[-3:]] == ["handoff.resolved", *RETURNED * 2]


async def test_what_a_bot_is_told_of_an_end_stays_though_it_is_reopened_before_it_hears(
    home: House,
) -> None:
    await home.hands_over()
    await home.replies("on its way")
    await home.quiet()
    home.bot.moods.say(Retry("bot_http_503"))
    await home.do(Resolve("resolve", home.clock.now, home.thread, ANA, "found"))
    await home.quiet()
    await home.do(Reopen("reopen", home.clock.now, home.thread, BEN))
    await home.later(WEBHOOK_LADDER[0])
    told = {call.type: call.body["data"] for call in home.bot.calls}
    assert told["handoff.resolved"]["status"] == "resolved"
    returned = told["control.returned"]
    assert (returned["status"], returned["agent"]["name"]) == ("resolved", "Ana")
    assert [message["text"] for message in returned["transcript"]] == ["on its way"]


async def test_a_bot_that_refuses_for_good_is_told_no_more(home: House) -> None:
    await home.hands_over()
    home.bot.moods.say(None, *[Refused("bot_http_410")] * 9)
    await home.do(Resolve(home.key(), home.clock.now, home.thread, ANA, "found"))
    for wait in (*WEBHOOK_LADDER, 3600.0):
        await home.later(wait)
    called = [call.type for call in home.bot.calls]
    assert called.count("control.returned") == 1 + INSIST


def test_the_ladder_ends_at_its_top() -> None:
    call = Work(CLAIM, CNV, CallBot("x", 1), 0, failures=99)
    mark = Work(CLAIM, CNV, PutMark("s", Mark.NOTE), 0)
    assert (backoff(call), backoff(mark)) == (WEBHOOK_LADDER[-1], LADDER[0])


# --- several processes, and the end --------------------------------------------------------------


async def test_after_a_kill_what_was_in_hand_is_looked_up_and_sent_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    async with house(url) as first:
        await first.hands_over()
        first.inbox._take_work = lambda works: None
        await first.hears("one")
        clock, thread = first.clock, first.thread
    async with house(url, name="p2", clock=clock) as second:
        second.thread = thread
        clock.move(30.0)
        await second.until(lambda: second.desk.looked)
        assert await posted(second) == []
        await second.later(15.0)
        assert await posted(second) == ["one"]


async def test_a_worker_that_lost_its_lane_sends_nothing_again(home: House) -> None:
    await home.hands_over()
    home.desk.moods.say(Unknown("timeout"))
    home.desk.blind = 1
    await home.hears("one")
    begin = home.store.begin
    home.store.begin = _gone  # type: ignore[method-assign]
    await home.later(15.0)
    assert await posted(home) == []
    home.store.begin = begin  # type: ignore[method-assign]
    await home.later(15.0)
    await home.later(15.0)
    assert await posted(home) == ["one"]


async def _gone(work: Work) -> None:
    """Another worker has the lane by now."""


async def test_closing_waits_for_what_is_in_hand_and_takes_no_more(home: House) -> None:
    await home.hands_over()
    gate, entered = asyncio.Event(), asyncio.Event()
    send = home.channel.send

    async def slowly(*args: Any) -> Any:
        entered.set()
        await gate.wait()
        return await send(*args)

    home.channel.send = slowly  # type: ignore[method-assign,assignment]
    await home.replies("first, in two parts")
    await home.replies("second")
    await entered.wait()
    closing = asyncio.create_task(home.outbox.close())
    await asyncio.sleep(0)
    assert not closing.done()
    assert home.outbox.room() == -1
    gate.set()
    await closing
    texts = [text for _, text in home.channel.sent]
    assert "first, in two parts" in texts
    assert "second" not in texts
    assert await home.due() >= 1


# --- the worker by itself ------------------------------------------------------------------------


@dataclass
class StubLanes:
    """Gives the same work each time; `away` claims fail before, with `error`."""

    work: list[Work] = field(default_factory=list)
    away: int = 0
    error: Exception = field(default_factory=lambda: StoreUnavailable("away"))
    asked: list[int] = field(default_factory=list)
    asked_again: asyncio.Event = field(default_factory=asyncio.Event)

    async def claim(self, limit: int, skip: Collection[Direction] = ()) -> list[Work]:
        self.asked.append(limit)
        if self.away:
            self.away -= 1
            raise self.error
        self.asked_again.set()
        given, self.work = self.work[:limit], self.work[limit:]
        return given

    async def put_back(self, work: Work, after: float, **how: bool) -> None:
        raise StoreUnavailable("away")


@dataclass
class StubPerformer:
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None
    done: list[Work] = field(default_factory=list)

    async def perform(self, work: Work) -> Any:
        await self.gate.wait()
        self.done.append(work)
        if self.error:
            raise self.error
        return work


def outbox_of(lanes: StubLanes, performer: StubPerformer, workers: int = 2) -> Outbox:
    handled: list[Command] = []

    async def handle(command: Command) -> Any:
        handled.append(command)

    stub: Any = performer
    pace = Pace(workers, poll=0.01)
    any_lanes: Any = lanes
    return Outbox(any_lanes, stub, handle, MemoryBell(), lambda: 0, pace)


def works(count: int) -> list[Work]:
    return [Work(Claim(n, f"bot:{n}", "w.1"), CNV, CallBot("x", 1), 0) for n in range(count)]


async def test_it_takes_no_more_lanes_than_it_has_workers() -> None:
    lanes, performer = StubLanes(works(5)), StubPerformer()
    outbox = outbox_of(lanes, performer)
    outbox.start()
    await lanes.asked_again.wait()
    await asyncio.sleep(0)
    assert outbox.room() == 0
    performer.gate.set()
    await until(lambda: len(performer.done) == 5)
    await outbox.close()
    assert max(lanes.asked) == 2


@contextmanager
def hanging(home: House) -> Iterator[list[asyncio.Event]]:
    """Meanwhile the bot answers only when it is let to; the gates of the calls under way."""
    gates: list[asyncio.Event] = []

    async def call(_bot: FakeBot, _call: Any) -> BotReply:
        gates.append(asyncio.Event())
        await gates[-1].wait()
        return BotReply()

    with patch.object(FakeBot, "call", call):
        try:
            yield gates
        finally:
            for gate in gates:
                gate.set()


async def every_slot_hangs(home: House, gates: list[asyncio.Event]) -> None:
    """And one bot more waits for a slot."""
    for number in range(home.workers + 1):
        await home.do(UserSaid(f"k{number}", home.clock.now, user(f"u{number}"), "hello"))
    await home.until(lambda: len(gates) == home.workers)


async def waits_for(home: House, lane: str, seconds: float) -> bool:
    """Whether its next try is written down, and no more than that away."""
    query = sql("SELECT due_at FROM lane WHERE key = :key")
    due = await home.database.read(lambda c: int(c.execute(query, {"key": lane}).scalar_one()))
    return 0 < due - home.clock.now <= seconds * SECOND


async def test_bots_that_hang_do_not_hold_up_the_desk(home: House) -> None:
    await home.hands_over()
    with hanging(home) as gates:
        await every_slot_hangs(home, gates)
        assert home.outbox.room([f"bot:{CNV}"]) < 0 <= home.outbox.room([f"desk:{CNV}"])
        home.desk.moods.say(Retry("http_503"))
        await home.hears("to the agent")
        await until(lambda: waits_for(home, f"desk:{CNV}", LADDER[0]))
        home.clock.move(LADDER[0])
        await home.until(lambda: any(hasattr(post, "text") for _, post in home.desk.posted))
        assert len(gates) == home.workers


async def test_nothing_is_claimed_while_every_side_is_at_work() -> None:
    lanes, performer = StubLanes(works(1)), StubPerformer()
    outbox = outbox_of(lanes, performer, workers=1)
    sides = {SIDES[direction]: direction for direction in Direction}.values()
    outbox.take(
        [
            Work(Claim(n, f"{side}:x", "w.1"), CNV, CallBot("x", 1), 0)
            for n, side in enumerate(sides)
        ]
    )
    outbox.start()
    for _ in range(20):
        await asyncio.sleep(0.005)  # longer than a poll
    assert lanes.asked == []
    performer.gate.set()
    await until(lambda: len(performer.done) == len(sides) + 1)
    await outbox.close()


async def test_a_slot_that_is_free_again_is_used_though_nobody_rings(home: House) -> None:
    home.outbox.pace = replace(home.outbox.pace, poll=60.0)
    with hanging(home) as gates:
        await every_slot_hangs(home, gates)
        gates[0].set()
        await until(lambda: len(gates) > home.workers)


async def test_a_store_that_is_away_is_asked_again() -> None:
    lanes, performer = StubLanes(works(1), away=2), StubPerformer()
    performer.gate.set()
    outbox = outbox_of(lanes, performer)
    with capture_logs() as logs:
        outbox.start()
        await until(lambda: performer.done)
        await outbox.close()
    assert [log["event"] for log in logs] == ["cannot claim"] * 2


async def test_work_that_cannot_be_read_does_not_end_the_looking_for_work() -> None:
    lanes = StubLanes(works(1), away=1, error=KeyError("FromANewerProcess"))
    performer = StubPerformer()
    performer.gate.set()
    outbox = outbox_of(lanes, performer)
    with capture_logs() as logs:
        outbox.start()
        await until(lambda: performer.done)
        await outbox.close()
    assert [(log["event"], log["log_level"]) for log in logs] == [("cannot claim", "error")]


async def test_what_cannot_be_recorded_is_left_to_its_lease() -> None:
    lanes, performer = StubLanes(), StubPerformer(error=Retry("http_503"))
    performer.gate.set()
    outbox = outbox_of(lanes, performer)
    with capture_logs() as logs:
        outbox.take(works(1))
        await outbox.close()
    assert [log["event"] for log in logs] == ["cannot record"]


async def test_a_mistake_of_an_adapters_is_logged_and_stops_nobody() -> None:
    performer = StubPerformer(error=ZeroDivisionError())
    performer.gate.set()
    outbox = outbox_of(StubLanes(), performer)
    with capture_logs() as logs:
        outbox.take(works(1))
        await outbox.close()
    assert [log["event"] for log in logs] == ["worker failed"]


async def test_a_process_without_workers_claims_nothing() -> None:
    lanes = StubLanes(works(1))
    outbox = outbox_of(lanes, StubPerformer(), workers=0)
    outbox.start()
    await outbox.close()
    assert lanes.asked == []


async def test_what_is_cancelled_is_no_failure() -> None:
    outbox = outbox_of(StubLanes(), StubPerformer())
    outbox.take(works(1))
    with capture_logs() as logs:
        for task in asyncio.all_tasks():
            if "Outbox._work" in repr(task.get_coro()):
                task.cancel()
        await asyncio.gather(*_outboxes(), return_exceptions=True)
    assert logs == []
    assert outbox.room() == 2
    await outbox.close()


def _outboxes() -> Sequence[asyncio.Task[Any]]:
    names = (t for t in asyncio.all_tasks() if "Outbox" in repr(t.get_coro()))
    return list(names)


assert TOPIC_WORK


# --- when posts run out --------------------------------------------------------------------------


async def pile_up(home: House, *errors: DeliveryError) -> None:
    """Three messages; the first one meets these errors, one at each try."""
    await home.hands_over()
    home.desk.moods.say(Paced("C1", 1.0, 1.0), *errors)
    await home.hears("one")
    await home.quiet()
    await home.hears("two")
    await home.hears("three")


async def test_what_waits_for_a_turn_goes_in_one_post(home: House) -> None:
    await pile_up(home)
    await home.later(2)
    assert together(home) == [["one", "two", "three"]]
    assert not await home.due()
    await home.hears("four")
    await home.quiet()
    assert together(home) == [["one", "two", "three"], ["four"]]
    posts = await home.database.read(
        lambda connection: connection.execute(sql("SELECT ts, message_id FROM post")).all()
    )
    assert len(posts) == 4
    assert len({ts for ts, _ in posts}) == 2


async def test_what_comes_while_it_still_waits_goes_along(home: House) -> None:
    await pile_up(home, Paced("C1", 1.0, 1.0))
    await home.later(2)
    await home.hears("four")
    await home.later(3)
    assert together(home) == [["one", "two", "three", "four"]]


async def test_a_doubtful_post_is_sent_again_with_what_went_with_it_and_no_more(
    home: House,
) -> None:
    await pile_up(home, Unknown("timeout"))
    await home.later(2)
    await home.hears("four")
    await home.later(16)
    await home.later(16)
    assert together(home) == [["one", "two", "three"], ["four"]]


async def test_a_doubtful_post_that_arrived_settles_all_that_went_with_it(home: House) -> None:
    await pile_up(home)
    home.desk.moods.say(Unknown("timeout"), lost=True)
    await home.later(2)
    await home.later(16)
    assert together(home) == [["one", "two", "three"]]
    assert not await home.due()


async def test_a_worker_that_lost_its_lane_takes_nothing_along(home: House) -> None:
    await pile_up(home)
    await home.quiet()
    home.clock.move(2)
    (work,) = await home.store.claim(1)
    stale = replace(work, claim=replace(work.claim, owner="another.1"))
    assert [each.joined for each in await home.store.behind(stale, 9)] == [False, False]
    with pytest.raises(Retry, match="lane_lost"):
        await home.performer.perform(stale)
    assert together(home) == []
