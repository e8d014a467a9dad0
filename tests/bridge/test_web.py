"""What surrounds every request: limits, headers, ids, health, and errors of one shape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from bridge.errors import BadData, BadRequest, StoreUnavailable
from bridge.logs import REQUEST_ID
from bridge.problems import answer
from bridge.web import Endpoint, application, health_routes

Json = dict[str, object]


def client(*routes: Route, limits: dict[str, int] | None = None) -> httpx.AsyncClient:
    app = application(routes) if limits is None else application(routes, limits=limits)
    return client_of(app)


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://desk.test")


async def length(request: Request) -> Response:
    return answer({"read": len(await request.body())})


ECHO = Route("/echo", length, methods=["POST"])


async def test_a_body_that_says_it_is_too_long_is_refused_unread() -> None:
    async with client(ECHO, limits={"/echo": 10}) as web:
        fits = await web.post("/echo", content=b"x" * 10)
        refused = await web.post("/echo", content=b"x" * 11)
    assert (fits.status_code, fits.json()) == (200, {"read": 10})
    assert refused.status_code == 413
    assert refused.json() == {
        "error": {"code": "too_large", "message": "The body is over 10 bytes."}
    }


async def test_a_body_that_does_not_say_its_length_is_counted() -> None:
    async def chunks(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 5

    async with client(ECHO, limits={"/echo": 10}) as web:
        fits = await web.post("/echo", content=chunks(2))
        refused = await web.post("/echo", content=chunks(3))
        lied = await web.post("/echo", content=chunks(3), headers={"Content-Length": "nonsense"})
    assert [r.status_code for r in (fits, refused, lied)] == [200, 413, 413]


async def test_a_hot_path_reads_a_body_in_pieces_once() -> None:
    async def twice(request: Request) -> Response:
        return answer({"read": [(await request.body()).decode() for _ in range(2)]})

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    async with client(Route("/hot", Endpoint(twice), methods=["POST"])) as web:
        answered = await web.post("/hot", content=pieces())
    assert answered.json() == {"read": ["one two", "one two"]}


async def test_a_hot_path_whose_caller_has_gone_reads_no_half_of_a_body() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def never(_message: Message) -> None:
        raise AssertionError("nobody is there to be answered")

    scope = {"type": "http", "method": "POST", "path": "/hot", "headers": []}
    with pytest.raises(ClientDisconnect):
        await Endpoint(length)(scope, gone, never)


async def test_one_mebibyte_is_the_limit_where_nothing_else_is_said() -> None:
    slack = Route("/slack/events", length, methods=["POST"])
    async with client(ECHO, slack) as web:
        big = b"x" * (1024 * 1024 + 1)
        assert (await web.post("/echo", content=big)).status_code == 413
        assert (await web.post("/slack/events", content=big)).status_code == 200
        assert (await web.post("/slack/events", content=big * 8)).status_code == 413


async def test_every_answer_has_an_id_and_safe_headers_unless_it_sets_its_own() -> None:
    seen: list[str] = []

    async def framed(_request: Request) -> Response:
        seen.append(REQUEST_ID.get())
        return Response(headers={"X-Frame-Options": "DENY"})

    async with client(Route("/framed", framed)) as web:
        found, missing = await web.get("/framed"), await web.get("/nothing")
    assert found.headers["x-request-id"] == seen[0] != missing.headers["x-request-id"]
    assert found.headers["x-frame-options"] == "DENY"
    assert missing.headers["x-frame-options"] == "SAMEORIGIN"
    for reply in (found, missing):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert REQUEST_ID.get() == ""


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadRequest("invalid", "No."), 422, "invalid"),
        (BadRequest("unauthorized", "No.", status=401), 401, "unauthorized"),
        (HTTPException(429), 429, "too_many_requests"),
        (HTTPException(418), 418, "error"),
        (StoreUnavailable("gone"), 503, "unavailable"),
        (BadData("nul"), 422, "bad_data"),
        (ZeroDivisionError("secret"), 500, "internal"),
    ],
)
async def test_whatever_is_raised_is_answered_in_one_shape(
    error: Exception, status: int, code: str
) -> None:
    async def fails(_request: Request) -> Response:
        raise error

    async with client(Route("/", fails)) as web:
        reply = await web.get("/")
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/json"
    assert reply.json()["error"]["code"] == code
    assert set(reply.json()["error"]) == {"code", "message"}
    assert "secret" not in reply.text
    assert reply.headers.get("retry-after") == ("1" if status == 503 else None)
    assert reply.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)


async def test_a_fault_in_the_middle_of_an_answer_breaks_it_off() -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise ZeroDivisionError

    async def endpoint(_request: Request) -> Response:
        return StreamingResponse(half())

    transport = httpx.ASGITransport(app=application([Route("/", endpoint)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as web:
        with pytest.raises(ZeroDivisionError):
            await web.get("/")


async def test_unknown_paths_and_methods_have_the_shape_too() -> None:
    async with client(ECHO) as web:
        missing, wrong = await web.get("/nothing"), await web.get("/echo")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["allow"]


async def test_health_says_alive_ready_and_degraded() -> None:
    wrong = {"database": "", "slack": "", "redis": ""}

    async def database() -> str:
        return wrong["database"]

    async def slack() -> str:
        return wrong["slack"]

    async def redis() -> str:
        return wrong["redis"]

    routes = health_routes({"database": database}, {"slack": slack, "redis": redis})
    async with client(*routes) as web:
        assert (await web.get("/healthz")).json() == {"status": "ok"}
        assert (await web.get("/readyz")).json() == {"status": "ok", "degraded": []}
        wrong |= {"slack": "token revoked", "redis": "does not answer"}
        degraded = await web.get("/readyz")
        assert (degraded.status_code, degraded.json()["degraded"]) == (200, ["redis", "slack"])
        wrong["database"] = "gone"
        gone = await web.get("/readyz")
        assert (gone.status_code, gone.headers["retry-after"]) == (503, "1")
        assert gone.json() == {"status": "unavailable", "failed": {"database": "gone"}}
        assert (await web.get("/healthz")).status_code == 200


async def test_a_check_that_hangs_has_failed() -> None:
    async def hangs() -> str:
        await asyncio.Event().wait()
        return ""

    async with client(*health_routes({"database": hangs}, {}, patience=0.01)) as web:
        reply = await web.get("/readyz")
    assert (reply.status_code, reply.json()["failed"]) == (503, {"database": "does not answer"})


async def test_what_is_no_request_passes_untouched() -> None:
    sent: list[Message] = []
    queue = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(queue)

    async def send(message: Message) -> None:
        sent.append(message)

    await application([])({"type": "lifespan", "asgi": {}, "state": {}}, receive, send)
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert json.dumps(sent)
