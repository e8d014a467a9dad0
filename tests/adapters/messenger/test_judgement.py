"""What Meta's answers mean for the doctor."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.messenger import judgement
from adapters.messenger.judgement import Said
from bridge.findings import Status

URL = "https://desk.example/messenger/webhook"
BASE = "https://graph.facebook.com"


def error(code: int, status: int = 400) -> Said:
    return Said({"error": {"code": code}}, status)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (Said({"id": "1", "name": "Shop"}, 200), Status.OK),
        (Said({"id": "2", "name": "Shop"}, 200), Status.FAILED),
        (error(190, 401), Status.FAILED),
        (error(200), Status.FAILED),
        (error(4), Status.WARNING),
        (error(100), Status.FAILED),
        (Said({"error": "odd"}, 500), Status.FAILED),
        (Said(reason="nothing listens there"), Status.FAILED),
    ],
)
def test_a_token_is_judged_by_what_meta_says_of_its_page(said: Said, status: Status) -> None:
    assert judgement.of_token(said, "1", BASE).status is status


@pytest.mark.parametrize(
    ("url", "answered", "status"),
    [
        (f"{BASE}/v26.0", "v26.0", Status.OK),
        (f"{BASE}/v26.0", "", Status.OK),
        (f"{BASE}/v20.0", "v23.0", Status.FAILED),
        (f"{BASE}/v23.0", "v24.0", Status.FAILED),
        (f"{BASE}/v21.0", "v21.0", Status.WARNING),
        (BASE, "v26.0", Status.WARNING),
    ],
)
def test_a_version_ends_at_its_day(url: str, answered: str, status: Status) -> None:
    assert judgement.of_version(url, answered).status is status


@pytest.mark.parametrize(
    ("verified", "heard", "body", "found"),
    [
        (Said(status=200), Said(status=200), "1", URL),
        (Said(status=200), Said(status=200), "2", "not as Deskbridge does"),
        (Said(status=404), Said(status=404), "", "404"),
        (Said(status=403), Said(status=401), "", "another verify token"),
        (Said(status=200), Said(status=401), "1", "refuses our signature"),
        (Said(status=200), Said(status=503), "1", "503"),
        (Said(reason="nothing listens there"), Said(status=200), "", "nothing listens"),
    ],
)
def test_our_own_address_is_judged_by_both_questions(
    verified: Said, heard: Said, body: str, found: str
) -> None:
    assert found in judgement.of_round_trip(URL, verified, heard, "1", body).found


def test_without_an_answer_nobody_knows_of_a_subscription() -> None:
    assert judgement.of_subscription(error(200), "1").status is Status.FAILED
    assert judgement.of_local("http://127.0.0.1").status is Status.FAILED


@pytest.mark.parametrize("answer", [{}, {"error": {"code": "x"}}, {"error": None}])
def test_an_odd_error_has_no_code(answer: Any) -> None:
    assert Said(answer, 400).code == 0
