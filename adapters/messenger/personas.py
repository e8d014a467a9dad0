"""Agents' faces: a persona has a name and a picture, under which the page's messages appear
(Messenger Platform: Personas).

There is nothing to keep: a page lists its personas, and one of the agent's name is theirs. Whatever
goes wrong here only costs the picture; the name then stands before the words.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from adapters.messenger.client import Graph
from bridge.errors import DeliveryError
from bridge.model import Author

MAX_NAME = 50
AGAIN_AFTER, SOON = 600.0, 30.0
"""Seconds without personas after one could not be had, and after one was long in coming."""
PATIENCE = 3.0
"""Seconds that a message waits for its face: its lane is somebody else's when it takes too long."""
MOST = 500

log = structlog.get_logger("messenger")


class Personas:
    def __init__(self, graph: Graph, clock: Callable[[], float] = time.monotonic) -> None:
        self._graph = graph
        self._clock = clock
        self._known: dict[tuple[str, str], str] = {}
        self._listed: set[str] = set()
        self._without: dict[tuple[str, str], float] = {}
        """Until when nobody asks for them again."""
        self._lock = asyncio.Lock()

    async def of(self, page: str, author: Author) -> str:
        """The persona's id; empty: there is none to be had. Raises nothing."""
        name = author.name.strip()[:MAX_NAME]
        key = (page, name)
        if not (name and author.avatar_url) or self._without.get(key, 0.0) > self._clock():
            return ""
        if key in self._known:
            return self._known[key]
        try:
            async with asyncio.timeout(PATIENCE), self._lock:
                return await self._found(key, author.avatar_url)
        except TimeoutError:
            reason, pause = "too_slow", SOON
        except DeliveryError as error:
            reason, pause = error.reason, AGAIN_AFTER
        log.warning("no_persona", reason=reason)
        self._without[key] = self._clock() + pause
        return ""

    def forget(self, page: str, author: Author) -> None:
        """Meta knows it no more."""
        key = (page, author.name.strip()[:MAX_NAME])
        self._known.pop(key, None)
        self._without[key] = self._clock() + AGAIN_AFTER

    async def _found(self, key: tuple[str, str], picture: str) -> str:
        page, name = key
        if page not in self._listed:
            await self._list(page)
        if key not in self._known:
            made = await self._graph.post(page, "personas", name=name, profile_picture_url=picture)
            self._known[key] = str(made.get("id") or "")
        return self._known[key]

    async def _list(self, page: str) -> None:
        told = await self._graph.get(page, "personas", fields="id,name", limit=str(MOST))
        data = told.get("data")
        for each in data if isinstance(data, list) else ():
            if isinstance(each, dict) and each.get("id") and each.get("name"):
                self._known.setdefault((page, str(each["name"])), str(each["id"]))
        self._listed.add(page)
