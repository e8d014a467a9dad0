"""The limiter of many processes, over Redis (or Valkey): see `storage/redis.py` for what it does
when Redis is gone."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence

from storage.memory import Clock, MemoryLimiter
from storage.redis import Link

AT_ONCE = 200
"""Takes in one call: what the script does for them takes Redis well below a millisecond."""

TAKE = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local function take(bucket, block, rate, burst, cost)
    local blocked = redis.call('PTTL', block)
    if blocked > 0 then return blocked * 1000 end
    local token = 1000000 / rate
    local full_at = math.max(tonumber(redis.call('GET', bucket) or 0), now) + cost * token
    local early = full_at - now - math.max(burst, cost) * token
    if early >= 1000 then return math.ceil(early) end
    local ttl = math.max(1, math.ceil((full_at - now) / 1000))
    redis.call('SET', bucket, string.format('%.0f', full_at), 'PX', ttl)
    return 0
end
local waits = {}
for n = 0, #KEYS / 2 - 1 do
    waits[n + 1] = take(KEYS[2 * n + 1], KEYS[2 * n + 2], tonumber(ARGV[3 * n + 1]),
        tonumber(ARGV[3 * n + 2]), tonumber(ARGV[3 * n + 3]))
end
return waits
"""
"""GCRA as in `MemoryLimiter`, in µs by the server's clock, for one after the other. The answers are
the µs to wait. Within one call no time passes, so takes that came one after another seem to have
come at once; and nobody waits for less than a millisecond, since going away costs more."""

BLOCK = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
return 0
"""
"""Blocks for so many ms, unless it is blocked for longer."""


class Batch:
    """Takes that travel together. `call`: the µs to wait of each of them, in order."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.limits: list[float] = []
        self.call: asyncio.Task[list[int]]

    def __len__(self) -> int:
        return len(self.keys) // 2


class RedisLimiter:
    """By Redis' own clock, so that all processes agree.

    A take goes at once when no other is on its way, within this turn of the event loop: who takes
    has a message to post. Takes that come meanwhile travel together with the next call: one for
    each would be a good part of what a message costs.
    """

    def __init__(self, link: Link, clock: Clock = time.monotonic) -> None:
        self._link = link
        self._local = MemoryLimiter(clock)
        self._take = link.client.register_script(TAKE)
        self._block = link.client.register_script(BLOCK)
        self._leaving: Batch | None = None
        self._under_way: asyncio.Future[None] | None = None

    async def take(self, key: str, rate: float, burst: int, cost: int = 1) -> float:
        """0.0: taken. Else the seconds until it may be tried again; nothing was taken."""
        if self._link.worth_trying():
            with self._link.trying():
                return await self._with_others(key, rate, burst, cost) / 1e6
        return await self._local.take(key, rate, burst, cost)

    async def block(self, key: str, seconds: float) -> None:
        """Nothing is given for so long, as after a 429 with Retry-After; the longest one wins."""
        await self._local.block(key, seconds)  # should Redis go, we at least remember
        if self._link.worth_trying():
            milliseconds = max(1, math.ceil(seconds * 1000))
            with self._link.trying():
                await self._block(keys=[self._link.name("block", key)], args=[milliseconds])

    async def _with_others(self, key: str, rate: float, burst: int, cost: int) -> int:
        keys = (self._link.name("rate", key), self._link.name("block", key))
        limits = (rate, burst, cost)
        if self._under_way is None and self._leaving is None:
            return (await self._call(keys, limits))[0]
        batch = self._batch()
        place = len(batch)
        batch.keys += keys
        batch.limits += limits
        waits = await asyncio.shield(batch.call)  # others wait for it, too
        return waits[place]

    def _batch(self) -> Batch:
        """The one that has not left yet."""
        if self._leaving is None or len(self._leaving) >= AT_ONCE:
            self._leaving = batch = Batch()
            batch.call = asyncio.create_task(self._leave(batch))
        return self._leaving

    async def _leave(self, batch: Batch) -> list[int]:
        while self._under_way is not None:
            await asyncio.wait((self._under_way,))
        if self._leaving is batch:
            self._leaving = None
        return await self._call(batch.keys, batch.limits)

    async def _call(self, keys: Sequence[str], limits: Sequence[float]) -> list[int]:
        under_way = self._under_way = asyncio.get_running_loop().create_future()
        try:
            waits: list[int] = await self._take(keys=keys, args=limits)
            return waits
        finally:
            self._under_way = None
            under_way.set_result(None)
