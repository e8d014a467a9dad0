"""What there is to tell now, of what lasts: waits, goals, an empty desk, what does not work. Pure.

Waits and goals run only while their queue is open, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bridge.alerts import Alert, Ring
from bridge.errors import Scope
from bridge.goals import WARNED_AT, reply_goal
from bridge.hours import after, is_open
from bridge.model import Agent, AgentId, Awaiting, Micros, Status, replace
from bridge.policy import Policy
from bridge.queues import Queue
from bridge.stores import Outage


@dataclass(frozen=True, slots=True)
class Waiter:
    """A handoff that is open and not about to end, as far as alerts go."""

    id: str
    number: int
    queue: str
    status: Status
    opened_at: Micros
    first_reply_at: Micros
    awaiting: Awaiting
    awaiting_since: Micros

    @property
    def waits(self) -> bool:
        """Whether the user waits for an agent."""
        return self.awaiting is Awaiting.AGENT

    @property
    def since(self) -> Micros:
        return self.awaiting_since if self.waits else self.opened_at

    def ring(self, at: Micros) -> Ring:
        """Each wait is a thing of its own."""
        return Ring(f"{self.id}:{self.since}", at, self.queue, self.id, self.number)


def of_handoffs(
    wanted: Collection[Alert], handoffs: Sequence[Waiter], policy: Policy, now: Micros
) -> dict[Alert, Sequence[Ring]]:
    """Of these kinds."""
    return {kind: list(FROM_HANDOFFS[kind](handoffs, policy, now)) for kind in wanted}


def _queued(handoffs: Sequence[Waiter], _policy: Policy, _now: Micros) -> Iterator[Ring]:
    return (each.ring(each.since) for each in handoffs if each.status is Status.QUEUED)


def _waiting(handoffs: Sequence[Waiter], _policy: Policy, _now: Micros) -> Iterator[Ring]:
    return (each.ring(each.since) for each in handoffs if each.waits)


def _overdue(handoffs: Sequence[Waiter], policy: Policy, now: Micros) -> Iterator[Ring]:
    return _late((each for each in handoffs if each.status is Status.QUEUED), policy, now)


def _unanswered(handoffs: Sequence[Waiter], policy: Policy, now: Micros) -> Iterator[Ring]:
    had = (each for each in handoffs if each.waits and each.status is Status.ASSIGNED)
    return _late(had, policy, now)


def _late(waiters: Iterable[Waiter], policy: Policy, now: Micros) -> Iterator[Ring]:
    length = policy.alerts.overdue_after
    for each in waiters if length else ():
        if after(policy.queue(each.queue).hours, each.since, length) <= now:
            yield each.ring(each.since)


def _at_risk(handoffs: Sequence[Waiter], policy: Policy, now: Micros) -> Iterator[Ring]:
    """Goals of which most of the time is over, or all of it."""
    for each in handoffs:
        queue = policy.queue(each.queue)
        if each.waits and _is_short(queue, reply_goal(queue, each), each.since, now):
            yield each.ring(each.since)
        if _is_short(queue, queue.goals.resolution, each.opened_at, now):
            yield replace(each.ring(each.opened_at), about=f"{each.id}:resolution")


def _is_short(queue: Queue, goal: Micros, since: Micros, now: Micros) -> bool:
    return bool(goal) and after(queue.hours, since, int(goal * WARNED_AT)) <= now


FROM_HANDOFFS: Mapping[Alert, Callable[[Sequence[Waiter], Policy, Micros], Iterator[Ring]]] = {
    Alert.NEW_HANDOFF: _queued,
    Alert.NEW_MESSAGE: _waiting,
    Alert.OVERDUE: _overdue,
    Alert.UNANSWERED: _unanswered,
    Alert.GOAL_AT_RISK: _at_risk,
}
"""Kinds of which one sees by the open handoffs how things stand."""


# --- an empty desk -------------------------------------------------------------------------------


def nobody_online(online: Mapping[AgentId, Agent], policy: Policy, now: Micros) -> Sequence[Ring]:
    """Queues that are open and have no member online."""
    return [
        Ring(queue.name, now, queue.name)
        for queue in policy.queues
        if is_open(queue.hours, now)
        and not any(agent.serves(queue.name) for agent in online.values())
    ]


# --- what does not work --------------------------------------------------------------------------


def parked(outages: Iterable[Outage], desk: str, now: Micros) -> Sequence[Ring]:
    """Where the desk takes nothing at all, nobody can be told by it."""
    return [
        Ring(
            f"{outage.scope}:{outage.about}",
            now,
            detail=": ".join(filter(None, (outage.about, outage.reason))),
            via=desk if outage.scope is Scope.TOKEN else "",
        )
        for outage in outages
    ]


def disconnected(
    faults: Mapping[str, str], outages: Iterable[Outage], now: Micros
) -> Sequence[Ring]:
    """`faults`: what adapters say of their platforms, by name. A channel that cannot be used is
    told as what is parked for it."""
    channels = {outage.reason for outage in outages if outage.scope is Scope.CHANNEL}
    return [
        Ring(name, now, detail=f"{name}: {fault}", via=name)
        for name, fault in faults.items()
        if fault and fault not in channels
    ]
