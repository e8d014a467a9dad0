"""The composition root: everything is made here, from the settings, and knows only what it is
given.

This is the one module of `bridge` that may name storage; adapters it finds by entry point.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from starlette.routing import BaseRoute

from bridge import alerting, downloads, logs, manifest, plugins, policies
from bridge.api import routes as api_routes
from bridge.api.access import Access
from bridge.api.audit import Audit
from bridge.api.calls import Call
from bridge.api.records import Records
from bridge.api.stream import Stream
from bridge.api.webhooks import Webhooks
from bridge.attendant import Attendant, often_enough
from bridge.audit import Chain
from bridge.borrowing import Borrower
from bridge.consulting import Consulting
from bridge.effects import CallHook
from bridge.errors import SettingsError
from bridge.expecting import expecting
from bridge.heads import Heads, to_desk
from bridge.hooking import Book, Hooker
from bridge.inbox import Inbox
from bridge.invoking import Invoker, Place
from bridge.latest import Latest
from bridge.life import (
    Base,
    Generation,
    Process,
    Read,
    files_kept,
    leases,
    quarantine,
    shared_by,
)
from bridge.lifecycle import decide
from bridge.links import Links
from bridge.mailman import Mailman
from bridge.metrics import MeteredPerformer, MeteredStore, Metrics
from bridge.model import given
from bridge.outbox import Outbox, Pace
from bridge.parking import Parking
from bridge.perform import Performer
from bridge.plugins import Adapters
from bridge.policy import Policy
from bridge.ports import Clock, Deps, Lends, Receive, Runs, Staff, TellWebhook
from bridge.posting import Poster
from bridge.reachable import networks
from bridge.reloading import Inside
from bridge.reviewing import Reviewing
from bridge.router import Router
from bridge.sealing import Sealer
from bridge.serving import Aside, Server, config, run
from bridge.settings import Settings
from bridge.showing import Showing
from bridge.stores import Work
from bridge.transfers import Transfers
from bridge.upkeep import (
    check_up,
    migrate,
    now,
    parked,
    prepare,
    reload,
    reread,
    retry,
    with_keys,
    with_lists,
    with_trail,
)
from bridge.vault import Vault
from bridge.watching import Watch
from bridge.web import (
    Tell,
    application,
    front_route,
    health_routes,
    metrics_for_admins,
    metrics_route,
)
from storage.alerts import SqlAlerts
from storage.audit import SqlAudit
from storage.database import Database, connect
from storage.feed import SqlFeed
from storage.figures import figures
from storage.files import FileSweep, SqlFiles
from storage.forgetting import Forgetting
from storage.hooks import SqlHooks
from storage.keys import SqlKeys
from storage.lists import SqlLists
from storage.parked import SqlParked
from storage.queries import SqlReads
from storage.roster import SqlRoster
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
    "reload",
    "retry",
    "run",
    "with_keys",
    "with_lists",
    "with_trail",
]
"""With what a second composition root, such as the demo's, needs beside `build`."""

WORKERS = 64
"""Slots of each process that performs."""
Role = Literal["all", "web", "worker"]


def build(
    settings: Settings,
    role: Role = "all",
    more: Sequence[BaseRoute] = (),
    clock: Clock = now,
    read: Read = reread,
) -> Process:
    """The whole product. Raises SettingsError. `more`: routes beside its own; `read` says what the
    settings are when they are to be read again.

    What is made later and needed earlier is reached by a function that looks when it is called.
    """
    base = _base(settings, role, clock, lambda: process.now.open_streams())  # noqa: PLW0108 - made below
    make = partial(_generation, base, role, more)
    process = Process(base, make(settings), make, read)
    return process


def _base(settings: Settings, role: Role, clock: Clock, streams: Callable[[], int]) -> Base:
    if role != "all" and settings.database_url.startswith("sqlite"):
        fault = f"must be PostgreSQL for role {role}: SQLite is for one process"
        raise SettingsError({"DATABASE_URL": fault})
    database, metrics = _connect(settings.database_url), Metrics(streams, clock)
    aside = _aside(settings, _tell(metrics, database))
    return Base(clock, clock(), database, shared_by(settings), Latest(), metrics, aside)


def _tell(metrics: Metrics, database: Database) -> Tell:
    return partial(metrics.told, partial(figures, database))


