"""PostgreSQL. Work is written for a synchronous `Connection` and runs under
`AsyncConnection.run_sync`, in a greenlet that waits for asyncpg."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bridge.model import Micros
from storage.faults import translated

T = TypeVar("T")
LOCK_TIMEOUT_MS = 1_000
POOL = 8
"""Connections of one process to PostgreSQL, beside the one of its inbox."""


class PostgreSQL:
    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        settings = {"lock_timeout": str(LOCK_TIMEOUT_MS), "application_name": "deskbridge"}

        def engine(size: int) -> AsyncEngine:
            return create_async_engine(
                _asyncpg_url(url),
                pool_size=size,
                max_overflow=0,  # whoever is over the number waits: connecting costs much more
                pool_pre_ping=False,
                # The transaction is asyncpg's own, see `write`; SQLAlchemy is not to open another.
                isolation_level="AUTOCOMMIT",
                connect_args={"server_settings": settings},
            )

        self._engine, self._apart = engine(POOL), engine(1)
        self._measured: tuple[Micros, Micros] | None = None

    def now(self) -> Micros | None:
        """Counted on from the last measurement by the monotonic clock, so that a step of this
        machine's own clock takes nobody's lease."""
        if self._measured is None:
            return None
        there, here = self._measured
        return there + _monotonic() - here

    async def write(self, work: Callable[[Connection], T], *, apart: bool = False) -> T:
        engine = self._apart if apart else self._engine
        with translated():
            async with engine.connect() as connection:
                raw = await self._alive(connection)
                async with raw.transaction():
                    return await connection.run_sync(work)

    async def _alive(self, connection: AsyncConnection) -> Any:
        """The driver's connection; a new one in place of one that the server has closed, which
        SQLAlchemy does not notice where it is passed by."""
        raw: Any = (await connection.get_raw_connection()).driver_connection
        if raw.is_closed():
            await connection.invalidate()
            raw = (await connection.get_raw_connection()).driver_connection
        return raw

    async def read(self, work: Callable[[Connection], T], *, one: bool = False) -> T:
        """No transaction: each statement sees what is committed when it begins."""
        del one  # all the same
        with translated():
            async with self._engine.connect() as connection:
                await self._alive(connection)
                return await connection.run_sync(work)

    async def measure_clock(self) -> None:
        query = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        before = _monotonic()
        there: Micros = await self.read(lambda connection: connection.execute(query).scalar_one())
        self._measured = there, (before + _monotonic()) // 2

    async def close(self) -> None:
        await self._engine.dispose()
        await self._apart.dispose()


def _monotonic() -> Micros:
    return time.monotonic_ns() // 1_000


def _asyncpg_url(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+asyncpg://" + url[len(prefix) :]
    return url
