"""When an endpoint is tried, and when it is left alone."""

from __future__ import annotations

import pytest

from bridge.circuit import (
    HOPELESS_AFTER,
    LADDER,
    PROBE_EVERY,
    RECOVERING,
    Circuit,
    answered,
    failed,
    hold,
    is_hopeless,
    is_recovering,
    needs_probe,
    pause,
)
from bridge.model import SECOND

NOW = 1_000 * SECOND


def after(*lanes: str) -> Circuit:
    """Failures of these lanes, one each second."""
    circuit = Circuit()
    for n, lane in enumerate(lanes):
        circuit = failed(circuit, lane, f"http_{500 + n}", NOW + n * SECOND)
    return circuit


def test_one_failure_opens_nothing_and_two_do() -> None:
    assert not after("a").is_open
    assert after("a", "b").is_open
    assert after("a", "b").since == NOW
    assert after("a", "b").error == "http_501"


def test_while_it_is_open_one_probe_a_minute_is_let_through() -> None:
    circuit = after("a", "b")
    assert hold(circuit, "c", circuit.probe_at - 1) == 1
    assert hold(circuit, "c", circuit.probe_at) == 0
    assert circuit.probe_at == NOW + SECOND + PROBE_EVERY
    assert needs_probe(circuit, "c")


def test_while_only_one_lane_fails_the_others_go_on() -> None:
    circuit = after("a", "a", "a")
    assert needs_probe(circuit, "a")
    assert hold(circuit, "a", NOW)
    assert not needs_probe(circuit, "b")
    assert hold(circuit, "b", NOW) == 0
    circuit = failed(circuit, "b", "http_500", NOW)
    assert needs_probe(circuit, "a")
    assert needs_probe(circuit, "b")


def test_an_answer_ends_the_row_and_one_to_an_open_circuit_is_remembered_for_a_while() -> None:
    assert answered(after("a"), NOW) == Circuit()
    closed = answered(after("a", "b"), NOW)
    assert closed == Circuit(recovered_at=NOW)
    assert is_recovering(closed, NOW + RECOVERING - 1)
    assert not is_recovering(closed, NOW + RECOVERING)
    assert not is_recovering(Circuit(), NOW)
    assert answered(closed, NOW + 1) == closed


@pytest.mark.parametrize("failures", range(9))
def test_a_lane_that_fails_by_itself_comes_ever_more_seldom(failures: int) -> None:
    assert pause(after("a"), failures) == LADDER[min(failures, 5)]
    assert pause(after("a", "b"), failures) == PROBE_EVERY


def test_who_has_only_failed_for_three_days_is_hopeless() -> None:
    assert not is_hopeless(after("a"), NOW + HOPELESS_AFTER - 1)
    assert is_hopeless(after("a"), NOW + HOPELESS_AFTER)
    assert not is_hopeless(Circuit(), NOW + HOPELESS_AFTER)
