"""The two kinds of what may be forgotten, made alike for the tests that run over both."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bridge.ports import Bell, Limiter, Presence
from storage.memory import MemoryBell, MemoryLimiter, MemoryPresence
from storage.redis import Link, RedisBell, RedisLimiter, RedisPresence
from tests.servers import RedisServer


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Link]:
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


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Lets the loop run until `condition` holds: False when time is up."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    return condition()


def bell_of(link: Link | None) -> Bell:
    return RedisBell(link) if link else MemoryBell()


def limiter_of(link: Link | None) -> Limiter:
    return RedisLimiter(link) if link else MemoryLimiter()


def presence_of(link: Link | None) -> Presence:
    return RedisPresence(link) if link else MemoryPresence()
