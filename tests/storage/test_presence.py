"""Presence: who was there lately."""

import asyncio

import pytest

from bridge.ports import Presence
from storage.memory import SWEEP_FLOOR, MemoryPresence
from storage.redis import Link, RedisPresence
from tests.servers import RedisServer
from tests.storage.kinds import connected, presence_of, restart
from tests.waiting import until


@pytest.fixture
def presence(link: Link | None) -> Presence:
    return presence_of(link)


async def test_who_was_touched_is_present(presence: Presence) -> None:
    await presence.touch("agent:ana", 60)
    assert await presence.present(["agent:ana", "agent:ben"]) == {"agent:ana"}


async def test_asking_for_nobody_answers_nobody(presence: Presence) -> None:
    assert await presence.present([]) == set()


async def test_presence_ends_with_its_time(presence: Presence) -> None:
    await presence.touch("agent:ana", 0.02)

    async def gone() -> bool:
        return await presence.present(["agent:ana"]) == set()

    await until(gone)


async def test_a_touch_prolongs(presence: Presence) -> None:
    await presence.touch("agent:ana", 0.02)
    await presence.touch("agent:ana", 60)
    await asyncio.sleep(0.03)
    assert await presence.present(["agent:ana"]) == {"agent:ana"}


async def test_who_was_forgotten_is_gone_and_may_be_forgotten_again(presence: Presence) -> None:
    await presence.touch("agent:ana", 60)
    await presence.forget("agent:ana")
    await presence.forget("agent:ana")
    assert await presence.present(["agent:ana"]) == set()


async def test_those_long_gone_take_no_memory() -> None:
    now = iter(range(1_000_000))
    presence = MemoryPresence(lambda: float(next(now)))
    for number in range(10 * SWEEP_FLOOR):
        await presence.touch(f"visitor:{number}", 1)
    assert len(presence) <= SWEEP_FLOOR + 1


async def test_processes_see_each_others_people_through_redis(redis_url: str) -> None:
    async with connected(redis_url) as here, connected(redis_url) as there:
        await RedisPresence(here).touch("agent:ana", 60)
        assert await RedisPresence(there).present(["agent:ana"]) == {"agent:ana"}


async def test_without_redis_a_process_knows_whom_it_saw_itself(
    mortal_redis: RedisServer,
) -> None:
    async with connected(mortal_redis.url) as link:
        presence = RedisPresence(link)
        await presence.touch("agent:ana", 60)
        mortal_redis.stop()
        assert await presence.present(["agent:ana", "agent:ben"]) == {"agent:ana"}
        await presence.touch("agent:ben", 60)
        await presence.forget("agent:ana")
        assert await presence.present(["agent:ana", "agent:ben"]) == {"agent:ben"}


async def test_a_flush_forgets_until_the_next_touch(
    redis_url: str, redis_server: RedisServer
) -> None:
    async with connected(redis_url) as link:
        presence = RedisPresence(link)
        await presence.touch("agent:ana", 60)
        redis_server.flush()
        assert await presence.present(["agent:ana"]) == set()
        await presence.touch("agent:ana", 60)
        assert await presence.present(["agent:ana"]) == {"agent:ana"}


async def test_a_restarted_redis_is_used_again(mortal_redis: RedisServer) -> None:
    async with connected(mortal_redis.url) as link:
        presence = RedisPresence(link)
        await presence.touch("agent:ana", 60)
        await restart(mortal_redis)
        await presence.touch("agent:ben", 60)
        assert await presence.present(["agent:ana", "agent:ben"]) == {"agent:ben"}