def _generation(
    base: Base, role: Role, more: Sequence[BaseRoute], settings: Settings
) -> Generation:
    ground = _ground(base, settings, role, lambda *what: tools.tell(*what))  # noqa: PLW0108 - made below
    store = _store(ground)
    tools = _tools(ground, store)
    works = _works(ground, store, tools)
    store.endpoints = lambda: tools.book.enabled
    records = Records(given(ground.deps.lists), SqlKeys(base.database), tools.hooks)
    serving = _routes(ground, works, records, tools.calls) if role != "worker" else []
    if base.aside is None:
        tell = _tell(base.metrics, base.database)
        serving.append(metrics_for_admins(tell, Access(ground.deps, records.keys)))

    def end_streams() -> None:
        ground.adapters.drain()
        tools.stream.drain()

    routes = [*serving, *_health(ground, works), *more, front_route()]
    return Generation(
        settings,
        Inside(application(routes)),
        routes,
        end_streams,
        open_streams=lambda: ground.adapters.open_streams() + tools.stream.open(),
        inbox=works.inbox,
        outbox=works.outbox,
        store=store,
        reads=ground.reads,
        records=records,
        adapters=ground.adapters,
        fetchers=_fetchers(ground, works),
        tools=tools.that_run,
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """What all else stands on: what was asked for, what keeps, who is spoken with, what decides."""

    base: Base
    settings: Settings
    role: Role
    files: SqlFiles
    reads: SqlReads
    deps: Deps
    adapters: Adapters
    policy: Policy

    @property
    def staff(self) -> Staff | None:
        """The desk, where it knows who an agent is."""
        desk: object = self.adapters.desk
        return desk if isinstance(desk, Staff) else None


def _ground(base: Base, settings: Settings, role: Role, tell: TellWebhook) -> Ground:
    database, shared = base.database, base.shared
    reads = SqlReads(
        database,
        lambda channel: policy.bot_for(channel) is not None,
        lambda channel: policy.traits(channel),  # noqa: PLW0108 - made below
    )
    files = files_kept(settings, database)
    waking = (shared.bell, shared.limiter, shared.presence)
    lists = SqlLists(database, reads)
    deps = Deps(settings, reads, *waking, base.clock, files, tell, base.latest, lists)
    adapters = plugins.adapters(deps)
    policy = policies.policy(settings, adapters.desk, adapters.channels)
    return Ground(*(base, settings, role, files, reads, deps, adapters, policy))


def _store(ground: Ground) -> SqlStore:
    deciding = ground.base.metrics.watching(
        lambda case, command, effect: decide(case, command, ground.policy, effect)
    )
    base, leased = ground.base, leases(ground.settings)
    return SqlStore(base.database, deciding, base.clock, leased, Chain(ground.settings.secret_keys))


@dataclass(frozen=True, slots=True)
class Tools:
    """What tells tools of events: webhooks and the feed."""

    hooks: SqlHooks
    book: Book
    stream: Stream
    poster: Poster
    tell: TellWebhook
    call: Callable[[Work, CallHook], Awaitable[None]]
    web: Lends
    that_run: Sequence[Runs]
    calls: Sequence[Call]


def _tools(ground: Ground, store: SqlStore) -> Tools:
    settings, database, deps = ground.settings, ground.base.database, ground.deps
    chain = Chain(settings.secret_keys)
    hooks, trail = SqlHooks(database, store.now), SqlAudit(database, chain)
    feed, works = SqlFeed(database, chain), ground.role != "web"
    book = Book(hooks, deps.bell, deps.clock, works=works)
    allowed = networks(settings.webhooks.allow_private)
    poster = Poster(allowed, settings.delivery_timeout)
    vault = Vault(settings.secret_keys)
    hooker = Hooker(book, hooks, deps.reads, poster, vault, deps.clock)
    stream = Stream(feed, deps)
    post = to_desk(ground.adapters.desk, settings.audit.slack_channel)
    heads = Heads(trail, lambda: book.enabled, hooker.tell, deps.clock, post=post)
    sealers: list[Runs] = [Sealer(feed, deps.bell), heads] if works else []
    webhooks = Webhooks(hooks, hooker, deps)
    return Tools(
        *(hooks, book, stream, poster, hooker.tell, hooker.call),
        Borrower(poster, settings.delivery_timeout),
        that_run=[book, poster, stream, *sealers],
        calls=[*webhooks.calls(), *stream.calls(), *Audit(trail).calls()],
    )


@dataclass(frozen=True, slots=True)
class Works:
    """What moves: commands in, effects out, and who gets what."""

    inbox: Inbox
    heard: Receive
    """What stands before the inbox where agents do something."""
    outbox: Outbox
    parking: Parking
    router: Router


def _works(ground: Ground, store: SqlStore, tools: Tools) -> Works:
    bell, clock, policy = ground.deps.bell, ground.base.clock, ground.policy
    metrics, database, desk = ground.base.metrics, ground.base.database, ground.adapters.desk
    inbox = Inbox(
        MeteredStore(store, metrics),
        bell,
        lambda work: outbox.take(work),  # noqa: PLW0108 - made below
        ground.deps.latest,
        beside=database.dialect == "postgresql",
    )
    router = Router(SqlRoster(database), inbox.handle, policy, clock, ground.staff)
    performer = MeteredPerformer(_performer(ground, store, tools, router), metrics)
    parking = Parking(SqlParked(database, clock), desk, bell, ground.settings.delivery.probe_every)
    outbox = Outbox(store, performer, inbox.handle, bell, clock, _pace(ground), parking)
    store.leases.room, store.leases.expect = outbox.room, expecting(desk)
    every = often_enough(policy.staffing)
    heard = Attendant(inbox.handle, policy.routes, clock, every).receive
    return Works(inbox, heard, outbox, parking, router)


def _performer(ground: Ground, store: SqlStore, tools: Tools, router: Router) -> Performer:
    reads, clock, adapters = ground.reads, ground.base.clock, ground.adapters
    desk, channels = adapters.desk, adapters.channels
    transfers = Transfers(ground.files, store, desk, channels, clock, tools.web)
    mail_after, said = ground.policy.mail_after, ground.settings.approvals.context
    return Performer(
        *(reads, channels, adapters.bots, clock),
        Showing(reads, store, desk, ground.policy, clock, transfers),
        transfers,
        _links(ground.settings),
        Mailman(reads, channels, clock, adapters.mailer, mail_after, ground.base.since),
        call_hook=tools.call,
        route=router.look,
        ask=Consulting(reads, store, desk, clock).ask,
        review=Reviewing(reads, given(ground.deps.lists), store, desk, clock, said).show,
        invoke=Invoker(reads, tools.poster, _places(ground.settings), clock).invoke,
        alert=alerting.teller(ground.deps, store, adapters, tools.poster).tell,
    )


def _places(settings: Settings) -> dict[str, Place]:
    """Where actions of one's own are done."""
    return {a.name: Place(a.url, a.secret.get_secret_value()) for a in settings.actions}


def _pace(ground: Ground) -> Pace:
    workers = 0 if ground.role == "web" else WORKERS
    return Pace(workers=workers, quarantine=quarantine(ground.settings))


def _fetchers(ground: Ground, works: Works) -> list[Runs]:
    if ground.role == "web":
        return []
    sweeps = Forgetting(ground.base.database, ground.base.clock), FileSweep(ground.files)
    return [*sweeps, works.router, _watch(ground), *ground.adapters.fetchers(works.heard)]


def _watch(ground: Ground) -> Watch:
    database, clock = ground.base.database, ground.base.clock
    store, parked = SqlAlerts(database, clock), SqlParked(database, clock)
    deps, adapters, policy = ground.deps, ground.adapters, ground.policy
    return alerting.watch(store, parked, deps, adapters, policy, owner=process_name())


def _health(ground: Ground, works: Works) -> list[BaseRoute]:
    checks = ground.base.shared.checks
    worries = {"parked": works.parking.fault, **checks, **ground.adapters.checks()}
    return [*health_routes({"database": ground.base.fault}, worries)]


def _connect(url: str) -> Database:
    try:
        return connect(url)
    except OSError as error:
        fault = f"cannot be opened: {error.strerror}"
        raise SettingsError({"DATABASE_URL": fault}) from error


def _routes(
    ground: Ground, works: Works, records: Records, more: Sequence[Call]
) -> list[BaseRoute]:
    desk, channels, deps = ground.adapters.desk, ground.adapters.channels, ground.deps
    receive, mailer = works.inbox.handle, ground.adapters.mailer
    return [  # the busiest first: they are looked through in their order
        *(desk.routes(works.heard) if desk else ()),
        *(route for channel in channels.values() for route in channel.routes(receive)),
        *(mailer.routes(receive) if mailer else ()),
        *downloads.routes(deps.files, _links(deps.settings), deps.clock),
        *api_routes(
            *(receive, deps, records, channels, ground.staff), policy=ground.policy, more=more
        ),
    ]


def _aside(settings: Settings, tell: Tell) -> Aside | None:
    """Where METRICS_PORT is set, figures are told there to this machine, and nowhere else."""
    if settings.metrics_port is None:
        return None
    return Aside(application([metrics_route(tell)]), settings.metrics_port, "METRICS_PORT")


def _links(settings: Settings) -> Links:
    return Links(settings.secret_keys, settings.public_url)
