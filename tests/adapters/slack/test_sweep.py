"""The catch-up: what no event told is found in Slack's history, and only that is asked for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import pytest

from adapters.slack import sweep as module
from adapters.slack.client import Client
from adapters.slack.config import from_settings
from adapters.slack.entry import OK, Payload, Taken
from adapters.slack.ids import message_key, micros_of, order_of, source_of, ts_of
from adapters.slack.sweep import Sweep
from bridge.commands import AgentDeleted, AgentEdited, AgentSaid, Resolve
from bridge.errors import StoreUnavailable
from bridge.model import Author, HandoffId, MessageId, Role, Thread, given
from bridge.stores import Reads
from bridge.views import View
from sandbox.slack import seed
from storage.memory import MemoryLimiter
from tests.adapters.slack.script import Script
from tests.adapters.slack.things import message, view
from tests.adapters.slack.world import Books, Stage, World, now, settings
from tests.waiting import until

AUTHOR = Author(Role.AGENT, seed.ANA, "Ana")


def of(slack: World) -> Sweep:
    """The desk's own."""
    [found] = slack.desk.fetchers(slack.bridge.receive)
    assert isinstance(found, Sweep)
    return found


def deaf(slack: World) -> None:
    """Every event is lost for good."""
    slack.box.faults.install({"rules": [{"kind": "lose_events"}]}, 0)


def known(slack: World, thread: Thread, ts: str, **fields: Any) -> None:
    """We have this message."""
    source = source_of(thread.team, thread.channel, ts)
    said = message(
        "hello", author=AUTHOR, source=source, order=order_of(ts), handoff_id=thread.handoff_id,
        id=MessageId(ts),
    )  # fmt: skip
    slack.books.said.append(replace(said, **fields))
    slack.books.keys.add(message_key(thread.team, thread.channel, ts))


async def read(slack: World) -> list[str]:
    """The threads that were read whole."""
    calls = [c for c in slack.box.calls.entries() if c["method"] == "conversations.replies"]
    return [call["args"]["ts"] for call in calls]


def another(number: int) -> View:
    return view(handoff={"id": HandoffId(f"hnd_{number}")})


async def test_what_no_event_told_is_taken_as_if_one_had(slack: World) -> None:
    thread = await slack.opened()
    deaf(slack)
    first = await slack.ana.reply(thread.channel, thread.ts, "one")
    second = await slack.ana.reply(thread.channel, thread.ts, "two")
    await slack.ana.reply(thread.channel, thread.ts, "!resolve done")
    await of(slack).once()
    said = [await slack.bridge.next(AgentSaid) for _ in range(2)]
    assert [(each.text, each.order) for each in said] == [
        ("one", order_of(first)),
        ("two", order_of(second)),
    ]
    assert said[0].key == message_key(thread.team, thread.channel, first)
    assert (await slack.bridge.next(Resolve)).reason == "done"
    assert slack.bridge.commands == []


async def test_what_was_taken_is_not_told_again(slack: World) -> None:
    thread = await slack.opened()
    deaf(slack)
    known(slack, thread, await slack.ana.reply(thread.channel, thread.ts, "one"))
    command = await slack.ana.reply(thread.channel, thread.ts, "!resolve")
    slack.books.keys.add(message_key(thread.team, thread.channel, command))
    await of(slack).once()
    assert slack.bridge.commands == []


async def test_edits_and_deletions_are_found_too(slack: World) -> None:
    thread = await slack.opened()
    deaf(slack)
    stamps = [await slack.ana.reply(thread.channel, thread.ts, text) for text in ("a", "b")]
    for ts in stamps:
        known(slack, thread, ts)
    await slack.ana.edit(thread.channel, stamps[0], "better")
    await slack.ana.delete(thread.channel, stamps[1])
    later = micros_of(stamps[1]) + 60_000_000
    await made(slack, clock=lambda: later).once()
    edited = await slack.bridge.next(AgentEdited)
    assert (edited.text, edited.to.source) == ("better", source_of(*place(thread), stamps[0]))
    gone = await slack.bridge.next(AgentDeleted)
    assert (gone.to.source, gone.at) == (source_of(*place(thread), stamps[1]), later)
    assert slack.bridge.commands == []


