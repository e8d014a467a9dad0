"""One POST to a tool: to no private address by any spelling, over no redirect, not for long."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bridge import posting
from bridge.posting import PRIVATE, Guarded, Outcome, Poster
from bridge.reachable import networks
from tests.adapters.slack.world import served
from tests.servers import free_port

HERE = networks(["127.0.0.1/32", "::1/128"])


@dataclass
class Tool:
    """A server of this machine, where nobody may be sent who is not allowed to."""

    port: int = 0
    heard: list[tuple[str, str, bytes]] = field(default_factory=list)
    """(path, host, body)"""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, request: Request) -> Response:
        path = request.url.path
        self.heard.append((path, request.headers["host"], await request.body()))
        if path == "/moved":
            return RedirectResponse(f"http://127.0.0.1:{self.port}/secret", 307)
        if path == "/large":
            return Response(b"x" * (40 * posting.MAX_ANSWER))
        if path == "/busy":
            return Response(status_code=429, headers={"Retry-After": "7"})
        if path == "/slow":
            await self.over.wait()
        return Response(status_code=204)


@pytest.fixture
async def tool() -> AsyncIterator[Tool]:
    made = Tool()
    app = Starlette(routes=[Route("/{path:path}", made.hear, methods=["POST"])])
    async with served(app) as url:
        made.port = urlsplit(url).port or 0
        yield made
        made.over.set()


async def post(poster: Poster, url: str, body: bytes = b"{}") -> Outcome:
    try:
        return await poster.post(url, {"content-type": "application/json"}, body)
    finally:
        await poster.close()


def names(**hosts: Sequence[str]) -> posting.Resolve:
    async def resolve(host: str, _port: int) -> Sequence[str]:
        return hosts[host.partition(".")[0]]

    return resolve


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "localhost",
        "LocalHost",
        "0",
        "0.0.0.0",  # noqa: S104 - asked, not bound
        "127。0。0。1",
        "１２７.0.0.1",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "user@127.0.0.1",
    ],
)
async def test_nothing_is_sent_to_this_machine_however_it_is_spelled(tool: Tool, host: str) -> None:
    poster = Poster((), 5)
    url = f"http://{host}:{tool.port}/hook"
    assert await poster.fault(url)
    assert (await post(poster, url)).status == 0
    assert tool.heard == []


async def test_a_redirect_is_an_answer_and_is_not_followed(tool: Tool) -> None:
    outcome = await post(Poster(HERE, 5), f"http://127.0.0.1:{tool.port}/moved")
    assert (outcome.status, outcome.is_taken, outcome.reason) == (307, False, "http_307")
    assert [path for path, _, _ in tool.heard] == ["/moved"]


async def test_how_long_it_wants_to_be_left_alone_is_told(tool: Tool) -> None:
    outcome = await post(Poster(HERE, 5), f"http://127.0.0.1:{tool.port}/busy")
    assert outcome == Outcome(429, retry_after="7")


async def test_a_name_is_resolved_once_and_that_very_address_is_asked(tool: Tool) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def rebinding(_host: str, _port: int) -> Sequence[str]:
        return answers.pop(0)

    url = f"http://tool.example:{tool.port}/hook?a=b"
    poster = Poster(HERE, 5, rebinding)
    assert (await poster.post(url, {}, b"1")).is_taken
    assert (await poster.post(url, {}, b"2")).is_taken  # over the same connection
    await poster.close()
    assert await post(poster, url) == Outcome(error=PRIVATE)
    host = f"tool.example:{tool.port}"
    assert tool.heard == [("/hook", host, b"1"), ("/hook", host, b"2")]


async def test_a_name_with_one_private_address_among_others_is_not_asked(tool: Tool) -> None:
    resolve = names(mixed=["93.184.216.34", "127.0.0.1"], empty=[])
    poster = Poster((), 5, resolve)
    assert await post(poster, f"http://mixed.example:{tool.port}/") == Outcome(error=PRIVATE)
    assert await post(poster, f"http://empty.example:{tool.port}/") == Outcome(error=PRIVATE)
    assert "allow_private" in await poster.fault("https://mixed.example/")


async def test_of_several_addresses_the_next_one_is_tried(tool: Tool) -> None:
    resolve = names(tool=["::1", "127.0.0.1"], nobody=["127.0.0.1", "127.0.0.1"])
    assert (await post(Poster(HERE, 5, resolve), f"http://tool.example:{tool.port}/")).is_taken
    outcome = await post(Poster(HERE, 5, resolve), f"http://nobody.example:{free_port()}/")
    assert outcome.reason == "failed_ConnectError"


async def test_no_more_of_an_answer_is_read_than_is_needed_and_none_is_waited_for_long(
    tool: Tool,
) -> None:
    poster = Poster(HERE, 0.5)
    assert (await post(poster, f"http://127.0.0.1:{tool.port}/large")).is_taken
    assert (await post(poster, f"http://127.0.0.1:{tool.port}/slow")).reason == (
        "failed_TimeoutError"
    )


async def test_a_name_that_nobody_knows_yet_may_be_registered_and_is_not_reached() -> None:
    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    poster = Poster((), 5, unknown)
    await poster.start()
    assert await poster.fault("https://soon.example/") == ""
    assert (await post(poster, "https://soon.example/")).reason == "failed_OSError"
    assert await poster.fault("http://1.2.3.999/") == "must be a URL"
    long = "https://" + "a" * 70 + ".example/"
    assert await Poster((), 5).fault(long) == "must be a URL"
    assert (await post(Poster((), 5), long)).reason == "failed_UnicodeError"
    assert (await post(poster, "ftp://soon.example/")).reason == PRIVATE


# --- over TLS ------------------------------------------------------------------------------------


def certificate(name: str, folder: Path) -> tuple[Path, Path]:
    """One that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "tool.crt", folder / "tool.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return paths


async def test_who_answers_at_the_address_must_be_who_the_name_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, key = certificate("tool.example", tmp_path)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(shown, key)
    ours = ssl.create_default_context(cafile=str(shown))
    monkeypatch.setattr(posting, "authorities", lambda: ours)

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=theirs)
    async with server:
        port = server.sockets[0].getsockname()[1]
        resolve = names(tool=["127.0.0.1"], other=["127.0.0.1"])
        told = await post(Poster(HERE, 5, resolve), f"https://tool.example:{port}/", b"")
        assert told.is_taken
        told = await post(Poster(HERE, 5, resolve), f"https://other.example:{port}/", b"")
        assert told.reason == "failed_ConnectError"


async def test_no_socket_of_this_machine_is_opened() -> None:
    with pytest.raises(NotImplementedError):
        await Guarded((), names()).connect_unix_socket("/run/some.sock")


async def test_the_pool_may_wait() -> None:
    backend: httpcore.AsyncNetworkBackend = Guarded((), names())
    await backend.sleep(0)
