"""Serving over HTTP until a signal says stop: then streams end at once, requests in hand are
finished, and what is left waits in its lane."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import structlog
import uvicorn
from starlette.types import ASGIApp

from bridge.errors import SettingsError

log = structlog.get_logger("serving")
BACKLOG = 2048
STOPS = (signal.SIGINT, signal.SIGTERM)
HANG_UP: int | None = getattr(signal, "SIGHUP", None)
"""By which a service is told to read its settings again; Windows has none."""


def config(app: ASGIApp, host: str, port: int, grace: int = 10) -> uvicorn.Config:
    """`grace`: seconds that requests in hand have when the process stops."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # whose X-Forwarded-For is believed is a setting of ours
        timeout_graceful_shutdown=grace,
        backlog=BACKLOG,
    )


class Server(uvicorn.Server):
    """Calls `drain` as soon as it begins to stop: uvicorn waits for open streams before it tells
    the application anything. `hang_up` is called at SIGHUP."""

    def __init__(
        self,
        config: uvicorn.Config,
        drain: Callable[[], None],
        hang_up: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._hang_up = hang_up

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Raises SettingsError where the port is taken, before anything is started."""
        super().run(sockets or [listener(self.config.host, self.config.port)])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if HANG_UP and self._hang_up and threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(HANG_UP, self._hang_up)
        for each in sockets or ():
            host, port = each.getsockname()[:2]
            log.info("listening", url=f"http://{f'[{host}]' if ':' in host else host}:{port}/")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain()
        await super().shutdown(sockets)


class Aside:
    """A second server in this process, for this machine alone."""

    def __init__(self, app: ASGIApp, port: int, setting: str) -> None:
        self._config = config(app, "127.0.0.1", port, grace=1)
        self._setting = setting
        self._server = uvicorn.Server(self._config)
        self._sockets: list[socket.socket] = []

    async def start(self) -> None:
        """Raises SettingsError, which names the setting of the port."""
        try:
            self._sockets = [socket.create_server((self._config.host, self._config.port))]
        except OSError as error:
            fault = f"{self._config.port} cannot be listened on: {error.strerror}"
            raise SettingsError({self._setting: fault}) from error
        self._config.lifespan = "off"
        self._config.load()
        self._server.lifespan = self._config.lifespan_class(self._config)
        await self._server.startup(self._sockets)

    async def close(self) -> None:
        if self._sockets:
            await self._server.shutdown(self._sockets)


def listener(host: str, port: int) -> socket.socket:
    """Raises SettingsError, which says what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        fault = (
            f"{port} on {host} cannot be listened on ({os.strerror(error.errno or 0)}): "
            "choose another with --port or PORT=, or end what listens there"
        )
        raise SettingsError({"PORT": fault}) from error


def _tune_collector() -> None:
    """What the imports made is never garbage, and requests make much that dies young without help:
    looking at all of it every 700 objects costs a tenth of the time, and at every 20,000, which is
    once in each large batch, a twentieth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def run(server: uvicorn.Server) -> None:
    """Returns when the server was stopped, by SIGTERM as by Ctrl-C: both are a good end."""
    # uvicorn raises the signal again when it has ended; it shall end us no other way than this.
    before = {number: signal.signal(number, signal.default_int_handler) for number in STOPS}
    _tune_collector()
    try:
        with suppress(KeyboardInterrupt):
            server.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
