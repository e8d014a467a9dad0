"""Time that passes only while everybody waits.

An event loop that has nothing to do but to wait for a timer does not wait: its clock jumps there.
The module `time` tells the loop's time meanwhile, so that all code in this process lives in it:
back-offs, leases, limits, time-outs, stamps, the workspace's limits and its faults. Nothing in the
product is replaced for it.

What is really waited for: the threads that commit to SQLite, which the loop counts, and bytes on
their way between two sockets of this process, which are there at once, or nearly.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar
from unittest.mock import patch

from storage import memory

T = TypeVar("T")
STEP = 0.25
"""Seconds of the longest jump."""
REALLY = 0.001
"""Seconds of real time before each jump, in which bytes arrive: a kernel would have to hold them up
for 40 ms before a time-out of ten seconds noticed."""
FIRST = 1_000.0
"""A monotonic clock begins anywhere."""


class Clock:
    """Seconds since the loop was made, and the wall time that belongs to them."""

    def __init__(self) -> None:
        self.now = FIRST
        self._epoch = time.time() - FIRST

    def monotonic(self) -> float:
        return self.now

    def monotonic_ns(self) -> int:
        return round(self.now * 1e9)

    def time(self) -> float:
        return self._epoch + self.now

    def time_ns(self) -> int:
        return round(self.time() * 1e9)

    @contextmanager
    def told(self) -> Iterator[None]:
        """The module `time` tells this time. What took a clock as a default when it was defined is
        given this one."""
        names = ("monotonic", "monotonic_ns", "time", "time_ns")
        limits = partial(memory.MemoryLimiter, self.monotonic)
        present = partial(memory.MemoryPresence, self.monotonic)
        with (
            patch.multiple(time, **{name: getattr(self, name) for name in names}),
            patch.multiple(memory, MemoryLimiter=limits, MemoryPresence=present),
        ):
            yield


class Selector(selectors.DefaultSelector):
    """Jumps instead of waiting, unless a thread is at work."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.threads or timeout is None:
            return super().select(1.0)  # a thread that ends wakes us
        if ready := super().select(REALLY):
            return ready
        self._clock.now += min(timeout, STEP)
        return []


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jumping = Selector(clock)
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._clock.now

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self._jumping.threads += 1
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _future: asyncio.Future[Any]) -> None:
        self._jumping.threads -= 1


class World:
    """A loop of its own in which things are done one after another; between them no time passes."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._runner = asyncio.Runner(loop_factory=lambda: Loop(self.clock))

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        with self.clock.told():
            return self._runner.run(doing)

    def close(self) -> None:
        with self.clock.told():
            self._runner.close()
