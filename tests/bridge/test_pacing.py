"""Turns at a limit: one after another, the urgent first."""

from __future__ import annotations

import pytest

from bridge.pacing import LONGEST, Turns


def waits(turns: Turns, times: int, *, now: float = 100.0, limit: str = "C1") -> list[float]:
    return [turns.next(limit, 0.5, 1.0, now, urgent=False) for _ in range(times)]


def test_whoever_waits_is_given_a_turn_behind_the_others() -> None:
    assert waits(Turns(), 3) == pytest.approx([0.5, 1.5, 2.5])


def test_what_is_urgent_comes_at_the_next_turn_and_moves_nobody() -> None:
    turns = Turns()
    waits(turns, 3)
    assert turns.next("C1", 0.2, 1.0, 100.0, urgent=True) == pytest.approx(0.2)
    assert waits(turns, 1) == pytest.approx([3.5])


def test_each_limit_has_turns_of_its_own() -> None:
    turns = Turns()
    waits(turns, 5)
    assert waits(turns, 1, limit="C2") == pytest.approx([0.5])


def test_turns_that_are_over_are_forgotten() -> None:
    turns = Turns()
    waits(turns, 5)
    assert waits(turns, 1, now=110.0) == pytest.approx([0.5])


def test_nobody_waits_long_for_a_limit_that_may_have_changed() -> None:
    turns = Turns()
    assert waits(turns, 40)[-1] == LONGEST
    assert waits(turns, 1, now=105.0) == pytest.approx([LONGEST - 5 + 0.5])
