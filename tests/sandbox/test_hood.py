"""What goes over the wire is shown with the curl that repeats it, and faults are one script."""

from __future__ import annotations

import json
import shlex
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.breaking import Breaking
from sandbox.graph.faults import Faults as GraphFaults
from sandbox.hood import KEPT, Hood, curl, name
from sandbox.slack.faults import Faults
from sandbox.tap import Exchange, Tap

BASE = "http://127.0.0.1:8080"


META = b'{"entry": [{"messaging": [{"sender": {}, %s}]}]}'
SEEN = ("send", "mark_seen")


def nothing() -> None:
    """Nobody looks."""


def exchange(path: str, body: bytes = b"", method: str = "POST", **more: Any) -> Exchange:
    return Exchange(method, path, more.pop("headers", {}), body=body, **more)


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/sandbox/bot/webhook", b'{"type": "handoff.queued"}', ("webhook", "handoff.queued")),
        ("/sandbox/slack/api/chat.update", b"x=1", ("call", "chat.update")),
        ("/slack/events", b'{"event": {"type": "message"}}', ("event", "message")),
        ("/slack/events", b'{"type": "url_verification"}', ("event", "url_verification")),
        ("/slack/events", b"command=%2Fdesk&text=stats", ("event", "/desk stats")),
        ("/slack/events", b'payload={"type":"block_actions"}', ("event", "block_actions")),
        ("/v1/handoffs", b"{}", ("api", "POST /v1/handoffs")),
        ("/webchat/messages", b"{}", ("chat", "POST /webchat/messages")),
        ("/webchat/typing", b"{}", None),
        ("/messenger/webhook", META % b'"message": {"text": "Hi"}', ("meta", "message")),
        ("/messenger/webhook", META % b'"message": {"is_echo": true}', ("meta", "echo")),
        ("/messenger/webhook", b'{"object": "page"}', ("meta", "event")),
        ("/sandbox/graph/v26.0/104729/messages", b"{}", ("send", "messages")),
        ("/sandbox/graph/v26.0/1/messages", b'{"sender_action": "mark_seen"}', SEEN),
        ("/sandbox/graph/control/write", b"{}", None),
    ],
)
def test_an_exchange_is_named_for_what_it_says(path: str, body: bytes, named: Any) -> None:
    assert name(exchange(path, body)) == named


def test_the_curl_says_the_same_again() -> None:
    body = b'{"text": "Sam\'s parcel"}'
    headers = {"webhook-signature": "v1,abc=", "content-type": "application/json", "host": "x"}
    sent = exchange("/sandbox/bot/webhook", body, headers=headers, query="a=1")
    words = shlex.split(curl(BASE, sent))
    assert words[:4] == ["curl", "-X", "POST", f"{BASE}/sandbox/bot/webhook?a=1"]
    assert words[4:] == [
        *("-H", "content-type: application/json", "-H", "webhook-signature: v1,abc="),
        *("-d", body.decode()),
    ]


def test_the_newest_entries_are_kept_and_told_once() -> None:
    hood = Hood(BASE, lambda: 1.0, nothing)
    hood.hear(exchange("/webchat/typing"))
    assert hood.last == 0
    for number in range(KEPT + 1):
        hood.hear(exchange(f"/v1/{number}", b"payload=%7B%22a%22%3A1%7D&b=2"))
    entries = hood.after(0)
    assert len(entries) == KEPT
    assert json.loads(entries[0]["body"]) == {"a": 1}
    assert hood.after(hood.last) == []


# --- the tap -------------------------------------------------------------------------------------


async def echo(request: Request) -> Response:
    return JSONResponse({"said": (await request.body()).decode()}, 201)


async def stream(_request: Request) -> Response:
    parts = [b"event: message\nda", b"ta: {}\n\n: pi", b"ng\n\nrest"]

    async def events() -> Any:
        for part in parts:
            yield part

    return StreamingResponse(events(), media_type="text/event-stream")


async def test_the_tap_hears_what_it_shall_and_changes_nothing() -> None:
    heard: list[Exchange] = []
    events: list[bytes] = []
    app = Starlette(routes=[Route("/a/{x}", echo, methods=["POST"]), Route("/a", stream)])
    tapped = Tap(app, ("/a",), heard.append, lambda _exchange, event: events.append(event))
    transport = httpx.ASGITransport(app=tapped)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        assert (await client.post("/a/b?c=d", content=b"hello")).json() == {"said": "hello"}
        assert (await client.get("/a")).content.endswith(b"rest")
        assert (await client.get("/elsewhere")).status_code == 404
    posted, followed = heard
    assert (posted.body, posted.status, posted.query) == (b"hello", 201, "c=d")
    assert json.loads(posted.answer) == {"said": "hello"}
    assert events == [b"event: message\ndata: {}", b": ping"]
    assert followed.answer == b""


# --- break something -----------------------------------------------------------------------------


def kinds(faults: Faults) -> list[str]:
    return [rule["kind"] for rule in faults.describe()]


async def test_faults_are_on_together_and_slack_is_back_by_itself() -> None:
    faults, now = Faults(), [100.0]
    meta = GraphFaults()
    breaking = Breaking(faults, meta, lambda: now[0], nothing)
    breaking.double(on=True)
    breaking.limit(on=True)
    breaking.slack_down(20)
    assert kinds(faults) == ["outage", "ratelimit", "duplicate_events"]
    assert breaking.state() == {"down_until": 120.0, "limited": True, "doubled": True}
    now[0] = 110.0
    breaking.limit(on=False)
    assert faults.describe()[0]["until"] == 10.0
    breaking.over(until=119.0)  # of an earlier press
    assert kinds(faults)[0] == "outage"
    assert meta.has("duplicate")
    now[0] = 119.999
    breaking.over(until=120.0)
    assert kinds(faults) == ["duplicate_events"]
    assert breaking.state()["down_until"] == 0
