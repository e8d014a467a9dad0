"""Waiting for what others do: for a condition, and never for a time.

A slow machine takes longer, and nothing else: nobody waits for all of `PATIENCE` but for what never
happens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeVar, overload

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds."""
PAUSE = 0.005
"""Seconds between two looks."""


async def turns(number: int = 1) -> None:
    """Lets the event loop go round: whoever can go on does. No time is waited for."""
    for _ in range(number):
        await asyncio.sleep(0)


class NotYet(AssertionError):
    """Time was up and it did not hold; the text says what was seen last."""


@overload
async def until(
    look: Callable[[], Awaitable[T | None]],
    timeout: float = ...,
    what: str = ...,
    pause: float = ...,
) -> T: ...
@overload
async def until(
    look: Callable[[], T | None], timeout: float = ..., what: str = ..., pause: float = ...
) -> T: ...
async def until(
    look: Callable[[], Any], timeout: float = PATIENCE, what: str = "it", pause: float = PAUSE
) -> Any:
    """Looks again and again: the first true answer. Raises NotYet."""
    deadline = time.monotonic() + timeout
    while True:
        found = look()
        if isawaitable(found):
            found = await found
        if found:
            return found
        if time.monotonic() > deadline:
            raise NotYet(f"{what} did not hold within {timeout} s: {found!r}")
        await asyncio.sleep(pause)
