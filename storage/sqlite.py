"""SQLite with one writer.

Work runs right in the event loop: a hop to a thread costs more than a read by key, and two threads
that both run Python only wait for each other. The commit alone, which waits for the disk, may go to
a thread (`commits.py`), as may a statement that reads for long without Python (`Apart`), and what
moves the log into the file is always in one (`checkpoints.py`).

Durability: WAL mode with synchronous=FULL, so a commit that returned is on the disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.sql.expression import ClauseElement

from bridge.errors import SettingsError
from bridge.model import Micros
from storage.bulk import Writes
from storage.checkpoints import EVERY, Checkpoints
from storage.commits import Committer
from storage.driver import Given, SQLiteDriver
from storage.faults import Moved, translated
from storage.mapping import Row

T = TypeVar("T")
CACHE_APART = 8_192
"""KiB of what is read apart: a report reads most pages once."""
LOCKED_FOR, RETRY_LOCK = 5.0, 0.01
"""Seconds for which another process may hold the file's write lock, and between two looks."""


class SQLite:
    """One file, one writer, one process (a lock file says so)."""

    dialect = "sqlite"

    def __init__(
        self, path: Path, *, exclusive: bool = True, checkpoint_every: int = EVERY
    ) -> None:
        self._lock = _lock_file(path) if exclusive else None
        self._engine = _sqlite_engine(path)
        self._committer = Committer()
        self._reading = self._engine.connect().execution_options(reads_only=True)
        self._apart = Apart(self._engine)
        self._writing: Connection | None = None
        self._one_writer = asyncio.Lock()
        self._checkpoints = Checkpoints(
            partial(connection, path), self._one_writer, checkpoint_every
        )

    async def write(self, work: Callable[[Connection], T], *, apart: bool = False) -> T:
        """The work runs right here: in another thread it would only wait for this one to let go of
        the interpreter, at each of its statements."""
        del apart  # there is only the one
        async with self._one_writer:
            with translated():
                connection, raw = await self._begin()
                try:
                    result = await self._done(work, connection, raw)
                finally:
                    _forget(connection)
        return result

    async def _done(
        self, work: Callable[[Connection], T], connection: Connection, raw: sqlite3.Connection
    ) -> T:
        try:
            result = work(connection)
        except BaseException:
            raw.rollback()
            raise
        await self._committer.commit(raw)
        self._checkpoints.committed(raw.total_changes)
        return result

    async def _begin(self) -> tuple[Connection, sqlite3.Connection]:
        """Waits, without holding up anything else, while a command line writes to the file.

        The transaction is the driver's own: what SQLAlchemy does around one costs more than it.
        """
        if self._writing is None:
            self._writing = self._engine.connect()
        raw: Any = self._writing.connection.driver_connection
        deadline = time.monotonic() + LOCKED_FOR
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(RETRY_LOCK)
            else:
                return self._writing, raw

    async def read(self, work: Callable[[Connection], T], *, apart: bool = False) -> T:
        with translated():
            return await self._apart.read(work) if apart else _read(self._reading, work)

    async def rows(self, statement: ClauseElement, given: Given) -> Sequence[Row]:
        with translated():
            return SQLiteDriver(self._reading).rows(statement, given)

    async def prove(self, writes: Writes) -> Sequence[Row]:
        """There is no way to a server that it would save, and nothing is known."""
        raise Moved(writes)

    def now(self) -> Micros | None:
        return None

    async def measure_clock(self) -> None:
        """The file has no clock but ours."""

    async def close(self) -> None:
        await self._checkpoints.close()
        await self._committer.close(self._close_writer)
        await self._apart.close()
        self._reading.close()
        self._engine.dispose()
        if self._lock:
            self._lock.close()

    def _close_writer(self) -> None:
        if self._writing is not None:
            self._writing.close()


class Apart:
    """Reading in a thread, on a connection of its own: while SQLite works at a statement, which may
    take long, the event loop goes on. One read at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-read")
        self._connection: Connection | None = None

    async def read(self, work: Callable[[Connection], T]) -> T:
        """It ends even if the caller is cancelled meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(reads_only=True)
            raw: Any = self._connection.connection.driver_connection
            raw.execute(f"PRAGMA cache_size=-{CACHE_APART}")
        return _read(self._connection, work)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._end)
        self._thread.shutdown()

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _read(connection: Connection, work: Callable[[Connection], T]) -> T:
    with connection.begin():
        return work(connection)


def _forget(connection: Connection) -> None:
    """SQLAlchemy believes in a transaction of its own, if a statement went through it."""
    transaction = connection.get_transaction()
    if transaction is not None:
        transaction.close()  # of the driver's, which is over, it takes nothing back


# The driver must not open transactions by itself: a write begins IMMEDIATE, see _begin.
OPTIONS: Final[Mapping[str, Any]] = MappingProxyType(
    {"isolation_level": None, "check_same_thread": False, "timeout": 0.0}
)


def connection(path: Path) -> sqlite3.Connection:
    made: sqlite3.Connection = sqlite3.connect(path, **OPTIONS)
    _pragmas(made, None)
    return made


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args=dict(OPTIONS))
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _pragmas(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-32768",
        "wal_autocheckpoint=0",  # see checkpoints.py
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A reader sees one snapshot; the writer has begun by itself."""
    if connection.get_execution_options().get("reads_only"):
        connection.exec_driver_sql("BEGIN DEFERRED")


def _lock_file(path: Path) -> IO[str]:
    import fcntl  # noqa: PLC0415 - Windows has none, and may still use PostgreSQL

    lock = Path(f"{path}.lock").open("w")  # noqa: SIM115 - held until close()
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        fault = (
            f"{path} is in use by another deskbridge serve; use PostgreSQL for several processes"
        )
        raise SettingsError({"DATABASE_URL": fault}) from error
    return lock
