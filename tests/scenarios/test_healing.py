"""Threads deleted, channels closed, tokens taken back: what customer and thread show in the end is
whole, once, in order, and no reply to a customer ever waits for it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.slack.seed import BILLING, BOT_USER, ORDERS
from tests.scenarios.customer import Customer
from tests.scenarios.processes import until
from tests.scenarios.stage import Setting, Stage, on_stage
from tests.scenarios.thread import Thread, key_of, plain, whole

DOWN: dict[str, Any] = {"kind": "http_503", "methods": ["chat.postMessage"]}
WAY: dict[str, tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "archived": (
        ("channel", {"act": "archive", "channel": ORDERS}),
        ("channel", {"act": "unarchive", "channel": ORDERS}),
    ),
    "removed": (
        ("member", {"channel": ORDERS, "user": BOT_USER, "on": False}),
        ("member", {"channel": ORDERS, "user": BOT_USER}),
    ),
}


@pytest.fixture(scope="module")
async def a_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("healing")
    setting = Setting(f"sqlite:///{folder}/deskbridge.db", sweep_every=0.5)
    async with on_stage(setting, folder) as made:
        yield made


@pytest.fixture
async def stage(a_stage: Stage) -> AsyncIterator[Stage]:
    yield a_stage
    await a_stage.clear()


async def mid_talk(stage: Stage) -> tuple[Customer, Thread]:
    sam = await stage.customer("Sam Rivera")
    await sam.say("Help!")
    thread = await stage.thread(sam)
    await stage.agent().reply(ORDERS, thread.ts, "What is it?")
    await sam.has_heard("What is it?")
    return sam, thread


async def renewed(stage: Stage, old: Thread, channel: str = ORDERS) -> Thread:
    """The thread in which its handoff goes on."""

    async def found() -> str:
        roots = [m for m in await stage.oracle.messages(channel) if not m["deleted"]]
        return next((m["ts"] for m in roots if key_of(m) == f"{old.handoff}/2"), "")

    ts = await until(found, what="a new thread")
    return Thread(stage.oracle, ts, channel, old.handoff)


async def goes_on(stage: Stage, sam: Customer, thread: Thread) -> None:
    await thread.has_said("one", "two", together=True)
    preview = await thread.preview()
    assert preview.index("Help!") < preview.index("What is it?")
    (moved,) = [m for m in await thread.lines() if "it goes on here" in plain(m)]
    assert moved["ts"] < next(m["ts"] for m in await thread.posts() if whole([m]))
    await sam.say("three")
    await stage.agent().reply(thread.channel, thread.ts, "Got it")
    await sam.has_heard("What is it?", "Got it")
    await thread.has_said("one", "two", "three", together=True)


@pytest.mark.parametrize("act", ["delete", "purge"])
async def test_a_thread_that_is_deleted_in_mid_talk_goes_on_in_a_new_one(
    stage: Stage, act: str
) -> None:
    sam, old = await mid_talk(stage)
    await stage.oracle.faults(DOWN, {"kind": "lose_events", "event_types": ["message"]})
    for text in ("one", "two"):
        await sam.say(text)
    await stage.oracle.post("message", {"act": act, "channel": ORDERS, "ts": old.ts})
    await stage.oracle.faults()
    thread = await renewed(stage, old)
    assert "was deleted" in plain(await thread.line_about("it goes on here"))
    await goes_on(stage, sam, thread)
    since = [m for m in await stage.oracle.messages() if m["ts"] > old.ts and not m["deleted"]]
    assert [m["thread_ts"] for m in since if whole([m]) == ["one"]] == [thread.ts]
    if act == "delete":  # the old one is still there, under a tombstone
        await stage.agent().reply(ORDERS, old.ts, "Late words")
        await sam.has_heard("What is it?", "Got it", "Late words")


@pytest.mark.parametrize("way", WAY)
async def test_a_channel_that_is_closed_and_opened_again_has_lost_nothing(
    stage: Stage, way: str
) -> None:
    sam, thread = await mid_talk(stage)
    close, back = WAY[way]
    await stage.oracle.post(*close)
    for text in ("one", "two"):
        await sam.say(text)
    await degraded(stage, "parked")
    before = await posted(stage)
    await stage.oracle.post(*back)
    await thread.has_said("Help!", "one", "two", together=True)
    assert await posted(stage) - before <= 3
    await stage.hears()
    await stage.agent().reply(ORDERS, thread.ts, "Here again")
    await sam.has_heard("What is it?", "Here again")


async def posted(stage: Stage) -> int:
    """How often Slack took a post."""
    calls = await stage.oracle.calls("chat.postMessage")
    return sum(bool((call["answer"] or {}).get("ok")) for call in calls)


async def degraded(stage: Stage, what: str) -> None:
    async def told() -> bool:
        ready = await stage.client.get(f"{stage.base}/readyz")
        return what in ready.json()["degraded"]

    await until(told, what=f"{what} to be degraded")


async def test_a_token_that_is_taken_back_and_given_anew_has_lost_nothing(stage: Stage) -> None:
    sam, thread = await mid_talk(stage)
    await stage.oracle.post("tokens", {})
    for text in ("one", "two"):
        await sam.say(text)
    await degraded(stage, "parked")
    stage.product.end()
    await stage.oracle.post("tokens", {"revoked": False})
    await stage.start()
    await thread.has_said("Help!", "one", "two", together=True)
    await stage.agent().reply(ORDERS, thread.ts, "Here again")
    await sam.has_heard("What is it?", "Here again")


@pytest.mark.parametrize("change", [{"act": "rename", "name": "desk-new"}, {"act": "convert"}])
async def test_a_channel_that_is_renamed_or_made_private_stays_the_desks(
    stage: Stage, change: dict[str, Any]
) -> None:
    sam, thread = await mid_talk(stage)
    await stage.oracle.post("channel", {"channel": ORDERS, **change})
    for text in ("one", "two"):
        await sam.say(text)
    await stage.agent().reply(ORDERS, thread.ts, "Here again")
    await sam.has_heard("What is it?", "Here again")
    await thread.has_said("Help!", "one", "two", together=True)


async def test_when_the_channel_is_archived_and_the_desk_moves_its_handoffs_move_with_it(
    stage: Stage,
) -> None:
    """This one is the last: the desk stays there."""
    sam, old = await mid_talk(stage)
    kim, quiet = await mid_talk(stage)
    await stage.oracle.post("channel", {"act": "archive", "channel": ORDERS})
    for text in ("one", "two"):
        await sam.say(text)
    await degraded(stage, "parked")
    stage.product.end()
    stage.product.settings = {**stage.product.settings, "SLACK_CHANNEL": BILLING}
    await stage.start()
    thread = await renewed(stage, old, BILLING)
    assert "channel" in plain(await thread.line_about("it goes on here"))
    await goes_on(stage, sam, thread)
    second = await renewed(stage, quiet, BILLING)  # though nothing was said there
    await stage.agent().reply(BILLING, second.ts, "Here again")
    await kim.has_heard("What is it?", "Here again")
