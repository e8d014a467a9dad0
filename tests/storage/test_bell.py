"""Bells: a ring wakes whoever listens, here and in other processes, and a lost one does no harm."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bridge.ports import Bell
from storage.memory import UNREAD_PAYLOADS, MemoryBell
from storage.redis import Link, RedisBell
from tests.servers import RedisServer
from tests.storage.kinds import bell_of, connected, redis_bell
from tests.waiting import until

AT_ONCE = 0.0
LONG = 30.0


@pytest.fixture
async def bell(link: Link | None) -> AsyncIterator[Bell]:
    one = bell_of(link)
    await one.start()
    yield one
    await one.close()


async def test_a_ring_wakes_who_listens_to_its_topic(bell: Bell) -> None:
    with bell.listen("work") as listener, bell.listen("conversation:1") as other:
        waiting = asyncio.create_task(listener.wait(LONG))
        await asyncio.sleep(0)
        bell.ring(["work"])
        assert await waiting
        assert not await other.wait(AT_ONCE)


async def test_a_ring_wakes_all_who_listen(bell: Bell) -> None:
    with bell.listen("work") as one, bell.listen("work") as two:
        bell.ring(["work"])
        assert await one.wait(LONG)
        assert await two.wait(LONG)


async def test_a_wait_ends_at_its_time_when_nobody_rings(bell: Bell) -> None:
    with bell.listen("work") as listener:
        began = time.monotonic()
        assert not await listener.wait(0.05)
        assert time.monotonic() - began >= 0.04


async def test_a_ring_between_two_waits_is_not_lost_and_counts_once(bell: Bell) -> None:
    with bell.listen("work") as listener:
        assert not await listener.wait(AT_ONCE)
        bell.ring(["work"])
        bell.ring(["work"])
        assert await listener.wait(AT_ONCE)
        assert not await listener.wait(AT_ONCE)


async def test_who_left_is_not_woken_and_leaving_twice_is_fine(bell: Bell) -> None:
    with bell.listen("work") as listener:
        pass
    listener.__exit__(None, None, None)
    bell.ring(["work"])
    assert not await listener.wait(AT_ONCE)


async def test_a_cancelled_wait_leaves_the_listener_usable(bell: Bell) -> None:
    with bell.listen("work") as listener:
        waiting = asyncio.create_task(listener.wait(LONG))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        bell.ring(["work"])
        assert await listener.wait(AT_ONCE)


async def test_payloads_arrive_in_order_and_only_on_their_topic(bell: Bell) -> None:
    typing, other = bell.subscribe("conversation:1"), bell.subscribe("conversation:2")
    bell.publish("conversation:1", b"one")
    bell.publish("conversation:1", b"two\n\x00\xff")
    bell.publish("conversation:2", b"three")
    assert [await anext(typing), await anext(typing)] == [b"one", b"two\n\x00\xff"]
    assert await anext(other) == b"three"


async def test_a_slow_subscriber_loses_the_oldest_payloads(bell: Bell) -> None:
    typing = bell.subscribe("conversation:1")
    for number in range(UNREAD_PAYLOADS + 2):
        bell.publish("conversation:1", str(number).encode())
    assert await anext(typing) == b"2"


async def test_closing_a_subscription_ends_it_after_what_was_delivered(bell: Bell) -> None:
    typing = bell.subscribe("conversation:1")
    bell.publish("conversation:1", b"last")
    reading = asyncio.create_task(_all(typing))
    await asyncio.sleep(0)
    typing.close()
    bell.publish("conversation:1", b"too late")
    assert await reading == [b"last"]


async def test_a_ring_wakes_those_who_listen_for_it_and_nobody_else() -> None:
    bell = MemoryBell()
    listeners = [bell.listen(f"conversation:{number}") for number in range(100)]
    bell.ring([f"conversation:{number}" for number in range(0, 100, 2)])
    woken = [await listener.wait(AT_ONCE) for listener in listeners]
    assert woken == [True, False] * 50


async def test_a_ring_and_a_payload_reach_other_processes(redis_url: str) -> None:
    async with redis_bell(redis_url) as here, redis_bell(redis_url) as there:
        with there.listen("conversation:1") as listener:
            typing = there.subscribe("conversation:1")
            await listener.wait(AT_ONCE)
            here.ring(["work", "conversation:1"])
            here.publish("conversation:1", b"typing")
            assert await listener.wait(LONG)
            assert listener.afar
            assert await anext(typing) == b"typing"
            there.ring(["conversation:1"])
            assert await listener.wait(LONG)
            assert not listener.afar


async def test_what_comes_back_from_redis_is_not_heard_twice(redis_url: str) -> None:
    async with redis_bell(redis_url) as here, redis_bell(redis_url) as there:
        own, other = here.subscribe("typing"), there.subscribe("typing")
        with here.listen("work") as listener:
            here.ring(["work"])
            here.publish("typing", b"ours")
            assert await anext(other) == b"ours"
            there.publish("typing", b"theirs")
            assert [await anext(own), await anext(own)] == [b"ours", b"theirs"]
            assert await listener.wait(AT_ONCE)
            assert not await listener.wait(AT_ONCE)


async def test_without_redis_a_bell_still_rings_in_its_own_process(
    mortal_redis: RedisServer,
) -> None:
    mortal_redis.stop()
    async with redis_bell(mortal_redis.url) as bell:
        with bell.listen("work") as listener:
            bell.ring(["work"])
            assert await listener.wait(AT_ONCE)
            assert not await listener.wait(0.01)


async def test_a_bell_finds_redis_again_and_says_each_change_once(
    mortal_redis: RedisServer,
) -> None:
    def times(event: str) -> int:
        return sum(line["event"] == event for line in said)

    with capture_logs() as said:
        async with redis_bell(mortal_redis.url) as here, redis_bell(mortal_redis.url) as there:
            with here.listen("conversation:1") as one, there.listen("conversation:1") as two:
                mortal_redis.stop()
                assert await until(lambda: times("redis_lost") == 2)
                here.ring(["conversation:1"])  # this process hears itself, the other one cannot
                assert await one.wait(AT_ONCE)
                mortal_redis.start()
                for listener in (one, two):  # both look for themselves, once they hear again
                    assert await listener.wait(LONG)
                here.ring(["conversation:1"])
                assert await two.wait(LONG)
    assert (times("redis_lost"), times("redis_back")) == (2, 2)


async def test_a_redis_that_hangs_without_a_word_is_found_out(mortal_redis: RedisServer) -> None:
    async with connected(mortal_redis.url) as link:
        bell = RedisBell(link, ping_seconds=0.05)
        await bell.start()
        with bell.listen("work") as listener:
            await listener.wait(AT_ONCE)
            os.kill(mortal_redis.pid, signal.SIGSTOP)
            assert await until(lambda: not link.up)
            os.kill(mortal_redis.pid, signal.SIGCONT)
            assert await listener.wait(LONG)
        await bell.close()


async def test_a_flush_does_not_disturb_a_bell(redis_url: str, redis_server: RedisServer) -> None:
    async with redis_bell(redis_url) as here, redis_bell(redis_url) as there:
        with there.listen("work") as listener:
            redis_server.flush()
            here.ring(["work"])
            assert await listener.wait(LONG)


async def test_a_ring_without_topics_says_nothing_about_redis(redis_url: str) -> None:
    async with connected(redis_url) as link:
        bell = RedisBell(link)
        await bell.start()
        link.lost(OSError("gone"))
        link._failed_at = 0.0  # long enough ago to be tried again
        bell.ring([])
        await _idle(bell)
        assert not link.up
        bell.ring(["work"])
        assert await until(lambda: link.up)
        await bell.close()


async def _idle(bell: RedisBell) -> None:
    """Until it has told all that was rung."""
    while bell._unsent.is_set():
        await asyncio.sleep(0)
    for _ in range(5):  # an empty call would end without waiting for anything
        await asyncio.sleep(0)


async def _all(payloads: AsyncIterator[bytes]) -> list[bytes]:
    return [payload async for payload in payloads]
