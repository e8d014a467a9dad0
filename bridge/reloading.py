"""Exchanging what answers requests while requests come, and being told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import structlog
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.errors import StoreError

GRACE = 10.0
"""Seconds that requests in hand have; the rest are let go on with nobody waiting for them."""
EVERY = 2.0
"""Seconds between two looks whether somebody wishes a reload."""
REFUSED = "refused"
"""What an answer to a wish begins with that was not fulfilled."""
log = structlog.get_logger("app")


class Inside:
    """One application, which knows how many requests are in it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._requests = 0
        self._left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._requests += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._requests -= 1
            if not self._requests:
                self._left.set()

    async def empty(self, grace: float = GRACE) -> None:
        """Until nothing is in it any more, as long as there is patience; nothing new may come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while self._requests:
                    self._left.clear()
                    await self._left.wait()


class Door:
    """The application as the server sees it: each request goes through it into what is inside when
    it comes, and stays there. `router` has the lifespan, and nothing else."""

    def __init__(self, router: Router, inside: Inside) -> None:
        self.router = router
        self.inside = inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        to = self.router if scope["type"] == "lifespan" else self.inside
        await to(scope, receive, send)


class Reloads(Protocol):
    """Where a command line leaves its wish for all processes, and they their answers. Wishes are
    numbered upwards. Raises StoreError."""

    async def newest(self) -> int: ...
    async def answer(self, wish: int, text: str) -> None: ...


class Wishes:
    """Looks for wishes of the command line, and hears of those of a signal; `reload` says what
    came of it."""

    def __init__(
        self, reloads: Reloads, reload: Callable[[], Awaitable[str]], every: float = EVERY
    ) -> None:
        self._reloads = reloads
        self._reload = reload
        self._every = every
        self._signal = asyncio.Event()
        self._ending = False
        self._task: asyncio.Task[None] | None = None
        self._seen = 0
        self._owed: dict[int, str] = {}
        """Answers that are not written down yet."""

    async def start(self) -> None:
        """Wishes from before are fulfilled: who starts has read the settings of now."""
        self._seen = await self._reloads.newest()
        self._task = asyncio.create_task(self._run(), name="wishes")

    async def close(self) -> None:
        """A reload that is under way comes to its end."""
        self._ending = True
        self._signal.set()
        if self._task:
            await self._task

    def now(self) -> None:
        self._signal.set()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._signal.wait(), self._every)
            if self._ending:
                return
            try:
                await self._look()
            except StoreError as error:
                log.warning("wishes_not_known", error=str(error))

    async def _look(self) -> None:
        """A wish is fulfilled once, though its answer may have to be written down again."""
        if self._signal.is_set():
            self._signal.clear()
            await self._reload()
        if (newest := await self._reloads.newest()) > self._seen:
            self._seen = newest
            self._owed = {newest: await self._reload()}
        for wish, told in self._owed.items():
            await self._reloads.answer(wish, told)
        self._owed = {}
