"""Who is told of what, when, and how much at once: so that a storm is one message, nothing is lost,
and nobody is woken who did not ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.alerts import (
    ENDS,
    GATHER,
    GRACE,
    HAPPENS,
    KEPT,
    NAMED,
    Alert,
    Book,
    Facts,
    Ring,
    Rule,
    SendAlert,
    turn,
)
from bridge.hours import Hours, is_open
from bridge.model import SECOND, Micros
from tests.bridge.driver import START

MINUTE = 60 * SECOND
LEAD = Rule("lead", frozenset(Alert), by="slack")
GOOD = {kind: () for kind in Alert if kind not in HAPPENS}
DAY = ((7 * 60, 22 * 60),)
DAYTIME = Hours(ZoneInfo("Europe/Berlin"), (DAY,) * 7)
"""Quiet from 22:00 to 7:00."""


@dataclass
class Desk:
    """Looked at when a test says so."""

    rules: Sequence[Rule] = (LEAD,)
    now: Micros = START
    book: Book = field(default_factory=dict)
    busy: frozenset[str] = frozenset()
    told: list[SendAlert] = field(default_factory=list)

    def look(self, facts: Facts, after: float = 0) -> list[SendAlert]:
        self.now += int(after * SECOND)
        self.book, messages = turn(self.book, self.rules, facts, self.busy, self.now)
        self.told += messages
        return list(messages)

    def hears(self, kind: Alert, *rings: Ring, after: float = 0) -> list[SendAlert]:
        """Of things that happen; all else is well."""
        return self.look(Facts({kind: rings}, GOOD), after)

    def sees(self, kind: Alert, *rings: Ring, after: float = 0) -> list[SendAlert]:
        """What there is now of what lasts."""
        return self.look(Facts({}, {**GOOD, kind: rings}), after)

    def waits(self, after: float) -> list[SendAlert]:
        return self.look(Facts({}, GOOD), after)


def ring(about: str = "1", at: Micros = START, **more: Any) -> Ring:
    return Ring(about, at, **more)


def test_what_comes_together_is_told_together_and_a_storm_once_in_a_window() -> None:
    desk = Desk()
    assert desk.hears(Alert.NEW_HANDOFF, ring("1")) == []
    assert desk.hears(Alert.NEW_HANDOFF, ring("2"), after=2) == []
    [first] = desk.waits(3)
    assert (first.count, [r.about for r in first.named]) == (2, ["1", "2"])
    for n in range(200):
        assert desk.hears(Alert.NEW_HANDOFF, ring(f"s{n}", desk.now), after=1) == []
    [storm] = desk.waits(100)
    assert (storm.count, len(storm.named)) == (200, NAMED)
    assert storm.id != first.id
    assert desk.waits(1_000) == []


def test_of_what_happened_is_said_how_much_of_it_is_still_so() -> None:
    desk = Desk()
    desk.hears(Alert.NEW_HANDOFF, ring("1"), ring("2"))
    waiting = {Alert.NEW_HANDOFF: [ring("2", START - MINUTE)]}
    [told] = desk.look(Facts({}, {**GOOD, **waiting}), 5)
    assert (told.count, told.standing, told.since) == (2, 1, START - MINUTE)


def test_a_wait_is_told_once_and_one_that_is_over_before_it_was_told_never() -> None:
    desk = Desk()
    old, new, brief = ring("1"), ring("2", START + MINUTE), ring("3", START + MINUTE)
    assert [m.count for m in desk.sees(Alert.OVERDUE, old, after=5)] == [1]
    assert desk.sees(Alert.OVERDUE, old, new, brief, after=60) == []
    [told] = desk.sees(Alert.OVERDUE, old, new, after=240)
    assert (told.count, told.standing, told.since, told.over) == (1, 2, START, False)
    assert desk.sees(Alert.OVERDUE, after=600) == []
    assert [m.count for m in desk.sees(Alert.OVERDUE, old, after=600)] == [1]


@pytest.mark.parametrize("kind", sorted(ENDS))
def test_a_fault_is_told_when_it_has_lasted_and_its_end_at_once(kind: Alert) -> None:
    desk, grace = Desk(), GRACE.get(kind, 0) // SECOND
    assert desk.sees(kind, ring(at=desk.now)) == []
    assert desk.sees(kind, ring(at=desk.now), after=grace) == []
    [told] = desk.sees(kind, ring(at=desk.now), after=5)
    assert (told.count, told.standing, told.since, told.over) == (1, 1, START, False)
    [over] = desk.waits(1)
    assert (over.count, over.standing, over.since, over.over) == (0, 0, START, True)
    assert desk.waits(600) == []


def test_a_fault_that_comes_and_goes_is_told_once_in_a_window_as_what_is_over() -> None:
    desk = Desk()
    begun = desk.now
    assert desk.sees(Alert.DISCONNECTED, ring(at=begun)) == []
    assert desk.waits(30) == []  # too short to be told
    desk.sees(Alert.DISCONNECTED, ring(at=desk.now))
    [_] = desk.sees(Alert.DISCONNECTED, ring(at=desk.now), after=65)
    [_] = desk.waits(10)
    again = desk.now
    desk.sees(Alert.DISCONNECTED, ring(at=again))
    assert desk.sees(Alert.DISCONNECTED, ring(at=desk.now), after=65) == []
    assert desk.waits(60) == []
    [told] = desk.waits(300)
    assert told.over
    assert [(r.at, r.until) for r in told.named] == [(again, again + 125 * SECOND)]
    assert told.since == again


def test_one_fault_of_two_that_ends_is_no_end() -> None:
    desk = Desk()
    one, two = ring("slack"), ring("messenger")
    desk.sees(Alert.DISCONNECTED, one, two)
    [told] = desk.sees(Alert.DISCONNECTED, one, two, after=65)
    assert told.count == 2
    assert desk.sees(Alert.DISCONNECTED, two, after=10) == []
    [over] = desk.waits(10)
    assert (over.over, over.since, over.count) == (True, START, 0)
    assert {r.about: r.until - START for r in over.named} == {
        "slack": 75 * SECOND,
        "messenger": 85 * SECOND,
    }
    assert desk.waits(1_000) == []


def test_what_nobody_could_look_at_stays_as_it_was() -> None:
    desk = Desk()
    desk.sees(Alert.NOBODY_ONLINE, ring())
    [_] = desk.sees(Alert.NOBODY_ONLINE, ring(), after=65)
    unknown: dict[Alert, Sequence[Ring]] = {
        kind: () for kind in GOOD if kind is not Alert.NOBODY_ONLINE
    }
    assert desk.look(Facts({}, unknown), 600) == []
    assert [m.over for m in desk.waits(10)] == [True]


def night(**more: Any) -> Desk:
    """From one o'clock at night."""
    rule = replace(LEAD, loud=DAYTIME, **more)
    desk = Desk((rule,))
    while not (is_open(DAYTIME, desk.now - SECOND) and not is_open(DAYTIME, desk.now)):
        desk.now += MINUTE - desk.now % MINUTE
    desk.now += 3 * 60 * MINUTE
    return desk


