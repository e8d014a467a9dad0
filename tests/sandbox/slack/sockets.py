"""An app's end of a socket, written by hand: it acknowledges when the test says so."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.slack import Sandbox
from tests.sandbox.support import World, fetch

Json = dict[str, Any]
APP_TOKEN = "xapp-sandbox"


async def open_connection(slack: World, token: str = APP_TOKEN) -> Json:
    """The answer of apps.connections.open."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = await fetch("POST", f"{slack.base}/api/apps.connections.open", headers=headers)
    found: Json = answer.json
    return found


@dataclass
class Socket:
    """A connection; frames are read in the background until it ends."""

    ws: aiohttp.ClientWebSocketResponse
    hello: Json
    acknowledges: bool = True
    frames: list[Json] = field(default_factory=list)
    answer: Json | None = None

    async def read(self) -> None:
        """Keep each frame, and acknowledge it if that is what this socket does."""
        async for message in self.ws:
            frame = json.loads(message.data)
            self.frames.append(frame)
            if "envelope_id" in frame and self.acknowledges:
                await self.acknowledge(frame)

    async def acknowledge(self, frame: Json) -> None:
        ack = {"envelope_id": frame["envelope_id"]}
        more = {"payload": self.answer} if self.answer is not None else {}
        await self.ws.send_json(ack | more)

    @property
    def envelopes(self) -> list[Json]:
        return [frame for frame in self.frames if "envelope_id" in frame]

    @property
    def reasons(self) -> list[str]:
        """Why this socket was told to go."""
        return [frame["reason"] for frame in self.frames if frame["type"] == "disconnect"]


@asynccontextmanager
async def socket(
    slack: World, *, acknowledges: bool = True, more: str = ""
) -> AsyncIterator[Socket]:
    """An open socket of the app."""
    url = (await open_connection(slack))["url"] + more
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
        built = Socket(ws, await ws.receive_json(), acknowledges)
        reading = asyncio.create_task(built.read())
        try:
            yield built
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def socket_mode(box: Sandbox) -> None:
    """Switch Socket Mode on."""
    await box.delivery.sockets.switch(on=True)
