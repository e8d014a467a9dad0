"""Events that are lost for good: what agents did is found in Slack's history, once and in order."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack.person import Person
from sandbox.slack.seed import ORDERS
from tests.scenarios.customer import Customer
from tests.scenarios.processes import until
from tests.scenarios.stage import Setting, Stage, on_stage
from tests.scenarios.thread import Thread, marks_of

LOST = {"kind": "lose_events", "event_types": ["message"]}
OFTEN = 0.5
"""Seconds between two looks; Slack would not grant so many."""


def at(folder: Path, **more: Any) -> Setting:
    url = f"sqlite:///{folder}/deskbridge.db"
    return Setting(url, sweep_every=OFTEN, **more)


@pytest.fixture(scope="module", params=[False, True], ids=["http", "sockets"])
async def looking(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """A product that looks into the history all the time, by each way."""
    folder = tmp_path_factory.mktemp("looking")
    async with on_stage(at(folder, sockets=request.param), folder) as stage:
        yield stage


async def asked(stage: Stage) -> tuple[Customer, Thread, Person]:
    """Sam waits in a thread that is there."""
    sam = await stage.customer("Sam Rivera")
    await sam.say("Help!")
    thread = await stage.thread(sam)
    await thread.has_said("Help!")
    return sam, thread, stage.agent()


async def one_mark_each(thread: Thread, ana: Person, *marks: str) -> None:
    async def marked() -> bool:
        return [marks_of(post) for post in await thread.by(ana.id)] == [[mark] for mark in marks]

    await until(marked, what="one mark on each of Ana's messages")


async def test_replies_notes_and_commands_that_no_event_told_are_found(looking: Stage) -> None:
    sam, thread, ana = await asked(looking)
    await looking.oracle.faults(LOST)
    for text in ("one", "!note not for Sam", "two", "!resolve done"):
        await ana.reply(ORDERS, thread.ts, text)
    await sam.has_heard("one", "two")
    await one_mark_each(thread, ana, "✅", "🔒", "✅", "🔒")
    await thread.card_begins("Resolved")
    assert await looking.oracle.used() >= 4
    system = await sam.texts("system")
    assert len([text for text in system if "has left" in text]) == 1
    await looking.clear()


async def test_an_edit_is_found_when_something_else_is(looking: Stage) -> None:
    sam, thread, ana = await asked(looking)
    first = await ana.reply(ORDERS, thread.ts, "It arives tomorow")
    await sam.has_heard("It arives tomorow")
    await looking.oracle.faults(LOST)
    await ana.edit(ORDERS, first, "It arrives tomorrow")
    await ana.reply(ORDERS, thread.ts, "By noon")
    await sam.has_heard("It arrives tomorrow", "By noon")
    await looking.clear()


async def test_what_was_deleted_is_found_to_be_gone(looking: Stage) -> None:
    sam, thread, ana = await asked(looking)
    await looking.oracle.faults(LOST)
    wrong = await ana.reply(ORDERS, thread.ts, "Your card number is 1234")
    await ana.reply(ORDERS, thread.ts, "Hello Sam")
    await sam.has_heard("Your card number is 1234", "Hello Sam")
    await ana.delete(ORDERS, wrong)
    await sam.has_heard("Hello Sam", timeout=30.0)
    await looking.clear()


async def test_late_events_and_what_was_found_before_them_are_one(looking: Stage) -> None:
    sam, thread, ana = await asked(looking)
    late = {"kind": "shuffle_events", "seconds": 3.0, "event_types": ["message"]}
    await looking.oracle.faults(late)
    texts = [f"answer {n}" for n in range(6)]
    for text in texts:
        await ana.reply(ORDERS, thread.ts, text)
    await sam.has_heard(*texts)
    await until(looking.oracle.quiet, what="the late events")
    await sam.has_heard(*texts)
    await one_mark_each(thread, ana, *["✅"] * 6)
    await looking.clear()


@pytest.mark.parametrize("sockets", [False, True], ids=["http", "sockets"])
async def test_what_was_said_while_nobody_ran_is_found_at_the_start(
    tmp_path: Path, sockets: bool
) -> None:
    setting = at(tmp_path, sockets=sockets, retry_delays="")
    async with on_stage(setting, tmp_path) as stage:
        sam, thread, ana = await asked(stage)
        first = await ana.reply(ORDERS, thread.ts, "Hello")
        await sam.has_heard("Hello")
        stage.product.kill()
        await ana.edit(ORDERS, first, "Hello Sam")
        await ana.reply(ORDERS, thread.ts, "It is on its way")
        await until(stage.oracle.quiet, what="Slack to give up")
        await stage.start()
        await sam.has_heard("Hello Sam", "It is on its way")
        await one_mark_each(thread, ana, "✅", "✅")
