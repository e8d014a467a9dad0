"""Who gets what, who is asked, what goes back, and when it is looked at again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.attending import Seat
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Agent,
    AgentId,
    Awaiting,
    HandoffId,
    Micros,
    Priority,
)
from bridge.policy import Policy, Staffing, Talent
from bridge.queues import Queue, Routing
from bridge.routing import LOOK_AGAIN, Floor, Held, Plan, Waiting, has_room, load, plan
from tests.bridge.driver import START

MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
NOW = START
NAMES = ("ana", "ben", "chloe")
TURNS = Queue(routing=Routing.ROUND_ROBIN)
FEWEST = Queue(routing=Routing.LEAST_BUSY)
POLICY = Policy(queues=(TURNS,))


def agent(name: str, *queues: str) -> Agent:
    return Agent(AgentId(name), name.title(), queues=queues or None)


def seat(name: str, given_at: Micros = 0, **fields: Any) -> Seat:
    made = Seat(DEFAULT_WORKSPACE, AgentId(name), True, False, NOW, NOW, 0, given_at)
    return replace(made, **fields)


def waiting(name: str, since: Micros = 0, **fields: Any) -> Waiting:
    return Waiting(HandoffId(name), "default", NOW - MINUTE + since, **fields)


def held(name: str, by: str, awaiting: Awaiting = Awaiting.AGENT, ago: Micros = 0) -> Held:
    return Held(HandoffId(name), AgentId(by), "default", awaiting, NOW - ago)


def planned(floor: Floor, policy: Policy = POLICY, **members: Agent) -> Plan:
    everybody = {each.id: agent(each.id) for each in floor.seats}
    return plan(floor, (members and {m.id: m for m in members.values()}) or everybody, policy, NOW)


def pairs(floor: Floor, policy: Policy = POLICY, **members: Agent) -> list[tuple[str, str]]:
    return [(str(w.id), str(a.id)) for w, a in planned(floor, policy, **members).give]


# --- whose turn ----------------------------------------------------------------------------------


def test_by_turns_each_gets_one_and_who_was_given_none_for_longest_is_first() -> None:
    seats = (seat("ana", NOW - 1), seat("ben", NOW - 3), seat("chloe", NOW - 2))
    four = tuple(waiting(str(n), n) for n in range(4))
    assert pairs(Floor(seats, (), four)) == [
        ("0", "ben"), ("1", "chloe"), ("2", "ana"), ("3", "ben"),
    ]  # fmt: skip


def test_the_least_busy_is_who_has_the_fewest_that_take_room() -> None:
    seats = (seat("ana"), seat("ben"))
    busy = (held("x", "ana"), held("y", "ben", Awaiting.CUSTOMER, 10 * MINUTE))
    three = tuple(waiting(str(n), n) for n in range(3))
    assert pairs(Floor(seats, busy, three), Policy(queues=(FEWEST,))) == [
        ("0", "ben"), ("1", "ana"), ("2", "ben"),
    ]  # fmt: skip


def test_the_more_urgent_comes_first_and_then_who_has_waited_longer() -> None:
    late = waiting("late", 0, priority=Priority.LOW)
    urgent = waiting("urgent", 30, priority=Priority.URGENT)
    found = pairs(Floor((seat("ana"),), (), (late, waiting("b", 20), waiting("a", 10), urgent)))
    assert [name for name, _ in found] == ["urgent", "a", "b"]  # and then she has no room


# --- who can -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "floor",
    [
        Floor((), (), (waiting("1"),)),
        Floor((seat("ana", online=False),), (), (waiting("1"),)),
        Floor((seat("ana"),), tuple(held(str(n), "ana") for n in range(3)), (waiting("1"),)),
        Floor((seat("ana"),), (), (waiting("1", given_back_by=AgentId("ana")),)),
    ],
    ids=["nobody", "away", "full", "gave it back"],
)
def test_nobody_is_given_what_they_cannot_take(floor: Floor) -> None:
    found = planned(floor)
    assert found.give == ()
    assert found.next_at == NOW + LOOK_AGAIN


def test_only_members_of_the_queue_get_it_and_queues_that_are_taken_from_give_nothing() -> None:
    billing = replace(TURNS, name="billing")
    policy = Policy(queues=(Queue(), billing))
    asked = replace(waiting("1"), queue="billing")
    floor = Floor((seat("ana"), seat("ben")), (), (asked, waiting("2")))
    members = {"ana": agent("ana", "default"), "ben": agent("ben", "billing", "default")}
    assert pairs(floor, policy, **members) == [("1", "ben")]


def test_a_customer_comes_back_to_who_had_them_lately() -> None:
    seats = (seat("ana", NOW - 5), seat("ben"))
    known: dict[str, Any] = {"last": AgentId("ana"), "last_at": NOW - 7 * DAY}
    assert pairs(Floor(seats, (), (waiting("1", **known),))) == [("1", "ana")]
    long_ago = {**known, "last_at": NOW - 7 * DAY - 1}
    assert pairs(Floor(seats, (), (waiting("1", **long_ago),))) == [("1", "ben")]
    full = tuple(held(str(n), "ana") for n in range(3))
    assert pairs(Floor(seats, full, (waiting("1", **known),))) == [("1", "ben")]


def test_who_speaks_the_language_comes_first_then_who_knows_the_labels() -> None:
    talents = {
        AgentId("ana"): Talent(languages=("en",)),
        AgentId("ben"): Talent(languages=("fr", "en")),
        AgentId("chloe"): Talent(languages=("fr",), labels=("refund",)),
    }
    policy = replace(POLICY, staffing=Staffing(talents=talents))
    seats = tuple(map(seat, NAMES))
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"language": "fr-CA"}, "ben"),
        ({"language": "fr", "labels": ("refund", "vip")}, "chloe"),
        ({"language": "en", "labels": ("refund",)}, "ana"),
        ({"language": "de"}, "ana"),  # nobody speaks it: anybody is better than none
    )
    for fields, name in cases:
        assert pairs(Floor(seats, (), (waiting("1", **fields),)), policy) == [("1", name)]


def test_capacity_is_the_agents_own_before_the_queues() -> None:
    own = Policy(staffing=Staffing(talents={AgentId("ana"): Talent(capacity=1)}))
    assert not has_room(AgentId("ana"), TURNS, 1, own)
    assert has_room(AgentId("ben"), TURNS, 2, own)


def test_who_was_answered_and_says_nothing_for_ten_minutes_takes_no_room() -> None:
    talk = [held("1", "ana", Awaiting.CUSTOMER, 10 * MINUTE - 1), held("2", "ana", ago=DAY)]
    assert load(talk, POLICY, NOW) == 2
    assert load(talk, POLICY, NOW + 1) == 1


# --- who is there --------------------------------------------------------------------------------


def test_who_does_nothing_is_asked_at_fifteen_minutes_and_away_at_twenty() -> None:
    fresh, quiet = seat("ana"), seat("ben", active_at=NOW - 15 * MINUTE)
    gone = seat("chloe", active_at=NOW - 20 * MINUTE)
    found = planned(Floor((fresh, quiet, gone), (), (waiting("1"), waiting("2", 1))))
    assert (found.ask, found.away) == ((quiet,), (gone,))
    assert {a.id for _, a in found.give} == {"ana", "ben"}
    assert planned(Floor((fresh, quiet, gone))).next_at == NOW + 5 * MINUTE
    assert planned(Floor((replace(quiet, asked_at=NOW),), (), ())).ask == ()


def test_what_waits_for_one_who_is_away_goes_back_after_five_minutes_what_they_answered_stays() -> (
    None
):
    away = seat("ana", online=False, since=NOW - 5 * MINUTE)
    unanswered, answered = held("1", "ana", ago=DAY), held("2", "ana", Awaiting.CUSTOMER, DAY)
    later = held("3", "ana", ago=MINUTE)
    handed_on = replace(held("4", "ana", ago=DAY), had_since=NOW)  # by a colleague, just now
    found = planned(Floor((away,), (unanswered, answered, later, handed_on), ()))
    assert found.back == (unanswered,)
    assert found.next_at == NOW + MINUTE
    assert planned(Floor((away,), (later,), ())).next_at == NOW + 4 * MINUTE
    assert planned(Floor((away,), (handed_on,), ())).next_at == NOW + 5 * MINUTE
    assert planned(Floor((away,), (unanswered,), ()), Policy()).back == ()


def test_what_is_wished_may_be_refused_and_is_looked_at_again_within_a_minute() -> None:
    away = seat("ben", online=False, since=NOW - DAY)
    gift, back = (seat("ana"),), (held("1", "ben", ago=DAY),)
    floors = (Floor(gift, (), (waiting("1"),)), Floor((away,), back))
    assert [planned(floor).next_at for floor in floors] == [NOW + LOOK_AGAIN] * 2


def test_while_somebody_waits_it_is_looked_at_when_room_comes_free() -> None:
    talk = tuple(held(str(n), "ana", Awaiting.CUSTOMER, 9 * MINUTE + 30 * SECOND) for n in range(3))
    assert planned(Floor((seat("ana"),), talk, (waiting("1"),))).next_at == NOW + 30 * SECOND
    assert planned(Floor()).next_at == 0


# --- whatever there is ---------------------------------------------------------------------------

ids = st.sampled_from(NAMES).map(AgentId)
moments = st.integers(0, 40 * 60).map(lambda seconds: NOW - seconds * SECOND)
queues = st.sampled_from(("default", "billing", "calm", "unknown"))
seats = st.builds(
    Seat, st.just(DEFAULT_WORKSPACE), ids, st.booleans(), st.booleans(),
    moments, moments, st.sampled_from((0, NOW)), moments,
)  # fmt: skip
floors = st.builds(
    Floor,
    st.lists(seats, unique_by=lambda s: s.id).map(tuple),
    st.lists(
        st.builds(Held, st.uuids().map(str), ids, queues, st.sampled_from(Awaiting), moments),
        max_size=12,
    ).map(tuple),
    st.lists(
        st.builds(
            Waiting, st.uuids().map(str), queues, moments, st.sampled_from(Priority),
            st.sampled_from(("", "fr", "en-GB")), st.just(()), st.none() | ids, moments,
            st.none() | ids,
        ),
        max_size=12, unique_by=lambda w: w.id,
    ).map(tuple),
)  # fmt: skip
OWN = Staffing(talents={AgentId("ben"): Talent(("fr",), capacity=1)})
MANY = Policy(
    queues=(
        replace(TURNS, capacity=2),
        replace(FEWEST, name="billing"),
        Queue("calm"),
    ),
    staffing=OWN,
)
MEMBERS = {
    each.id: each
    for each in (agent("ana"), agent("ben", "default", "billing"), agent("chloe", "billing"))
}


@settings(max_examples=150, deadline=None)
@given(floors)
def test_no_plan_breaks_a_rule_and_none_leaves_one_waiting_who_could_be_given(
    floor: Floor,
) -> None:
    found = plan(floor, MEMBERS, MANY, NOW)
    there = {s.id for s in floor.seats if s.online and s not in found.away}
    taken = Counter({
        name: load((h for h in floor.held if h.agent == name), MANY, NOW) for name in MEMBERS
    })  # fmt: skip
    for w, a in found.give:
        queue = MANY.queue(w.queue)
        assert queue.routed
        assert a.id in there
        assert a.serves(queue.name)
        assert a.id != w.given_back_by
        assert has_room(a.id, queue, taken[a.id], MANY)
        taken[a.id] += 1
    assert len({w.id for w, _ in found.give}) == len(found.give)
    left = [w for w in floor.waiting if w not in [given for given, _ in found.give]]
    for w in left:
        queue = MANY.queue(w.queue)
        able = [
            name
            for name in there & MEMBERS.keys()
            if MEMBERS[name].serves(queue.name) and name != w.given_back_by
        ]
        assert not queue.routed or not any(
            has_room(name, queue, taken[name], MANY) for name in able
        )
    assert found.next_at == 0 or found.next_at > NOW
    waits = [each for each in left if MANY.queue(each.queue).routed]
    assert found.next_at or not (waits or there)
    assert plan(floor, MEMBERS, MANY, NOW) == found
