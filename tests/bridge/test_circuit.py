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
    asked_for,
    failed,
    hold,
    is_hopeless,
    is_recovering,
    needs_probe,
    pause,
    wait_of,
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


def test_one_that_asks_for_time_is_left_alone_by_all_lanes_until_then_and_tried_by_one() -> None:
    asked = failed(Circuit(), "a", "http_429", NOW, 20 * SECOND)
    assert asked.is_open
    assert hold(asked, "a", NOW) == hold(asked, "b", NOW) == 20 * SECOND
    again = failed(asked, "a", "http_503", NOW + SECOND, HOUR)
    assert (again.failures, again.since, again.suspect) == (3, NOW, "")
    assert hold(again, "b", NOW + SECOND) == HOUR
    under_way = failed(again, "b", "http_500", NOW + 2 * SECOND)
    assert hold(under_way, "a", NOW + SECOND) == HOUR
    silent = failed(again, "b", "http_503", NOW + HOUR)
    assert hold(silent, "a", NOW + HOUR) == PROBE_EVERY


HOUR = 3_600 * SECOND
AN_HOUR_ON = "Thu, 01 Jan 1970 01:16:40 GMT"


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("120", 120 * SECOND),
        (" 120 ", 120 * SECOND),
        ("36001", LADDER[-1]),
        ("9" * 5_000, LADDER[-1]),
        ("0", 0),
        ("-5", 0),
        ("1.5", 0),
        ("²", 0),
        ("٣", 0),
        ("", 0),
        ("soon", 0),
        (AN_HOUR_ON, HOUR),
        (AN_HOUR_ON.removesuffix(" GMT"), HOUR),
        ("Thursday, 01-Jan-70 01:16:40 GMT", HOUR),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LADDER[-1]),
        ("Fri, 31 Dec 9999 23:59:59 +9999", 0),
        (f"Fri, 31 Dec {'9' * 30} 23:59:59 GMT", 0),
    ],
)
def test_a_wait_is_whole_seconds_or_a_date_and_no_longer_than_the_longest_step(
    retry_after: str, wait: int
) -> None:
    assert wait_of(retry_after, NOW) == wait


def test_only_an_endpoint_that_is_throttled_or_down_is_waited_for_and_never_hammered() -> None:
    statuses = (200, 400, 404, 410, 429, 500, 502, 503, 504)
    assert [n for n in statuses if asked_for(n, "60", NOW)] == [429, 502, 503, 504]
    assert asked_for(429, "1", NOW) == LADDER[0]
    assert asked_for(429, "", NOW) == 0
