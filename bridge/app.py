"""The composition root: everything is made here, from the settings, and knows only what it is given.

This is the one module of `bridge` that may name storage; adapters it finds by entry point.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bridge import plugins
from bridge.api import routes as api_routes
from bridge.errors import SettingsError, StoreError
from bridge.inbox import Inbox
from bridge.lifecycle import decide
from bridge.model import SECOND, Micros
from bridge.outbox import Outbox, Pace
from bridge.perform import Performer
from bridge.policy import BotPolicy, Policy
from bridge.ports import Bell, Bot, Channel, Deps, Desk, Limiter, Presence, Runs
from bridge.settings import Settings
from bridge.texts import Texts
from bridge.web import application, health_routes
from storage import memory, redis
from storage.database import Database, connect
from storage.leases import Leases
from storage.migrate import current, newest, upgrade
from storage.queries import SqlReads
from storage.store import SqlStore, process_name

Role = Literal["all", "web", "worker"]
log = structlog.get_logger("app")


def now() -> Micros:
    """Wall time, UTC."""
    return time.time_ns() // 1_000


@dataclass(frozen=True, slots=True)
class Adapters:
    channels: Mapping[str, Channel]
    desk: Desk | None
    bots: Mapping[str, Bot]

    def that_run(self) -> list[Runs]:
        """Those that have something to start and to stop."""
        every: list[Any] = [*self.channels.values(), self.desk, *self.bots.values()]
        return [adapter for adapter in every if isinstance(adapter, Runs)]


@dataclass(frozen=True, slots=True)
class Shared:
    """What may be forgotten: in process, or over Redis where there are many processes."""

    bell: Bell
    limiter: Limiter
    presence: Presence


@dataclass(frozen=True, slots=True)
class Process:
    """One Deskbridge: the application, whose lifespan starts and stops it, and what is inside."""

    app: Starlette
    inbox: Inbox
    outbox: Outbox
    store: SqlStore
    reads: SqlReads
    shared: Shared


def build(settings: Settings, role: Role = "all", more: Sequence[BaseRoute] = ()) -> Process:
    """The whole product. Raises SettingsError. `more`: routes beside its own."""
    database = connect(settings.database_url)
    if role != "all" and database.dialect == "sqlite":
        raise SettingsError({"DATABASE_URL": f"role {role} needs PostgreSQL: SQLite is one process"})
    shared = _shared(settings)
    reads = SqlReads(database, lambda channel: policy.bot_for(channel) is not None)
    adapters = _adapters(Deps(settings, reads, shared.bell, shared.limiter, shared.presence, now))
    policy = policy_of(settings, adapters)
    leases = _leases(settings)
    store = SqlStore(
        database, lambda case, command, effect: decide(case, command, policy, effect), now, leases
    )
    inbox = Inbox(store, shared.bell, lambda work: outbox.take(work))
    performer = Performer(
        reads, store, adapters.desk, adapters.channels, adapters.bots, policy, now
    )
    pace = Pace(workers=0 if role == "web" else 64, quarantine=_quarantine(settings))
    outbox = Outbox(store, performer, inbox.handle, shared.bell, now, pace)
    leases.room = outbox.room
    deps = Deps(settings, reads, shared.bell, shared.limiter, shared.presence, now)
    serving = [] if role == "worker" else _routes(inbox, adapters, deps)
    life = Life(database, store, inbox, outbox, adapters, shared)
    routes = [*health_routes({"database": life.database_fault}, {}), *serving, *more]
    app = application(routes, lifespan=life.lifespan)
    return Process(app, inbox, outbox, store, reads, shared)


@dataclass(frozen=True, slots=True)
class Life:
    """Starting and stopping, in order: what takes work in stops first, what keeps it last."""

    database: Database
    store: SqlStore
    inbox: Inbox
    outbox: Outbox
    adapters: Adapters
    shared: Shared

    def lifespan(self, _app: Starlette) -> AbstractAsyncContextManager[None]:
        return self._run()

    @asynccontextmanager
    async def _run(self) -> AsyncIterator[None]:
        await self.start()
        yield
        await self.stop()

    async def start(self) -> None:
        await prepare(self.database)
        await self.database.measure_clock()
        if self.database.dialect == "sqlite":  # a lock file says that there is no other process
            await self.store.forget_dead()
        await self.shared.bell.start()
        for adapter in self.adapters.that_run():
            await adapter.start()
        self.outbox.start()
        log.info("started", database=self.database.dialect, desk=bool(self.adapters.desk))

    async def stop(self) -> None:
        await self.outbox.close()
        await self.inbox.close()
        for adapter in reversed(self.adapters.that_run()):
            await adapter.close()
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


async def prepare(database: Database) -> None:
    """Brings an embedded or an empty database up to date; any other waits for `deskbridge migrate`.

    Raises SettingsError.
    """
    found = await current(database)
    if found == newest():
        return
    if found is not None and database.dialect != "sqlite":
        raise SettingsError({"DATABASE_URL": "has an older schema: run deskbridge migrate"})
    await upgrade(database)


def policy_of(settings: Settings, adapters: Adapters) -> Policy:
    """What the settings decide, for `decide`."""
    handoff, desk = settings.handoff, adapters.desk
    return Policy(
        bots=tuple(
            BotPolicy(bot.id, int(bot.patience * SECOND), bot.channels) for bot in settings.bots
        ),
        channels={name: channel.traits for name, channel in adapters.channels.items()},
        desk_max_text=desk.max_text if desk else Policy().desk_max_text,
        preview=handoff.preview,
        end_command=handoff.user_close_command,
        assignment_timeout={
            channel: int(seconds * SECOND)
            for channel, seconds in handoff.assignment_timeout.items()
        },
        reopen_within=int(handoff.reopen_within * SECOND),
        texts=Texts(settings.messages),
    )


def _adapters(deps: Deps) -> Adapters:
    return Adapters(
        plugins.channels(deps, plugins.load("channels")),
        plugins.desk(deps, plugins.load("desks")),
        plugins.bots(deps, plugins.load("bots")),
    )


def _routes(inbox: Inbox, adapters: Adapters, deps: Deps) -> list[BaseRoute]:
    desk = adapters.desk
    return [
        *(route for channel in adapters.channels.values() for route in channel.routes(inbox.handle)),
        *(desk.routes(inbox.handle) if desk else ()),
        *api_routes(inbox.handle, deps),
    ]


def _quarantine(settings: Settings) -> float:
    """Seconds for which a request whose answer was lost may still have its effect."""
    return settings.delivery_timeout + settings.delivery_quarantine


def _leases(settings: Settings) -> Leases:
    length, quarantine = settings.delivery_lease, _quarantine(settings)
    return Leases(process_name(), int(length * SECOND), int(quarantine * SECOND))


def _shared(settings: Settings) -> Shared:
    if not settings.redis_url:
        return Shared(memory.MemoryBell(), memory.MemoryLimiter(), memory.MemoryPresence())
    link = redis.Link(settings.redis_url)
    return Shared(redis.RedisBell(link), redis.RedisLimiter(link), redis.RedisPresence(link))
