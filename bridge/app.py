"""The composition root: everything is made here, from the settings, and knows only what it is
given.

This is the one module of `bridge` that may name storage; adapters it finds by entry point.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute

from bridge import downloads, logs, manifest, plugins, policies
from bridge.api import routes as api_routes
from bridge.api.access import admit
from bridge.api.stream import Stream
from bridge.api.webhooks import Webhooks
from bridge.doctor import Doctor
from bridge.doubts import NO_DESK
from bridge.effects import CallHook
from bridge.errors import SettingsError, StoreError
from bridge.findings import Finding
from bridge.hooking import Book, Hooker
from bridge.inbox import Inbox
from bridge.lifecycle import decide
from bridge.links import Links
from bridge.metrics import MeteredPerformer, MeteredStore, Metrics
from bridge.model import SECOND, Micros
from bridge.outbox import Outbox, Pace
from bridge.parking import Parking
from bridge.perform import Performer
from bridge.plugins import Adapters
from bridge.ports import (
    Bell,
    Check,
    Deps,
    Limiter,
    Presence,
    Runs,
    Staff,
)
from bridge.posting import Poster
from bridge.reachable import networks
from bridge.sealing import Sealer
from bridge.serving import Aside, Server, config, run
from bridge.settings import Settings
from bridge.stores import Parked, Work
from bridge.transfers import Transfers
from bridge.vault import Vault
from bridge.web import Tell, application, front_route, health_routes, metrics_route
from storage import memory, probes, redis
from storage.database import Database, connect
from storage.feed import SqlFeed
from storage.figures import figures
from storage.files import FileSweep, Limits, SqlFiles
from storage.forgetting import Forgetting
from storage.hooks import SqlHooks
from storage.leases import Leases
from storage.migrate import current, newest, upgrade
from storage.parked import SqlParked
from storage.queries import SqlReads
from storage.shelves import FolderShelf, TableShelf
from storage.store import SqlStore, process_name

__all__ = [
    "Process",
    "Role",
    "Server",
    "Settings",
    "SettingsError",
    "build",
    "check_up",
    "config",
    "logs",
    "manifest",
    "migrate",
    "now",
    "parked",
    "prepare",
    "retry",
    "run",
]
"""With what a second composition root, such as the demo's, needs beside `build`."""

GIB = 1024**3
DAY = 86_400 * SECOND
Role = Literal["all", "web", "worker"]
log = structlog.get_logger("app")


def now() -> Micros:
    """Wall time, UTC."""
    return time.time_ns() // 1_000


@dataclass(frozen=True, slots=True)
class Shared:
    """What may be forgotten: in process, or over Redis where there are many processes."""

    bell: Bell
    limiter: Limiter
    presence: Presence
    checks: Mapping[str, Check]


@dataclass(frozen=True, slots=True)
class Process:
    """One Deskbridge: the application, whose lifespan starts and stops it, and what is inside.

    `drain` ends open streams; to be called when the process begins to stop, see `serving`.
    """

    app: Starlette
    drain: Callable[[], None]
    inbox: Inbox
    outbox: Outbox
    store: SqlStore
    reads: SqlReads
    shared: Shared


