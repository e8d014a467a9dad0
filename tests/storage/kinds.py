"""The two kinds of what may be forgotten, made alike for the tests that run over both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

from bridge.ports import Bell, Limiter, Presence
from storage.memory import MemoryBell, MemoryLimiter, MemoryPresence
from storage.redis import Link, RedisBell, RedisPresence
from storage.redis_limiter import RedisLimiter
from tests.servers import RedisServer


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Link]:
    with patch("storage.redis.CALL_SECONDS", 60.0):  # a slow machine is no Redis that is away
        link = Link(url, namespace="test")
    yield link
    await link.close()


@asynccontextmanager
async def redis_bell(url: str) -> AsyncIterator[RedisBell]:
    """A started bell of a process of its own."""
    async with connected(url) as link:
        bell = RedisBell(link)
        await bell.start()
        yield bell
        await bell.close()


async def restart(server: RedisServer) -> None:
    """Away and back, on another thread: the loop goes on, as it would in production."""
    await asyncio.to_thread(server.stop)
    # Children must come from the main thread, see `spawn`; starting takes some 20 ms.
    server.start()


def bell_of(link: Link | None) -> Bell:
    return RedisBell(link) if link else MemoryBell()


def limiter_of(link: Link | None) -> Limiter:
    return RedisLimiter(link) if link else MemoryLimiter()


def presence_of(link: Link | None) -> Presence:
    return RedisPresence(link) if link else MemoryPresence()
