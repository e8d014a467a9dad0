"""Plain HTTP/1.1 POSTs over kept connections: what events need and no more, at a third of the cost.

A connection is used by one request at a time. One that rested longer than `REST` seconds is not
used again, since the other end may be closing it at this moment.
"""

import asyncio
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import httptools

REST = 2.0
MOST_IDLE = 256


@dataclass(slots=True)
class Answer:
    """A complete response; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True, frozen=True)
class Target:
    """Where a URL leads."""

    host: str
    port: int
    path: str
    authority: str


def target_of(url: str) -> Target | None:
    """The parts of a plain http URL; None for another, which is not for this courier."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, parts.port or 80, path, parts.netloc)


class Connection(asyncio.Protocol):
    """One connection; `answer` is set while a request is under way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0
        self._answer: asyncio.Future[Answer] | None = None
        self._start()

    def _start(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self.reusable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def send(self, request: bytes, loop: asyncio.AbstractEventLoop) -> asyncio.Future[Answer]:
        """Write a request; its answer later."""
        self._start()
        self._answer = loop.create_future()
        if self.transport is not None:
            self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        """Feed the parser; what it cannot read ends the connection."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.fail(ValueError(f"unreadable answer: {error}"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, data: bytes) -> None:
        """Keep a piece of the body."""
        self._body.append(data)

    def on_message_complete(self) -> None:
        """Give the answer to who waits."""
        status = int(self._parser.get_status_code())
        self.reusable = bool(self._parser.should_keep_alive())
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(status, self._headers, b"".join(self._body)))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits; an idle connection is forgotten when it is picked next."""
        self.transport = None
        self.fail(exc or ConnectionResetError("closed before an answer"))

    def fail(self, error: Exception) -> None:
        """End the connection, and the request under way."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        if self.transport is not None:
            self.transport.abort()


@dataclass(slots=True)
class Courier:
    """Posts to one target at a time; changing the target drops the kept connections."""

    timeout: float
    _target: Target | None = None
    _url: str = ""
    _idle: list[Connection] = field(default_factory=list)

    def serves(self, url: str) -> bool:
        """True when this URL is plain HTTP."""
        if url != self._url:
            self.close()
            self._url, self._target = url, target_of(url)
        return self._target is not None

    async def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """POST to the target; OSError without a connection, TimeoutError without an answer."""
        target = self._target
        assert target is not None  # noqa: S101 - `serves` was asked first
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self.timeout):
            connection = self._pick(loop.time()) or await self._connect(target, loop)
            try:
                answer = await connection.send(_request(target, body, headers), loop)
            except BaseException:
                connection.fail(ConnectionAbortedError("given up"))
                raise
        self._rest(connection, loop.time())
        return answer

    def _pick(self, now: float) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.transport is None:
                continue
            if now - connection.idle_since < REST:
                return connection
            connection.transport.close()
        return None

    async def _connect(self, target: Target, loop: asyncio.AbstractEventLoop) -> Connection:
        _, connection = await loop.create_connection(Connection, target.host, target.port)
        return connection

    def _rest(self, connection: Connection, now: float) -> None:
        if connection.transport is None:
            return
        if not connection.reusable or len(self._idle) >= MOST_IDLE:
            connection.transport.close()
            return
        connection.idle_since = now
        self._idle.append(connection)

    def close(self) -> None:
        """Close what is kept."""
        for connection in self._idle:
            if connection.transport is not None:
                connection.transport.close()
        self._idle.clear()


def _request(target: Target, body: bytes, headers: dict[str, str]) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    start = f"POST {target.path} HTTP/1.1\r\nHost: {target.authority}\r\n"
    return f"{start}{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
