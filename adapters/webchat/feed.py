"""What happens in a conversation, for its streams: read from the store once, however many listen.

The truth is the store: a stream reads on from its `rev` whenever the bell rings, and every
`POLL` seconds anyway. Typing is passed on as it comes and may be lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson

from adapters.webchat.shape import is_update, message_json, status_json
from bridge.model import DEFAULT_WORKSPACE, ConversationId, Message
from bridge.ports import Deps, View, topic_of

POLL = 15.0
"""Seconds; also how often a silent stream says that it lives."""
PAGE = 200


class Feed:
    def __init__(self, deps: Deps, *, has_bot: bool) -> None:
        self._deps = deps
        self._has_bot = has_bot
        self._ending = asyncio.Event()

    def end(self) -> None:
        """The process stops: every stream ends, and its client comes back to another."""
        self._ending.set()

    async def status(self, conversation: ConversationId) -> dict[str, Any]:
        reads = self._deps.reads
        found = await reads.conversation(conversation)
        view = await reads.view_of(conversation) if found and found.handoff_id else None
        waiting: list[View] = []
        if view and view.handoff.is_open and not view.handoff.assignee:
            waiting = await reads.open_all(DEFAULT_WORKSPACE)
        return status_json(found, view, waiting, has_bot=self._has_bot)

    async def messages(
        self, conversation: ConversationId, after: int, wait: float
    ) -> tuple[list[Message], int]:
        """What came after `after`, and the cursor behind it; waits for something to come."""
        with self._deps.bell.listen(topic_of(conversation)) as listener:
            found = await self._deps.reads.shown(conversation, after, PAGE)
            if not found and wait and not self._ending.is_set():
                await listener.wait(wait)
                found = await self._deps.reads.shown(conversation, after, PAGE)
        return found, found[-1].rev if found else after

    async def stream(self, conversation: ConversationId, after: int) -> AsyncIterator[bytes]:
        """Server-sent events, until the process stops or the client goes."""
        yield b": ok\n\n"
        shown: dict[str, Any] | None = None
        with self._deps.bell.listen(topic_of(conversation)) as listener:
            while not self._ending.is_set():
                status = await self.status(conversation)
                if status != shown:
                    shown = status
                    yield event("status", status)
                while found := await self._deps.reads.shown(conversation, after, PAGE):
                    after = found[-1].rev
                    yield b"".join(_told(message) for message in found)
                if not await listener.wait(POLL):
                    yield b": ping\n\n"


def _told(message: Message) -> bytes:
    kind = "update" if is_update(message) else "message"
    return event(kind, message_json(message), message.rev)


def event(kind: str, data: dict[str, Any], rev: int | None = None) -> bytes:
    """One server-sent event; without `rev` it carries no id and may be lost."""
    id = f"id: {rev}\n" if rev is not None else ""
    return f"event: {kind}\n{id}data: ".encode() + orjson.dumps(data) + b"\n\n"
