"""The five steps of the demo, ticked from what really happens.

Two things are watched, both from outside the product: the webhooks that the bot gets, and the
changes in the workspace.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

STEPS = 5
NOTE, TAKEN = "lock", "white_check_mark"


class Steps:
    """Which steps are done. `changed` wakes everybody who shows them."""

    def __init__(self) -> None:
        self.done = [False] * STEPS
        self._assigned = False
        self._returned = False
        self._changed = asyncio.Condition()

    async def reset(self) -> None:
        self.done = [False] * STEPS
        self._assigned = self._returned = False
        await self._tell()

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
            await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def follow(self) -> AsyncIterator[bytes]:
        """Server-sent events: all steps at once, and again at each change."""
        shown: list[bool] | None = None
        while True:
            if shown != self.done:
                shown = list(self.done)
                yield f"data: {json.dumps({'steps': shown})}\n\n".encode()
            async with self._changed:
                try:
                    await asyncio.wait_for(self._changed.wait(), 15)
                except TimeoutError:
                    yield b": ping\n\n"


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
        try:
            await self._steps.webhook(json.loads(body))
        except ValueError:
            return None
        return None
