"""Limiters: a rate is never exceeded by all processes together, and a block is kept."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bridge.ports import Limiter
from storage.memory import SWEEP_FLOOR, MemoryLimiter
from storage.redis import Link
from storage.redis_limiter import AT_ONCE, RedisLimiter
from tests.servers import RedisServer
from tests.storage.kinds import connected, limiter_of, restart
from tests.waiting import until

SLOW = 0.001
"""A rate at which no token comes back while a test runs."""


@pytest.fixture
def limiter(link: Link | None) -> Limiter:
    return limiter_of(link)


class HandClock:
    """Moves when told to; the limiter in memory takes any clock."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_burst_is_given_at_once_and_then_the_rate_counts(limiter: Limiter) -> None:
    assert [await limiter.take("post", SLOW, 3) for _ in range(3)] == [0.0, 0.0, 0.0]
    wait = await limiter.take("post", SLOW, 3)
    assert 990 < wait <= 1000


async def test_a_refused_take_takes_nothing(limiter: Limiter) -> None:
    await limiter.take("post", SLOW, 1)
    waits = [await limiter.take("post", SLOW, 1) for _ in range(3)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] <= 1000


async def test_keys_do_not_share_a_bucket(limiter: Limiter) -> None:
    assert await limiter.take("channel:1", SLOW, 1) == 0.0
    assert await limiter.take("channel:2", SLOW, 1) == 0.0


async def given(limiter: Limiter, rate: float) -> bool:
    return await limiter.take("post", rate, 1) == 0.0


async def test_after_the_wait_it_is_given(limiter: Limiter) -> None:
    await limiter.take("post", 20, 1)
    assert await until(lambda: limiter.take("post", 20, 1)) <= 0.05
    await until(lambda: given(limiter, 20))


async def test_a_cost_counts_for_so_many(limiter: Limiter) -> None:
    assert await limiter.take("post", SLOW, 5, cost=4) == 0.0
    assert await limiter.take("post", SLOW, 5, cost=2) > 0
    assert await limiter.take("post", SLOW, 5, cost=1) == 0.0


async def test_a_cost_above_the_burst_needs_a_full_bucket_and_is_paid_off(
    limiter: Limiter,
) -> None:
    assert await limiter.take("post", SLOW, 2, cost=4) == 0.0
    assert 2900 < await limiter.take("post", SLOW, 2) <= 3000


async def test_a_block_holds_whatever_the_bucket_has(limiter: Limiter) -> None:
    await limiter.block("post", 3_000)
    assert 2_900 < await limiter.take("post", 100, 100) <= 3_000
    assert await limiter.take("other", 100, 100) == 0.0


async def test_the_longest_block_wins(limiter: Limiter) -> None:
    await limiter.block("post", 3_000)
    await limiter.block("post", 500)
    assert await limiter.take("post", 100, 100) > 2_900
    await limiter.block("post", 6_000)
    assert await limiter.take("post", 100, 100) > 5_900


async def test_a_block_ends(limiter: Limiter) -> None:
    await limiter.block("post", 0.02)
    await until(lambda: given(limiter, SLOW))


async def test_many_takers_at_once_get_no_more_than_the_burst(limiter: Limiter) -> None:
    waits = await asyncio.gather(*(limiter.take("post", SLOW, 10) for _ in range(50)))
    assert waits.count(0.0) == 10


async def test_in_memory_a_second_gives_the_rate_by_the_injected_clock() -> None:
    clock = HandClock()
    limiter = MemoryLimiter(clock)
    given = 0
    for _ in range(1000):
        given += await limiter.take("post", 5, 1) == 0.0
        clock.now += 0.01
    assert given == 50


async def test_full_buckets_are_forgotten() -> None:
    clock = HandClock()
    limiter = MemoryLimiter(clock)
    for number in range(10 * SWEEP_FLOOR):
        await limiter.take(f"visitor:{number}", 1, 1)
        clock.now += 0.01
    assert len(limiter) <= SWEEP_FLOOR + 1


