"""One socket of the app: its frames, what waits for an acknowledgement, and how it ends."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from sandbox.slack.config import Clock, Json, SandboxConfig
from sandbox.slack.outgoing import Reply

WARNING_LEAD = 10.0
"""Seconds between the warning and the end of a connection's life."""
HOST = "applink-sandbox"


class Link:
    """A connection; `number` tells it from the others, `life` is in seconds."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request, life: float) -> None:
        self.number = 0
        self.life = life
        self._ws = ws
        self._request = request
        self._frozen = False
        self._leaving = False
        self._sent = self._acknowledged = 0
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        self._writes: set[asyncio.Task[None]] = set()

    @property
    def takes(self) -> bool:
        """True until it was told to go: Slack sends over a connection up to its last moment."""
        return not self._leaving and not self._ws.closed

    async def serve(self, count: int, config: SandboxConfig) -> None:
        """Hello, then frames in both directions until either end leaves."""
        loop = asyncio.get_running_loop()
        await self._write(self._hello(count))
        tasks = [
            loop.create_task(self._age(config.clock)),
            loop.create_task(self._pings(config)),
        ]
        try:
            await self._listen()
        finally:
            for task in [*tasks, *self._writes]:
                task.cancel()
            await asyncio.gather(*tasks, *self._writes, return_exceptions=True)
            self._fail("connection_failed")

    def _hello(self, count: int) -> bytes:
        return orjson.dumps(
            {
                "type": "hello", "num_connections": count,
                "debug_info": {**self._debug(), "build_number": 1,
                               "approximate_connection_time": int(self.life)},
                "connection_info": {"app_id": self._request.query.get("app_id", "")},
            }
        )  # fmt: skip

    def _debug(self) -> Json:
        return {"host": f"{HOST}-{self.number}"}

    async def _listen(self) -> None:
        async for message in self._ws:
            if self._frozen:
                continue
            if message.type == WSMsgType.PING:
                await self._ws.pong(message.data)
            elif message.type == WSMsgType.TEXT:
                self._hear(message.data)

    def _hear(self, text: str) -> None:
        """An acknowledgement; what is not one is ignored."""
        try:
            body: Any = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        envelope_id = body.get("envelope_id") if isinstance(body, dict) else None
        waiting = self._waiting.pop(str(envelope_id), None)
        if waiting is None or waiting.done():
            return
        self._acknowledged += 1
        payload = body.get("payload")
        answer = orjson.dumps(payload) if payload else b""
        waiting.set_result(Reply(200, answer, "application/json" if answer else ""))

    def send_envelope(self, envelope_id: str, frame: bytes) -> "asyncio.Future[Reply]":
        """Write an envelope; the future becomes its acknowledgement."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()
        self._waiting[envelope_id] = future
        self._sent += 1
        if not self._frozen:
            task = loop.create_task(self._write(frame))
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)
        return future

    async def acknowledgement(
        self, envelope_id: str, waiting: "asyncio.Future[Reply]", timeout: float
    ) -> Reply:
        """The acknowledgement, or that none came in so many seconds."""
        try:
            async with asyncio.timeout(timeout):
                return await waiting
        except TimeoutError:
            return Reply(0, failure="http_timeout")
        finally:
            self._waiting.pop(envelope_id, None)

    async def _write(self, frame: bytes) -> None:
        try:
            await self._ws.send_str(frame.decode())
        except (ConnectionError, RuntimeError):  # the other end has just gone
            self._fail("connection_failed")

    def _fail(self, reason: str) -> None:
        """Give up on all acknowledgements: the events go to another socket."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(Reply(0, failure=reason))
        self._waiting.clear()

    async def _age(self, clock: Clock) -> None:
        """Warn, and end the connection when its time has come."""
        lead = min(WARNING_LEAD, self.life / 2)
        await clock.sleep(self.life - lead)
        await self.warn()
        await clock.sleep(lead)
        await self.goodbye("refresh_requested")

    async def _pings(self, config: SandboxConfig) -> None:
        while True:
            await asyncio.sleep(config.socket_ping)
            if not self._frozen:
                await self._ws.ping(f"Ping from {HOST}-{self.number}".encode())

    async def _disconnect(self, reason: str) -> None:
        if not self._frozen:
            frame = {"type": "disconnect", "reason": reason, "debug_info": self._debug()}
            await self._write(orjson.dumps(frame))

    async def goodbye(self, reason: str) -> None:
        """Say why, and close."""
        self._leaving = True
        await self._disconnect(reason)
        self._fail("connection_failed")
        await self._ws.close()

    def cut(self) -> None:
        """End without a word, as a failing network does."""
        self._leaving = True
        if self._request.transport is not None:
            self._request.transport.abort()

    async def warn(self) -> None:
        """Tell that the end of this connection is near."""
        await self._disconnect("warning")

    def freeze(self, *, on: bool) -> None:
        """Be deaf and dumb, though open; or be well again."""
        self._frozen = on

    def describe(self) -> Json:
        """For the control URLs."""
        return {
            "number": self.number, "frozen": self._frozen, "sent": self._sent,
            "acknowledged": self._acknowledged, "waiting": len(self._waiting),
        }  # fmt: skip


async def _cut(link: Link) -> None:
    link.cut()


async def _freeze(link: Link) -> None:
    link.freeze(on=True)


async def _thaw(link: Link) -> None:
    link.freeze(on=False)


Act = Callable[[Link], Coroutine[Any, Any, None]]
ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "warning": Link.warn,
        "refresh_requested": lambda link: link.goodbye("refresh_requested"),
        "link_disabled": lambda link: link.goodbye("link_disabled"),
        "cut": _cut,
        "freeze": _freeze,
        "thaw": _thaw,
    }
)
"""What the control URLs may do to a socket."""
