"""Socket Mode when it does not go well: connections end, break and fall silent, and the thread and
the customer see everything once and in order. That the stories themselves pass so is told by
`stage`, which has a workspace that knows no address of the product."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.slack.seed import ORDERS
from tests.scenarios.beginnings import with_a_human
from tests.scenarios.processes import until
from tests.scenarios.puppet import Puppet
from tests.scenarios.stage import Setting, Stage, on_stage
from tests.scenarios.test_faults import tells_the_story
from tests.servers import PostgresServer, RedisServer

DUPLICATES = {"kind": "duplicate_events", "probability": 0.7}


@pytest.fixture
async def shaken(bot: Puppet, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage of one's own: what was cut again and again is opened again ever more slowly. What is
    not answered comes again as soon as from Slack."""
    url = f"sqlite:///{tmp_path}/deskbridge.db"
    setting = Setting(url, bot=bot, sockets=True, slack_waits=3.0)
    async with on_stage(setting, tmp_path) as stage:
        await until(lambda: two(stage), what="two sockets")
        yield stage


@pytest.fixture(scope="module")
async def alone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Without a bot, over sockets that live for two seconds."""
    folder = tmp_path_factory.mktemp("alone")
    url = f"sqlite:///{folder}/deskbridge.db"
    async with on_stage(Setting(url, sockets=True, socket_life=2.0), folder) as stage:
        yield stage


async def connected(stage: Stage) -> list[int]:
    """The numbers of the open sockets."""
    sockets = await stage.oracle.get("sockets")
    return [each["number"] for each in sockets["connections"]]


async def two(stage: Stage) -> bool:
    return len(await connected(stage)) >= 2


async def shake(stage: Stage, act: str, story: asyncio.Task[None]) -> int:
    """Does it to one socket after another until the story is told; how often. Where there is only
    one it is left alone."""
    hits = 0
    while not story.done():
        for number in (await connected(stage))[:-1]:
            told = await stage.oracle.post("sockets", {"act": act, "connection": number})
            hits += told["hit"]
        await asyncio.sleep(0.1)
    return hits


@pytest.mark.parametrize("act", ["warning", "refresh_requested", "cut"])
async def test_sockets_that_come_and_go_lose_nothing_and_double_nothing(
    shaken: Stage, act: str
) -> None:
    async with asyncio.TaskGroup() as group:
        story = group.create_task(tells_the_story(shaken, used=0))
        hits = group.create_task(shake(shaken, act, story))
    assert hits.result()


async def test_sockets_of_a_short_life_tell_every_event_once(alone: Stage) -> None:
    await alone.oracle.faults(DUPLICATES)
    before = max(await connected(alone))
    await tells_the_story(alone, used=1)

    async def replaced() -> bool:
        numbers = await connected(alone)
        return bool(numbers) and min(numbers) > before

    await until(replaced, what="other sockets in the place of the first")
    await alone.clear()


async def test_what_a_deaf_socket_does_not_bring_comes_over_another(shaken: Stage) -> None:
    sam, thread, ana = await with_a_human(shaken)
    numbers = await connected(shaken)
    await shaken.oracle.post("sockets", {"act": "freeze", "connection": numbers[0]})
    texts = [f"answer {n}" for n in range(4)]
    for text in texts:
        await ana.reply(ORDERS, thread.ts, text)
    await sam.has_heard("Hello", *texts, timeout=30.0)


async def test_workers_open_the_sockets_and_web_processes_serve(
    postgres: PostgresServer, redis_server: RedisServer, tmp_path: Path
) -> None:
    setting = Setting(
        postgres.url(await postgres.create_database()),
        redis_server.url,
        sockets=True,
        commands=(("-m", "bridge.cli"),) * 2,
        roles=("web", "worker"),
    )
    async with on_stage(setting, tmp_path) as stage:
        await until(lambda: two(stage), what="two sockets")
        await tells_the_story(stage, used=0)
        assert len(await connected(stage)) == 2


async def test_when_socket_mode_is_switched_off_only_slack_is_missed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("off")
    setting = Setting(f"sqlite:///{folder}/deskbridge.db", sockets=True)
    async with on_stage(setting, folder) as stage:
        sam = await stage.customer("Sam Rivera")
        await sam.say("Help")
        thread = await stage.thread(sam)
        await stage.oracle.post("app", {"socket_mode": False})

        async def missed() -> bool:
            ready = await stage.client.get(f"{stage.base}/readyz")
            assert ready.status_code == 200
            return bool(ready.json()["degraded"] == ["slack"])

        await until(missed, what="/readyz to tell")
        await sam.say("Still there?")
        await thread.has_said("Help", "Still there?")
        assert "switch Socket Mode on" in stage.logs()
