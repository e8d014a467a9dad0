"""Bell, Limiter and Presence within one process: what the embedded default uses.

All three hold only what may be forgotten, and all are used on the event loop alone, so there are
no locks. Times are seconds of a monotonic clock, which the caller may inject. The same tests run
over these and over `storage/redis.py`.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self, TypeVar

Clock = Callable[[], float]
T = TypeVar("T")

UNREAD_PAYLOADS = 100
"""How many payloads wait for a slow subscriber before the oldest is dropped."""

SWEEP_FLOOR = 1024
"""Below so many keys nothing is swept: there is nothing to win."""


class Waiter:
    """One place to wait in: at most one task waits, anybody on the loop may wake it."""

    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future: asyncio.Future[None] | None = None

    def wake(self) -> None:
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def sleep(self, timeout: float | None = None) -> None:
        """Until woken, or until `timeout` seconds are over."""
        loop = asyncio.get_running_loop()
        self._future = loop.create_future()
        alarm = loop.call_later(timeout, self.wake) if timeout is not None else None
        try:
            await self._future
        finally:
            self._future = None
            if alarm is not None:
                alarm.cancel()


class MemoryListener:
    """Hears one topic while its `with` block lasts."""

    __slots__ = ("_afar", "_leave", "_rung", "_waiter", "afar")

    def __init__(self, leave: Callable[["MemoryListener"], None]) -> None:
        self._leave = leave
        self._rung = self._afar = self.afar = False
        self._waiter = Waiter()

    def wake(self, *, afar: bool) -> None:
        self._rung = True
        self._afar |= afar
        self._waiter.wake()

    async def wait(self, timeout: float) -> bool:
        """True when rung since the last wait, False at the time-out (seconds)."""
        if not self._rung:
            await self._waiter.sleep(timeout)
        rung, self._rung = self._rung, False
        self.afar, self._afar = self._afar, False
        return rung

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave(self)


class MemorySubscription:
    """The payloads of one topic, until closed; the oldest are dropped when nobody reads."""

    __slots__ = ("_closed", "_leave", "_payloads", "_waiter")

    def __init__(self, leave: Callable[["MemorySubscription"], None]) -> None:
        self._leave = leave
        self._payloads: deque[bytes] = deque(maxlen=UNREAD_PAYLOADS)
        self._waiter = Waiter()
        self._closed = False

    def deliver(self, payload: bytes) -> None:
        self._payloads.append(payload)
        self._waiter.wake()

    def close(self) -> None:
        self._closed = True
        self._leave(self)
        self._waiter.wake()

    def __aiter__(self) -> "MemorySubscription":
        return self

    async def __anext__(self) -> bytes:
        while not self._payloads:
            if self._closed:
                raise StopAsyncIteration
            await self._waiter.sleep()
        return self._payloads.popleft()


class MemoryBell:
    """Wakes by topic: a ring looks up one key, however many listen to other topics."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[MemoryListener]] = defaultdict(set)
        self._subscriptions: defaultdict[str, set[MemorySubscription]] = defaultdict(set)

    def ring(self, topics: Iterable[str], *, afar: bool = False) -> None:
        """`afar`: another process says so."""
        for topic in topics:
            for listener in self._listeners.get(topic, ()):
                listener.wake(afar=afar)

    def ring_all(self) -> None:
        """Everybody looks for themselves: after a time in which rings may have been lost."""
        self.ring(self._listeners, afar=True)

    def listen(self, topic: str) -> MemoryListener:
        listener = MemoryListener(lambda one: _remove(self._listeners, topic, one))
        self._listeners[topic].add(listener)
        return listener

    def publish(self, topic: str, payload: bytes) -> None:
        for subscription in self._subscriptions.get(topic, ()):
            subscription.deliver(payload)

    def subscribe(self, topic: str) -> MemorySubscription:
        subscription = MemorySubscription(lambda one: _remove(self._subscriptions, topic, one))
        self._subscriptions[topic].add(subscription)
        return subscription

    async def start(self) -> None:
        """Nothing to start here."""

    async def close(self) -> None:
        """Nothing to close here: listeners end with their `with` blocks."""


class MemoryLimiter:
    """Token buckets by the generic cell rate algorithm (GCRA).

    A bucket is one number, the time at which it is full again. Taking `cost` tokens moves that
    time by cost/rate; it may lie burst/rate ahead, not more. A bucket that is full is forgotten.
    A cost above the burst is taken once the bucket is full, and is paid off afterwards.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._full_at = Expiring()
        self._blocked = Expiring()

    def __len__(self) -> int:
        return len(self._full_at) + len(self._blocked)

    async def take(self, key: str, rate: float, burst: int, cost: int = 1) -> float:
        """0.0: taken. Else the seconds until it may be tried again; nothing was taken."""
        now = self._clock()
        blocked_until = self._blocked.of(key, now)
        if blocked_until > now:
            return blocked_until - now
        full_at = max(self._full_at.of(key, now), now) + cost / rate
        early = full_at - now - max(burst, cost) / rate
        if early > 1e-9:  # noqa: PLR2004 - less is what floats lose in a sum
            return early
        self._full_at.put(key, full_at, now)
        return 0.0

    async def block(self, key: str, seconds: float) -> None:
        """Nothing is given for so long, as after a 429 with Retry-After; the longest one wins."""
        now = self._clock()
        until = max(self._blocked.of(key, now), now + seconds)
        self._blocked.put(key, until, now)


class MemoryPresence:
    """Who was there lately: a key counts as present until its time to live is over."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._until = Expiring()

    def __len__(self) -> int:
        return len(self._until)

    async def touch(self, key: str, ttl: float) -> None:
        """Present for `ttl` seconds from now."""
        now = self._clock()
        self._until.put(key, now + ttl, now)

    async def present(self, keys: Sequence[str]) -> set[str]:
        now = self._clock()
        return {key for key in keys if self._until.of(key, now) > now}

    async def forget(self, key: str) -> None:
        self._until.drop(key)


class Expiring:
    """Times by key, those in the past forgotten: swept whenever their number has doubled."""

    __slots__ = ("_sweep_at", "_times")

    def __init__(self) -> None:
        self._times: dict[str, float] = {}
        self._sweep_at = SWEEP_FLOOR

    def __len__(self) -> int:
        return len(self._times)

    def of(self, key: str, default: float) -> float:
        return self._times.get(key, default)

    def put(self, key: str, until: float, now: float) -> None:
        if len(self._times) >= self._sweep_at:
            self._times = {k: t for k, t in self._times.items() if t > now}
            self._sweep_at = max(SWEEP_FLOOR, 2 * len(self._times))
        self._times[key] = until

    def drop(self, key: str) -> None:
        self._times.pop(key, None)


def _remove(members: defaultdict[str, set[T]], topic: str, member: T) -> None:
    """Leaving twice is fine; a topic that nobody hears is forgotten."""
    topic_members = members.get(topic, set())
    topic_members.discard(member)
    if not topic_members:
        members.pop(topic, None)
