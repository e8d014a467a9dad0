"""Slack's end of Socket Mode, bare: a test says what each opening answers and what each socket
does. The sandbox has the whole of it; this has what a well-behaved Slack never does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]
HELLO: Json = {"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}}


@dataclass
class Peer:
    """One socket, seen from Slack."""

    ws: web.WebSocketResponse
    acks: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)
    pongs: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    deaf: bool = False
    answered: int = 0
    """Pings of ours."""

    async def send(self, envelope_id: str, payload: Any = None, **more: Any) -> None:
        """An envelope."""
        given = {"type": "events_api", "payload": {} if payload is None else payload, **more}
        await self.ws.send_json({"envelope_id": envelope_id, **given})

    async def disconnect(self, reason: str) -> None:
        await self.ws.send_json({"type": "disconnect", "reason": reason})

    async def listen(self) -> None:
        async for message in self.ws:
            if message.type is WSMsgType.PING and not self.deaf:
                await self.ws.pong(message.data)
                self.answered += 1
            elif message.type is WSMsgType.PONG:
                self.pongs.put_nowait(message.data)
            elif message.type is WSMsgType.TEXT:
                self.acks.put_nowait(message.json())
        self.ended.set()


@dataclass
class Slack:
    """`openings` are answered one after another, then all go well; `greetings` are what a new
    socket says first."""

    openings: list[Json] = field(default_factory=list)
    greetings: list[Callable[[Peer], Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    peers: asyncio.Queue[Peer] = field(default_factory=asyncio.Queue)
    url: str = ""

    async def peer(self) -> Peer:
        """The next socket that is opened."""
        async with asyncio.timeout(60):
            return await self.peers.get()

    async def open(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers.get("Authorization", ""))
        address = f"{self.url.replace('http', 'ws', 1)}/link"
        given: Json = {"ok": True, "url": address}
        answer = dict(self.openings.pop(0)) if self.openings else given
        headers = answer.pop("headers", {})
        return web.json_response(answer, status=answer.pop("status", 200), headers=headers)

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(autoping=False, timeout=1.0)
        await ws.prepare(request)
        peer = Peer(ws)
        if self.greetings:
            await self.greetings.pop(0)(peer)
        else:
            await ws.send_json(HELLO)
        self.peers.put_nowait(peer)
        with suppress(ConnectionError):
            await peer.listen()
        return ws


@asynccontextmanager
async def slack() -> AsyncIterator[Slack]:
    made = Slack()
    app = web.Application()
    app.router.add_post("/api/apps.connections.open", made.open)
    app.router.add_get("/link", made.link)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
