"""The engine behind the tables: SQLite with one writer, or PostgreSQL; and where the two differ.

All storage code is written once, as plain functions of a synchronous SQLAlchemy `Connection`. On
SQLite they run right in the event loop: a hop to a thread costs more than a read by key, and two
threads that both run Python only wait for each other. The commit alone, which waits for the disk,
may go to a thread (`commits.py`). On PostgreSQL they run under `AsyncConnection.run_sync`.

Durability: SQLite runs in WAL mode with synchronous=FULL, so a commit that returned is on the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import asyncpg
import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Text,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bridge.errors import BadData, SettingsError, StoreUnavailable
from bridge.model import Micros
from storage.commits import Committer

T = TypeVar("T")
LOCK_TIMEOUT_MS = 1_000
POOL = 8
"""Connections of one process to PostgreSQL, beside the one of its inbox."""
CHECKPOINT_PAGES = 4_000
LOCKED_FOR, RETRY_LOCK = 5.0, 0.01
"""Seconds for which another process may hold the file's write lock, and between two looks."""


class Database(Protocol):
    """`write` is one transaction: it commits when the function returns and rolls back when it
    raises. `apart`: on a connection that is kept for it, so that it never waits for others to have
    done.

    Both raise StoreUnavailable (connection, lock, resources) or BadData (a value that is refused).
    """

    dialect: str

    def now(self) -> Micros | None:
        """By the database's clock, which all processes share; None where ours is the only one, or
        it was not measured yet."""
        ...

    async def write(self, work: Callable[[Connection], T], *, apart: bool = False) -> T: ...
    async def read(self, work: Callable[[Connection], T], *, one: bool = False) -> T:
        """`one`: a single statement, which needs no snapshot around it."""
        ...

    async def measure_clock(self) -> None: ...
    async def close(self) -> None: ...


# --- the one seam between the dialects -----------------------------------------------------------


def among(dialect: str, column: Any, name: str) -> ColumnElement[bool]:
    """`column` is one of a list of strings or numbers, given as `ids(dialect, values)`."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(name)).table_valued("value")
        return column.in_(select(each.c.value))  # type: ignore[no-any-return]
    kind = postgresql.ARRAY(column.type)
    return column == func.any(bindparam(name, type_=kind))  # type: ignore[no-any-return]


def ids(dialect: str, values: Iterable[Any]) -> Any:
    """The value for `among`."""
    listed = list(values)
    return dump(listed) if dialect == "sqlite" else listed


def holds(dialect: str, column: Any, value: str) -> ColumnElement[bool]:
    """The column, a JSON list of texts, has this one among them."""
    if dialect == "sqlite":
        each = func.json_each(column).table_valued("value")
        return select(each.c.value).where(each.c.value == value).exists()
    one = cast(literal(dump([value]), Text), postgresql.JSONB)
    return cast(column, postgresql.JSONB).op("@>", is_comparison=True)(one)


def dump(value: Any) -> str:
    """As JSON. Raises BadData for what JSON cannot say, such as half a surrogate pair."""
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise BadData(str(error)) from error


def unpacked(dialect: str) -> str:
    """Pairs of texts given as `packed`, as a source of rows with the columns a and b."""
    if dialect == "sqlite":
        columns = "json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b"
        return f"(SELECT {columns} FROM json_each(:rows)) AS given"
    return "unnest(CAST(:rows_a AS text[]), CAST(:rows_b AS text[])) AS given(a, b)"


def packed(dialect: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The values for `unpacked`."""
    if dialect == "sqlite":
        return {"rows": dump(pairs)}
    return {"rows_a": [a for a, _ in pairs], "rows_b": [b for _, b in pairs]}


# --- errors --------------------------------------------------------------------------------------


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """The libraries' errors as ours, by remedy. Who is cancelled amid a statement stays so: asyncpg
    cannot roll back then, and says that in place of the cancellation."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, *_ASYNCPG, OSError) as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from error
        kind = BadData if _is_the_values_fault(error) else StoreUnavailable
        raise kind(type(error).__name__) from error
    except (UnicodeError, OverflowError) as error:  # refused by the driver itself
        raise BadData(type(error).__name__) from error


_VALUE_CLASSES = ("22", "23")
"""SQLSTATE classes that are the value's fault: data exception, integrity violation."""


_ASYNCPG = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_OF_VALUES = (
    DataError,
    IntegrityError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,  # a type that it cannot bind
    asyncpg.DataError,
)


def _is_the_values_fault(error: Exception) -> bool:
    if isinstance(error, _OF_VALUES):
        return True
    state = str(getattr(getattr(error, "orig", error), "sqlstate", ""))
    plain = isinstance(error, StatementError) and not isinstance(error, DBAPIError)
    return plain or state.startswith(_VALUE_CLASSES)


# --- SQLite --------------------------------------------------------------------------------------


class SQLite:
    """One file, one writer, one process (a lock file says so)."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, exclusive: bool = True) -> None:
        self._lock = _lock_file(path) if exclusive else None
        self._engine = _sqlite_engine(path)
        self._committer = Committer()
        self._reading = self._engine.connect().execution_options(reads_only=True)
        self._writing: Connection | None = None
        self._one_writer = asyncio.Lock()

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

    async def read(self, work: Callable[[Connection], T], *, one: bool = False) -> T:
        with translated():
            if one:
                return work(self._reading)
            with self._reading.begin():
                return work(self._reading)

    def now(self) -> Micros | None:
        return None

    async def measure_clock(self) -> None:
        """The file has no clock but ours."""

    async def close(self) -> None:
        await self._committer.close(self._close_writer)
        self._reading.close()
        self._engine.dispose()
        if self._lock:
            self._lock.close()

    def _close_writer(self) -> None:
        if self._writing is not None:
            self._writing.close()


def _forget(connection: Connection) -> None:
    """SQLAlchemy believes in a transaction of its own, if a statement went through it."""
    transaction = connection.get_transaction()
    if transaction is not None:
        transaction.close()  # of the driver's, which is over, it takes nothing back


def _sqlite_engine(path: Path) -> Engine:
    # The driver must not open transactions by itself: a write begins IMMEDIATE, see _begin.
    options = {"isolation_level": None, "check_same_thread": False, "timeout": 0.0}
    engine = create_engine(f"sqlite:///{path}", connect_args=options)
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
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
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


# --- PostgreSQL ----------------------------------------------------------------------------------


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


def connect(url: str, *, exclusive: bool = True) -> Database:
    """The database of `DATABASE_URL`. Raises SettingsError for one that cannot be."""
    if url.startswith("sqlite:///"):
        return SQLite(Path(url.removeprefix("sqlite:///")), exclusive=exclusive)
    if url.startswith(("postgres://", "postgresql://", "postgresql+asyncpg://")):
        return PostgreSQL(url)
    raise SettingsError({"DATABASE_URL": "use sqlite:///FILE or postgresql://…"})
