"""The port that the app's sockets come in on: opened with the first ticket, plain `ws://`.

It is not the web server's own port because that one speaks HTTP only, wherever the workspace is
mounted; Slack's sockets are on another host too.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from sandbox.slack.socket_link import Link

CLOSING = 1.0
"""Seconds that the other end has to answer a close."""


class Welcome(Protocol):
    """Takes a new connection and returns when it has ended."""

    def __call__(self, link: Link, *, debug: bool) -> Awaitable[None]:
        """Serve the connection."""
        ...


class SocketServer:
    """Listens on a free port of `host` from the first `open` until `close`."""

    def __init__(self, host: str, welcome: Welcome, redeem: Callable[[str], float | None]) -> None:
        self._host = host
        self._welcome = welcome
        self._redeem = redeem
        self._address = ""
        self._runner: web.AppRunner | None = None
        self._starting: asyncio.Task[None] | None = None

    def open(self) -> str:
        """The address, `ws://host:port`. Who connects before the start is done waits for it."""
        if not self._address:
            listener = socket.create_server((self._host, 0))
            self._address = f"ws://{self._host}:{listener.getsockname()[1]}"
            self._starting = asyncio.get_running_loop().create_task(self._start(listener))
        return self._address

    async def _start(self, listener: socket.socket) -> None:
        app = web.Application()
        app.router.add_get("/link/", self._serve)
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=CLOSING
        )
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        life = self._redeem(request.query.get("ticket", ""))
        if life is None:
            return web.Response(status=403, text="invalid_ticket")
        ws = web.WebSocketResponse(timeout=CLOSING, autoping=False, compress=False)
        await ws.prepare(request)
        debug = request.query.get("debug_reconnects") == "true"
        await self._welcome(Link(ws, request, life), debug=debug)
        return ws

    async def close(self) -> None:
        """Close the port and what is connected."""
        if self._starting is not None:
            await self._starting
        if self._runner is not None:
            await self._runner.cleanup()
        self._address, self._runner, self._starting = "", None, None
