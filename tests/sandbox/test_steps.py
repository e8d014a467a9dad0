"""The five steps tick from what really happens, in their order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from sandbox.steps import STEPS, Overhear, Steps


def event(kind: str) -> dict[str, Any]:
    return {"type": kind}


def reaction(*names: str) -> dict[str, Any]:
    return {"type": "reaction", "reactions": [{"name": name} for name in names]}


async def test_a_whole_story_ticks_all_five() -> None:
    steps = Steps()
    await steps.webhook(event("message.created"))
    assert steps.done == [True, False, False, False, False]
    await steps.webhook(event("handoff.queued"))
    await steps.webhook(event("handoff.assigned"))
    assert steps.done == [True, True, False, False, False]
    await steps.change(reaction("white_check_mark"))
    await steps.change(reaction("white_check_mark", "lock"))
    assert steps.done == [True, True, True, True, False]
    await steps.webhook(event("control.returned"))
    assert not steps.done[4]
    await steps.webhook(event("message.created"))
    assert steps.done == [True] * STEPS
    await steps.webhook(event("message.created"))
    assert steps.done == [True] * STEPS


async def test_nothing_ticks_before_its_time() -> None:
    steps = Steps()
    await steps.change(reaction("white_check_mark"))
    await steps.change(reaction("lock"))
    await steps.change({"type": "message"})
    await steps.change({"type": "reaction"})
    await steps.webhook({})
    assert steps.done == [False] * STEPS


async def test_beginning_anew_forgets_what_was() -> None:
    steps = Steps()
    for kind in ("message.created", "handoff.assigned", "control.returned"):
        await steps.webhook(event(kind))
    await steps.reset()
    await steps.change(reaction("white_check_mark"))
    await steps.webhook(event("message.created"))
    assert steps.done == [True, False, False, False, False]


async def soon(stream: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(10):
        return await anext(stream)


async def told(stream: AsyncIterator[bytes]) -> list[bool]:
    line = await soon(stream)
    assert line.startswith(b"data: ")
    found: list[bool] = json.loads(line[6:])["steps"]
    return found


async def test_whoever_follows_is_told_at_once_at_each_change_and_at_the_end() -> None:
    steps = Steps()
    stream = steps.follow()
    assert await told(stream) == [False] * STEPS
    coming = asyncio.create_task(told(stream))
    await asyncio.sleep(0)
    await steps.webhook(event("message.created"))
    assert (await coming)[0] is True
    ending = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    steps.end()
    with pytest.raises(StopAsyncIteration):
        await ending
    with pytest.raises(StopAsyncIteration):
        await soon(steps.follow())


async def test_a_silent_stream_says_that_it_lives() -> None:
    stream = Steps().follow(ping=0.01)
    await told(stream)
    assert await soon(stream) == b": ping\n\n"
    assert await soon(stream) == b": ping\n\n"


async def overheard(body: bytes, kind: str = "http") -> tuple[Steps, list[bytes]]:
    """What the steps know after the bot was sent this, and what the bot read."""
    steps, read = Steps(), []
    chunks = iter([body[:5], body[5:]])

    async def bot(_scope: Scope, receive: Receive, _send: Send) -> None:
        read.extend([(await receive()).get("body", b"") for _ in range(2)])

    async def receive() -> Message:
        return {"type": "http.request", "body": next(chunks)}

    async def send(_message: Message) -> None:
        raise AssertionError("the bot sends nothing here")

    await Overhear(bot, steps)({"type": kind}, receive, send)
    return steps, read


async def test_what_the_bot_is_told_is_overheard_and_the_bot_reads_it_all() -> None:
    body = json.dumps(event("message.created")).encode()
    steps, read = await overheard(body)
    assert b"".join(read) == body
    assert steps.done[0]


@pytest.mark.parametrize(
    ("body", "kind"), [(b"not json at all", "http"), (b'{"type":"message.created"}', "websocket")]
)
async def test_what_is_no_webhook_ticks_nothing(body: bytes, kind: str) -> None:
    steps, _ = await overheard(body, kind)
    assert not any(steps.done)
