"""Gathers what `bridge/judgement.py` judges: facts about the database and Redis of the settings.

A probe changes nothing: a SQLite file that is not there is not made, and the write that is tried
deletes no row.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, InvalidResponse, RedisError
from sqlalchemy import Connection, delete, false

from bridge.errors import StoreError
from bridge.judgement import DatabaseFacts, RedisFacts
from storage.database import Database, connect
from storage.faults import translated
from storage.migrate import is_known, newest, revision_of
from storage.tables import MessageRow

SECONDS = 5.0
SQLITE = "sqlite:///"
FULL = "2"
"""PRAGMA synchronous: a commit that returned is on the disk."""


# --- the database --------------------------------------------------------------------------------


async def database(url: str) -> DatabaseFacts:
    """All that can be known of the database of DATABASE_URL within a few seconds."""
    if url.startswith(SQLITE):
        facts = _file(Path(url.removeprefix(SQLITE)))
    else:
        facts = DatabaseFacts("PostgreSQL", _place(url), embedded=False, newest=newest())
    return facts if facts.fault or facts.absent else await _looked_at(url, facts)


def _file(path: Path) -> DatabaseFacts:
    """What can be said of a SQLite file without opening it."""
    facts = DatabaseFacts(f"SQLite {sqlite3.sqlite_version}", str(path), newest=newest())
    folder = path.absolute().parent
    if not folder.is_dir():
        return replace(facts, fault="no_folder")
    if not os.access(folder, os.W_OK) or path.is_dir():
        return replace(facts, fault="no_access")
    return replace(facts, free=shutil.disk_usage(folder).free, absent=not path.exists())


async def _looked_at(url: str, facts: DatabaseFacts) -> DatabaseFacts:
    try:
        async with asyncio.timeout(SECONDS):
            with translated():
                found = connect(url, exclusive=False)
            try:
                return await _read(found, facts)
            finally:
                await found.close()
    except (StoreError, TimeoutError) as error:
        return replace(facts, fault=fault_of(error))


async def _read(found: Database, facts: DatabaseFacts) -> DatabaseFacts:
    look = _look_at_sqlite if facts.embedded else _look_at_postgres
    facts = await found.read(lambda connection: look(connection, facts))
    await found.measure_clock()
    here = time.time_ns() // 1_000
    facts = replace(facts, skew=((found.now() or here) - here) / 1_000_000)
    return replace(facts, refusal=await _refusal(found)) if facts.revision else facts


def _look_at_sqlite(connection: Connection, facts: DatabaseFacts) -> DatabaseFacts:
    journal = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
    synchronous = str(connection.exec_driver_sql("PRAGMA synchronous").scalar())
    strong = journal == "wal" and synchronous == FULL
    weakness = "" if strong else f"journal mode {journal}, synchronous {synchronous}"
    facts = replace(facts, durability="WAL, synchronous=FULL", weakness=weakness)
    return _with_schema(connection, facts)


def _look_at_postgres(connection: Connection, facts: DatabaseFacts) -> DatabaseFacts:
    def shown(name: str) -> str:
        return str(connection.exec_driver_sql(f"SHOW {name}").scalar())

    values = {name: shown(name) for name in ("fsync", "synchronous_commit")}
    off = ", ".join(f"{name} = {value}" for name, value in values.items() if value == "off")
    kind = f"PostgreSQL {shown('server_version').split(' ')[0]}"
    durability = ", ".join(f"{name} = {value}" for name, value in values.items())
    facts = replace(facts, kind=kind, durability=durability, weakness=off)
    return _with_schema(connection, facts)


def _with_schema(connection: Connection, facts: DatabaseFacts) -> DatabaseFacts:
    revision = revision_of(connection)
    return replace(facts, revision=revision, known=revision is None or is_known(revision))


async def _refusal(found: Database) -> str:
    """Why a write does not work; the statement needs the right to write, and changes nothing."""
    nothing = delete(MessageRow).where(false())
    try:
        await found.write(lambda connection: connection.execute(nothing))
    except StoreError as error:
        return fault_of(error)
    return ""


_STATES = {
    "28P01": "password",
    "28000": "password",
    "3D000": "no_database",
    "25006": "read_only",
    "42501": "no_privilege",
    "55P03": "locked",
}
"""SQLSTATE, as PostgreSQL's manual lists them."""
_SQLITE = {
    sqlite3.SQLITE_NOTADB: "not_a_database",
    sqlite3.SQLITE_CORRUPT: "not_a_database",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_READONLY: "no_access",
    sqlite3.SQLITE_CANTOPEN: "no_access",
    sqlite3.SQLITE_PERM: "no_access",
}
_PRIMARY_CODE = 0xFF
"""SQLite's extended codes have the plain one in their lowest byte."""


def fault_of(error: BaseException) -> str:
    """The first cause that has a name of its own, else the outermost error's."""
    named = (_named(each) for each in _causes(error))
    return next((name for name in named if name), str(error) or type(error).__name__)


def _named(error: BaseException) -> str:
    if isinstance(error, asyncpg.PostgresError):
        return _STATES.get(str(error.sqlstate), "")
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE, "")
    if isinstance(error, AuthenticationError):
        return "password"
    if isinstance(error, InvalidResponse):
        return "not_redis"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, socket.gaierror):
        return "unknown_host"
    return "timeout" if isinstance(error, TimeoutError) else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


# --- Redis ---------------------------------------------------------------------------------------


async def redis(url: str) -> RedisFacts:
    facts = RedisFacts(_place(url))
    client = Redis.from_url(
        url,
        socket_timeout=SECONDS,
        socket_connect_timeout=SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        async with asyncio.timeout(SECONDS):
            await client.ping()
            return await _asked(client, facts)
    except (RedisError, OSError, TimeoutError) as error:
        return replace(facts, fault=fault_of(error))
    finally:
        await client.aclose()


async def _asked(client: Redis, facts: RedisFacts) -> RedisFacts:
    told = await client.info()
    before = time.time()
    seconds, micros = await client.time()
    skew = seconds + micros / 1_000_000 - (before + time.time()) / 2
    primary = told.get("role") == "master"
    return replace(facts, version=str(told.get("redis_version")), primary=primary, skew=skew)


def _place(url: str) -> str:
    """An address without user, password and options."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
