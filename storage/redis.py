"""Bell and Presence for many processes, over Redis (or Valkey); the limiter is in
`redis_limiter.py`.

Redis holds only what may be forgotten. So nothing here raises when it is gone: rings still wake
this process's own listeners, limits are kept by each process for itself, presence is what this
process has seen; the log says it once when Redis is lost and once when it is back. All three share
one `Link`; the bell, the one of them that runs, closes it.

Pub/sub knows no database numbers, so every name starts with a namespace: installations that share
a Redis need different ones.
"""

import asyncio
import contextlib
import math
import os
import random
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bridge.background import Background
from storage.memory import (
    Clock,
    MemoryBell,
    MemoryListener,
    MemoryPresence,
    MemorySubscription,
)

CONNECTIONS = 16
CALL_SECONDS = 1.0
TRY_AGAIN_SECONDS = 1.0
PING_SECONDS = 15.0
GATHER_SECONDS = 0.001
"""Others hear so much later of a commit: whoever has a message to post goes first, since to tell
Redis takes half as long as that."""
LONGEST_BACKOFF = 5.0
UNSENT_PAYLOADS = 10_000
GONE = (RedisError, OSError)


class Link:
    """The connections to one Redis, and whether it answers."""

    def __init__(self, url: str, namespace: str = "deskbridge") -> None:
        self.namespace = namespace
        self.client: Redis = Redis.from_pool(
            BlockingConnectionPool.from_url(
                url,
                max_connections=CONNECTIONS,
                timeout=5 * CALL_SECONDS,
                socket_timeout=CALL_SECONDS,
                socket_connect_timeout=CALL_SECONDS,
                # One retry at once, for a connection that died while idle. More would only wait.
                retry=Retry(NoBackoff(), 1),
            )
        )
        self._log = structlog.get_logger("storage.redis")
        self._up = True
        self._failed_at = 0.0

    @property
    def up(self) -> bool:
        """Whether the last call was answered."""
        return self._up

    def name(self, *parts: str) -> str:
        return ":".join((self.namespace, *parts))

    def worth_trying(self) -> bool:
        """False for a moment after each failure, so that an outage does not cost every caller
        the time-out."""
        return self._up or time.monotonic() - self._failed_at > TRY_AGAIN_SECONDS

    def lost(self, error: Exception) -> None:
        if self._up:
            self._log.warning("redis_lost", error=str(error), meanwhile="each process by itself")
        self._up = False
        self._failed_at = time.monotonic()

    def back(self) -> None:
        if not self._up:
            self._log.info("redis_back")
        self._up = True

    @contextlib.contextmanager
    def trying(self) -> Iterator[None]:
        """Around a call: ends quietly when Redis does not answer, so that the code behind the
        block, which does without, is reached."""
        try:
            yield
        except GONE as error:
            self.lost(error)
        else:
            self.back()

    async def close(self) -> None:
        await self.client.aclose()