def test_what_came_in_quiet_hours_is_told_at_their_end_as_one() -> None:
    desk = night()
    begun = desk.now
    for n in range(KEPT + 10):
        assert desk.hears(Alert.NEW_HANDOFF, ring(str(n), desk.now), after=60) == []
    desk.sees(Alert.DISCONNECTED, ring("slack", desk.now))
    desk.sees(Alert.DISCONNECTED, ring("slack", desk.now), after=120)
    desk.waits(60)
    minutes = 0
    while not (told := desk.waits(60)):
        minutes += 1
        assert desk.now - begun < 7 * 60 * MINUTE
    assert is_open(DAYTIME, desk.now)
    assert not is_open(DAYTIME, desk.now - MINUTE)
    assert {(m.kind, m.count, m.over) for m in told} == {
        (Alert.NEW_HANDOFF, KEPT + 10, False),
        (Alert.DISCONNECTED, 1, True),
    }


def test_what_is_urgent_is_told_at_night_too() -> None:
    desk = night(urgent=frozenset({Alert.OVERDUE}))
    begun = desk.now
    assert desk.hears(Alert.NEW_MESSAGE, ring(at=begun)) == []
    assert [m.kind for m in desk.sees(Alert.OVERDUE, ring(at=begun), after=5)] == [Alert.OVERDUE]


