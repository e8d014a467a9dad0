"""Routing: what is to be done now, seen the whole floor at once. Pure.

The floor is everybody's seat, what each has, and what waits in queues that give handoffs out by
themselves. From it follows who is asked whether they are there, who is away, what goes back to its
queue, who gets what, and when it is to be looked at again; so no timer of any of this can be lost,
and a clock that jumps is made good by the next look.

- First comes the more urgent, then who has waited longer.
- It may go to who is online, a member of the queue, and has fewer conversations than its capacity,
  or than their own. A customer who has been answered and says nothing for a while takes no room.
- A customer who was here lately comes back to who had them last. Else it goes to who speaks the
  customer's language, if anybody does, and among these to who knows most of its labels; the queue's
  strategy decides among them.
- Who gave it back does not get it again by itself.

A plan is only a wish: each step is decided again, under lock, in the transaction that takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.attending import Seat
from bridge.model import SECOND, Agent, AgentId, Awaiting, HandoffId, Micros, Priority
from bridge.policy import Policy
from bridge.queues import Queue, Routing, language_of

LOOK_AGAIN = 60 * SECOND
"""While somebody waits whom nobody can be given, and after what was wished, which may be refused
without stirring anything. What is done stirs, and is looked at again at once."""
URGENCY = {Priority.URGENT: 0, Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 3}


@dataclass(frozen=True, slots=True)
class Held:
    """A handoff that somebody has, `had_since` then; `since`: the customer waits, or was answered,
    since then."""

    id: HandoffId
    agent: AgentId
    queue: str
    awaiting: Awaiting
    since: Micros
    version: int = 0
    had_since: Micros = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A handoff that waits for somebody. `last`: who had this customer last, until `last_at`."""

    id: HandoffId
    queue: str
    since: Micros
    priority: Priority = Priority.NORMAL
    language: str = ""
    labels: tuple[str, ...] = ()
    last: AgentId | None = None
    last_at: Micros = 0
    given_back_by: AgentId | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Floor:
    seats: tuple[Seat, ...] = ()
    held: tuple[Held, ...] = ()
    waiting: tuple[Waiting, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """One agent's seat, and what they have: what a transaction looks at under lock."""

    seat: Seat | None
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`next_at`: when to look again; zero: when something stirs."""

    ask: tuple[Seat, ...] = ()
    away: tuple[Seat, ...] = ()
    back: tuple[Held, ...] = ()
    give: tuple[tuple[Waiting, Agent], ...] = ()
    next_at: Micros = 0


# --- room ----------------------------------------------------------------------------------------


def load(held: Iterable[Held], policy: Policy, now: Micros) -> int:
    """How many conversations take room."""
    return sum(_takes_room(each, policy, now) for each in held)


def has_room(agent: AgentId, queue: Queue, taken: int, policy: Policy) -> bool:
    return taken < (policy.staffing.talent(agent).capacity or queue.capacity)


def _takes_room(held: Held, policy: Policy, now: Micros) -> bool:
    silent = now - held.since >= policy.staffing.silent_after
    return held.awaiting is not Awaiting.CUSTOMER or not silent


# --- the plan ------------------------------------------------------------------------------------


def plan(floor: Floor, members: Mapping[AgentId, Agent], policy: Policy, now: Micros) -> Plan:
    """`members`: those of the seats who belong to the desk now."""
    idle = {seat.id for seat in floor.seats if seat.online and _idle_since(seat, policy) <= now}
    ask = tuple(seat for seat in floor.seats if _is_to_be_asked(seat, policy, now))
    back = tuple(_back(floor, policy, now))
    given = tuple(give(floor, _without(members, idle), policy, now))
    routed = {each.id for each in floor.waiting if policy.queue(each.queue).routed}
    still = routed - {each.id for each, _ in given}
    moments = [*_idle_moments(floor, policy), *_back_moments(floor, policy)]
    if still:
        moments += _room_moments(floor, policy)
    if still or back or given:
        moments.append(now + LOOK_AGAIN)
    return Plan(
        ask=tuple(seat for seat in ask if seat.id not in idle),
        away=tuple(seat for seat in floor.seats if seat.id in idle),
        back=back,
        give=given,
        next_at=min((at for at in moments if at > now), default=0),
    )


def _without(members: Mapping[AgentId, Agent], out: set[AgentId]) -> dict[AgentId, Agent]:
    return {agent.id: agent for agent in members.values() if agent.id not in out}


def _idle_since(seat: Seat, policy: Policy) -> Micros:
    return seat.active_at + policy.staffing.away_after


def _is_to_be_asked(seat: Seat, policy: Policy, now: Micros) -> bool:
    due = seat.active_at + policy.staffing.ask_after
    return seat.online and not seat.asked_at and due <= now


def _idle_moments(floor: Floor, policy: Policy) -> Iterator[Micros]:
    for seat in floor.seats:
        if seat.online:
            yield seat.active_at + policy.staffing.ask_after
            yield _idle_since(seat, policy)


# --- back to the queue ---------------------------------------------------------------------------


def _back(floor: Floor, policy: Policy, now: Micros) -> Iterator[Held]:
    return (held for held, due in _of_absent(floor, policy) if due <= now)


def _back_moments(floor: Floor, policy: Policy) -> Iterator[Micros]:
    return (due for _, due in _of_absent(floor, policy))


def _of_absent(floor: Floor, policy: Policy) -> Iterator[tuple[Held, Micros]]:
    """What waits for agents who are away, and when it goes back: no sooner than if they had just
    been given it. What they have answered stays."""
    seats = {seat.id: seat for seat in floor.seats}
    for held in floor.held:
        if due := goes_back_at(held, seats.get(held.agent), policy):
            yield held, due


def goes_back_at(held: Held, seat: Seat | None, policy: Policy) -> Micros:
    """Zero: not unless something changes."""
    waits = held.awaiting is Awaiting.AGENT and policy.queue(held.queue).routed
    if seat is None or seat.online or not waits:
        return 0
    return max(seat.since, held.since, held.had_since) + policy.staffing.hand_back_after


def _room_moments(floor: Floor, policy: Policy) -> Iterator[Micros]:
    """When those who were answered have been silent long enough to take no room."""
    for held in floor.held:
        if held.awaiting is Awaiting.CUSTOMER:
            yield held.since + policy.staffing.silent_after


# --- who gets what -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Bench:
    """One who may be given something; changes with each that they are given."""

    agent: Agent
    taken: int
    given_at: Micros
    order: int = field(default=0)
    """Counts up with what this plan gives, which is all of one moment."""


def give(
    floor: Floor, members: Mapping[AgentId, Agent], policy: Policy, now: Micros
) -> Iterator[tuple[Waiting, Agent]]:
    """Pairs, in the order in which they are to be given."""
    benches = [
        _Bench(members[seat.id], _load_of(seat.id, floor, policy, now), seat.given_at)
        for seat in floor.seats
        if seat.online and seat.id in members
    ]
    for number, waiting in enumerate(sorted(floor.waiting, key=_urgency), start=1):
        queue = policy.queue(waiting.queue)
        free = [bench for bench in benches if _fits(bench, waiting, queue, policy)]
        if queue.routed and free:
            chosen = _choose(waiting, queue, free, policy, now)
            chosen.taken, chosen.given_at, chosen.order = chosen.taken + 1, now, number
            yield waiting, chosen.agent


def _load_of(agent: AgentId, floor: Floor, policy: Policy, now: Micros) -> int:
    return load((held for held in floor.held if held.agent == agent), policy, now)


def _urgency(waiting: Waiting) -> tuple[int, Micros, str]:
    return URGENCY[waiting.priority], waiting.since, waiting.id


def _fits(bench: _Bench, waiting: Waiting, queue: Queue, policy: Policy) -> bool:
    agent = bench.agent
    return (
        agent.serves(queue.name)
        and agent.id != waiting.given_back_by
        and has_room(agent.id, queue, bench.taken, policy)
    )


def _choose(
    waiting: Waiting, queue: Queue, free: Sequence[_Bench], policy: Policy, now: Micros
) -> _Bench:
    lately = now - waiting.last_at <= queue.sticky
    known = [bench for bench in free if lately and bench.agent.id == waiting.last]
    able = known or _ablest(waiting, free, policy)
    return min(able, key=lambda bench: _turn_of(bench, queue))


def _ablest(waiting: Waiting, free: Sequence[_Bench], policy: Policy) -> list[_Bench]:
    talents = {bench.agent.id: policy.staffing.talent(bench.agent.id) for bench in free}
    language = language_of(waiting.language)

    def speaks(bench: _Bench) -> bool:
        languages = bench.agent.languages or talents[bench.agent.id].languages
        return not languages or not language or language in languages

    def knows(bench: _Bench) -> int:
        return len(set(talents[bench.agent.id].labels) & set(waiting.labels))

    able = [bench for bench in free if speaks(bench)] or list(free)
    most = max(map(knows, able))
    return [bench for bench in able if knows(bench) == most]


def _turn_of(bench: _Bench, queue: Queue) -> tuple[int, Micros, int, str]:
    busy = bench.taken if queue.routing is Routing.LEAST_BUSY else 0
    return busy, bench.given_at, bench.order, bench.agent.id
