"""The database behind the tables: SQLite (`sqlite.py`) or PostgreSQL (`postgresql.py`).

All storage code is written once, as plain functions of a synchronous SQLAlchemy `Connection`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.sql.expression import ClauseElement

from bridge.errors import SettingsError
from bridge.model import Micros
from storage.bulk import Writes
from storage.driver import Given
from storage.mapping import Row
from storage.postgresql import PostgreSQL
from storage.sqlite import SQLite

T = TypeVar("T")


class Database(Protocol):
    """`write` is one transaction: it commits when the function returns and rolls back when it
    raises. `apart`: on a connection that is kept for it, so that it never waits for others to have
    done, nor, if it reads, they for it, however long it takes.

    All raise StoreUnavailable (connection, lock, resources) or BadData (a value that is refused).
    """

    dialect: str

    def now(self) -> Micros | None:
        """By the database's clock, which all processes share; None where ours is the only one, or
        it was not measured yet."""
        ...

    async def write(self, work: Callable[[Connection], T], *, apart: bool = False) -> T: ...
    async def read(self, work: Callable[[Connection], T], *, apart: bool = False) -> T: ...
    async def rows(self, statement: ClauseElement, given: Given) -> Sequence[Row]:
        """Of a single statement that is made once, which goes to the driver (`driver.py`) and needs
        no snapshot around it."""
        ...

    async def prove(self, writes: Writes) -> Sequence[Row]:
        """A transaction by itself, apart, of what is written on what is known (`known.py`); gives
        what `Driver.write` does. Raises Moved, too."""
        ...

    async def measure_clock(self) -> None: ...
    async def close(self) -> None: ...


def connect(url: str, *, exclusive: bool = True) -> Database:
    """The database of `DATABASE_URL`. Raises SettingsError for one that cannot be."""
    if url.startswith("sqlite:///"):
        return SQLite(Path(url.removeprefix("sqlite:///")), exclusive=exclusive)
    if url.startswith(("postgres://", "postgresql://", "postgresql+asyncpg://")):
        return PostgreSQL(url)
    raise SettingsError({"DATABASE_URL": "use sqlite:///FILE or postgresql://…"})