def place(thread: Thread) -> tuple[str, str]:
    return thread.team, thread.channel


def made(slack: World, **changes: Any) -> Sweep:
    """One that takes as the desk does, but by what the test says."""
    config = from_settings(settings(slack.base))
    assert config is not None
    given: dict[str, Any] = {
        "limiter": slack.deps.limiter,
        "clock": slack.deps.clock,
        "every": 60.0,
        "take": slack.desk._entry(slack.bridge.receive).take,
        **changes,
    }
    take = given.pop("take")
    return Sweep(slack.desk._client, slack.deps.reads, take, **given)


async def test_only_threads_that_differ_are_read(slack: World) -> None:
    quiet = await slack.opened()
    busy = await slack.opened(another(2))
    sweep = of(slack)
    await sweep.once()
    assert sorted(await read(slack)) == [quiet.ts, busy.ts]
    await sweep.once()
    assert len(await read(slack)) == 2
    deaf(slack)
    await slack.ana.reply(busy.channel, busy.ts, "hello")
    await sweep.once()
    assert (await read(slack))[2:] == [busy.ts]


async def test_after_a_gap_each_thread_is_read_again(slack: World) -> None:
    thread = await slack.opened()
    sweep = of(slack)
    await sweep.once()
    sweep.look_now()
    await sweep.once()
    assert await read(slack) == [thread.ts, thread.ts]


async def test_a_thread_that_counts_no_more_is_forgotten(slack: World) -> None:
    await slack.opened()
    sweep = of(slack)
    await sweep.once()
    assert len(sweep._settled) == 1
    slack.books.threads.clear()
    await sweep.once()
    assert sweep._settled == {}


async def test_one_whose_root_is_gone_is_left_alone(slack: World) -> None:
    thread = await slack.opened()
    known(slack, thread, await slack.ana.reply(thread.channel, thread.ts, "one"))
    await slack.bridge.next(AgentSaid)
    nowhere = replace(thread, handoff_id=HandoffId("hnd_2"), ts="1763600000.000100")
    slack.books.threads["hnd_2"] = nowhere
    await of(slack).once()
    assert await read(slack) == [thread.ts]
    assert slack.bridge.commands == []


async def test_one_that_misses_what_was_said_just_now_is_read_again(slack: World) -> None:
    thread = await slack.opened()
    known(slack, thread, ts_of(now()))
    sweep = of(slack)
    for reads in (1, 2):
        await sweep.once()
        assert await read(slack) == [thread.ts] * reads
    assert slack.bridge.commands == []


async def test_what_cannot_be_taken_now_is_found_again(slack: World) -> None:
    thread = await slack.opened()
    deaf(slack)
    await slack.ana.reply(thread.channel, thread.ts, "one")

    def unavailable(_: Any) -> Any:
        raise StoreUnavailable

    sweep, good = of(slack), slack.bridge.answer
    slack.bridge.answer = unavailable
    await sweep.once()
    assert slack.bridge.commands == []
    slack.bridge.answer = good
    await sweep.once()
    assert (await slack.bridge.next(AgentSaid)).text == "one"


