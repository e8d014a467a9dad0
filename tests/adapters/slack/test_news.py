"""What Slack tells one process of people, every process knows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.slack.client import Client
from adapters.slack.config import QueuePlace, from_settings
from adapters.slack.identity import Self
from adapters.slack.members import Members
from adapters.slack.news import News
from sandbox.slack.seed import ORDERS
from storage.memory import MemoryBell, MemoryLimiter
from tests.adapters.slack.script import Script
from tests.adapters.slack.test_members import script
from tests.adapters.slack.world import Stage, now, settings
from tests.scenarios.processes import until

__all__ = ["script"]


@pytest.fixture
async def two(
    stages: tuple[Stage, Stage], script: Script
) -> AsyncIterator[tuple[News, Members, Members]]:
    """What one process hears, what it remembers, and what another one remembers."""
    config = from_settings(settings(stages[0].url))
    assert config is not None
    client, bell = Client(config, MemoryLimiter()), MemoryBell()
    here, there = (
        Members(client, Self(client), (QueuePlace("default", ORDERS),), now, "http://x")
        for _ in range(2)
    )
    news = [News(here, bell), News(there, bell)]
    for one in news:
        one.start()
    assert (await here.agent("U0ANA")).member
    assert (await there.agent("U0ANA")).member
    yield news[0], here, there
    for one in news:
        await one.close()
    here.close()
    there.close()
    await client.close()


async def test_who_has_left_is_out_in_every_process(
    two: tuple[News, Members, Members], script: Script
) -> None:
    news, here, there = two
    script.on("conversations.members", {"ok": False, "error": "internal_error"})
    news.left(ORDERS, "U0ANA")
    assert not (await here.agent("U0ANA")).member

    async def out() -> bool:
        return not (await there.agent("U0ANA")).member

    await until(out, what="the other process to know it")


@pytest.mark.parametrize("what", ["joined", "changed"])
async def test_what_has_changed_is_asked_again_by_every_process(
    two: tuple[News, Members, Members], what: str
) -> None:
    news, here, there = two
    tell = {"joined": lambda: news.joined(ORDERS), "changed": lambda: news.changed("U0ANA")}
    tell[what]()
    assert here.known("U0ANA") is None

    async def forgotten() -> bool:
        return there.known("U0ANA") is None

    await until(forgotten, what="the other process to forget")