def build(
    settings: Settings,
    role: Role = "all",
    more: Sequence[BaseRoute] = (),
    clock: Callable[[], Micros] = now,
) -> Process:
    """The whole product. Raises SettingsError. `more`: routes beside its own."""
    if role != "all" and settings.database_url.startswith("sqlite"):
        fault = f"must be PostgreSQL for role {role}: SQLite is for one process"
        raise SettingsError({"DATABASE_URL": fault})
    database = _connect(settings.database_url)
    shared = _shared(settings)
    reads = SqlReads(
        database,
        lambda channel: policy.bot_for(channel) is not None,
        lambda channel: policy.traits(channel),  # noqa: PLW0108 - made below
    )
    files = _files(settings, database)
    deps = Deps(settings, reads, shared.bell, shared.limiter, shared.presence, clock, files)
    adapters = plugins.adapters(deps)
    policy = policies.policy(settings, adapters.desk, adapters.channels)
    leases = _leases(settings)
    metrics = Metrics(lambda: adapters.open_streams() + tools.stream.open(), clock)
    deciding = metrics.watching(lambda case, command, effect: decide(case, command, policy, effect))
    store = SqlStore(database, deciding, clock, leases)
    inbox = Inbox(MeteredStore(store, metrics), shared.bell, lambda work: outbox.take(work))  # noqa: PLW0108 - made below
    tools = _tools(settings, role, database, store, deps)
    desk, channels, links = adapters.desk, adapters.channels, _links(settings)
    transfers = Transfers(files, store, desk, channels, clock)
    performer = Performer(
        *(reads, store, desk, channels, adapters.bots, policy, clock, transfers, links),
        call_hook=tools.call,
    )
    pace = Pace(workers=0 if role == "web" else 64, quarantine=_quarantine(settings))
    parking = Parking(
        SqlParked(database, clock), adapters.desk, shared.bell, settings.delivery.probe_every
    )
    metered = MeteredPerformer(performer, metrics)
    outbox = Outbox(store, metered, inbox.handle, shared.bell, clock, pace, parking)
    leases.room = outbox.room
    store.endpoints = lambda: tools.book.enabled
    tell = partial(metrics.told, partial(figures, database))
    aside = _aside(settings, tell)
    sweeps: list[Runs] = [Forgetting(database, clock), FileSweep(files)]
    fetchers = [] if role == "web" else [*sweeps, *adapters.fetchers(inbox.handle)]
    life = Life(
        *(database, store, inbox, outbox, adapters, shared, aside, fetchers, settings.doubts),
        tools=tools.that_run,
    )
    health = health_routes(
        {"database": life.database_fault},
        {"parked": parking.fault, **shared.checks, **adapters.checks()},
    )
    serving = [] if role == "worker" else [*_routes(inbox, adapters, deps), *tools.routes]
    if aside is None:
        serving = [*serving, _metrics_for_admins(settings, tell)]

    def drain() -> None:
        adapters.drain()
        tools.stream.drain()

    app = application([*serving, *health, *more, front_route()], lifespan=life.lifespan)
    return Process(app, drain, inbox, outbox, store, reads, shared)


@dataclass(frozen=True, slots=True)
class Tools:
    """What tells tools of events: webhooks and the feed."""

    book: Book
    stream: Stream
    call: Callable[[Work, CallHook], Awaitable[None]]
    that_run: Sequence[Runs]
    routes: Sequence[BaseRoute]


def _tools(
    settings: Settings, role: Role, database: Database, store: SqlStore, deps: Deps
) -> Tools:
    hooks, feed, works = SqlHooks(database, store.now), SqlFeed(database), role != "web"
    book = Book(hooks, deps.bell, deps.clock, works=works)
    allowed = networks(settings.webhooks.allow_private)
    poster = Poster(allowed, settings.delivery_timeout)
    vault = Vault(settings.secret_keys)
    hooker = Hooker(book, hooks, deps.reads, poster, vault, deps.clock)
    stream = Stream(feed, deps)
    sealers = [Sealer(feed, deps.bell)] if works else []
    webhooks = Webhooks(hooks, hooker, deps)
    return Tools(
        *(book, stream, hooker.call),
        that_run=[book, poster, stream, *sealers],
        routes=[*webhooks.routes(), *stream.routes()],
    )


def _connect(url: str) -> Database:
    try:
        return connect(url)
    except OSError as error:
        fault = f"cannot be opened: {error.strerror}"
        raise SettingsError({"DATABASE_URL": fault}) from error


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
        await _prepare(self.database)
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


async def migrate(settings: Settings) -> None:
    """Brings the database to the newest schema. Raises SettingsError or StoreError."""
    await _briefly(settings, upgrade)


async def prepare(settings: Settings) -> None:
    """Brings an embedded or an empty database up to date; any other waits for `deskbridge migrate`.

    Raises SettingsError or StoreError.
    """
    await _briefly(settings, _prepare)


