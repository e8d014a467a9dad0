"""The visitor's stream: server-sent events, resumed by `rev`.

An ASGI response of its own, since Starlette's keeps two tasks for each stream, and an idle visitor
should cost little. One task waits for the disconnect; everything else is the request's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import contextmanager
from collections.abc import Iterator

from starlette.types import Receive, Scope, Send

from adapters.webchat.hub import PAGE, Ear, Feed, Frame, Hub, message_frame
from bridge.errors import BadRequest
from bridge.model import ConversationId

PING_EVERY = 15.0
PING = b": ping\n\n"
HELLO = b": ok\n\n"
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Stream:
    """Sends what is new after `cursor` until the visitor goes or the hub closes."""

    def __init__(self, hub: Hub, conversation: ConversationId, cursor: int) -> None:
        self._hub = hub
        self._conversation = conversation
        self._cursor = cursor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with listening(self._hub, self._conversation, self._cursor) as (feed, ear):
            watch = asyncio.create_task(_gone(receive, ear))
            try:
                await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
                await _body(send, HELLO)
                await self._serve(send, feed, ear)
                await send({"type": "http.response.body", "body": b""})
            finally:
                watch.cancel()

    async def _serve(self, send: Send, feed: Feed, ear: Ear) -> None:
        if feed.status:
            await _body(send, feed.status.data)
        if self._cursor < feed.cursor:
            async for frames in self._missed():
                await self._give(send, frames)
        while not ear.closed:
            await ear.wait(PING_EVERY)
            frames = ear.take(self._cursor)
            await (self._give(send, frames) if frames else _body(send, PING))

    async def _missed(self) -> AsyncIterator[list[Frame]]:
        """What came after the visitor's cursor and before they joined."""
        whole = False
        while not whole:
            page = await self._hub.reads.shown(self._conversation, self._cursor, PAGE)
            whole = len(page) < PAGE
            yield [message_frame(message) for message in page]

    async def _give(self, send: Send, frames: list[Frame]) -> None:
        if frames:
            self._cursor = max(self._cursor, *(frame.rev for frame in frames))
            await _body(send, b"".join(frame.data for frame in frames))


@contextmanager
def listening(hub: Hub, conversation: ConversationId, cursor: int) -> Iterator[tuple[Feed, Ear]]:
    """An ear for as long as the block lasts. Raises BadRequest (429) when there are too many."""
    joined = hub.join(conversation, cursor)
    if joined is None:
        raise BadRequest("too_many_streams", "Too many open streams.", status=429)
    try:
        yield joined
    finally:
        hub.leave(*joined)


async def _gone(receive: Receive, ear: Ear) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    ear.close()


async def _body(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})
