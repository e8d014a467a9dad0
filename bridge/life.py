"""Starting and stopping a process. Of the composition root, and like it allowed to name storage."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import structlog
from starlette.applications import Starlette

from bridge.doubts import NO_DESK
from bridge.errors import StoreError
from bridge.inbox import Inbox
from bridge.outbox import Outbox
from bridge.plugins import Adapters
from bridge.ports import Bell, Check, Limiter, Presence, Runs
from bridge.serving import Aside
from bridge.settings import Settings
from bridge.upkeep import make_ready
from storage import memory, redis, redis_limiter
from storage.database import Database
from storage.migrate import current, newest
from storage.store import SqlStore

log = structlog.get_logger("app")


@dataclass(frozen=True, slots=True)
class Shared:
    """What may be forgotten: in process, or over Redis where there are many processes."""

    bell: Bell
    limiter: Limiter
    presence: Presence
    checks: Mapping[str, Check]


def shared_by(settings: Settings) -> Shared:
    """By all processes, where REDIS_URL says so; else by this one."""
    if not settings.redis_url:
        return Shared(memory.MemoryBell(), memory.MemoryLimiter(), memory.MemoryPresence(), {})
    link = redis.Link(settings.redis_url)

    async def fault() -> str:
        return "" if link.up else "does not answer"

    return Shared(
        redis.RedisBell(link),
        redis_limiter.RedisLimiter(link),
        redis.RedisPresence(link),
        {"redis": fault},
    )


@dataclass(frozen=True, slots=True)
class Life:
    """Starting and stopping, in order: what takes work in stops first, what keeps it last."""

    database: Database
    store: SqlStore
    inbox: Inbox
    outbox: Outbox
    adapters: Adapters
    shared: Shared
    aside: Aside | None
    fetchers: Sequence[Runs]
    doubts: Mapping[str, str]
    tools: Sequence[Runs]

    def lifespan(self, _app: Starlette) -> AbstractAsyncContextManager[None]:
        return self._run()

    @asynccontextmanager
    async def _run(self) -> AsyncIterator[None]:
        try:
            await self.start()
            yield
        finally:
            await self.stop()

    async def start(self) -> None:
        await make_ready(self.database)
        await self.database.measure_clock()
        if self.database.dialect == "sqlite":  # a lock file says that there is no other process
            await self.store.forget_dead()
        await self.shared.bell.start()
        for each in (*self.tools, *self.adapters.that_run()):
            await each.start()
        self.outbox.start()
        if self.aside:
            await self.aside.start()
        for fetcher in self.fetchers:
            await fetcher.start()
        log.info("started", database=self.database.dialect, desk=bool(self.adapters.desk))
        self._warn()

    def _warn(self) -> None:
        """What an operator should look at, said at the end, where it is seen."""
        for name, doubt in self.doubts.items():
            log.warning("unusual_setting", name=name, doubt=doubt)
        if self.adapters.desk is None:
            log.warning("no_desk", remedy=NO_DESK)

    async def stop(self) -> None:
        for fetcher in reversed(self.fetchers):
            await fetcher.close()
        if self.aside:
            await self.aside.close()
        await self.outbox.close()
        await self.inbox.close()
        for each in reversed((*self.tools, *self.adapters.that_run())):
            await each.close()
        await self.shared.bell.close()
        await self.database.close()
        log.info("stopped")

    async def database_fault(self) -> str:
        """Why nothing can be kept just now; empty: it can."""
        try:
            found = await current(self.database)
        except StoreError as error:
            return str(error)
        return "" if found == newest() else "not migrated: run deskbridge migrate"
