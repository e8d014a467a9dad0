"""One question to an address: whatever becomes of it is an answer with a reason."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.probing import MAX_BODY, Answered, NoAnswer, ask, reason_of, skew
from tests.adapters.slack.world import served
from tests.servers import free_port


async def echo(request: Request) -> Response:
    return Response(await request.body(), headers={"x-method": request.method})


async def large(_request: Request) -> Response:
    return Response(b"x" * (3 * MAX_BODY))


@pytest.fixture(scope="module")
async def base() -> AsyncIterator[str]:
    routes = [Route("/", echo, methods=["GET", "POST"]), Route("/large", large)]
    async with served(Starlette(routes=routes)) as url:
        yield url


async def test_an_answer_has_status_body_headers_and_the_others_clock(base: str) -> None:
    answered = await ask("POST", base, headers={"X-A": "b"}, content=b"hello")
    assert isinstance(answered, Answered)
    assert (answered.status, answered.body) == (200, b"hello")
    assert answered.headers["x-method"] == "POST"
    assert answered.skew is not None
    assert abs(answered.skew) < 60


async def test_no_more_is_read_than_is_needed(base: str) -> None:
    answered = await ask("GET", f"{base}/large")
    assert isinstance(answered, Answered)
    assert len(answered.body) == MAX_BODY


async def test_a_port_where_nobody_listens_says_so() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert await ask("GET", url) == NoAnswer("nothing listens there")


async def test_who_does_not_answer_is_not_waited_for() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    with silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert await ask("GET", url, seconds=0.05) == NoAnswer("no answer within 0.05 s")


async def test_who_hangs_up_is_no_answer() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answered = await ask("GET", f"http://127.0.0.1:{port}")
    assert isinstance(answered, NoAnswer)
    assert answered.reason.startswith("the connection failed (")


async def test_https_to_a_plain_server_says_so(base: str) -> None:
    assert await ask("GET", base.replace("http:", "https:")) == NoAnswer("it does not speak TLS")


async def test_what_is_no_address_is_no_answer() -> None:
    assert isinstance(await ask("GET", "http://[half"), NoAnswer)


def caused_by(cause: Exception) -> Exception:
    outer = RuntimeError("outer")
    outer.__cause__ = ExceptionGroup("all attempts", [ValueError("x"), cause])
    return outer


def test_the_first_cause_that_somebody_can_mend_is_the_reason() -> None:
    assert reason_of(caused_by(socket.gaierror())) == "the host's name is unknown"
    assert reason_of(caused_by(ConnectionRefusedError())) == "nothing listens there"
    expired = ssl.SSLCertVerificationError()
    expired.verify_message = "certificate has expired"
    assert reason_of(expired) == "its certificate is not valid (certificate has expired)"
    assert reason_of(ValueError()) == "the connection failed (ValueError)"
    nothing = "the connection failed (RuntimeError)"
    assert reason_of(caused_by(ValueError())) == nothing


def test_a_date_tells_how_far_their_clock_is_from_ours() -> None:
    now = time.time()
    told = skew(formatdate(now + 120, usegmt=True), now)
    assert told is not None
    assert 118.5 < told < 121.5
    assert skew("", now) is None
    assert skew("yesterday", now) is None
