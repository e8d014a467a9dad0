"""`GET /v1/audit`: what was done by the page, for admins alone, and whether it is whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.keys import Scope, new_key
from bridge.model import Author, Role
from tests.bridge.running import Running, configured, running
from tests.waiting import until


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(database_url, tmp_path)) as made:
        yield made


async def sealed(desk: Running) -> None:
    """All that is committed."""

    async def none_waits() -> bool:
        return not (await desk.api("GET", "/audit/verify")).json()["waiting"]

    await until(none_waits)


async def audit(desk: Running, **query: Any) -> Any:
    answer = await desk.api("GET", "/audit", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_trail_is_read_by_the_page_and_by_what_is_sought(desk: Running) -> None:
    sam, ann = await desk.visitor(), await desk.visitor()
    await sam.say("Hello")
    await ann.say("Hello")
    asked = {"conversation": sam.conversation}
    (handoff,) = (await desk.api("GET", "/handoffs", params=asked)).json()["handoffs"]
    await desk.api("POST", f"/handoffs/{handoff['id']}/resolve", json={})
    await sealed(desk)
    everything = (await audit(desk))["audit"]
    first = await audit(desk, limit=2)
    rest = await audit(desk, cursor=first["next_cursor"])
    assert [*first["audit"], *rest["audit"]] == everything
    assert [row["position"] for row in everything] == list(range(1, len(everything) + 1))
    of_sam = (await audit(desk, conversation=sam.conversation))["audit"]
    assert {row["conversation_id"] for row in of_sam} == {sam.conversation}
    of_handoff = (await audit(desk, handoff=handoff["id"]))["audit"]
    (queued,) = [row for row in of_handoff if row["action"] == "handoff.queued"]
    assert queued["cause"]["what"] == "UserSaid"
    assert queued["after"]["handoff"]["status"] == "queued"
    (resolved,) = (await audit(desk, actor="the API"))["audit"]
    assert (resolved["action"], resolved["cause"]["what"]) == ("handoff.resolved", "Resolve")
    assert resolved["before"]["handoff"]["status"] == "queued"
    assert resolved["after"]["handoff"]["status"] == "resolved"
    assert (await audit(desk, since="2100-01-01T00:00:00Z"))["audit"] == []
    assert (await audit(desk, until="2001-01-01T00:00:00Z"))["audit"] == []
    assert (await desk.api("GET", "/audit", params={"cursor": "x"})).status_code == 404
    assert (await desk.api("GET", "/audit", params={"since": "7"})).status_code == 422


async def test_it_is_checked_by_a_call(desk: Running) -> None:
    sam = await desk.visitor()
    await sam.say("Hello")
    await sealed(desk)
    answer = await desk.api("GET", "/audit/verify")
    found = answer.json()
    assert (answer.status_code, found["whole"], found["faults"]) == (200, True, [])
    assert found["rows"] == found["newest"]["position"] >= 2


async def test_it_is_for_admins(desk: Running) -> None:
    secret, key = new_key("crm", frozenset({Scope.DESK, Scope.BOT}), 5)
    await desk.process.now.records.keys.add(key, Author(Role.SYSTEM))
    bearer = {"Authorization": f"Bearer {secret}"}
    for path in ("/audit", "/audit/verify"):
        assert (await desk.api("GET", path, headers=bearer)).status_code == 403
