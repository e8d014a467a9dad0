"""Head and body of an answer leave together.

uvicorn writes each by itself, and uvloop hands each write to the system at once: two calls of it,
and two packets, for the few bytes of most answers.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD = b"HTTP/1.1 "


class Together:
    """A transport that keeps the head of an answer until its body comes, or this turn of the event
    loop is over; what else is written waits for nothing."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            self._transport.write(self._head + data)
            self._head = b""
        elif data.startswith(HEAD):
            self._head = data
            asyncio.get_running_loop().call_soon(self._send)
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._head:
            self._transport.write(self._head)
            self._head = b""

    def __getattr__(self, name: str) -> Any:
        """All else is the transport's own."""
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """uvicorn's, with such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", Together(transport)))
