"""Files that a bot names by their address: read from where they may be read, or left as links."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bridge import borrowing
from bridge.borrowing import Borrower
from bridge.errors import Refused
from bridge.filing import MAX_FILE, on_web
from bridge.posting import Poster
from bridge.reachable import networks
from tests.adapters.slack.world import served

HERE = networks(["127.0.0.1/32"])
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100_000
ANSWERS = {
    "/a.png": Response(PNG, media_type="image/png"),
    "/moved": RedirectResponse("/a.png?again=1", 302),
    "/round": RedirectResponse("/round", 307),
    "/nowhere": Response(status_code=303),
    "/inside": RedirectResponse("http://127.0.0.2/a.png", 307),
    "/local": RedirectResponse("file:///etc/passwd", 307),
    "/odd": Response(status_code=302, headers={"location": "//["}),
    "/packed": Response(b"\x1f\x8b", headers={"content-encoding": "gzip"}),
    "/page": Response("<p>", media_type="text/html; charset=utf-8"),
    "/gone": Response(status_code=404),
    "/part": Response(PNG, status_code=206),
    "/large": Response(b"", headers={"content-length": str(MAX_FILE + 1)}),
}


@dataclass
class Web:
    base: str = ""
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if request.url.path == "/broken":
            return StreamingResponse(_broken(), headers={"content-length": "9"})
        return ANSWERS[request.url.path]


async def _broken() -> AsyncIterator[bytes]:
    yield b"four"
    raise ConnectionResetError


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    made = Web()
    app = Starlette(routes=[Route("/{path:path}", made.answer)])
    async with served(app) as made.base:
        yield made


async def lent(url: str, *, timeout: float = 5.0, anywhere: bool = False) -> bytes:
    poster = Poster((), timeout) if anywhere else Poster(HERE, timeout)
    try:
        file = on_web("a.png", url)
        return b"".join([chunk async for chunk in Borrower(poster, timeout).lend(file)])
    finally:
        await poster.close()


@pytest.mark.parametrize("path", ["/a.png", "/moved"])
async def test_a_file_is_read_as_it_is_also_where_it_has_moved_to(web: Web, path: str) -> None:
    assert await lent(web.base + path) == PNG


@pytest.mark.parametrize(
    ("path", "reason", "asked"),
    [
        ("/page", "file_is_a_page", 1),
        ("/gone", "file_not_read", 1),
        ("/part", "file_not_read", 1),
        ("/large", "file_too_large", 1),
        ("/broken", "file_not_read", 1),
        ("/round", "file_not_read", 4),
        ("/nowhere", "file_not_read", 4),
        ("/inside", "file_not_read", 1),
        ("/local", "file_not_read", 1),
        ("/odd", "file_not_read", 1),
        ("/packed", "file_not_read", 1),
        ("/a.png#top", "file_not_read", 0),
    ],
)
async def test_what_is_no_file_that_may_be_had_is_refused(
    web: Web, path: str, reason: str, asked: int
) -> None:
    with pytest.raises(Refused) as refused:
        await lent(web.base + path)
    assert (refused.value.reason, len(web.asked)) == (reason, asked)


async def test_nothing_of_this_machine_is_read_unless_the_settings_allow_it(web: Web) -> None:
    port = urlsplit(web.base).port
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"):
        with pytest.raises(Refused, match="file_not_read"):
            await lent(f"http://{host}:{port}/a.png", anywhere=True)
    assert web.asked == []


async def test_one_that_takes_too_long_is_left(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrowing, "PATIENCE", -1.0)
    with pytest.raises(Refused, match="file_not_read"):
        await lent(f"{web.base}/a.png")


@pytest.mark.parametrize("drops", [[], [b"HTTP/1.1 200 OK\r\nx: ", *[b"a"] * 200]])
async def test_one_whose_answer_does_not_begin_is_left_after_the_time_for_a_step(
    drops: list[bytes],
) -> None:
    """Nor is one waited for that says a little of it again and again."""
    over = asyncio.Event()

    async def slow(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for drop in drops:
            writer.write(drop)
            await asyncio.sleep(0.005)
        writer.write(b"\r\ncontent-length: 0\r\n\r\n" if drops else b"")
        await over.wait()
        writer.close()

    server = await asyncio.start_server(slow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Refused, match="file_not_read"):
        await lent(f"http://127.0.0.1:{port}/a.png", timeout=0.05)
    over.set()
    server.close()
    await server.wait_closed()
