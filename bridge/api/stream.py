"""`GET /v1/stream`: every event, as server-sent events, in the order in which they were sealed.

The id of an event is its position, so a client that comes back with `Last-Event-ID` (or `?after=`)
misses none and sees none twice. The store is the truth; the bell only saves waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
import structlog
from starlette.responses import Response, StreamingResponse

from bridge.api import shapes
from bridge.api.calls import EVERYONE, STREAM, Asked, Call
from bridge.api.queries import StreamQuery
from bridge.errors import BadRequest, StoreError
from bridge.hook_store import TOPIC_SEALED, Feed, Sealed
from bridge.hooks import TYPES, actor
from bridge.model import Message, MessageId
from bridge.ports import Deps
from bridge.webhooks import iso, spoken

POLL = 15.0
"""Seconds; also how often a silent stream says that it lives."""
LASTS = 3_600.0
"""Seconds after which a stream ends, and its client comes back to whichever process there is."""
PAGE = 200
DIGITS = 18
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

ABOUT = """Server-sent events in their sealed order, from now on, or after the position in
`Last-Event-ID` or `after`; 0: from the very first. The id of each is its position."""

log = structlog.get_logger("stream")


class Stream:
    """`Runs` and drains: streams end when the process does."""

    def __init__(self, feed: Feed, deps: Deps, poll: float = POLL, lasts: float = LASTS) -> None:
        self._feed = feed
        self._deps = deps
        self._poll = poll
        self._lasts = lasts
        self._ending = False
        self._open = 0

    async def start(self) -> None:
        """Streams come with their clients."""

    async def close(self) -> None:
        self.drain()

    def drain(self) -> None:
        self._ending = True
        if self._open:
            self._deps.bell.ring([TOPIC_SEALED])

    def open(self) -> int:
        return self._open

    def calls(self) -> list[Call]:
        return [
            Call(
                "GET",
                "/v1/stream",
                self.follow,
                "Events",
                "Follow all events",
                {200: STREAM},
                EVERYONE,
                query=StreamQuery,
                about=ABOUT,
            )
        ]

    async def follow(self, it: Asked) -> Response:
        after = _position(it.request.headers.get("last-event-id", ""), it.query.after)
        if after is None:
            after = await self._feed.last()
        return StreamingResponse(self._told(after), media_type="text/event-stream", headers=HEADERS)

    async def _told(self, after: int) -> AsyncIterator[bytes]:
        yield b": ok\n\n"
        self._open += 1
        try:
            async for chunk in self._read(after):
                yield chunk
        finally:
            self._open -= 1

    async def _read(self, after: int) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        ends = clock() + self._lasts
        with self._deps.bell.listen(TOPIC_SEALED) as listener:
            while not self._ending and clock() < ends:
                try:
                    found = await self._feed.after(after, PAGE)
                    chunks = await self._chunks(found)
                except StoreError as error:  # who comes again is told 503 and when to come
                    log.warning("stream broken", error=str(error))
                    return
                if found:
                    after = found[-1].position
                    yield chunks
                if len(found) < PAGE and not await listener.wait(self._poll):
                    yield b": ping\n\n"

    async def _chunks(self, found: Sequence[Sealed]) -> bytes:
        named = [name for each in found if (name := each.event.body.get("message"))]
        messages = await self._deps.reads.messages(named)
        return b"".join(_event(each, messages) for each in found)


def _position(last_id: str, after: int | None) -> int | None:
    """Last-Event-ID first: a browser that reconnects asks for the same address again. Raises
    BadRequest."""
    if not last_id:
        return after
    if not last_id.isascii() or not last_id.isdigit() or len(last_id) > DIGITS:
        raise BadRequest("invalid", shapes.UNFIT, {"last-event-id": "must be a position"})
    return int(last_id)


def _event(each: Sealed, messages: dict[MessageId, Message]) -> bytes:
    event = each.event
    told_as = TYPES.get(event.kind, event.kind.value)
    said: dict[str, Any] = {k: v for k, v in event.body.items() if k != "message"}
    named = event.body.get("message")
    message = messages.get(named) if named else None
    if named:
        said["message_id"] = named
    if message is not None and message.leaves:
        said["message"] = spoken(message)
    data = {
        "conversation_id": event.conversation_id or None,
        "handoff_id": event.handoff_id,
        "epoch": event.epoch,
        "actor": actor(event),
        **said,
    }
    body = {"id": event.id, "type": told_as, "timestamp": iso(event.at), "data": data}
    head = f"event: {told_as}\nid: {each.position}\ndata: ".encode()
    return head + orjson.dumps(body) + b"\n\n"
