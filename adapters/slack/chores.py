"""Small things done after the answer, each best effort: hints that only help, never what must
be."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bridge.errors import DeliveryError


class Chores:
    """Keeps its tasks alive (the event loop holds them only weakly) and ends them at `close`."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("slack")

    def start(self, what: str, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._do(what, doing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, what: str, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        except DeliveryError as error:
            self._log.info("not_done", what=what, reason=error.reason)

    async def finish(self) -> None:
        """Until all that was started is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