def test_while_the_message_before_is_on_its_way_all_else_waits_for_it() -> None:
    desk = Desk(busy=frozenset({"lead"}))
    for n in range(3):
        assert desk.hears(Alert.NEW_HANDOFF, ring(str(n)), after=600) == []
    desk.busy = frozenset()
    assert [m.count for m in desk.waits(1)] == [3]


def test_a_rule_hears_of_its_queues_and_of_what_is_of_none() -> None:
    desk = Desk((replace(LEAD, queues=frozenset({"billing"})),))
    rings = ring("1", queue="billing"), ring("2", queue="sales"), ring("3")
    desk.hears(Alert.NEW_HANDOFF, *rings)
    [told] = desk.waits(5)
    assert [r.about for r in told.named] == ["1", "3"]


def test_nobody_is_told_by_what_does_not_work() -> None:
    rules = LEAD, replace(LEAD, name="ops", by="email")
    desk = Desk(rules)
    down = ring("slack", via="slack"), ring("messenger", via="messenger")
    desk.sees(Alert.DISCONNECTED, *down)
    told = desk.sees(Alert.DISCONNECTED, *down, after=65)
    assert {m.to: [r.about for r in m.named] for m in told} == {
        "lead": ["messenger"],
        "ops": ["slack", "messenger"],
    }


def test_what_no_rule_wants_any_more_is_forgotten() -> None:
    desk = Desk()
    desk.hears(Alert.NEW_HANDOFF, ring())
    desk.rules = (replace(LEAD, kinds=frozenset({Alert.OVERDUE})),)
    desk.waits(60)
    assert desk.book == {}


# --- whatever happens ----------------------------------------------------------------------------

LOOK = st.tuples(
    st.integers(0, 600),
    st.sets(st.integers(0, 5)),
    st.lists(st.sampled_from(["sales", "billing", ""]), max_size=4),
    st.booleans(),
)
RULES = st.builds(
    Rule,
    st.just("lead"),
    st.just(frozenset(Alert)),
    window=st.integers(10, 900).map(lambda seconds: seconds * SECOND),
    loud=st.sampled_from([Hours(), DAYTIME]),
    urgent=st.sets(st.sampled_from(Alert)).map(frozenset),
)


EVER = Rule("lead", frozenset(Alert), window=10 * SECOND)


@example(
    EVER, [(0, {0}, [], False), (65, {0}, [], False), (0, set(), [], False)], Alert.NOBODY_ONLINE
)
@given(RULES, st.lists(LOOK, max_size=40), st.sampled_from(Alert))
def test_all_is_told_once_no_more_than_once_in_a_window_and_never_in_quiet_hours(
    rule: Rule, looks: Sequence[tuple[int, set[int], list[str], bool]], kind: Alert
) -> None:
    desk, rung = Desk((rule,)), 0
    for seconds, standing, queues, busy in looks:
        desk.busy = frozenset({"lead"} if busy else ())
        desk.now += seconds * SECOND
        if kind in HAPPENS:
            rings = [ring(f"{desk.now}:{n}", desk.now, queue=q) for n, q in enumerate(queues)]
            rung += len(rings)
            told = desk.hears(kind, *rings)
        else:
            told = desk.sees(kind, *(ring(str(n), desk.now) for n in sorted(standing)))
        assert not (told and busy)
        assert all(is_open(rule.loud, desk.now) or kind in rule.urgent for _ in told)
    desk.busy = frozenset()
    for _ in range(30):  # through a night, and the day after it
        desk.waits(3_600)
    news = [m for m in desk.told if not m.over]
    assert all(b.at - a.at >= rule.window for a, b in pairwise(news))
    assert len({m.id for m in desk.told}) == len(desk.told)
    assert all(m.count or m.over for m in desk.told)
    if kind in HAPPENS:
        assert sum(m.count for m in desk.told) == rung
    if kind in ENDS and desk.told:
        assert desk.told[-1].over


def test_grace_and_gathering_are_shorter_than_any_window() -> None:
    assert max(GRACE.values()) + GATHER < LEAD.window
