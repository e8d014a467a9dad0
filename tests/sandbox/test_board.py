"""Pages of the demo are told what has changed, and let go at the end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.board import Board


async def soon(stream: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(60):
        return await anext(stream)


async def told(stream: AsyncIterator[bytes]) -> Any:
    line = await soon(stream)
    assert line.startswith(b"data: ")
    return json.loads(line[6:])


async def test_whoever_follows_is_told_all_at_once_and_then_what_has_changed() -> None:
    board, shown = Board(), {"a": 1, "b": 1}
    stream = board.follow(lambda: dict(shown))
    assert await told(stream) == {"a": 1, "b": 1}
    coming = asyncio.create_task(told(stream))
    await asyncio.sleep(0)
    board.tell()
    shown["b"] = 2
    board.tell()
    assert await coming == {"b": 2}


async def test_everybody_is_let_go_at_the_end() -> None:
    board = Board()
    stream = board.follow(lambda: {"a": 1})
    await told(stream)
    ending = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    board.end()
    with pytest.raises(StopAsyncIteration):
        await ending
    with pytest.raises(StopAsyncIteration):
        await soon(board.follow(lambda: {"a": 1}))


async def test_a_silent_stream_says_that_it_lives() -> None:
    stream = Board().follow(lambda: {"a": 1}, ping=0.01)
    await told(stream)
    assert await soon(stream) == b": ping\n\n"
    assert await soon(stream) == b": ping\n\n"
