"""Listens in on HTTP: every exchange with those who are of interest, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 256 * 1024
"""Bytes of a body that are kept."""
STREAM = "text/event-stream"


@dataclass(slots=True)
class Exchange:
    """A request and its answer; names of headers are lower case. `status` 0: none was given."""

    method: str
    path: str
    headers: dict[str, str]
    query: str = ""
    body: bytes = b""
    status: int = 0
    kind: str = ""
    answer: bytes = b""
    rest: bytes = field(default=b"", repr=False)
    """Of a stream: what came after its last whole event."""


class Tap:
    """An ASGI application around another one. `hear` gets each exchange when it is over, and `read`
    each whole event of an answer that is a stream, below any of `prefixes`."""

    def __init__(
        self,
        app: ASGIApp,
        prefixes: tuple[str, ...],
        hear: Callable[[Exchange], None],
        read: Callable[[Exchange, bytes], None],
    ) -> None:
        self._app = app
        self._prefixes = prefixes
        self._hear = hear
        self._read = read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            return await self._app(scope, receive, send)
        exchange = _begun(scope)

        async def heard() -> Message:
            message = await receive()
            if len(exchange.body) < LONGEST:
                exchange.body += message.get("body", b"")
            return message

        async def said(message: Message) -> None:
            self._answered(exchange, message)
            await send(message)

        try:
            await self._app(scope, heard, said)
        finally:
            self._hear(exchange)
        return None

    def _answered(self, exchange: Exchange, message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            exchange.kind = Headers(raw=message["headers"]).get("content-type", "")
        elif exchange.kind.startswith(STREAM):
            *events, exchange.rest = (exchange.rest + message.get("body", b"")).split(b"\n\n")
            for event in events:
                self._read(exchange, event)
        elif len(exchange.answer) < LONGEST:
            exchange.answer += message.get("body", b"")


def _begun(scope: Scope) -> Exchange:
    headers = dict(Headers(scope=scope))
    return Exchange(scope["method"], scope["path"], headers, scope["query_string"].decode())