async def test_what_makes_no_sense_does_not_hold_up_the_rest(slack: World) -> None:
    thread = await slack.opened()
    deaf(slack)
    for text in ("one", "two"):
        await slack.ana.reply(thread.channel, thread.ts, text)
    came: list[str] = []

    async def take(payload: Payload) -> Taken:
        came.append(payload["event"]["text"])
        return Taken(400) if len(came) == 1 else OK

    sweep = made(slack, take=take)
    await sweep.once()
    await sweep.once()
    assert came == ["one", "two"]


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
async def test_slack_may_be_down(slack: World, method: str) -> None:
    thread = await slack.opened()
    deaf(slack)
    await slack.ana.reply(thread.channel, thread.ts, "one")
    rule = {"kind": "error", "methods": [method], "count": 1}
    slack.box.faults.install({"rules": [{"kind": "lose_events"}, rule]}, 0)
    sweep = of(slack)
    await sweep.once()
    assert slack.bridge.commands == []
    await sweep.once()
    assert (await slack.bridge.next(AgentSaid)).text == "one"


async def test_a_mistake_of_ours_does_not_end_it(slack: World) -> None:
    await slack.opened()
    deaf(slack)
    calls = itertools.count()

    def clock() -> int:
        if next(calls) == 0:
            raise ZeroDivisionError
        return now()

    sweep = made(slack, clock=clock)
    await sweep.once()
    assert await read(slack) == []
    await sweep.once()
    assert len(await read(slack)) == 1


async def test_no_more_threads_are_read_at_once_than_slack_grants(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "THREADS", 2)
    for number in range(5):
        await slack.opened(another(number))
    sweep = of(slack)
    for total in (2, 4, 5, 5):
        await sweep.once()
        assert len(set(await read(slack))) == total


