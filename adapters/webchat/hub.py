"""Who listens to which conversation, in this process: one read serves all who are connected.

A `Feed` belongs to one conversation and lives while somebody listens. It waits for the bell, reads
what is new since its cursor once, and hands it to its `Ear`s; each ear drops what its visitor was
given already. An ear that joins behind the feed's cursor reads what it missed itself (`stream.py`)
while what is new gathers in it, so nothing is missed between the two and nothing comes twice.

Rings are hints: a feed looks every `poll` seconds without one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from adapters.webchat.shape import is_update, message_json, status_json
from bridge.errors import StoreUnavailable
from bridge.model import DEFAULT_WORKSPACE, Conversation, ConversationId, Message
from bridge.ports import Bell, Reads, View, topic_of

log = structlog.get_logger(__name__)

PAGE = 200
UNREAD = 1_000
"""So many frames wait for a slow reader; one more ends the stream, and the visitor resumes it."""
EARS = 20
"""Streams and long polls of one conversation in one process: tabs, not attacks."""
LINE_AGE = 2.0
"""Seconds for which the line of waiting handoffs is read once for everybody."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a stream as it is sent. `rev` is 0 for what may be lost."""

    rev: int
    data: bytes


def message_frame(message: Message) -> Frame:
    kind = "update" if is_update(message) else "message"
    body = orjson.dumps(message_json(message)).decode()
    return Frame(message.rev, f"event: {kind}\nid: {message.rev}\ndata: {body}\n\n".encode())


def passing_frame(kind: str, body: bytes) -> Frame:
    return Frame(0, b"event: %b\ndata: %b\n\n" % (kind.encode(), body))


def typing_topic(conversation: ConversationId) -> str:
    return f"typing:{conversation}"


class Ear:
    """One listener: frames gather in it, and `wait` ends when there is something to do."""

    __slots__ = ("_frames", "_waiting", "closed")

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self.closed = False

    def hear(self, frames: Iterable[Frame]) -> None:
        self._frames.extend(frames)
        if len(self._frames) > UNREAD:
            self.closed = True
        self._wake()

    def close(self) -> None:
        self.closed = True
        self._wake()

    def take(self, after: int) -> list[Frame]:
        """What was heard, without what was given already (up to rev `after`)."""
        frames = [frame for frame in self._frames if not frame.rev or frame.rev > after]
        self._frames.clear()
        return frames

    async def wait(self, seconds: float) -> None:
        """Until something was heard, the ear is closed, or the time is over."""
        if self._frames or self.closed:
            return
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        alarm = loop.call_later(seconds, self._wake)
        try:
            await self._waiting
        finally:
            alarm.cancel()
            self._waiting = None

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class Feed:
    """What happens in one conversation from `cursor` on."""

    def __init__(self, hub: Hub, conversation: ConversationId, cursor: int) -> None:
        self.hub = hub
        self.conversation = conversation
        self.cursor = cursor
        self.ears: set[Ear] = set()
        self.status: Frame | None = None
        self._view: tuple[tuple[object, ...], View | None] | None = None
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._pass_typing())]

    def tell(self, frames: Sequence[Frame]) -> None:
        for ear in self.ears if frames else ():
            ear.hear(frames)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _run(self) -> None:
        with self.hub.bell.listen(topic_of(self.conversation)) as listener:
            while True:
                try:
                    await self._look()
                except StoreUnavailable:
                    log.warning("stream_read_failed", conversation=self.conversation)
                await listener.wait(self.hub.poll)

    async def _look(self) -> None:
        conversation = await self.hub.reads.conversation(self.conversation)
        while conversation and conversation.rev > self.cursor:
            page = await self.hub.reads.shown(self.conversation, self.cursor, PAGE)
            whole = len(page) < PAGE
            # What is not shown (a note) moves the cursor as well, or it would be asked for again.
            self.cursor = max(conversation.rev if whole else 0, *(one.rev for one in page), 0)
            self.tell([message_frame(message) for message in page])
        await self._look_at_status(conversation)

    async def _look_at_status(self, conversation: Conversation | None) -> None:
        status = await self.hub.status(conversation, await self._handoff(conversation))
        frame = passing_frame("status", orjson.dumps(status))
        if frame != self.status:
            self.status = frame
            self.tell([frame])

    async def _handoff(self, conversation: Conversation | None) -> View | None:
        """Read anew only when the owner has changed: then the epoch has."""
        if conversation is None or conversation.handoff_id is None:
            return None
        mark = (conversation.handoff_id, conversation.epoch)
        if self._view is None or self._view[0] != mark:
            self._view = (mark, await self.hub.reads.view(conversation.handoff_id))
        return self._view[1]

    async def _pass_typing(self) -> None:
        subscription = self.hub.bell.subscribe(typing_topic(self.conversation))
        try:
            async for payload in subscription:
                if b'"kind":"user"' not in payload:  # the visitor's own, meant for the desk
                    self.tell([passing_frame("typing", payload)])
        finally:
            subscription.close()


class Hub:
    """All feeds of this process. `poll` in seconds."""

    def __init__(self, reads: Reads, bell: Bell, *, has_bot: bool, poll: float) -> None:
        self.reads = reads
        self.bell = bell
        self.poll = poll
        self._has_bot = has_bot
        self._feeds: dict[ConversationId, Feed] = {}
        self._line: tuple[float, list[View]] = (-LINE_AGE, [])
        self.closed = False

    @property
    def ears(self) -> int:
        return sum(len(feed.ears) for feed in self._feeds.values())

    def join(self, conversation: ConversationId, cursor: int) -> tuple[Feed, Ear] | None:
        """A new ear; None when the conversation has too many. `cursor` is what its visitor has."""
        feed = self._feeds.get(conversation)
        if feed is None:
            feed = self._feeds[conversation] = Feed(self, conversation, cursor)
        if len(feed.ears) >= EARS:
            return None
        ear = Ear()
        ear.closed = self.closed
        feed.ears.add(ear)
        return feed, ear

    def leave(self, feed: Feed, ear: Ear) -> None:
        feed.ears.discard(ear)
        if not feed.ears:
            feed.stop()
            self._feeds.pop(feed.conversation, None)

    def close(self) -> None:
        """Ends all streams and long polls; those that come later end at once."""
        self.closed = True
        for feed in self._feeds.values():
            for ear in feed.ears:
                ear.close()

    async def status(self, conversation: Conversation | None, view: View | None) -> dict[str, Any]:
        waits = view is not None and view.handoff.status == "queued"
        waiting = await self._waiting() if waits else []
        return status_json(conversation, view, waiting, has_bot=self._has_bot)

    async def status_of(self, conversation: Conversation | None) -> dict[str, Any]:
        known = conversation.handoff_id if conversation else None
        return await self.status(conversation, await self.reads.view(known) if known else None)

    async def _waiting(self) -> list[View]:
        now = asyncio.get_running_loop().time()
        if now - self._line[0] >= LINE_AGE:
            self._line = (now, await self.reads.open_all(DEFAULT_WORKSPACE))
        return self._line[1]
