"""`/v1/reports` and `/report`: the desk's figures, for tools and for people."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bridge.errors import TooMany
from bridge.report_page import policy
from tests.bridge.running import API_KEY, Running, configured, in_file, running, with_bot

HOURS = '[hours]\ntimezone = "Europe/Berlin"\n'


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Running]:
    """Ann's handoff is resolved, and Bob's waits."""
    settings = configured(in_file(tmp_path), tmp_path, HOURS, **with_bot())
    async with running(settings) as made:
        for name in ("Ann", "<b>Bob</b>"):
            user = {"id": name, "name": name}
            body = {"title": "Help", "channel": "webchat", "user": user, "labels": [f"for {name}"]}
            answer = await made.api("POST", "/handoffs", json=body)
            assert answer.status_code == 202, answer.text
        [_, ann] = (await made.api("GET", "/handoffs")).json()["handoffs"]
        await made.api("POST", f"/handoffs/{ann['id']}/resolve")
        yield made


async def figures(desk: Running, **query: Any) -> dict[str, Any]:
    answer = await desk.api("GET", "/reports", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def basic(password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'ana:{password}'.encode()).decode()}"}


async def test_figures_are_told_of_all_and_by_what_they_have_in_common(desk: Running) -> None:
    told = await figures(desk)
    assert (told["timezone"], told["step"], len(told["by"]["date"])) == ("Europe/Berlin", "day", 30)
    assert told["total"]["opened"] == 2
    assert told["total"]["statuses"] == {"resolved": 1, "queued": 1}
    assert told["total"]["resolution"]["number"] == 1
    assert told["total"]["resolution"]["p50"] == told["total"]["resolution"]["longest"] >= 0
    assert told["total"]["waiting"]["p50"] is None
    assert [group["key"] for group in told["by"]["label"]] == ["for <b>Bob</b>", "for Ann"]
    assert sum(map(sum, told["opened_by_weekday_and_hour"])) == 2
    assert (told["approvals"]["asked"], told["approvals"]["acceptance"]) == (0, None)
    assert (told["approvals_by_bot"], told["triggers"]) == ([], [])
    assert (await figures(desk, queue="default"))["approvals"] is None


ASKED: list[tuple[dict[str, str], int]] = [
    ({"label": "for Ann"}, 1),
    ({"queue": "default", "channel": "webchat", "agent": "none"}, 2),
    ({"channel": "messenger"}, 0),
    ({"channel": "messenger", "queue": "default"}, 0),
    ({"since": "1d"}, 2),
    ({"since": "2020-01-01T00:00:00Z"}, 2),
    ({"since": "2020-01-01T00:00:00Z", "until": "2020-02-01T00:00:00+01:00"}, 0),
    ({"since": "2d", "until": "2020-02-01T00:00:00Z"}, 0),
]
REFUSED: list[tuple[dict[str, str], str]] = [
    ({"since": "yesterday"}, "since"),
    ({"since": "2020-99-01T00:00:00Z"}, "since"),
    ({"since": "1999-01-01T00:00:00Z"}, "since"),
    ({"since": "2999-01-01T00:00:00Z"}, "since"),
    ({"since": "2020-02-02T00:00:00Z", "until": "2020-02-01T00:00:00Z"}, "until"),
    ({"until": "noon"}, "until"),
    ({"sicne": "7d"}, "sicne"),
    ({"queue": "defualt"}, "queue"),
]


async def test_figures_are_of_what_is_asked_for(desk: Running) -> None:
    for query, opened in ASKED:
        assert (await figures(desk, **query))["total"]["opened"] == opened, query


async def test_a_queue_that_is_none_is_told_unless_it_had_handoffs(desk: Running) -> None:
    answer = await desk.api("GET", "/reports", params={"queue": "defualt"})
    said = answer.json()["error"]["fields"]
    assert said == {"queue": "is none; did you mean default?"}
    with sqlite3.connect(desk.settings.database_url.partition("///")[2]) as database:
        database.execute("UPDATE handoff SET queue = 'old' WHERE number = 1")
    assert (await figures(desk, queue="old"))["total"]["opened"] == 1


async def test_what_is_none_is_refused(desk: Running) -> None:
    for query, field in REFUSED:
        for ask in (
            desk.api("GET", "/reports", params=query),
            desk.client.get("/report", params=query, headers=basic(API_KEY)),
        ):
            answer = await ask
            assert answer.status_code == 422, query
            assert list(answer.json()["error"]["fields"]) == [field]


async def test_admins_see_the_page_and_give_their_key_to_the_browser(desk: Running) -> None:
    answer = await desk.client.get("/report", headers=basic(API_KEY))
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == policy()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "for &lt;b&gt;Bob" in answer.text
    assert "<b>Bob" not in answer.text
    assert '<a href="/report?since=30d" aria-current="page">30 days</a>' in answer.text
    some = await desk.client.get(
        "/report?label=for+Ann&until=2999-01-01T00:00:00Z",
        headers={"Authorization": f"Bearer {API_KEY}"},
    )
    assert "label for Ann" in some.text
    assert 'aria-current="page"' not in some.text


async def test_a_browser_without_a_key_is_asked_for_one(desk: Running) -> None:
    nothing: dict[str, str] = {}
    odd = {"Authorization": "Basic ?"}, {"Authorization": "Basic"}
    for headers in (nothing, basic("dbk_nobody"), basic(""), *odd):
        answer = await desk.client.get("/report", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert "scope admin" in answer.text


async def test_who_asks_too_often_is_told_so_and_not_asked_for_a_key(desk: Running) -> None:
    with patch("bridge.api.access.Access.admit", side_effect=TooMany(3)):
        answer = await desk.client.get("/report", headers=basic(API_KEY))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")


async def test_no_call_takes_what_a_browser_sends_by_itself(desk: Running) -> None:
    answer = await desk.client.get("/v1/reports", headers=basic(API_KEY))
    assert answer.status_code == 401
