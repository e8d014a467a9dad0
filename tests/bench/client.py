"""An HTTP/1.1 client that costs next to nothing: one request at a time on a raw connection.

The load generator shares two cores with the server it measures, so every microsecond that it
spends is taken from the measured one. Requests are written as ready bytes; answers are parsed by
httptools; a `Stream` hands every server-sent event to a function.
"""

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import NamedTuple, Self, cast

import httptools

HEADER_HOST = "Host: 127.0.0.1\r\n"


class Response(NamedTuple):
    status: int
    body: bytes


class Address(NamedTuple):
    host: str
    port: int


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = {}) -> bytes:
    """A whole request as bytes."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    length = f"Content-Length: {len(body)}\r\n" if body or method == "POST" else ""
    return f"{method} {path} HTTP/1.1\r\n{HEADER_HOST}{lines}{length}\r\n".encode() + body


class Connection(asyncio.Protocol):
    """A keep-alive connection; a lost one is opened again by the next request."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._answer: asyncio.Future[Response] | None = None
        self._body: list[bytes] = []

    async def send(self, raw: bytes) -> Response:
        """Raises OSError when the connection cannot be made or ends before the answer."""
        if self._transport is None:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: self, *self._address)
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._body = []
        self._transport.write(raw)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class

    def data_received(self, data: bytes) -> None:
        assert self._parser is not None
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed before the answer"))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        assert self._parser is not None
        assert self._answer is not None
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()
            self._transport = None
        if not self._answer.done():
            self._answer.set_result(Response(self._parser.get_status_code(), b"".join(self._body)))


class Pool:
    """Some connections to one server, lent one request at a time."""

    def __init__(self, address: Address, size: int) -> None:
        self._all = [Connection(address) for _ in range(size)]
        self._free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        for connection in self._all:
            self._free.put_nowait(connection)

    async def send(self, raw: bytes) -> Response:
        connection = await self._free.get()
        try:
            return await connection.send(raw)
        finally:
            self._free.put_nowait(connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for connection in self._all:
            connection.close()


class Stream(asyncio.Protocol):
    """An endless answer of server-sent events; `heard` gets the data of each."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard
        self._parser = httptools.HttpResponseParser(self)
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """The status, once the headers are there."""

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionResetError("closed before the answer"))

    def on_headers_complete(self) -> None:
        self.opened.set_result(self._parser.get_status_code())

    def on_body(self, body: bytes) -> None:
        *blocks, self._rest = (self._rest + body).replace(b"\r\n", b"\n").split(b"\n\n")
        for block in blocks:
            for line in block.split(b"\n"):
                if line.startswith(b"data:"):
                    self._heard(line[5:])


async def listen(
    address: Address,
    path: str,
    heard: Callable[[bytes], None],
    headers: Mapping[str, str] = {},
) -> Stream:
    """Opens a stream; raises OSError when it cannot be opened or is not answered with 200."""
    stream = Stream(heard)
    await asyncio.get_running_loop().create_connection(lambda: stream, *address)
    assert stream._transport is not None
    stream._transport.write(request("GET", path, headers=headers))
    if (status := await stream.opened) != 200:
        raise ConnectionError(f"{path} answered {status}")
    return stream
