"""Figures for Prometheus: what this process does, and what the database says when it is asked.

Counters and histograms are of this process: they are summed over processes. Gauges that come from
the database are the same in each process: of those one takes the largest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bridge.alerts import SendAlert
from bridge.cases import Case, Decision
from bridge.commands import Command, Delivered, NotDelivered, Rejected, Result
from bridge.effects import (
    CallBot,
    CallHook,
    Linger,
    OpenThread,
    Outward,
    SendMail,
    SendToUser,
    SetTimer,
)
from bridge.errors import Broken, DeliveryError, Retry, StoreError, Unknown
from bridge.model import SECOND, Handoff, Micros
from bridge.outbox import Performs
from bridge.ports import Clock
from bridge.stores import Committed, Store, Work

Decide = Callable[[Case, Command, Outward | None], Decision | Rejected]
PEOPLE = (5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400)
"""Seconds that people take."""
MACHINES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600)
"""Seconds that machines take."""
RATE_LIMITED = "rate_limited"
DIRECTIONS: Mapping[str, str] = {
    SendToUser.__name__: "user",
    CallBot.__name__: "bot",
    CallHook.__name__: "hook",
    SendMail.__name__: "mail",
    SendAlert.__name__: "alert",
    SetTimer.__name__: "",
    Linger.__name__: "",
}
"""Where effects go; all others to the desk, what only waits nowhere."""


TIMES: Sequence[tuple[str, str, Sequence[str], Sequence[float]]] = (
    ("waiting", "From the opening of a handoff until somebody took it.", (), PEOPLE),
    (
        "first_response",
        "From the opening of a handoff until an agent's first reply.",
        (),
        PEOPLE,
    ),
    (
        "delivery_lag",
        "From the commit that wanted an effect until it was performed.",
        ("direction",),
        MACHINES,
    ),
    (
        "rate_limit_wait",
        "Waits that a rate limit asked for, ours or the platform's.",
        ("direction",),
        MACHINES,
    ),
)
GAUGES: Sequence[tuple[str, str, Sequence[str]]] = (
    ("open_streams", "Streams and long polls that are open.", ()),
    ("database_up", "1 when the database could be asked for these figures.", ()),
    ("queue_length", "Open handoffs.", ("queue", "status")),
    ("queue_oldest_seconds", "How long the handoff waits that waits longest.", ("queue",)),
    ("lane_length", "Effects to be performed.", ("direction",)),
    ("lane_lag_seconds", "How long the first of them waits.", ("direction",)),
    ("lanes_parked", "Lanes that wait until somebody mends what is broken.", ("reason",)),
)


def direction(kind: str) -> str:
    """`desk`, `user`, `bot`, `hook`, `mail` or `alert`; empty for what does not leave the house."""
    return DIRECTIONS.get(kind, "desk")


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database says. `handoffs`: how many are open, by queue and status. `oldest`: when
    the one that waits longest was opened, by queue. `effects`: how many are to be performed and
    since when the first of them waits, by kind. `parked`: lanes, by the reason."""

    handoffs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    oldest: Mapping[str, Micros] = field(default_factory=dict)
    effects: Mapping[str, tuple[int, Micros]] = field(default_factory=dict)
    parked: Mapping[str, int] = field(default_factory=dict)


