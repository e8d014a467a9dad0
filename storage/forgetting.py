"""What is kept for a time only: receipts, and what came early and found nothing that it is about.

A receipt says that a thing was taken, so that it is not taken twice; nobody repeats a thing for
weeks, and the catch-up, which could, looks back less far than receipts are kept. What is early for
a day is about something that is no handoff's: colleagues who talk in threads of the desk's channel.

Neither table has an index over time, which every commit would have to keep up. So each is walked
through now and then in the order of its key, a slice at a time with a pause between, and what is
old in a slice is deleted. Every process that works on lanes does so; that another one was faster
does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import structlog
from sqlalchemy import Connection, Delete, Select, bindparam, delete, select

from bridge.background import Background
from bridge.errors import StoreError
from bridge.model import SECOND, Micros
from bridge.ports import Clock
from bridge.stores import RECEIPTS_KEPT
from storage.database import Database
from storage.dialects import among, ids
from storage.driver import driver_of
from storage.mapping import Row
from storage.tables import metadata

DAY: Micros = 86_400 * SECOND
EVERY = 3_600.0
"""Seconds between two walks."""
PAUSE = 1.0
"""Seconds between two slices of a walk."""
SLICE = 500
"""Rows."""

log = structlog.get_logger("store")


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a table, kept so long from their `at`. `first` is before every key."""

    table: str
    key: str
    first: Any
    length: Micros


KEPT = (Kept("receipt", "key", "", RECEIPTS_KEPT), Kept("early", "id", 0, DAY))


class Forgetting:
    """Implements Runs of `bridge.ports`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        every: float = EVERY,
        pause: float = PAUSE,
        most: int = SLICE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._every = every
        self._pause = pause
        self._most = most
        self._background = Background()

    async def start(self) -> None:
        self._background.start("forgetting", self._run())

    async def close(self) -> None:
        await self._background.close()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.walk()
            except StoreError as error:  # what is left is forgotten next time
                log.warning("cannot forget", error=str(error))
            except Exception:  # a mistake of ours must not end all later walks
                log.exception("cannot forget")

    async def walk(self) -> None:
        """Once through all that is kept for a time. Raises StoreError."""
        for kept in KEPT:
            if gone := await self._walk(kept):
                log.info("forgotten", table=kept.table, rows=gone)

    async def _walk(self, kept: Kept) -> int:
        """How many were deleted."""
        before = (self._database.now() or self._clock()) - kept.length
        gone, after = 0, kept.first
        while rows := await self._slice(kept, after):
            after = rows[-1][0]
            if old := [key for key, at in rows if at < before]:
                await self._database.write(partial(self._delete, kept, old))
                gone += len(old)
            await asyncio.sleep(self._pause)
        return gone

    async def _slice(self, kept: Kept, after: Any) -> Sequence[Row]:
        """(key, at) of the next rows."""
        return await self._database.rows(_next(kept), {"after": after, "most": self._most})

    def _delete(self, kept: Kept, old: Sequence[Any], connection: Connection) -> None:
        dialect = self._database.dialect
        driver_of(connection, dialect).count(_them(kept, dialect), {"ids": ids(dialect, old)})


@lru_cache
def _next(kept: Kept) -> Select[Any]:
    columns = metadata.tables[kept.table].c
    key = columns[kept.key]
    after_it = select(key, columns.at).where(key > bindparam("after")).order_by(key)
    return after_it.limit(bindparam("most"))


@lru_cache
def _them(kept: Kept, dialect: str) -> Delete:
    table = metadata.tables[kept.table]
    return delete(table).where(among(dialect, table.c[kept.key], "ids"))
