"""What the demo's page shows, as one stream of server-sent events for each page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

Json = dict[str, Any]
PING = 15.0
"""Seconds between two signs of life of a silent stream."""


class Board:
    """Whoever follows is woken by each change, and told what is not as it was told last."""

    def __init__(self) -> None:
        self._woken: set[asyncio.Event] = set()
        self._ending = False

    def tell(self) -> None:
        """Something may have changed."""
        for event in self._woken:
            event.set()

    def end(self) -> None:
        """Everybody who follows is let go."""
        self._ending = True
        self.tell()

    async def follow(self, look: Callable[[], Json], ping: float = PING) -> AsyncIterator[bytes]:
        """All that `look` shows at first, and afterwards what has changed of it."""
        woken = asyncio.Event()
        shown: Json = {}
        self._woken.add(woken)
        try:
            while not self._ending:
                woken.clear()
                now = look()
                news = {key: value for key, value in now.items() if shown.get(key) != value}
                shown |= news
                if news:
                    yield f"data: {json.dumps(news)}\n\n".encode()
                if not await _set(woken, ping):
                    yield b": ping\n\n"
        finally:
            self._woken.discard(woken)


async def _set(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
