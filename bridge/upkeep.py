"""What is done to an installation beside a server that may be running: schema, keys, parked lanes,
new settings, and the doctor. Of the composition root, and like it allowed to name storage.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from bridge import plugins
from bridge.audit import Chain
from bridge.doctor import Doctor
from bridge.errors import SettingsError
from bridge.findings import Finding
from bridge.keys import Keys
from bridge.lists import Lists
from bridge.model import Micros
from bridge.operators import operator
from bridge.settings import SQLITE, Settings
from bridge.stores import Fired, Parked
from bridge.trail import Trail
from storage import firings, probes
from storage.audit import SqlAudit
from storage.database import Database, connect
from storage.keys import SqlKeys
from storage.lists import SqlLists
from storage.migrate import current, newest, upgrade
from storage.parked import SqlParked
from storage.queries import SqlReads
from storage.reloads import SqlReloads

T = TypeVar("T")
PATIENCE, QUIET, LOOK = 15.0, 5.0, 0.1
"""Seconds for the first answer of a server, for another one after an answer, between two looks."""
ELSEWHERE = "Run this with the settings, and in the folder, with which Deskbridge runs"
NOT_THERE = f"is not there: no Deskbridge has run on it. {ELSEWHERE}"
OTHER_SCHEMA = (
    "has another version's schema: run deskbridge migrate, or use the version that serves"
)


def now() -> Micros:
    """Wall time, UTC."""
    return time.time_ns() // 1_000


async def migrate(settings: Settings) -> None:
    """Brings the database to the newest schema. Raises SettingsError or StoreError."""
    await _briefly(settings, upgrade)


async def prepare(settings: Settings) -> None:
    """Brings an embedded or an empty database up to date; any other waits for `deskbridge migrate`.

    Raises SettingsError or StoreError.
    """
    await _briefly(settings, make_ready)


async def parked(settings: Settings) -> list[Parked]:
    """What waits until somebody has mended something. Raises SettingsError or StoreError."""
    found: list[Parked] = []

    async def look(database: Database) -> None:
        found.extend(await SqlParked(database, now).listed())

    await _beside(settings, look)
    return found


async def fired(settings: Settings, since: Micros, rule: str = "") -> list[Fired]:
    """Rules that have fired since then. Raises SettingsError or StoreError."""
    return await _beside(settings, lambda database: firings.fired(database, since, rule))


async def retry(settings: Settings, lane: str = "") -> int:
    """Releases this parked lane, or all; how many. Raises SettingsError or StoreError."""
    released: list[int] = []

    async def free(database: Database) -> None:
        released.append(await SqlParked(database, now).release_all(lane, operator()))

    await _beside(settings, free)
    return sum(released)


def reread(old: Settings) -> Settings:
    """The settings of this process as they are now. Raises SettingsError."""
    found, faults = Settings.examine()
    if found and not faults and found.database_url != old.database_url:
        return found  # a key beside a file that is not used yet would be made too early
    return Settings.load()


async def reload(
    settings: Settings, patience: float = PATIENCE, quiet: float = QUIET
) -> dict[str, str]:
    """Asks every server of this installation to read its settings again; what each that answered
    says. Raises SettingsError or StoreError."""
    told: dict[str, str] = {}

    async def ask(database: Database) -> None:
        reloads = SqlReloads(database)
        wish, left = await reloads.wish(), patience
        while left > 0:
            await asyncio.sleep(LOOK)
            left -= LOOK
            known = len(told)
            told.update(await reloads.answers(wish))
            if len(told) > known:  # of SQLite there is one process
                left = 0 if database.dialect == "sqlite" else quiet

    await _beside(settings, ask)
    return told


async def check_up(env: Mapping[str, str] | None = None) -> list[Finding]:
    """What `deskbridge check` finds with the settings of this process, or with these variables in
    place of its environment. Raises nothing."""
    factories = [
        factory
        for group in ("desks", "bots", "channels", "mailers")
        for factory in plugins.load(group).values()
    ]
    channels = plugins.load("channels")
    doctor = Doctor(probes.database, probes.redis, factories, now, channels=channels)
    settings, faults = Settings.examine(env)
    return await doctor.examine(settings, faults, Settings.places(list(faults), env))


async def with_keys(
    settings: Settings, work: Callable[[Keys], Awaitable[T]], *, makes: bool = False
) -> T:
    """What the work gives, with the keys of this installation, beside a running server. `makes`:
    the database, where there is none yet.

    Raises SettingsError or StoreError.
    """
    if makes:
        await prepare(settings)
    return await _beside(settings, lambda database: work(SqlKeys(database)))


async def with_trail(settings: Settings, work: Callable[[Trail], Awaitable[T]]) -> T:
    """The same with the audit trail."""
    chain = Chain(settings.secret_keys)
    return await _beside(settings, lambda database: work(SqlAudit(database, chain)))


async def _beside(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """With the database that Deskbridge has made, where it runs; in another folder none is made.
    Raises SettingsError."""
    _look_for_file(settings.database_url)

    async def known(database: Database) -> T:
        found = await current(database)
        if found is None:
            raise SettingsError({"DATABASE_URL": f"is an empty database. {ELSEWHERE}"})
        if found != newest():
            raise SettingsError({"DATABASE_URL": OTHER_SCHEMA})
        return await work(database)

    return await _briefly(settings, known)


def _look_for_file(url: str) -> None:
    """Raises SettingsError where SQLite would make one."""
    place = url.removeprefix(SQLITE)
    if place != url and not Path(place).exists():
        raise SettingsError({"DATABASE_URL": f"{Path(place).absolute()} {NOT_THERE}"})


async def with_lists(settings: Settings, work: Callable[[Lists], Awaitable[T]]) -> T:
    """What the work gives, with what may be read by the page of this installation.

    Raises SettingsError or StoreError.
    """

    async def done(database: Database) -> T:
        return await work(SqlLists(database, SqlReads(database, lambda _: True)))

    return await _beside(settings, done)


async def _briefly(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    database = connect(settings.database_url, exclusive=False)
    try:
        return await work(database)
    finally:
        await database.close()


async def make_ready(database: Database) -> None:
    """See `prepare`."""
    found = await current(database)
    if found == newest():
        return
    if found is not None and database.dialect != "sqlite":
        raise SettingsError({"DATABASE_URL": "has an older schema: run deskbridge migrate"})
    await upgrade(database)
