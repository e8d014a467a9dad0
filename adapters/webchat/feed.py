"""What happens in a conversation, for its streams.

The truth is the store: a stream reads on from its `rev` whenever the bell rings, and every `POLL`
seconds anyway.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import structlog

from adapters.webchat.shape import is_update, message_json, status_json
from bridge.errors import StoreError
from bridge.hours import opens_at
from bridge.latest import Fresh
from bridge.model import DEFAULT_WORKSPACE, ConversationId, Message, Status
from bridge.ports import Deps, Listener, topic_of
from bridge.queues import ONLY, Queue, chosen, named
from bridge.views import News, in_chat
from bridge.waiting import MEASURED_OVER, usual

POLL = 15.0
"""Seconds; also how often a silent stream says that it lives."""
PAGE = 200

log = structlog.get_logger("webchat")


class Feed:
    def __init__(
        self,
        deps: Deps,
        *,
        has_bot: bool,
        poll: float = POLL,
        queues: Sequence[Queue] = ONLY,
        gone_after: float = 0.0,
    ) -> None:
        """`gone_after`: seconds after which somebody who left counts as gone; 0: nobody asks."""
        self._deps = deps
        self._queues = queues
        self._has_bot = has_bot
        self._poll = poll
        self._there_for = 1.5 * poll
        self._lasts = gone_after + self._there_for if gone_after else 0.0
        self._ending = False
        self._heard: Counter[ConversationId] = Counter()

    def end(self) -> None:
        """The process stops: every stream ends, and its client comes back to another."""
        self._ending = True
        if self._heard:  # an empty ring would be taken for a word from a Redis that is away
            self._deps.bell.ring([topic_of(conversation) for conversation in self._heard])

    def open(self) -> int:
        """How many streams and long polls there are."""
        return self._heard.total()

    @contextmanager
    def _listening(self, conversation: ConversationId) -> Iterator[Listener]:
        self._heard[conversation] += 1
        try:
            topic, latest = topic_of(conversation), self._deps.latest
            with self._deps.bell.listen(topic) as listener, latest.follow(conversation):
                yield listener
        finally:
            self._heard[conversation] -= 1
            if not self._heard[conversation]:
                del self._heard[conversation]

    async def is_there(self, conversation: ConversationId) -> bool:
        """Whether they are in the chat, or were within `gone_after`."""
        return bool(await self._deps.presence.present([_present(conversation)]))

    async def _come(self, conversation: ConversationId, told: float = -math.inf) -> float:
        """They are in the chat at this moment, which was `told` last then; when it was now."""
        now = asyncio.get_running_loop().time()
        if now - told < self._poll / 2:
            return told
        presence = self._deps.presence
        await presence.touch(in_chat(conversation), self._there_for)
        if self._lasts:
            await presence.touch(_present(conversation), self._lasts)
        return now

    async def status(self, conversation: ConversationId) -> dict[str, Any]:
        return await self._status(await self._deps.reads.news(conversation))

    async def _status(self, news: News | None) -> dict[str, Any]:
        handoff = news.handoff if news else None
        reads, now = self._deps.reads, self._deps.clock()
        ahead, wait, here = None, None, handoff if handoff and handoff.is_open else None
        if here and here.status is Status.QUEUED:
            ahead = await reads.ahead(here)
            wait = usual(await reads.waits(DEFAULT_WORKSPACE, here.queue, now - MEASURED_OVER))
        found = news.conversation if news else None
        name = here.queue if here else chosen(self._queues, (), found.locale if found else "")
        opens = opens_at(named(self._queues, name).hours, now)
        return status_json(
            *(found, handoff, ahead),
            has_bot=self._has_bot,
            usual_wait=wait,
            reachable=opens == now or not here or await self._reachable(here.conversation_id),
            opens_at=0 if opens == now else opens,
            now=now,
        )

    async def _reachable(self, conversation: ConversationId) -> bool:
        contact = await self._deps.reads.contact(conversation)
        return contact is None or bool(contact.email)

    async def messages(
        self, conversation: ConversationId, after: int, wait: float
    ) -> tuple[list[Message], int]:
        """What came after `after`, and the cursor behind it; waits for something to come, at most
        `wait` seconds."""
        deadline = asyncio.get_running_loop().time() + wait
        await self._come(conversation)
        with self._listening(conversation) as listener:
            while True:
                found = await self._deps.reads.shown(conversation, after, PAGE)
                left = deadline - asyncio.get_running_loop().time()
                if found or left <= 0 or self._ending:
                    return found, found[-1].rev if found else after
                await listener.wait(left)

    async def stream(self, conversation: ConversationId, after: int) -> AsyncGenerator[bytes]:
        """Server-sent events, until the process stops, the client goes or the store is away."""
        yield b": ok\n\n"
        shown: dict[str, Any] | None = None
        told = -math.inf
        with self._listening(conversation) as listener:
            reader = _Reader(self._deps, conversation)
            rung = False
            while not self._ending:
                told = await self._come(conversation, told)
                try:
                    news = await reader.news(after, here=rung and not listener.afar)
                    status = await self._status(news)
                except StoreError as error:  # who comes again is told 503 and when to come
                    log.warning("stream_broken", conversation=conversation, error=str(error))
                    return
                if status != shown:
                    shown = status
                    yield event("status", status)
                found = news.messages if news else ()
                if found:
                    after = found[-1].rev
                    yield b"".join(_told(message) for message in found)
                more = len(found) >= PAGE
                rung = not more and await listener.wait(self._poll)
                if not more and not rung:
                    yield b": ping\n\n"


class _Reader:
    """Reads on for one stream: what this process committed it has at hand, all else the store
    has."""

    def __init__(self, deps: Deps, conversation: ConversationId) -> None:
        self._deps = deps
        self._conversation = conversation
        self._seen: Fresh | None = None

    async def news(self, after: int, *, here: bool) -> News | None:
        """`here`: it was woken by this process alone. Raises StoreError."""
        fresh = self._deps.latest.of(self._conversation)
        told = fresh.after(after) if here and fresh and fresh is not self._seen else None
        self._seen = fresh
        return told or await self._deps.reads.news(self._conversation, after, PAGE)


def _present(conversation: ConversationId) -> str:
    return f"webchat:{conversation}"


def _told(message: Message) -> bytes:
    kind = "update" if is_update(message) else "message"
    return event(kind, message_json(message), message.rev)


def event(kind: str, data: dict[str, Any], rev: int | None = None) -> bytes:
    """One server-sent event; without `rev` it carries no id and may be lost."""
    place = f"id: {rev}\n" if rev is not None else ""
    return f"event: {kind}\n{place}data: ".encode() + orjson.dumps(data) + b"\n\n"
