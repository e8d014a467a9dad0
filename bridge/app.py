"""The composition root: everything is made here, from the settings, and knows only what it is
given.

This is the one module of `bridge` that may name storage; adapters it finds by entry point.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bridge import downloads, logs, manifest, plugins, policies
from bridge.api import routes as api_routes
from bridge.api.access import Access
from bridge.api.calls import Call
from bridge.api.records import Records
from bridge.api.stream import Stream
from bridge.api.webhooks import Webhooks
from bridge.attendant import Attendant
from bridge.borrowing import Borrower
from bridge.effects import CallHook
from bridge.errors import SettingsError
from bridge.hooking import Book, Hooker
from bridge.inbox import Inbox
from bridge.life import Life, Shared
from bridge.lifecycle import decide
from bridge.links import Links
from bridge.mailman import Mailman
from bridge.metrics import MeteredPerformer, MeteredStore, Metrics
from bridge.model import SECOND
from bridge.outbox import Outbox, Pace
from bridge.parking import Parking
from bridge.perform import Performer
from bridge.plugins import Adapters
from bridge.policy import Policy
from bridge.ports import (
    Clock,
    Deps,
    Desk,
    Lends,
    Receive,
    Runs,
    Staff,
    TellWebhook,
)
from bridge.posting import Poster
from bridge.reachable import networks
from bridge.router import Router
from bridge.sealing import Sealer
from bridge.serving import Aside, Server, config, run
from bridge.settings import Settings
from bridge.showing import Showing
from bridge.stores import Work
from bridge.transfers import Transfers
from bridge.upkeep import check_up, migrate, now, parked, prepare, retry, with_keys
from bridge.vault import Vault
from bridge.web import (
    Tell,
    application,
    front_route,
    health_routes,
    metrics_for_admins,
    metrics_route,
)
from storage import memory, redis
from storage.database import Database, connect
from storage.feed import SqlFeed
from storage.figures import figures
from storage.files import FileSweep, Limits, SqlFiles
from storage.forgetting import Forgetting
from storage.hooks import SqlHooks
from storage.keys import SqlKeys
from storage.leases import Leases
from storage.lists import SqlLists
from storage.parked import SqlParked
from storage.queries import SqlReads
from storage.roster import SqlRoster
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
    "with_keys",
]
"""With what a second composition root, such as the demo's, needs beside `build`."""

GIB = 1024**3
DAY = 86_400 * SECOND
T = TypeVar("T")
Role = Literal["all", "web", "worker"]
log = structlog.get_logger("app")


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
    records: Records
    shared: Shared


