"""Work beside all else, of which nobody waits for the end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

AGAIN = 1.0
"""Seconds between two cancellations of what goes on in spite of one."""

log = structlog.get_logger("background")


class Background:
    """Keeps its tasks alive (the event loop holds them only weakly), tells in the log what ended
    one of them by mistake, and ends them all at `close`."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._tasks)

    def start(self, name: str, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("task failed", task=task.get_name(), error=repr(error), exc_info=error)

    async def finish(self) -> None:
        """Until all that was started is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Cancels again and again: before Python 3.12 the `wait_for` below redis-py's sends
        swallows a cancellation that arrives together with the result."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=AGAIN)
