"""Lists by the page: handoffs, conversations, messages; agents, and whether somebody is there."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.bridge.api.test_actions import StaffedDesk
from tests.bridge.running import Running, configured, in_file, running, with_bot

PEOPLE = ("Ann", "Bob", "Cleo", "Dan", "Eve")
PRIORITIES = ("normal", "urgent", "low", "urgent", "normal")


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    """Five handoffs, by name and in this order; Bob's is Ana's, and Dan's is over."""
    settings = configured(database_url, tmp_path, **with_bot())
    async with running(settings, desk=StaffedDesk()) as made:
        for name, priority in zip(PEOPLE, PRIORITIES, strict=True):
            user = {"id": name, "name": name, "email": f"{name}@customer.example"}
            labels = ["vip", 'odd","label'] if name == "Cleo" else ["vipers"]
            body = {"title": f"Help {name}", "channel": "webchat", "user": user, "labels": labels}
            answer = await made.api("POST", "/handoffs", json={**body, "priority": priority})
            assert answer.status_code == 202, answer.text
        found = {each["user"]["name"]: each["id"] for each in await pages(made, "handoffs")}
        await made.api("POST", f"/handoffs/{found['Bob']}/assign", json={"agent": "U1"})
        await made.api("POST", f"/handoffs/{found['Dan']}/resolve")
        yield made


async def pages(desk: Running, what: str, **query: Any) -> list[dict[str, Any]]:
    """All rows, two at a time: each once."""
    path = f"/{what}"
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    kind = what.rpartition("/")[2]
    while cursor is not None:
        answer = await desk.api("GET", path, params={**query, "cursor": cursor, "limit": 2})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page[kind]) <= 2
        assert len(page[kind]) == 2 or page["next_cursor"] is None
        found += page[kind]
        cursor = page["next_cursor"]
    return found


async def names(desk: Running, **query: Any) -> list[str]:
    return [each["user"]["name"] for each in await pages(desk, "handoffs", **query)]


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["Eve", "Dan", "Cleo", "Bob", "Ann"]),
    ({"sort": "oldest"}, ["Ann", "Bob", "Cleo", "Dan", "Eve"]),
    ({"sort": "priority"}, ["Bob", "Dan", "Ann", "Eve", "Cleo"]),
    ({"sort": "waiting"}, ["Ann", "Bob", "Cleo", "Eve", "Dan"]),
    ({"other_than": "U2"}, ["Bob"]),
    ({"other_than": "U1"}, []),
    ({"since": "2001-01-01T00:00:00Z"}, ["Eve", "Dan", "Cleo", "Bob", "Ann"]),
    ({"until": "2001-01-01T00:00:00Z"}, []),
    ({"conversation": "cnv_none"}, []),
    ({"status": "open"}, ["Eve", "Cleo", "Bob", "Ann"]),
    ({"status": "assigned,resolved"}, ["Dan", "Bob"]),
    ({"status": "snoozed"}, []),
    ({"queue": "default", "status": "resolved"}, ["Dan"]),
    ({"queue": "elsewhere"}, []),
    ({"agent": "U1"}, ["Bob"]),
    ({"agent": "none", "status": "open"}, ["Eve", "Cleo", "Ann"]),
    ({"label": "vip"}, ["Cleo"]),
    ({"label": 'odd","label'}, ["Cleo"]),
    ({"label": "odd"}, []),
    ({"q": "help e"}, ["Eve"]),
    ({"q": "CLEO@customer"}, ["Cleo"]),
    ({"q": "#2"}, ["Bob"]),
    ({"q": "%"}, []),
]


async def test_handoffs_are_filtered_and_sorted_page_by_page(desk: Running) -> None:
    assert [(query, await names(desk, **query)) for query, _ in FILTERS] == FILTERS


async def test_a_page_goes_on_where_the_last_one_ended_whatever_comes_and_goes(
    desk: Running,
) -> None:
    first = (await desk.api("GET", "/handoffs", params={"limit": 2, "status": "open"})).json()
    ended = first["handoffs"][0]["id"]
    await desk.api("POST", f"/handoffs/{ended}/reject")
    zoe = {"title": "New", "channel": "webchat", "user": {"id": "Zoe", "name": "Zoe"}}
    await desk.api("POST", "/handoffs", json=zoe)
    query = {"cursor": first["next_cursor"], "status": "open"}
    rest = (await desk.api("GET", "/handoffs", params=query)).json()
    assert [each["user"]["name"] for each in rest["handoffs"]] == ["Bob", "Ann"]


async def test_each_shows_how_many_wait_before_it(desk: Running) -> None:
    found = await pages(desk, "handoffs", sort="oldest")
    assert [each["position"] for each in found] == [0, None, 1, None, 2]
    waiting = (await desk.api("GET", "/availability")).json()
    assert waiting == {
        "open": True,
        "online": None,
        "accepting": True,
        "position": 3,
        "estimated_wait": None,
        "opens_at": None,
    }
    other = await desk.api("GET", "/availability", params={"queue": "vip", "locale": "fr"})
    assert other.json()["position"] == 0


async def test_conversations_and_messages_come_in_pages(desk: Running) -> None:
    visitors = [await desk.visitor() for _ in range(3)]
    for visitor in visitors:
        for text in ("one", "two", "three"):
            await visitor.say(text)
    found = await pages(desk, "conversations")
    assert len(found) == 3 + len(PEOPLE)
    assert [each["id"] for each in found[:3]] == [v.conversation for v in reversed(visitors)]
    named = [each["user"]["name"] for each in await pages(desk, "conversations", q="cleo")]
    assert named == ["Cleo"]
    said = await pages(desk, f"conversations/{visitors[0].conversation}/messages")
    assert [each["text"] for each in said] == ["one", "two", "three"]
    later = await pages(desk, f"conversations/{visitors[0].conversation}/messages", after=1)
    assert [each["text"] for each in later] == ["two", "three"]


@pytest.mark.parametrize(
    "cursor", ["x", "é", "bm8=", base64.urlsafe_b64encode(b'["oldest",1]').decode(), "W10", "e30"]
)
async def test_a_cursor_that_is_none_is_404(tmp_path: Path, cursor: str) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        for path in ("/handoffs", "/conversations"):
            answer = await desk.api("GET", path, params={"cursor": cursor})
            assert answer.status_code == 404
            assert list(answer.json()["error"]["fields"]) == ["cursor"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=%2B7", "limit"),
        ("limit=1&limit=2", "limit"),
        ("sort=", "sort"),
        ("since=5", "since"),
        ("status=lost", "status.0"),
        ("q=" + "x" * 201, "q"),
    ],
)
async def test_what_does_not_fit_in_the_address_is_named(
    tmp_path: Path, query: str, field: str
) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        answer = await desk.api("GET", f"/handoffs?{query}")
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, [field])


async def test_agents_are_those_who_may_speak_with_what_they_have(desk: Running) -> None:
    (ana,) = (await desk.api("GET", "/agents")).json()["agents"]
    assert (ana["id"], ana["name"], ana["open"]) == ("U1", "Ana", 1)
    assert isinstance(desk.desk, StaffedDesk)
    desk.desk.away = True
    away = await desk.api("GET", "/agents")
    assert (away.status_code, away.json()["error"]["code"]) == (503, "desk_unavailable")


async def test_a_desk_that_knows_nobody_lists_nobody(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        assert (await desk.api("GET", "/agents")).json() == {"agents": []}