async def parked(settings: Settings) -> list[Parked]:
    """What waits until somebody has mended something. Raises SettingsError or StoreError."""
    found: list[Parked] = []

    async def look(database: Database) -> None:
        found.extend(await SqlParked(database, now).listed())

    await _briefly(settings, look)
    return found


async def retry(settings: Settings, lane: str = "") -> int:
    """Releases this parked lane, or all; how many. Raises SettingsError or StoreError."""
    released: list[int] = []

    async def free(database: Database) -> None:
        released.append(await SqlParked(database, now).release_all(lane))

    await _briefly(settings, free)
    return sum(released)


async def check_up(env: Mapping[str, str] | None = None) -> list[Finding]:
    """What `deskbridge check` finds with the settings of this process, or with these variables in
    place of its environment. Raises nothing."""
    factories = [
        factory
        for group in ("desks", "bots", "channels")
        for factory in plugins.load(group).values()
    ]
    doctor = Doctor(probes.database, probes.redis, factories, now)
    return await doctor.examine(*Settings.examine(env))


async def _briefly(settings: Settings, work: Callable[[Database], Awaitable[None]]) -> None:
    database = connect(settings.database_url, exclusive=False)
    try:
        await work(database)
    finally:
        await database.close()


async def _prepare(database: Database) -> None:
    found = await current(database)
    if found == newest():
        return
    if found is not None and database.dialect != "sqlite":
        raise SettingsError({"DATABASE_URL": "has an older schema: run deskbridge migrate"})
    await upgrade(database)


def _routes(inbox: Inbox, adapters: Adapters, deps: Deps) -> list[BaseRoute]:
    desk = adapters.desk
    return [  # the busiest first: they are looked through in their order
        *(desk.routes(inbox.handle) if desk else ()),
        *(
            route
            for channel in adapters.channels.values()
            for route in channel.routes(inbox.handle)
        ),
        *downloads.routes(deps.files, _links(deps.settings), deps.clock),
        *api_routes(inbox.handle, deps, adapters.channels, _staff(desk), staffed=desk is not None),
    ]


def _aside(settings: Settings, tell: Tell) -> Aside | None:
    """Where METRICS_PORT is set, figures are told there to this machine, and nowhere else."""
    if settings.metrics_port is None:
        return None
    return Aside(application([metrics_route(tell)]), settings.metrics_port, "METRICS_PORT")


def _metrics_for_admins(settings: Settings, tell: Tell) -> BaseRoute:
    async def allowed(request: Request) -> None:
        await admit(request, settings)

    return metrics_route(tell, allowed)


def _staff(desk: object) -> Staff | None:
    return desk if isinstance(desk, Staff) else None


def _files(settings: Settings, database: Database) -> SqlFiles:
    folder, kept = settings.files_folder, settings.retention.files
    shelf = FolderShelf(folder) if folder else TableShelf(database)
    limits = Limits(int(settings.files.room * GIB), int(kept * DAY))
    return SqlFiles(database, shelf, now, limits)


def _links(settings: Settings) -> Links:
    return Links(settings.secret_keys, settings.public_url)


def _quarantine(settings: Settings) -> float:
    """Seconds for which a request whose answer was lost may still have its effect."""
    return settings.delivery_timeout + settings.delivery_quarantine


def _leases(settings: Settings) -> Leases:
    length, quarantine = settings.delivery_lease, _quarantine(settings)
    return Leases(process_name(), int(length * SECOND), int(quarantine * SECOND))


def _shared(settings: Settings) -> Shared:
    if not settings.redis_url:
        return Shared(memory.MemoryBell(), memory.MemoryLimiter(), memory.MemoryPresence(), {})
    link = redis.Link(settings.redis_url)

    async def fault() -> str:
        return "" if link.up else "does not answer"

    return Shared(
        redis.RedisBell(link), redis.RedisLimiter(link), redis.RedisPresence(link), {"redis": fault}
    )
