"""Messages on their way through a relay: sent at one end, awaited at the other.

Each message carries its number in its text ("bench 0000042"), so that it is known again however
the relay dresses it. Latency is taken from the moment a message was due until it is seen.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator

from tests.bench.load import Outcome

MARK = re.compile(rb"bench (\d{7})")
STRAGGLERS = 15.0
"""Seconds to wait, at the end, for what is still under way; what is not there then is lost."""


class Journey:
    """`send(number, text)` sends one message; whoever sees one gives its data to `seen`.

    `numbers` never repeat for one subject: a late message is not taken for a new one.
    """

    def __init__(self, send: Callable[[int, str], Awaitable[None]], numbers: Iterator[int]) -> None:
        self._send = send
        self._numbers = numbers
        self._due: dict[int, float] = {}
        self._outcome = Outcome()
        self._window: asyncio.Semaphore | None = None
        self._all_seen = asyncio.Event()

    def seen(self, data: bytes) -> None:
        for number in set(map(int, MARK.findall(data))):
            due = self._due.pop(number, None)
            if due is None:  # seen before, or of an earlier run
                continue
            self._outcome.latencies.append(time.perf_counter() - due)
            self._outcome.statuses[200] += 1
            if self._window is not None:
                self._window.release()
        if not self._due:
            self._all_seen.set()

    async def closed(self, window: int, seconds: float) -> Outcome:
        """With `window` messages under way at any time: the greatest rate."""
        self._window = asyncio.Semaphore(window)
        return await self._run(self._as_fast_as_seen(seconds))

    async def paced(self, rate: float, seconds: float) -> Outcome:
        """So many a second, whatever comes of them."""
        self._window = None
        return await self._run(self._by_the_clock(rate, seconds))

    async def each(self, count: int) -> Outcome:
        """`count` messages, one after the other: each is sent when the one before was seen."""
        self._window = asyncio.Semaphore(1)
        return await self._run(self._numbered(count))

    async def _run(self, sending: Awaitable[None]) -> Outcome:
        self._outcome = Outcome()
        began = time.perf_counter()
        await sending
        try:
            async with asyncio.timeout(STRAGGLERS):
                while self._due:
                    self._all_seen.clear()
                    await self._all_seen.wait()
        except TimeoutError:
            self._outcome.statuses[0] += len(self._due)
            self._due.clear()
        self._outcome.seconds = time.perf_counter() - began
        return self._outcome

    async def _as_fast_as_seen(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        async with asyncio.TaskGroup() as sends:
            while time.perf_counter() < until:
                if not await self._admitted():
                    return
                sends.create_task(self._one(time.perf_counter()))

    async def _by_the_clock(self, rate: float, seconds: float) -> None:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as sends:
            for number in range(round(rate * seconds)):
                due = began + number / rate
                if (early := due - time.perf_counter()) > 0:
                    await asyncio.sleep(early)
                sends.create_task(self._one(due))

    async def _numbered(self, count: int) -> None:
        for _ in range(count):
            if not await self._admitted():
                return
            await self._one(time.perf_counter())

    async def _admitted(self) -> bool:
        """False when nothing was seen for so long that waiting for more is in vain."""
        assert self._window is not None
        try:
            async with asyncio.timeout(STRAGGLERS):
                await self._window.acquire()
        except TimeoutError:
            return False
        return True

    async def _one(self, due: float) -> None:
        number = next(self._numbers)
        self._due[number] = due
        await self._send(number, f"Where is my order? bench {number:07d}")
