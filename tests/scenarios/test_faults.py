"""Whatever Slack does to us: the thread and the customer see everything once, and in order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.slack.seed import ORDERS
from tests.scenarios.customer import Customer
from tests.scenarios.processes import until
from tests.scenarios.puppet import hands_over
from tests.scenarios.stage import Setting, Stage, on_stage
from tests.scenarios.thread import ticks_of
from tests.servers import RedisServer

POST = ["chat.postMessage"]
API: dict[str, dict[str, Any]] = {
    "429": {"kind": "ratelimit", "retry_after": 1, "count": 2},
    "lost answers": {"kind": "drop_response_after_store", "count": 3},
    "500 before": {"kind": "http_500", "when": "before", "count": 2},
    "500 after": {"kind": "http_500", "when": "after", "count": 2},
    "500 in words": {"kind": "error", "error": "internal_error", "when": "after", "count": 2},
    "dropped connections": {"kind": "drop_connection_before", "count": 3},
    "a page of html": {"kind": "http_502_html", "count": 2},
    "slower than we wait": {"kind": "slow", "seconds": 1.3, "count": 2},
}
EVENTS: dict[str, dict[str, Any]] = {
    "events twice at once": {"kind": "duplicate_events", "probability": 0.7},
    "events twice": {"kind": "duplicate_events", "probability": 0.7, "concurrent": False},
    "events late": {"kind": "shuffle_events", "seconds": 0.5, "event_types": ["message"]},
}
MANY = 5


async def handed_over(stage: Stage, customer: Customer) -> bool:
    """Before the handoff, words would go into the preview; its thread may still be on its way."""
    return (await stage.conversation(customer)).get("mode") == "human"


async def tells_the_story(
    stage: Stage, used: int = 1, timeout: float = 40.0, *, together: bool = False
) -> None:
    """Customer and agent talk, and each hears the other once and in order; a fault was met.
    `together`: what waits for a turn may come in one post."""
    sam = await stage.customer("Sam Rivera")
    shown = sam.stream()
    if stage.bot:
        stage.bot.answers[sam.conversation] = hands_over
    await sam.say("Help!")
    await until(lambda: handed_over(stage, sam), what="the handoff")
    asked = [f"question {n}" for n in range(MANY)]
    answered = [f"answer {n}" for n in range(MANY)]
    for text in asked[:2]:
        await sam.say(text)
    thread = await stage.thread(sam)
    ana = stage.agent()
    for question, answer in zip(asked[2:], answered[2:], strict=True):
        await sam.say(question)
        await ana.reply(ORDERS, thread.ts, answer)
    for answer in answered[:2]:
        await ana.reply(ORDERS, thread.ts, answer)
    before = [] if stage.bot else ["Help!"]
    await thread.has_said(*before, *asked, timeout=timeout, together=together)
    await sam.has_heard(*answered[2:], *answered[:2], timeout=timeout)

    async def marked() -> bool:
        return ticks_of(await thread.by(ana.id)) == [["✅"]] * MANY

    await until(marked, timeout, "one mark on each of Ana's messages")
    await until(stage.oracle.quiet, timeout, "every event to be settled")
    assert await stage.oracle.used() >= used
    await thread.has_said(*before, *asked, together=together)
    await sam.has_seen(shown)
    if stage.bot:
        assert "Help!" in await until(thread.preview, timeout)


@pytest.mark.parametrize("name", API)
async def test_a_failing_slack_loses_nothing_and_doubles_nothing(
    one_stage: Stage, name: str
) -> None:
    await one_stage.oracle.faults({"methods": POST, **API[name]})
    await tells_the_story(one_stage)


@pytest.mark.parametrize("name", EVENTS)
async def test_events_may_come_twice_and_late(stage: Stage, name: str) -> None:
    await stage.oracle.faults(EVENTS[name])
    await tells_the_story(stage)


async def test_lost_answers_harm_nothing_on_postgresql_either(on_postgres: Stage) -> None:
    await on_postgres.oracle.faults(
        {"methods": POST, **API["lost answers"]}, {"methods": POST, **API["slower than we wait"]}
    )
    try:
        await tells_the_story(on_postgres)
    finally:
        await on_postgres.clear()


async def test_a_redis_that_forgets_everything_loses_nothing(
    on_postgres: Stage, redis_server: RedisServer
) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            story = group.create_task(tells_the_story(on_postgres, used=0))
            group.create_task(forget_again_and_again(redis_server, story))
    finally:
        await on_postgres.clear()


async def forget_again_and_again(redis: RedisServer, while_runs: asyncio.Task[None]) -> None:
    while not while_runs.done():
        redis.flush()
        await asyncio.sleep(0.05)


async def test_marks_and_cards_survive_failures_too(one_stage: Stage) -> None:
    methods = ["reactions.add", "chat.update"]
    await one_stage.oracle.faults(
        {"kind": "http_500", "methods": methods, "count": 3},
        {"kind": "ratelimit", "methods": methods, "count": 2, "retry_after": 1},
    )
    await tells_the_story(one_stage)


@pytest.fixture
async def limited(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A Slack that takes one post a second and channel, and a product that knows it."""
    folder = tmp_path_factory.mktemp("limited")
    setting = Setting(
        f"sqlite:///{folder}/deskbridge.db", channel_limit=True, posts_per_second=1.0, timeout=3.0,
        lease=9.0,
    )  # fmt: skip
    async with on_stage(setting, folder) as stage:
        yield stage


async def test_one_post_a_second_and_channel_is_enough(limited: Stage) -> None:
    await tells_the_story(limited, used=0, timeout=60.0, together=True)