async def test_processes_share_a_bucket_through_redis(redis_url: str) -> None:
    async with connected(redis_url) as here, connected(redis_url) as there:
        one, two = RedisLimiter(here), RedisLimiter(there)
        assert await one.take("post", SLOW, 1) == 0.0
        assert await two.take("post", SLOW, 1) > 0
        await two.block("other", 3_000)
        assert await one.take("other", SLOW, 1) > 2_900


async def test_takes_at_once_travel_together_and_each_hears_its_own_answer(redis_url: str) -> None:
    async with connected(redis_url) as link:
        limiter = RedisLimiter(link)
        await link.client.config_resetstat()
        keys = [f"key:{n % 300}" for n in range(600)]
        waits = await asyncio.gather(*(limiter.take(key, SLOW, 1) for key in keys))
        assert [wait > 0 for wait in waits] == [False] * 300 + [True] * 300
        calls = await link.client.info("commandstats")
        assert calls["cmdstat_evalsha"]["calls"] <= 600 / AT_ONCE + 2  # it had to learn the script


async def test_who_gives_up_waiting_takes_nothing_from_the_others(redis_url: str) -> None:
    async with connected(redis_url) as link:
        limiter = RedisLimiter(link)
        takes = [asyncio.ensure_future(limiter.take(f"key:{n}", SLOW, 1)) for n in range(3)]
        await asyncio.sleep(0)
        takes[0].cancel()
        assert await asyncio.gather(*takes[1:]) == [0.0, 0.0]
        assert await limiter.take("key:1", SLOW, 1) > 0


async def test_redis_forgets_full_buckets(redis_url: str) -> None:
    async with connected(redis_url) as link:
        await RedisLimiter(link).take("post", 0.01, 1)
        (name,) = await link.client.keys("*")
        assert 0 < await link.client.pttl(name) <= 100_001


async def test_a_flush_only_fills_the_buckets(redis_url: str, redis_server: RedisServer) -> None:
    async with connected(redis_url) as link:
        limiter = RedisLimiter(link)
        await limiter.take("post", SLOW, 1)
        redis_server.flush()
        assert await limiter.take("post", SLOW, 1) == 0.0
        assert await limiter.take("post", SLOW, 1) > 0


async def test_without_redis_each_process_limits_for_itself_and_remembers_blocks(
    mortal_redis: RedisServer,
) -> None:
    async with connected(mortal_redis.url) as link:
        limiter = RedisLimiter(link)
        await limiter.block("blocked", 3_000)
        with capture_logs() as said:
            mortal_redis.stop()
            assert await limiter.take("post", SLOW, 2) == 0.0
            assert await limiter.take("post", SLOW, 1) > 0
            assert await limiter.take("blocked", SLOW, 1) > 2_900
            await limiter.block("post", 2000)
            assert await limiter.take("post", SLOW, 1) > 1900
        assert [line["event"] for line in said] == ["redis_lost"]


async def test_a_limiter_finds_redis_again_and_says_each_change_once(
    mortal_redis: RedisServer,
) -> None:
    async with connected(mortal_redis.url) as link:
        limiter = RedisLimiter(link)
        await limiter.take("post", SLOW, 1)
        with capture_logs() as said:
            mortal_redis.stop()
            await limiter.take("post", SLOW, 1)
            await restart(mortal_redis)
            await _until_up(link, limiter)
        assert [line["event"] for line in said] == ["redis_lost", "redis_back"]


async def test_an_outage_costs_one_time_out_and_not_one_for_each_take(
    mortal_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(mortal_redis.url) as link:
        limiter = RedisLimiter(link)
        mortal_redis.stop()
        monkeypatch.setattr("storage.redis.TRY_AGAIN_SECONDS", 3_600)
        await limiter.take("post", 1000, 1000)
        asked: list[object] = []
        monkeypatch.setattr(link.client, "execute_command", asked.append)
        for _ in range(100):
            await limiter.take("post", 1000, 1000)
        assert asked == []


async def _until_up(link: Link, limiter: Limiter) -> None:
    async def up() -> bool:
        await limiter.take("probe", 1000, 1000)
        return link.up

    await until(up)
