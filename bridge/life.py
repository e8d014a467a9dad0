"""Starting and stopping a process, and new settings while it runs. Of the composition root, and
like it allowed to name storage.

Whatever is made from settings is a `Generation`, in which nothing ever changes. New settings make
another one beside it: when that has started, requests that begin go to it, whole, and the old one
ends as at a stop: its streams end (who reads them comes again where they were), requests and
effects in hand are finished. For a moment two work side by side, as two processes would. What stays
is the `Base`; settings that it is made from (`settings_changes.FIXED`) need a restart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from starlette.routing import BaseRoute, Router

from bridge import logs
from bridge.api.records import Records
from bridge.background import Background
from bridge.doubts import NO_DESK
from bridge.errors import SettingsError, StoreError
from bridge.events import Kind
from bridge.inbox import Inbox
from bridge.latest import Latest
from bridge.metrics import Metrics
from bridge.model import SECOND, Author, Micros, Role
from bridge.outbox import Outbox
from bridge.plugins import Adapters
from bridge.ports import Bell, Check, Clock, Limiter, Presence, Runs
from bridge.reloading import REFUSED, Door, Inside, Wishes
from bridge.serving import Aside
from bridge.settings import Settings
from bridge.settings_changes import changed, fixed
from bridge.upkeep import make_ready, now
from storage import memory, redis, redis_limiter
from storage.database import Database
from storage.files import Limits, SqlFiles
from storage.leases import Leases
from storage.migrate import current, newest
from storage.notes import note
from storage.queries import SqlReads
from storage.reloads import SqlReloads
from storage.shelves import FolderShelf, TableShelf
from storage.store import SqlStore, process_name

log = structlog.get_logger("app")
GIB = 1024**3
DAY = 86_400 * SECOND
NOTHING_NEW = "nothing has changed"


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


def files_kept(settings: Settings, database: Database) -> SqlFiles:
    folder, kept = settings.files_folder, settings.retention.files
    shelf = FolderShelf(folder) if folder else TableShelf(database)
    limits = Limits(int(settings.files.room * GIB), int(kept * DAY))
    return SqlFiles(database, shelf, now, limits)


def quarantine(settings: Settings) -> float:
    """Seconds for which a request whose answer was lost may still have its effect."""
    return settings.delivery_timeout + settings.delivery_quarantine


def leases(settings: Settings) -> Leases:
    length, doubt = settings.delivery_lease, quarantine(settings)
    return Leases(process_name(), int(length * SECOND), int(doubt * SECOND))


@dataclass(frozen=True, slots=True)
class Base:
    """What stays while settings change. `since`: when the process began."""

    clock: Clock
    since: Micros
    database: Database
    shared: Shared
    latest: Latest
    metrics: Metrics
    aside: Aside | None

    async def start(self) -> None:
        await make_ready(self.database)
        await self.database.measure_clock()
        await self.shared.bell.start()
        if self.aside:
            await self.aside.start()

    async def stop(self) -> None:
        if self.aside:
            await self.aside.close()
        await self.shared.bell.close()
        await self.database.close()

    async def fault(self) -> str:
        """Why nothing can be kept just now; empty: it can."""
        try:
            found = await current(self.database)
        except StoreError as error:
            return str(error)
        return "" if found == newest() else "not migrated: run deskbridge migrate"


@dataclass(frozen=True, slots=True)
class Generation:
    """All that is made from one state of the settings. It starts and stops in order: what takes
    work in stops first, what keeps it last. `end_streams` comes before `stop`."""

    settings: Settings
    inside: Inside
    routes: Sequence[BaseRoute]
    end_streams: Callable[[], None]
    open_streams: Callable[[], int]
    inbox: Inbox
    outbox: Outbox
    store: SqlStore
    reads: SqlReads
    records: Records
    adapters: Adapters
    fetchers: Sequence[Runs]
    tools: Sequence[Runs]

    async def start(self) -> None:
        for each in (*self.tools, *self.adapters.that_run()):
            await each.start()
        self.outbox.start()
        for fetcher in self.fetchers:
            await fetcher.start()

    def warn(self) -> None:
        """What an operator should look at, said at the end, where it is seen."""
        for name, doubt in self.settings.doubts.items():
            log.warning("unusual_setting", name=name, doubt=doubt)
        if self.adapters.desk is None:
            log.warning("no_desk", remedy=NO_DESK)

    async def stop(self) -> None:
        for fetcher in reversed(self.fetchers):
            await fetcher.close()
        await self.outbox.close()
        await self.inbox.close()
        for each in reversed((*self.tools, *self.adapters.that_run())):
            await each.close()


Make = Callable[[Settings], Generation]
"""Raises SettingsError."""
Read = Callable[[Settings], Settings]
"""The settings as they are now, given those that were. Raises SettingsError."""


class Process:
    """One Deskbridge: the application, whose lifespan starts and stops it, and what is inside now.

    Raises SettingsError.
    """

    def __init__(self, base: Base, first: Generation, make: Make, read: Read) -> None:
        self._base = base
        self._make = make
        self._read = read
        self._now = first
        self._ending = Background()
        self._wishes = Wishes(SqlReloads(base.database), self.reload)
        self.app = Door(Router(lifespan=self._lifespan), first.inside)

    @property
    def now(self) -> Generation:
        return self._now

    @property
    def shared(self) -> Shared:
        return self._base.shared

    def drain(self) -> None:
        """Ends open streams; to be called when the process begins to stop, see `serving`."""
        self._now.end_streams()

    # --- starting and stopping -----------------------------------------------------------------

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        try:
            await self._start()
            yield
        finally:
            await self._stop()

    async def _start(self) -> None:
        base, first = self._base, self._now
        await base.start()
        if base.database.dialect == "sqlite":  # a lock file says that there is no other process
            await first.store.forget_dead()
        await first.start()
        await self._wishes.start()
        log.info("started", database=base.database.dialect, desk=bool(first.adapters.desk))
        first.warn()

    async def _stop(self) -> None:
        await self._wishes.close()
        await self._now.stop()
        await self._ending.finish()
        await self._base.stop()
        log.info("stopped")

    # --- new settings --------------------------------------------------------------------------

    def hang_up(self) -> None:
        """What SIGHUP does."""
        self._wishes.now()

    async def reload(self) -> str:
        """Takes what the settings say now; what came of that, in words that hold no values. All is
        as it was when they have a fault."""
        try:
            told = await self._reload()
        except SettingsError as error:
            log.error("settings_refused", faults=error.faults)  # noqa: TRY400 - it is all said
            return f"{REFUSED}: {'; '.join(str(error).splitlines())}"
        except Exception:  # a mistake of ours, or of what is installed: what serves goes on serving
            log.exception("settings_refused")
            return f"{REFUSED}: it failed, and the log says how"
        log.info("settings_reloaded", told=told)
        return told

    async def _reload(self) -> str:
        old = self._now
        settings = self._read(old.settings)
        if not (names := changed(old.settings, settings)):
            return NOTHING_NEW
        if faults := fixed(names):
            raise SettingsError(faults)
        await self._take(self._make(settings))
        await self._note(names)
        if {"LOG_LEVEL", "LOG_FORMAT"} & set(names):
            logs.configure(settings.log_level, settings.log_format)
        return f"changed: {', '.join(names)}"

    async def _note(self, names: Sequence[str]) -> None:
        """For the audit: names alone, since values are secrets often enough."""
        base, by = self._base, Author(Role.SYSTEM, "deskbridge", "")
        what = (Kind.SETTINGS_RELOADED, by, base.clock(), "reload")
        try:
            await base.database.write(lambda to: note(to, *what, changed=list(names)))
        except StoreError as error:  # they are taken, whether it is noted or not
            log.warning("reload_not_noted", error=str(error))

    async def _take(self, made: Generation) -> None:
        """Raises what its start raises, and takes the old one on then."""
        try:
            await made.start()
        except BaseException:
            await made.stop()
            raise
        old, self._now = self._now, made
        self.app.inside = made.inside
        made.warn()
        self._ending.start("ending", _end(old))


async def _end(old: Generation) -> None:
    old.end_streams()
    await old.inside.empty()
    await old.stop()
