"""Small things done after the answer, each best effort: hints that only help, never what must
be."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import structlog

from bridge.background import Background
from bridge.errors import DeliveryError


class Chores:
    """What Slack refuses is told in the log, and no more."""

    def __init__(self) -> None:
        self._background = Background()
        self._log = structlog.get_logger("slack")

    def start(self, what: str, doing: Coroutine[Any, Any, None]) -> None:
        self._background.start(what, self._do(what, doing))

    async def _do(self, what: str, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        except DeliveryError as error:
            self._log.info("not_done", what=what, reason=error.reason)

    async def finish(self) -> None:
        """Until all that was started is done."""
        await self._background.finish()

    async def close(self) -> None:
        await self._background.close()
