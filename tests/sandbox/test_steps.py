"""The five steps tick from what really happens to one customer, in their order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from sandbox.steps import KEPT, STEPS, Overhear, Steps

SAM, KIM = "0123456789abcdef", "fedcba9876543210"
THREAD = "1763700000.000100"


def event(kind: str, login: str = SAM, handoff: str = "hnd_1") -> dict[str, Any]:
    return {"type": kind, "data": {"user": {"id": f"id:sam-{login}"}, "handoff_id": handoff}}


def root(handoff: str = "hnd_1", ts: str = THREAD) -> dict[str, Any]:
    """The desk opens a thread."""
    blocks = [{"block_id": f"{handoff}/1"}]
    return {"type": "message", "message": {"ts": ts, "thread_ts": None, "blocks": blocks}}


def reply(text: str, ts: str, thread: str = THREAD) -> dict[str, Any]:
    return {"type": "message", "message": {"ts": ts, "thread_ts": thread, "text": text}}


def reaction(*names: str, ts: str = "1.1", thread: str = THREAD) -> dict[str, Any]:
    marks = [{"name": name} for name in names]
    return {"type": "reaction", "ts": ts, "thread_ts": thread, "reactions": marks}


def asked(steps: Steps) -> None:
    """Sam has asked the bot and then for a human, and the thread is there."""
    steps.change(root())  # the desk may be quicker than the bot
    steps.webhook(event("message.created"))
    steps.webhook(event("handoff.queued"))


def test_a_whole_story_ticks_all_five() -> None:
    steps = Steps()
    steps.webhook(event("message.created"))
    assert steps.of(SAM).done == [True, False, False, False, False]
    asked(steps)
    assert steps.of(SAM).done == [True, True, False, False, False]
    steps.change(reaction("white_check_mark"))
    steps.change(reaction("white_check_mark", "lock"))
    assert steps.of(SAM).done == [True, True, True, True, False]
    steps.webhook(event("control.returned"))
    assert not steps.of(SAM).done[4]
    steps.webhook(event("message.created"))
    assert steps.of(SAM).done == [True] * STEPS


def test_what_happens_to_another_customer_ticks_nothing() -> None:
    steps = Steps()
    asked(steps)
    steps.webhook(event("message.created", KIM, "hnd_2"))
    steps.webhook(event("handoff.queued", KIM, "hnd_2"))
    steps.change(root("hnd_2", "2.2"))
    steps.change(reaction("white_check_mark", thread="2.2"))
    assert steps.of(SAM).done == [True, True, False, False, False]
    assert steps.of(KIM).done == [True, True, True, False, False]


def test_what_comes_early_waits_for_the_step_before_it() -> None:
    steps = Steps()
    asked(steps)
    steps.change(reaction("lock"))
    steps.webhook(event("control.returned"))
    steps.webhook(event("message.created"))
    assert steps.of(SAM).done == [True, True, False, False, False]
    steps.change(reaction("white_check_mark"))
    assert steps.of(SAM).done == [True] * STEPS


@pytest.mark.parametrize(
    ("text", "is_note"),
    [("!resolve", False), ("!nothing", False), ("!n check", True), ("!note check", True)],
)
def test_the_lock_of_another_command_is_no_note(text: str, is_note: bool) -> None:
    steps = Steps()
    asked(steps)
    steps.change(reaction("white_check_mark"))
    steps.change(reply(text, "3.3"))
    steps.change(reaction("lock", ts="3.3"))
    assert steps.of(SAM).done[3] is is_note


def test_nothing_ticks_before_its_time() -> None:
    steps = Steps()
    steps.change(reaction("white_check_mark"))
    steps.change({"type": "presence"})
    stranger = {"type": "message.created", "data": {"user": {"id": "somebody"}}}
    steps.webhook({})
    steps.webhook([])
    steps.webhook(stranger)
    assert steps.of(SAM).done == [False] * STEPS


def test_only_the_newest_customers_are_remembered() -> None:
    steps = Steps()
    steps.webhook(event("message.created"))
    for number in range(KEPT - 1):
        steps.of(f"{number:016x}")
    assert steps.of(SAM).done[0]
    steps.of(KIM)
    assert not steps.of(SAM).done[0]


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
    stream = steps.follow(SAM)
    assert await told(stream) == [False] * STEPS
    coming = asyncio.create_task(told(stream))
    await asyncio.sleep(0)
    steps.webhook(event("message.created", KIM))
    steps.webhook(event("message.created"))
    assert (await coming)[0] is True
    ending = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    steps.end()
    with pytest.raises(StopAsyncIteration):
        await ending
    with pytest.raises(StopAsyncIteration):
        await soon(steps.follow(SAM))


async def test_a_silent_stream_says_that_it_lives() -> None:
    stream = Steps().follow(SAM, ping=0.01)
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
    assert steps.of(SAM).done[0]


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"not json at all", "http"), (json.dumps(event("message.created")).encode(), "websocket")],
)
async def test_what_is_no_webhook_ticks_nothing(body: bytes, kind: str) -> None:
    steps, _ = await overheard(body, kind)
    assert not any(steps.of(SAM).done)
