"""Turns at a limit: one after another, the urgent first."""

from __future__ import annotations

import pytest

from bridge.errors import Paced
from bridge.pacing import HONOURED_FOR, LATE, LONGEST, OPENED_FOR, Turns


def ask(
    turns: Turns, *lanes: str, now: float = 100.0, limit: str = "C1", urgent: bool = False
) -> list[float]:
    return [turns.next(limit, lane, 0.5, 1.0, now, urgent=urgent) for lane in lanes]


def test_whoever_waits_is_given_a_turn_behind_the_others() -> None:
    assert ask(Turns(), "a", "b", "c") == pytest.approx([0.5, 1.5, 2.5])


def test_what_is_urgent_goes_before_all_but_the_urgent_that_came_earlier() -> None:
    turns = Turns()
    ask(turns, "a", "b")
    assert ask(turns, "u", "v", urgent=True) == pytest.approx([0.5, 1.5])
    assert ask(turns, "c") == pytest.approx([4.5])


def test_whoever_finds_its_turn_taken_still_has_its_place() -> None:
    turns = Turns()
    ask(turns, "a", "b", "c")
    ask(turns, "u", urgent=True)
    turns.done("u", 100.5, opened=False)
    assert ask(turns, "a", now=100.5) == pytest.approx([0.5])
    assert ask(turns, "d", now=100.5) == pytest.approx([3.5])


def test_the_first_words_in_a_new_thread_are_urgent_and_those_after_them_are_not() -> None:
    turns = Turns()
    ask(turns, "a", "b")
    turns.done("new", 100.0, opened=True)
    assert ask(turns, "new") == pytest.approx([0.5])
    turns.done("new", 101.0, opened=False)
    assert ask(turns, "new", now=101.0) == pytest.approx([2.5])


def test_a_thread_is_not_new_for_long() -> None:
    turns = Turns()
    turns.done("new", 100.0, opened=True)
    later = 100.0 + OPENED_FOR + 1.0
    assert ask(turns, "a", "new", now=later) == pytest.approx([0.5, 1.5])


def test_whose_turn_it_is_lets_pass_who_is_urgent_and_nobody_else() -> None:
    turns = Turns()
    ask(turns, "a", "b")
    turns.let_pass("a", 100.5)
    ask(turns, "u", urgent=True)
    with pytest.raises(Paced) as told:
        turns.let_pass("a", 100.3)
    assert told.value.limit == "C1"
    assert told.value.after == pytest.approx(0.2)
    turns.let_pass("u", 100.5)
    turns.let_pass("somebody else", 100.5)
    turns.let_pass("a", 100.5 + HONOURED_FOR)  # who is urgent has not come


def test_each_limit_has_turns_of_its_own() -> None:
    turns = Turns()
    ask(turns, "a", "b")
    assert ask(turns, "c", limit="C2") == pytest.approx([0.5])


def test_who_does_not_come_loses_its_place() -> None:
    turns = Turns()
    ask(turns, "a", "b")
    assert ask(turns, "c", now=100.6 + LATE) == pytest.approx([1.5])
    assert ask(turns, "c", now=120.0) == pytest.approx([0.5])


def test_nobody_waits_long_for_a_limit_that_may_have_changed_nor_loses_its_place_by_asking() -> (
    None
):
    turns = Turns()
    lanes = [f"lane {n}" for n in range(60)]
    assert ask(turns, *lanes)[-1] == LONGEST
    for lane in lanes[:30]:
        turns.done(lane, 130.0, opened=False)
    assert ask(turns, *lanes[30:], now=130.0)[-1] == pytest.approx(29.5)
