"""PostgreSQL. Work is written for a synchronous `Connection` and runs under
`AsyncConnection.run_sync`, in a greenlet that waits for asyncpg."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.expression import ClauseElement

from bridge.model import Micros
from storage.bulk import STATEMENTS, Writes
from storage.driver import Given, compiled, prove
from storage.faults import translated
from storage.mapping import Row

T = TypeVar("T")
LOCK_TIMEOUT_MS = 1_000
STATEMENT_TIMEOUT_MS = 15_000
"""A statement that takes longer is ended by the server: whoever waits behind it would wait for ever
else. Migrations have no such end."""
IDLE_TIMEOUT_MS = 30_000
"""Of a transaction in which nothing happens, as when its process stands still: it holds locks."""
POOL = 8
"""Connections of one process to PostgreSQL, beside the two of its inbox."""
PREPARED = {
    "statement_cache_size": STATEMENTS,
    "max_cached_statement_lifetime": 0,
    "max_cacheable_statement_size": 0,
}
"""Statements stay prepared as long as their connection. Left to itself asyncpg keeps a hundred, for
five minutes, and none of more than 15,360 characters, though what is written of a new handoff is
one of 17,000: each time a way more to the server, and a plan more."""
BY_INDEX = {
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""All that the inbox looks for has an index. While tables are small PostgreSQL would rather read
them whole, and goes on with such a plan while they grow: a hundred keys in five thousand receipts
took it twenty milliseconds. A bitmap is made of all that an index has, whatever is gone of it: of
a lane in which one mark takes the place of another, thousands until the next vacuum. An index that
is read row by row is rid of these at once. What can only be read whole, such as the silent bots,
seems so dear then that servers before 18 would compile it each time. Plans are made once: that by
index fits whatever is given, and making one anew for each message took as long as all else of
it."""
PATIENCE = 30.0
"""Seconds for which one of them is waited for, while all others may be waiting for the server."""


class Kept:
    """A few connections that stay taken out of SQLAlchemy's pool: what that does each time one is
    taken costs as much as two statements."""

    def __init__(self, engine: AsyncEngine, size: int) -> None:
        self._engine = engine
        self._free = asyncio.Semaphore(size)
        self._idle: list[AsyncConnection] = []

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[AsyncConnection]:
        """Of whoever is cancelled amid a statement, the connection is not used again."""
        async with asyncio.timeout(PATIENCE):
            await self._free.acquire()
        try:
            connection = await self._taken()
            try:
                yield connection
            except Exception:
                await self._put_back(connection)
                raise
            except BaseException:
                await asyncio.shield(_end(connection))
                raise
            await self._put_back(connection)
        finally:
            self._free.release()

    async def _taken(self) -> AsyncConnection:
        while self._idle:
            connection = self._idle.pop()
            if _is_open(connection):  # else the server has closed it, which SQLAlchemy has not seen
                return connection
            await _end(connection)
        return await self._engine.connect()

    async def _put_back(self, connection: AsyncConnection) -> None:
        if not _is_open(connection) or raw_of(connection).is_in_transaction():
            await _end(connection)
            return
        if connection.in_transaction():  # SQLAlchemy believes in one of its own
            await connection.rollback()
        self._idle.append(connection)

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close()
        await self._engine.dispose()


def raw_of(connection: AsyncConnection) -> Any:
    """asyncpg's own, which SQLAlchemy takes away from one that it sees break."""
    return cast(Connection, connection.sync_connection).connection.driver_connection


def _is_open(connection: AsyncConnection) -> bool:
    raw = None if connection.invalidated else raw_of(connection)
    return raw is not None and not raw.is_closed()


async def _end(connection: AsyncConnection) -> None:
    if _is_open(connection):
        raw_of(connection).terminate()
    await connection.invalidate()
    await connection.close()


class PostgreSQL:
    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        settings = {
            "application_name": "deskbridge",
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(IDLE_TIMEOUT_MS),
        }

        def kept(size: int, **more: str) -> Kept:
            engine = create_async_engine(
                _asyncpg_url(url),
                pool_size=size,
                max_overflow=0,
                pool_pre_ping=False,
                # The transaction is asyncpg's own, see `write`; SQLAlchemy is not to open another.
                isolation_level="AUTOCOMMIT",
                connect_args={"server_settings": {**settings, **more}, **PREPARED},
            )
            return Kept(engine, size)  # whoever is over the number waits: connecting costs more

        self._shared, self._apart = kept(POOL), kept(2, **BY_INDEX)
        self._measured: tuple[Micros, Micros] | None = None

    def now(self) -> Micros | None:
        """Counted on from the last measurement by the monotonic clock, so that a step of this
        machine's own clock takes nobody's lease."""
        if self._measured is None:
            return None
        there, here = self._measured
        return there + _monotonic() - here

    async def write(self, work: Callable[[Connection], T], *, apart: bool = False) -> T:
        kept = self._apart if apart else self._shared
        with translated():
            async with kept.one() as connection, raw_of(connection).transaction():
                return await connection.run_sync(work)

    async def prove(self, writes: Writes) -> Sequence[Row]:
        with translated():
            async with self._apart.one() as connection:
                return await prove(raw_of(connection), writes)

    async def read(self, work: Callable[[Connection], T], *, apart: bool = False) -> T:
        """No transaction: each statement sees what is committed when it begins."""
        del apart  # the work waits for the server, and holds up nothing
        with translated():
            async with self._shared.one() as connection:
                return await connection.run_sync(work)

    async def rows(self, statement: ClauseElement, given: Given) -> Sequence[Row]:
        text = compiled(statement, self.dialect)
        with translated():
            async with self._shared.one() as connection:
                found = await raw_of(connection).fetch(text.sql, *text.values(given))
                return cast(Sequence[Row], found)

    async def measure_clock(self) -> None:
        query = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        before = _monotonic()
        there: Micros = await self.read(lambda connection: connection.execute(query).scalar_one())
        self._measured = there, (before + _monotonic()) // 2

    async def close(self) -> None:
        await self._shared.close()
        await self._apart.close()


def _monotonic() -> Micros:
    return time.monotonic_ns() // 1_000


def _asyncpg_url(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+asyncpg://" + url[len(prefix) :]
    return url
