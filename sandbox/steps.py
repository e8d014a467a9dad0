"""The five steps of the demo, ticked from what really happens.

Two things are watched, both from outside the product: the webhooks that the bot gets, and the
changes in the workspace.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

STEPS = 5
PING = 15.0
"""Seconds between two signs of life of a silent stream."""
NOTE, TAKEN = "lock", "white_check_mark"


class Steps:
    """Which steps are done. Everybody who shows them is woken by each change."""

    def __init__(self) -> None:
        self.done = [False] * STEPS
        self._assigned = False
        self._returned = False
        self._ending = False
        self._watched: set[asyncio.Event] = set()

    async def reset(self) -> None:
        self.done = [False] * STEPS
        self._assigned = self._returned = False
        self._tell()

    def end(self) -> None:
        """Everybody who follows is let go."""
        self._ending = True
        self._tell()

    async def webhook(self, event: dict[str, Any]) -> None:
        """What the bot was told."""
        kind = event.get("type")
        self._assigned |= kind == "handoff.assigned"
        self._returned |= kind == "control.returned"
        if kind == "message.created":
            await self._tick(0)
            if self._returned:
                await self._tick(4)
        elif kind == "handoff.queued":
            await self._tick(1)

    async def change(self, change: dict[str, Any]) -> None:
        """What happened in the workspace."""
        if change.get("type") != "reaction":
            return
        names = {reaction["name"] for reaction in change.get("reactions", ())}
        if TAKEN in names and self._assigned:
            await self._tick(2)
        if NOTE in names and self.done[2]:
            await self._tick(3)

    async def _tick(self, step: int) -> None:
        if not self.done[step]:
            self.done[step] = True
            self._tell()

    def _tell(self) -> None:
        for watched in self._watched:
            watched.set()

    async def follow(self, ping: float = PING) -> AsyncIterator[bytes]:
        """Server-sent events: all steps at once, and again at each change."""
        changed, shown = asyncio.Event(), None
        self._watched.add(changed)
        try:
            while not self._ending:
                changed.clear()
                if shown != self.done:
                    shown = list(self.done)
                    yield f"data: {json.dumps({'steps': shown})}\n\n".encode()
                if not await _woken(changed, ping):
                    yield b": ping\n\n"
        finally:
            self._watched.discard(changed)


async def _woken(changed: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(changed.wait(), seconds)
    except TimeoutError:
        return False
    return True


class Overhear:
    """An ASGI application in front of the bot's, that lets `steps` know what the bot is told."""

    def __init__(self, app: ASGIApp, steps: Steps) -> None:
        self._app = app
        self._steps = steps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        body = b""

        async def heard() -> Message:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            return message

        await self._app(scope, heard, send)
        with suppress(ValueError):  # not from the product, which sends JSON
            await self._steps.webhook(json.loads(body))
        return None
