"""`/v1/webhooks`: registering, looking after, trying and sending once more, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import webhooks
from bridge.hooks import Endpoint
from bridge.webhooks import iso
from storage.database import connect
from storage.feed import SqlFeed
from storage.hooks import SqlHooks
from tests.adapters.slack.world import served
from tests.bridge.running import UNLIMITED, Json, Running, configured, in_file, running
from tests.storage.stored import CHAIN

ALLOWED = f"{UNLIMITED}[webhooks]\nallow_private = true\n"
NOWHERE = "https://tool.invalid/hook"
SOMEWHERE = "https://1.1.1.1/hook"
"""A public address that nothing is sent to: nobody has to be asked for it."""


@dataclass
class Tool:
    """Verifies as the world does."""

    url: str = ""
    secrets: list[str] = field(default_factory=list)
    status: int = 204
    taken: list[tuple[str, Json]] = field(default_factory=list)

    async def hear(self, request: Request) -> Response:
        body, headers = await request.body(), dict(request.headers)
        for secret in self.secrets:  # after a rotation, each of them is good for a day
            told = Webhook(secret).verify(body, headers)
            self.taken.append((headers["webhook-id"], told))
        return Response(status_code=self.status)

    def types(self) -> list[str]:
        return [told["type"] for _, told in self.taken]


@pytest.fixture
async def tool() -> AsyncIterator[Tool]:
    made = Tool()
    app = Starlette(routes=[Route("/hook", made.hear, methods=["POST"])])
    async with served(app) as url:
        made.url = f"{url}/hook"
        yield made


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(database_url, tmp_path, ALLOWED)) as made:
        yield made


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(in_file(tmp_path), tmp_path)) as made:
        yield made


async def register(desk: Running, tool: Tool, **more: Any) -> Json:
    answer = await desk.api("POST", "/webhooks", json={"url": tool.url, **more})
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    tool.secrets = [told["secret"]]
    return told


async def call(desk: Running, webhook: Json, action: str, **body: Any) -> Json:
    answer = await desk.api("POST", f"/webhooks/{webhook['id']}/{action}", json=body)
    assert answer.is_success, answer.text
    found: Json = answer.json()
    return found


async def until_told(desk: Running, tool: Tool, number: int) -> None:
    async def look() -> bool:
        return len(tool.taken) >= number

    await desk.until(look)


async def until_sealed(desk: Running, number: int) -> None:
    database = connect(desk.settings.database_url, exclusive=False)
    try:
        feed = SqlFeed(database, CHAIN)

        async def look() -> bool:
            return await feed.last() >= number

        await desk.until(look)
    finally:
        await database.close()


async def test_a_tool_is_told_of_what_it_asked_for_and_of_that_alone(
    desk: Running, tool: Tool
) -> None:
    webhook = await register(desk, tool, events=["handoff.*", "message.created"])
    assert webhook["secret"].startswith("whsec_")
    visitor = await desk.visitor(locale="de")
    await visitor.say("I need help")
    await until_told(desk, tool, 2)
    assert sorted(tool.types()) == ["handoff.queued", "message.created"]
    data = tool.taken[0][1]["data"]
    assert (data["conversation_id"], data["channel"]) == (visitor.conversation, "webchat")
    assert data["user"]["locale"] == "de"


async def test_after_a_rotation_both_secrets_are_good(desk: Running, tool: Tool) -> None:
    webhook = await register(desk, tool)
    turned = await call(desk, webhook, "rotate")
    assert turned["secret"] != webhook["secret"]
    tool.secrets.append(turned["secret"])
    assert (await call(desk, webhook, "test"))["delivered"]
    assert tool.types() == ["webhook.test", "webhook.test"]


async def test_a_second_rotation_does_not_end_the_first_secret_before_its_day(
    desk: Running, tool: Tool
) -> None:
    webhook = await register(desk, tool)
    tool.secrets = [webhook["secret"]]
    for _ in range(2):
        await call(desk, webhook, "rotate")
    assert (await call(desk, webhook, "test"))["delivered"]
    assert tool.types() == ["webhook.test"]


async def test_a_test_says_what_came_of_it(desk: Running, tool: Tool) -> None:
    webhook = await register(desk, tool, enabled=False)
    tool.status = 503
    told = await call(desk, webhook, "test")
    assert (told["delivered"], told["status"], told["error"]) == (False, 503, "http_503")
    tool.status = 200
    told = await call(desk, webhook, "test")
    assert (told["delivered"], told["status"], told["error"]) == (True, 200, None)


async def test_what_was_missed_is_sent_once_more_under_the_same_ids(
    desk: Running, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = await register(desk, tool)
    visitor = await desk.visitor()
    await visitor.say("one")
    await visitor.say("two")
    await until_told(desk, tool, 4)
    first, tool.taken = tool.taken, []
    await until_sealed(desk, len(first))
    since = iso(0)
    monkeypatch.setattr(webhooks, "REPLAYED_AT_ONCE", 3)
    done = await call(desk, webhook, "replay", since=since)
    assert done["next"] == 3
    rest = await call(desk, webhook, "replay", after=done["next"], since=since)
    assert done["events"] + rest["events"] == len(first)
    await until_told(desk, tool, len(first))
    assert [named for named, _ in tool.taken] == [named for named, _ in first]
    assert [told["type"] for _, told in tool.taken] == [told["type"] for _, told in first]
    future = iso(4_000_000_000_000_000)
    assert (await call(desk, webhook, "replay", since=future))["events"] == 0


async def test_a_webhook_is_listed_shown_changed_and_deleted(desk: Running, tool: Tool) -> None:
    webhook = await register(desk, tool, description="CRM")
    path = f"/webhooks/{webhook['id']}"
    shown = (await desk.api("GET", path)).json()
    assert "secret" not in shown
    assert (shown["description"], shown["events"], shown["enabled"]) == ("CRM", ["*"], True)
    assert (await desk.api("GET", "/webhooks")).json() == {"webhooks": [shown]}
    changes = {"enabled": False, "events": ["control.returned"], "url": tool.url, "description": ""}
    off = (await desk.api("PATCH", path, json=changes)).json()
    assert (off["enabled"], off["events"]) == (False, ["control.returned"])
    assert (await desk.api("POST", f"{path}/replay", json={"after": 0})).status_code == 409
    on = (await desk.api("PATCH", path, json={"enabled": True, "events": []})).json()
    assert (on["enabled"], on["events"]) == (True, ["*"])
    only_named = (await desk.api("PATCH", path, json={"description": "ERP"})).json()
    assert only_named["description"] == "ERP"
    assert (await desk.api("DELETE", path)).status_code == 204
    for method, more in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test")):
        gone = await desk.api(method, f"{path}{more}", json={})
        assert gone.status_code == 404


async def test_a_secret_whose_key_is_gone_is_mended_by_a_rotation(
    tool: Tool, tmp_path: Path
) -> None:
    url = in_file(tmp_path)
    async with running(configured(url, tmp_path, ALLOWED)) as desk:
        webhook = await register(desk, tool)
    other = {"SECRET_KEY": "another secret key with more than 32 characters"}
    async with running(configured(url, tmp_path, ALLOWED, **other)) as desk:
        told = await desk.api("POST", f"/webhooks/{webhook['id']}/test")
        assert told.json()["error"]["code"] == "webhook_secret_unreadable"
        tool.secrets = [(await call(desk, webhook, "rotate"))["secret"]]
        assert (await call(desk, webhook, "test"))["delivered"]


async def test_one_that_is_deleted_meanwhile_is_not_found(
    small: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found(_hooks: SqlHooks, id: str) -> Endpoint:
        return Endpoint(id, NOWHERE)

    monkeypatch.setattr(SqlHooks, "endpoint", found)
    answer = await small.api("PATCH", "/webhooks/whk_9", json={"description": "late"})
    assert answer.status_code == 404
    assert (await small.api("DELETE", "/webhooks/whk_9")).status_code == 404


INSIDE = (
    "http://127.0.0.1/hook",
    "http://2130706433/",
    "http://localhost/",
    "http://[::ffff:127.0.0.1]/",
    "https://user:password@tool.invalid/",
    "ftp://tool.invalid/",
    "nonsense",
)


async def test_an_address_inside_is_refused_where_it_is_registered(small: Running) -> None:
    for url in INSIDE:
        answer = await small.api("POST", "/webhooks", json={"url": url})
        told = answer.json().get("error", {})
        assert (answer.status_code, list(told.get("fields", ()))) in (
            (422, ["url"]),
            (409, ["url"]),
        ), url


async def test_what_does_not_fit_is_named(small: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = await small.api("POST", "/webhooks", json={"url": NOWHERE, "events": ["message.read"]})
    assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (422, ["events.0"])
    made = await small.api("POST", "/webhooks", json={"url": NOWHERE})
    assert made.status_code == 201
    path = f"/webhooks/{made.json()['id']}"
    assert (await small.api("POST", f"{path}/replay", json={})).status_code == 422
    monkeypatch.setattr(webhooks, "MOST", 1)
    many = await small.api("POST", "/webhooks", json={"url": SOMEWHERE})
    assert (many.status_code, many.json()["error"]["code"]) == (409, "too_many")
    assert (await small.client.get("/v1/webhooks")).status_code == 401
