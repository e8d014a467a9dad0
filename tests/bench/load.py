"""Two ways to load a server, and what came of it.

`closed`: so many callers, each waiting for its answer: the greatest rate. `paced`: so many requests
a second whatever the answers do: honest latencies, taken from the moment each request was due
(a server that stalls is charged for all that should have been sent meanwhile).
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.bench.client import Pool, Response

Send = Callable[[], Awaitable[Response]]
GOOD = (200, 201, 202)


@dataclass(slots=True)
class Outcome:
    """Times in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        return sum(self.statuses[status] for status in GOOD)

    @property
    def failed(self) -> int:
        return self.statuses.total() - self.done

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else math.nan

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan


async def closed(pool: Pool, make: Callable[[], bytes], callers: int, seconds: float) -> Outcome:
    outcome = Outcome()
    began = time.perf_counter()
    until = began + seconds

    async def call() -> None:
        while (due := time.perf_counter()) < until:
            await _one(pool, make(), due, outcome)

    await asyncio.gather(*(call() for _ in range(callers)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def paced(pool: Pool, make: Callable[[], bytes], rate: float, seconds: float) -> Outcome:
    outcome = Outcome()
    began = time.perf_counter()
    async with asyncio.TaskGroup() as calls:
        for number in range(round(rate * seconds)):
            due = began + number / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            calls.create_task(_one(pool, make(), due, outcome))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def _one(pool: Pool, raw: bytes, due: float, outcome: Outcome) -> None:
    try:
        status = (await pool.send(raw)).status
    except OSError:
        status = 0
    outcome.latencies.append(time.perf_counter() - due)
    outcome.statuses[status] += 1
