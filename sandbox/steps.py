"""The five steps of the demo, ticked from what really happens to one customer.

Two things are watched, both from outside the product: the webhooks that the bot gets, and the
changes in the workspace. Each login of the shop is a customer with steps of its own, so that what
happens in one browser ticks nothing in another.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

STEPS = 5
PING = 15.0
"""Seconds between two signs of life of a silent stream."""
KEPT = 200
"""The newest so many customers, threads and command words are known."""
CUSTOMER = "sam-"
"""Before the login in what the shop calls its customer."""
NOTE, TAKEN = "lock", "white_check_mark"
ANOTHER_COMMAND = re.compile(r"!(?!n\b|note\b)")
"""A word like `!resolve` gets the mark of a note and is none."""


class Known(OrderedDict[str, Any]):
    """Forgets the oldest when there are too many."""

    def put(self, key: str, value: Any) -> None:
        self[key] = value
        if len(self) > KEPT:
            self.popitem(last=False)


class Story:
    """What has happened to one customer. A step ticks when all before it have."""

    def __init__(self) -> None:
        self.happened = [False] * STEPS
        self.returned = False
        self.changed: set[asyncio.Event] = set()

    @property
    def done(self) -> list[bool]:
        return [all(self.happened[: step + 1]) for step in range(STEPS)]

    def webhook(self, kind: str) -> None:
        self.returned |= kind == "control.returned"
        if kind == "message.created":
            self.happen(0)
            if self.returned:
                self.happen(4)
        elif kind == "handoff.queued":
            self.happen(1)

    def marked(self, names: set[str], *, command: bool) -> None:
        if TAKEN in names:
            self.happen(2)
        if NOTE in names and not command:
            self.happen(3)

    def happen(self, step: int) -> None:
        if not self.happened[step]:
            self.happened[step] = True
            self.tell()

    def tell(self) -> None:
        for changed in self.changed:
            changed.set()


class Steps:
    """Everybody's steps, by login. Whoever shows them is woken by each change."""

    def __init__(self) -> None:
        self._stories = Known()
        self._handoffs = Known()  # its customer's story by id
        self._roots = Known()  # the handoff's id by the ts of its thread
        self._commands = Known()  # by the ts of the reply
        self._ending = False

    def of(self, login: str) -> Story:
        if login not in self._stories:
            self._stories.put(login, Story())
        story: Story = self._stories[login]
        return story

    def end(self) -> None:
        """Everybody who follows is let go."""
        self._ending = True
        for story in self._stories.values():
            story.tell()

    def webhook(self, event: Any) -> None:
        """What the bot was told."""
        data = event.get("data", {}) if isinstance(event, dict) else {}
        _, customer, login = str(data.get("user", {}).get("id")).rpartition(CUSTOMER)
        if not customer:
            return
        story = self.of(login)
        if data.get("handoff_id"):
            self._handoffs.put(data["handoff_id"], story)
        story.webhook(event.get("type", ""))

    def change(self, change: dict[str, Any]) -> None:
        """What happened in the workspace."""
        if change.get("type") == "message":
            self._said(change["message"])
        elif change.get("type") == "reaction":
            self._marked(change)

    def _said(self, message: dict[str, Any]) -> None:
        """The desk's first block of a thread names the handoff: `hnd_…/1`."""
        blocks = message.get("blocks") or [{}]
        handoff, slash, _ = str(blocks[0].get("block_id")).partition("/")
        if slash and message.get("thread_ts") in {None, message["ts"]}:
            self._roots.put(message["ts"], handoff)
        if ANOTHER_COMMAND.match(message.get("text", "").strip()):
            self._commands.put(message["ts"], True)

    def _marked(self, change: dict[str, Any]) -> None:
        story = self._handoffs.get(self._roots.get(change.get("thread_ts") or "", ""))
        if story:
            names = {reaction["name"] for reaction in change.get("reactions", ())}
            story.marked(names, command=change["ts"] in self._commands)

    async def follow(self, login: str, ping: float = PING) -> AsyncIterator[bytes]:
        """Server-sent events: all steps at once, and again at each change."""
        story, changed, shown = self.of(login), asyncio.Event(), None
        story.changed.add(changed)
        try:
            while not self._ending:
                changed.clear()
                if shown != story.done:
                    shown = story.done
                    yield f"data: {json.dumps({'steps': shown})}\n\n".encode()
                if not await _woken(changed, ping):
                    yield b": ping\n\n"
        finally:
            story.changed.discard(changed)


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
            self._steps.webhook(json.loads(body))
        return None