class Metrics:
    """One registry, made by the composition root. `streams` counts those that are open now."""

    def __init__(self, streams: Callable[[], int], clock: Clock) -> None:
        self._clock = clock
        self._seen: list[tuple[Histogram, float]] = []
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._deliveries = Counter(
            "deskbridge_deliveries",
            "Attempts to perform an effect, by where it goes and what came of it.",
            ("direction", "outcome"),
            registry=self.registry,
        )
        times = {
            name: self._histogram(name, text, labels, buckets)
            for name, text, labels, buckets in TIMES
        }
        self._waiting, self._first_response, self._lag, self._limited = times.values()
        self._gauges = {
            name: Gauge(f"deskbridge_{name}", text, labels, registry=self.registry)
            for name, text, labels in GAUGES
        }
        self._gauges["open_streams"].set_function(streams)

    def _histogram(
        self, name: str, text: str, labels: Sequence[str], buckets: Sequence[float]
    ) -> Histogram:
        return Histogram(
            f"deskbridge_{name}_seconds", text, labels, buckets=buckets, registry=self.registry
        )

    # --- what this process does ----------------------------------------------------------------

    def watching(self, decide: Decide) -> Decide:
        """Decides, and notes what the decision reaches; it counts when it is committed."""

        def watched(case: Case, command: Command, effect: Outward | None) -> Decision | Rejected:
            decision = decide(case, command, effect)
            if isinstance(decision, Decision) and decision.handoff:
                self._note(case.handoff, decision.handoff)
            return decision

        return watched

    def _note(self, before: Handoff | None, after: Handoff) -> None:
        same = before if before and before.id == after.id else None
        if after.assigned_at and not (same and same.assigned_at):
            self._seen.append((self._waiting, _seconds(after.assigned_at - after.opened_at)))
        if after.first_reply_at and not (same and same.first_reply_at):
            seconds = _seconds(after.first_reply_at - after.opened_at)
            self._seen.append((self._first_response, seconds))

    def forget(self) -> None:
        """A transaction begins; what an earlier one decided that was not committed is void."""
        self._seen.clear()

    def count(self) -> None:
        """A transaction is committed."""
        for histogram, seconds in self._seen:
            histogram.observe(seconds)
        self._seen.clear()

    def performed(self, work: Work, outcome: str) -> None:
        if to := direction(type(work.effect).__name__):
            self._deliveries.labels(to, outcome).inc()
            if outcome == "delivered":
                self._lag.labels(to).observe(_seconds(self._clock() - work.since))

    def limited(self, work: Work, seconds: float) -> None:
        self._limited.labels(direction(type(work.effect).__name__)).observe(seconds)

    # --- telling -------------------------------------------------------------------------------

    async def told(self, figures: Callable[[], Awaitable[Figures]]) -> bytes:
        """Everything in Prometheus' text format. A database that is away is a figure as well."""
        for name, _, labels in GAUGES:
            if labels:
                self._gauges[name].clear()
        try:
            self._show(await figures())
        except StoreError:
            self._gauges["database_up"].set(0)
        else:
            self._gauges["database_up"].set(1)
        return generate_latest(self.registry)

    def _show(self, figures: Figures) -> None:
        now, gauges = self._clock(), self._gauges
        for (queue, status), number in figures.handoffs.items():
            gauges["queue_length"].labels(queue, status).set(number)
        for queue, since in figures.oldest.items():
            gauges["queue_oldest_seconds"].labels(queue).set(_seconds(now - since))
        for reason, number in figures.parked.items():
            gauges["lanes_parked"].labels(reason).set(number)
        lanes: dict[str, tuple[int, Micros]] = {}
        for kind, (number, since) in figures.effects.items():
            if to := direction(kind):
                before, oldest = lanes.get(to, (0, since))
                lanes[to] = (before + number, min(oldest, since))
        for to, (number, since) in lanes.items():
            gauges["lane_length"].labels(to).set(number)
            gauges["lane_lag_seconds"].labels(to).set(_seconds(now - since))


def _seconds(micros: Micros) -> float:
    """Two machines' clocks may differ; a time is never negative."""
    return max(0, micros) / SECOND


# --- around what does the work -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeteredStore:
    """A store whose commits are counted. The inbox commits one transaction at a time."""

    store: Store
    metrics: Metrics

    async def commit(self, commands: Sequence[Command]) -> Committed:
        self.metrics.forget()
        committed = await self.store.commit(commands)
        self.metrics.count()
        return committed

    async def keep_poison(self, command: Command, error: str) -> None:
        await self.store.keep_poison(command, error)


@dataclass(frozen=True, slots=True)
class MeteredPerformer:
    performer: Performs
    metrics: Metrics

    async def perform(self, work: Work) -> Result:
        try:
            result = await self.performer.perform(work)
        except DeliveryError as error:
            self.metrics.performed(work, _outcome(error))
            if isinstance(error, Retry) and error.reason == RATE_LIMITED:
                self.metrics.limited(work, error.after)
            raise
        failed = isinstance(result, NotDelivered)
        self.metrics.performed(work, "failed" if failed else "delivered")
        return result

    async def withdraw(self, effect: OpenThread, result: Delivered) -> None:
        await self.performer.withdraw(effect, result)


def _outcome(error: DeliveryError) -> str:
    if isinstance(error, Retry):
        return RATE_LIMITED if error.reason == RATE_LIMITED else "retried"
    if isinstance(error, Unknown):
        return "unknown"
    return "broken" if isinstance(error, Broken) else "refused"