class RedisBell:
    """Two pub/sub channels, one for rings and one for payloads, heard over one connection.

    A ring wakes this process's listeners at once and travels to the other processes; what is rung
    within a millisecond travels as one message. Our own messages come back too, and
    are known by the process's name on their first line.
    """

    def __init__(self, link: Link, ping_seconds: float = PING_SECONDS) -> None:
        self._link = link
        self._ping_seconds = ping_seconds
        self._local = MemoryBell()
        self._self = os.urandom(8).hex()
        self._rings = link.name("bell")
        self._payloads = link.name("payload")
        self._unsent_topics: set[str] = set()
        self._unsent_payloads: deque[bytes] = deque(maxlen=UNSENT_PAYLOADS)
        self._unsent = asyncio.Event()
        self._tried = asyncio.Event()
        self._background = Background()

    def ring(self, topics: Iterable[str]) -> None:
        topics = tuple(topics)
        self._local.ring(topics)
        self._unsent_topics.update(topics)
        self._unsent.set()

    def listen(self, topic: str) -> MemoryListener:
        return self._local.listen(topic)

    def publish(self, topic: str, payload: bytes) -> None:
        self._local.publish(topic, payload)
        self._unsent_payloads.append(f"{self._self}\n{topic}\n".encode() + payload)
        self._unsent.set()

    def subscribe(self, topic: str) -> MemorySubscription:
        return self._local.subscribe(topic)

    async def start(self) -> None:
        """Returns once Redis is heard, or once it is known not to answer."""
        self._background.start("bell hears", self._hear())
        self._background.start("bell tells", self._tell())
        await self._tried.wait()

    async def close(self) -> None:
        await self._background.close()
        await self._link.close()

    async def _hear(self) -> None:
        failures = 0
        while True:
            heard = asyncio.get_running_loop().time()
            try:
                async with self._link.client.pubsub() as pubsub:
                    await pubsub.subscribe(self._rings, self._payloads)
                    await self._read(pubsub)
            except GONE as error:
                self._link.lost(error)
            self._tried.set()
            lasted = asyncio.get_running_loop().time() - heard
            failures = 0 if lasted > LONGEST_BACKOFF else failures + 1
            await asyncio.sleep(_backoff(failures))

    async def _read(self, pubsub: PubSub) -> None:
        """Until the connection ends. A ping now and then finds out when it ended unsaid."""
        asked = False
        while True:
            message = await pubsub.get_message(timeout=self._ping_seconds)
            if message is None and asked:
                raise RedisError("no answer to a ping")
            if message is None:
                await pubsub.ping()
            else:
                self._take(message)
            asked = message is None

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe" and message["data"] == 2:  # noqa: PLR2004 - both
            self._link.back()
            self._tried.set()
            self._local.ring_all()  # what was rung while we did not hear
        elif message["type"] == "message":
            sender, _, rest = message["data"].partition(b"\n")
            if sender.decode() == self._self:
                return
            if message["channel"].decode() == self._rings:
                self._local.ring(rest.decode().split("\n"), afar=True)
            else:
                topic, _, payload = rest.partition(b"\n")
                self._local.publish(topic.decode(), payload)

    async def _tell(self) -> None:
        while True:
            await self._unsent.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._unsent.clear()
            topics, self._unsent_topics = self._unsent_topics, set()
            payloads = list(self._unsent_payloads)
            self._unsent_payloads.clear()
            if not topics and not payloads:  # what was rung had no topics
                continue
            if self._link.worth_trying():  # else they are lost, as hints may be
                await self._send(topics, payloads)

    async def _send(self, topics: set[str], payloads: list[bytes]) -> None:
        pipeline = self._link.client.pipeline(transaction=False)
        if topics:
            pipeline.publish(self._rings, "\n".join((self._self, *topics)))
        for payload in payloads:
            pipeline.publish(self._payloads, payload)
        with self._link.trying():
            await pipeline.execute()


class RedisPresence:
    """A key with a time to live for each who is there."""

    def __init__(self, link: Link, clock: Clock = time.monotonic) -> None:
        self._link = link
        self._local = MemoryPresence(clock)

    async def touch(self, key: str, ttl: float) -> None:
        """Present for `ttl` seconds from now."""
        await self._local.touch(key, ttl)
        if self._link.worth_trying():
            with self._link.trying():
                await self._link.client.set(self._name(key), b"", px=max(1, math.ceil(ttl * 1000)))

    async def present(self, keys: Sequence[str]) -> set[str]:
        if keys and self._link.worth_trying():
            with self._link.trying():
                found = await self._link.client.mget([self._name(key) for key in keys])
                return {key for key, value in zip(keys, found, strict=True) if value is not None}
        return await self._local.present(keys)

    async def forget(self, key: str) -> None:
        await self._local.forget(key)
        if self._link.worth_trying():
            with self._link.trying():
                await self._link.client.delete(self._name(key))

    def _name(self, key: str) -> str:
        return self._link.name("present", key)


def _backoff(failures: int) -> float:
    """Seconds before the next attempt to connect: doubling, with jitter."""
    return min(LONGEST_BACKOFF, 0.05 * 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0)  # noqa: S311