async def test_history_and_threads_are_read_to_their_last_page(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    threads = [await slack.opened(another(number)) for number in range(5)]
    deaf(slack)
    for text in "abcde":
        await slack.ana.reply(threads[0].channel, threads[0].ts, text)
    await of(slack).once()
    assert [(await slack.bridge.next(AgentSaid)).text for _ in range(5)] == list("abcde")


async def test_a_history_without_end_is_read_on_a_stretch_at_a_time(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 1)
    monkeypatch.setattr(module, "PAGES", 2)
    opened = [await slack.opened(another(number)) for number in range(5)]
    sweep = of(slack)
    for sweeps, threads in enumerate((3, 4, 5), 1):
        await sweep.once()
        methods = [each["method"] for each in slack.box.calls.entries()]
        assert methods.count("conversations.history") == 4 * sweeps
        assert len(await read(slack)) == threads
    await said(slack, opened[0], "in the oldest")
    await sweep.once()
    await sweep.once()
    await sweep.once()
    assert (await slack.bridge.next(AgentSaid)).text == "in the oldest"


async def test_a_root_that_was_opened_twice_is_taken_back_though_its_worker_is_gone(
    slack: World,
) -> None:
    keys = ("hnd_1/1", "hnd_1/1", "hnd_1/2", "hnd_9/1")
    opened = [(await slack.desk.open(view(), key)).place for key in keys]
    kept, lost, *others = [given(place) for place in opened]  # one to come, one of another desk
    slack.books.threads["hnd_1"] = Thread(HandoffId("hnd_1"), 1, *kept)
    slack.books.views.append(view())
    await of(slack).once()
    there = slack.box.workspace.channels[seed.ORDERS].messages
    assert lost[2] not in there
    assert all(ts in there for _, _, ts in (kept, *others))


async def test_in_a_thread_that_was_opened_anew_only_what_is_nowhere_was_deleted(
    slack: World,
) -> None:
    before = await slack.opened(another(2))
    early = await slack.ana.reply(before.channel, before.ts, "said before")
    thread = replace(await slack.opened(), generation=2)
    slack.books.threads = {str(thread.handoff_id): thread}
    deaf(slack)
    late = await slack.ana.reply(before.channel, before.ts, "said in the old thread")
    gone = await slack.ana.reply(thread.channel, thread.ts, "deleted")
    for ts in (early, late, gone):
        known(slack, thread, ts)
    await slack.ana.delete(thread.channel, gone)
    slack.bridge.commands.clear()
    await made(slack, clock=lambda: micros_of(gone) + 60_000_000).once()
    deleted = await slack.bridge.next(AgentDeleted)
    assert deleted.to.source == source_of(*place(thread), gone)
    assert slack.bridge.commands == []


async def test_a_channel_that_cannot_be_read_does_not_hold_up_the_others(slack: World) -> None:
    thread = await slack.opened()
    slack.books.threads = {
        "hnd_0": replace(thread, handoff_id=HandoffId("hnd_0"), channel="C0GONE"),
        **slack.books.threads,
    }
    await said(slack, thread, "one")
    await of(slack).once()
    assert (await slack.bridge.next(AgentSaid)).text == "one"


@pytest.mark.parametrize(("error", "calls"), [("thread_not_found", 3), ("missing_scope", 1)])
async def test_a_thread_that_cannot_be_read_does_not_hold_up_the_others(
    slack: World, error: str, calls: int
) -> None:
    """A token that may not read threads may read none of them: asked of each channel once."""
    for number in range(3):
        await slack.opened(another(number))
    everything = {"kind": "error", "error": error, "methods": ["conversations.replies"]}
    slack.box.faults.install({"rules": [everything]}, 0)
    sweep = of(slack)
    await sweep.once()
    assert len(await read(slack)) == calls


# --- when ----------------------------------------------------------------------------------------


@asynccontextmanager
async def running(sweep: Sweep) -> AsyncIterator[Sweep]:
    await sweep.start()
    try:
        yield sweep
    finally:
        await sweep.close()


async def said(slack: World, thread: Thread, text: str) -> str:
    """Ana writes, and no event tells."""
    deaf(slack)
    return await slack.ana.reply(thread.channel, thread.ts, text)


async def test_it_looks_at_the_start_and_again_and_again(slack: World) -> None:
    thread = await slack.opened()
    await said(slack, thread, "one")
    async with running(made(slack, every=0.05)):
        assert (await slack.bridge.next(AgentSaid)).text == "one"
        await said(slack, thread, "two")
        while (await slack.bridge.next(AgentSaid)).text != "two":
            """The first is found again: these books remember nothing."""


async def test_it_looks_at_once_when_told_to(slack: World) -> None:
    thread = await slack.opened()
    async with running(made(slack, every=3600.0)) as sweep:
        await until(lambda: read(slack))
        await said(slack, thread, "one")
        sweep.look_now()
        assert (await slack.bridge.next(AgentSaid)).text == "one"


async def test_with_sockets_the_first_look_waits_for_the_first_of_them(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_SOCKET", 3_600.0)
    thread = await slack.opened()
    await said(slack, thread, "one")
    async with running(made(slack, sockets=True)) as sweep:
        await asyncio.sleep(0.1)
        assert await read(slack) == []
        sweep.look_now()
        assert (await slack.bridge.next(AgentSaid)).text == "one"


async def test_without_any_socket_it_looks_all_the_same(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_SOCKET", 0.05)
    thread = await slack.opened()
    await said(slack, thread, "one")
    async with running(made(slack, sockets=True)):
        assert (await slack.bridge.next(AgentSaid)).text == "one"


async def test_one_process_looks_for_all(slack: World) -> None:
    thread = await slack.opened()
    limiter = MemoryLimiter()
    async with (
        running(made(slack, limiter=limiter)),
        running(made(slack, limiter=limiter)),
    ):
        await until(lambda: read(slack))
        await asyncio.sleep(0.05)
    assert await read(slack) == [thread.ts]


async def test_one_that_never_began_ends(slack: World) -> None:
    await of(slack).close()


ROOT = {"ts": "1763600000.000100", "reply_count": 1, "latest_reply": "1763600001.000100"}


@pytest.mark.parametrize(
    ("history", "replies"),
    [
        ({"ok": True}, {"ok": True}),
        ({"ok": True, "messages": [ROOT]}, {"ok": True}),
        ({"ok": True, "messages": [ROOT]}, {"ok": True, "messages": ["odd"]}),
        ({"ok": True, "messages": [ROOT]}, {"ok": False, "error": "thread_not_found"}),
    ],
)
async def test_odd_answers_find_nothing(
    stages: tuple[Stage, Stage], history: Any, replies: Any
) -> None:
    """Above all nothing that seems to be gone."""
    script = Script()
    script.on("conversations.history", history)
    script.on("conversations.replies", replies)
    workspace, _ = stages
    workspace.app = script.app
    config = from_settings(settings(workspace.url))
    assert config is not None
    client = Client(config, MemoryLimiter())
    thread = Thread(HandoffId("hnd_1"), 1, "T1", "C1", "1763600000.000100")
    source = source_of("T1", "C1", "1763600001.000100")
    ours = message("hello", author=AUTHOR, source=source, handoff_id=thread.handoff_id)
    books = Books(threads={"hnd_1": thread}, said=[ours])

    async def take(payload: Payload) -> Taken:
        raise AssertionError(payload)

    reads = cast(Reads, books)
    sweep = Sweep(client, reads, take, limiter=MemoryLimiter(), clock=now, every=60.0)
    await sweep.once()
    await client.close()
    assert len(script.of("conversations.history")) == 1


# --- below questions -----------------------------------------------------------------------------


async def put(slack: World, thread: Thread, channel: str, number: int = 1) -> Thread:
    """A question of the handoff, which stands in that channel."""
    ts = await slack.ana.say(channel, f"Question {number}")
    slack.books.put.append(replace(thread, channel=channel, ts=ts))
    slack.books.posts.add(ts)
    return slack.books.put[-1]


async def test_an_answer_below_a_question_is_found_and_nothing_else_is_read_there(
    slack: World,
) -> None:
    question = await put(slack, await slack.opened(), seed.BILLING)
    deaf(slack)
    await slack.ana.say(seed.BILLING, "What else is said there")
    answer = await slack.ana.reply(seed.BILLING, question.ts, "Yes, on Monday")
    sweep = of(slack)
    await sweep.once()
    said = await slack.bridge.next(AgentSaid)
    assert (said.text, said.to.ts) == ("Yes, on Monday", question.ts)
    assert slack.bridge.commands == []
    known(slack, question, answer)
    await sweep.once()
    assert slack.bridge.commands == []
    calls = [c for c in slack.box.calls.entries() if c["method"] == "conversations.history"]
    assert {call["args"]["channel"] for call in calls} == {seed.ORDERS}


async def test_answers_below_a_question_in_the_same_channel_are_not_taken_for_deleted(
    slack: World,
) -> None:
    thread = await slack.opened()
    question = await put(slack, thread, thread.channel)
    known(slack, question, await slack.ana.reply(thread.channel, question.ts, "Yes"))
    known(slack, thread, await slack.ana.reply(thread.channel, thread.ts, "Hello"))
    later = now() + 60_000_000
    await made(slack, clock=lambda: later).once()
    assert [c for c in slack.bridge.commands if isinstance(c, AgentDeleted)] == []


async def test_of_many_questions_each_has_its_turn(slack: World) -> None:
    thread = await slack.opened()
    asked = [await put(slack, thread, seed.BILLING, number) for number in range(7)]
    sweep = of(slack)
    for _ in range(2):
        await sweep.once()
    assert sorted(ts for ts in await read(slack) if ts != thread.ts) == [q.ts for q in asked]
    await sweep.once()
    assert (await read(slack)).count(asked[0].ts) == 2


async def test_a_question_that_is_gone_is_passed_over(slack: World) -> None:
    question = await put(slack, await slack.opened(), seed.BILLING)
    await slack.ana.delete(seed.BILLING, question.ts)
    slack.bridge.commands.clear()
    await of(slack).once()
    assert slack.bridge.commands == []