def build(
    settings: Settings,
    role: Role = "all",
    more: Sequence[BaseRoute] = (),
    clock: Clock = now,
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
    waking = (shared.bell, shared.limiter, shared.presence)
    deps = Deps(settings, reads, *waking, clock, files, lambda *what: tools.tell(*what))  # noqa: PLW0108 - made below
    adapters = plugins.adapters(deps)
    policy = policies.policy(settings, adapters.desk, adapters.channels)
    leases = _leases(settings)
    metrics = Metrics(lambda: adapters.open_streams() + tools.stream.open(), clock)
    deciding = metrics.watching(lambda case, command, effect: decide(case, command, policy, effect))
    store = SqlStore(database, deciding, clock, leases)
    inbox = Inbox(
        MeteredStore(store, metrics),
        shared.bell,
        lambda work: outbox.take(work),  # noqa: PLW0108 - made below
        deps.latest,
    )
    tools = _tools(settings, role, database, store, deps)
    desk, channels, links = adapters.desk, adapters.channels, _links(settings)
    transfers = Transfers(files, store, desk, channels, clock, tools.web)
    records = Records(SqlLists(database, reads), SqlKeys(database), tools.hooks)
    router, heard = _routing(database, inbox, policy, clock, desk)
    performer = Performer(
        *(reads, channels, adapters.bots, clock),
        Showing(reads, store, desk, policy, clock, transfers),
        transfers,
        links,
        Mailman(reads, channels, clock, adapters.mailer, policy.mail_after, clock()),
        call_hook=tools.call,
        route=router.look,
    )
    pace = Pace(workers=0 if role == "web" else 64, quarantine=_quarantine(settings))
    parking = Parking(
        SqlParked(database, clock), adapters.desk, shared.bell, settings.delivery.probe_every
    )
    outbox = Outbox(
        store, MeteredPerformer(performer, metrics), inbox.handle, shared.bell, clock, pace, parking
    )
    leases.room = outbox.room
    store.endpoints = lambda: tools.book.enabled
    tell = partial(metrics.told, partial(figures, database))
    aside = _aside(settings, tell)
    fetchers: list[Runs] = (
        []
        if role == "web"
        else [Forgetting(database, clock), FileSweep(files), router, *adapters.fetchers(heard)]
    )
    life = Life(
        *(database, store, inbox, outbox, adapters, shared, aside, fetchers, settings.doubts),
        tools=tools.that_run,
    )
    health = health_routes(
        {"database": life.database_fault},
        {"parked": parking.fault, **shared.checks, **adapters.checks()},
    )
    serving = (
        []
        if role == "worker"
        else _routes(inbox, adapters, deps, records, tools.calls, heard=heard, policy=policy)
    )
    if aside is None:
        serving = [*serving, metrics_for_admins(tell, Access(deps, records.keys))]

    def drain() -> None:
        adapters.drain()
        tools.stream.drain()

    app = application([*serving, *health, *more, front_route()], lifespan=life.lifespan)
    return Process(app, drain, inbox, outbox, store, reads, records, shared)


@dataclass(frozen=True, slots=True)
class Tools:
    """What tells tools of events: webhooks and the feed."""

    hooks: SqlHooks
    book: Book
    stream: Stream
    tell: TellWebhook
    call: Callable[[Work, CallHook], Awaitable[None]]
    web: Lends
    that_run: Sequence[Runs]
    calls: Sequence[Call]


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
        *(hooks, book, stream, hooker.tell, hooker.call),
        Borrower(poster, settings.delivery_timeout),
        that_run=[book, poster, stream, *sealers],
        calls=[*webhooks.calls(), *stream.calls()],
    )


def _connect(url: str) -> Database:
    try:
        return connect(url)
    except OSError as error:
        fault = f"cannot be opened: {error.strerror}"
        raise SettingsError({"DATABASE_URL": fault}) from error


def _routing(
    database: Database, inbox: Inbox, policy: Policy, clock: Clock, desk: Desk | None
) -> tuple[Router, Receive]:
    """What looks who gets what, and what stands before the inbox where agents do something."""
    router = Router(SqlRoster(database), inbox.handle, policy, clock, _staff(desk))
    return router, Attendant(inbox.handle, policy.routes, clock).receive


def _routes(
    inbox: Inbox,
    adapters: Adapters,
    deps: Deps,
    records: Records,
    more: Sequence[Call],
    *,
    heard: Receive,
    policy: Policy,
) -> list[BaseRoute]:
    desk = adapters.desk
    return [  # the busiest first: they are looked through in their order
        *(desk.routes(heard) if desk else ()),
        *(
            route
            for channel in adapters.channels.values()
            for route in channel.routes(inbox.handle)
        ),
        *(adapters.mailer.routes(inbox.handle) if adapters.mailer else ()),
        *downloads.routes(deps.files, _links(deps.settings), deps.clock),
        *api_routes(
            *(inbox.handle, deps, records, adapters.channels, _staff(desk)),
            policy=policy,
            more=more,
        ),
    ]


def _aside(settings: Settings, tell: Tell) -> Aside | None:
    """Where METRICS_PORT is set, figures are told there to this machine, and nowhere else."""
    if settings.metrics_port is None:
        return None
    return Aside(application([metrics_route(tell)]), settings.metrics_port, "METRICS_PORT")


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
