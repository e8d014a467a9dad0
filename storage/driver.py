"""Statements on the driver itself, for the write side.

What SQLAlchemy does around one execution costs ten times what SQLite takes for it, and the write
side runs a dozen statements for each batch. So its statements are still written in SQLAlchemy Core,
are compiled once by the dialect, and then go straight to sqlite3 or asyncpg, within the transaction
that the `Database` has begun; but for what is proved by its one statement, which is one by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol, cast

from asyncpg import DivisionByZeroError, IntegrityConstraintViolationError
from sqlalchemy import Connection, Insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.util import await_only

from storage.bulk import (
    Proof,
    Step,
    Writes,
    all_at_once,
    insert_one,
    is_alone,
    packed_rows,
    update_one,
)
from storage.faults import Moved
from storage.mapping import Row
from storage.putting import Puts, one_by_one

Given = Mapping[str, Any]


class Driver(Protocol):
    """`rows` gives tuples, `dicts` rows by name, `count` how many rows were touched; `many` runs
    the statement once for each row, whose keys are all the same. `write` gives (id, lane) of each
    effect that is begun with."""

    dialect: str

    def rows(self, statement: ClauseElement, given: Given) -> Sequence[Row]: ...
    def dicts(self, statement: ClauseElement, given: Given) -> Sequence[Given]: ...
    def count(self, statement: ClauseElement, given: Given) -> int: ...
    def many(self, statement: ClauseElement, rows: Sequence[Given]) -> None: ...
    def write(self, writes: Writes) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True)
class Compiled:
    """`names` in the order of the placeholders; `defaults`: values of the statement's own."""

    sql: str
    names: tuple[str, ...]
    defaults: Given

    def values(self, given: Given) -> list[Any]:
        return [given[n] if n in given else self.defaults[n] for n in self.names]


_DIALECTS: Mapping[str, Any] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": asyncpg.dialect(),  # type: ignore[no-untyped-call]
}


@lru_cache(maxsize=512)
def compiled(
    statement: ClauseElement, dialect: str, columns: tuple[str, ...] | None = None
) -> Compiled:
    """The statement in the words of the database. `columns`: those of the rows to insert."""
    keys = list(columns) if columns and isinstance(statement, Insert) else None
    made: Any = statement.compile(dialect=_DIALECTS[dialect], column_keys=keys)
    return Compiled(str(made), tuple(made.positiontup or ()), dict(made.params))


class SQLiteDriver:
    dialect = "sqlite"

    def __init__(self, connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        self._cursor = raw.cursor()

    def rows(self, statement: ClauseElement, given: Given) -> Sequence[Row]:
        text = compiled(statement, self.dialect)
        return cast(Sequence[Row], self._cursor.execute(text.sql, text.values(given)).fetchall())

    def dicts(self, statement: ClauseElement, given: Given) -> Sequence[Given]:
        rows = self.rows(statement, given)
        names = [column[0] for column in self._cursor.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def count(self, statement: ClauseElement, given: Given) -> int:
        text = compiled(statement, self.dialect)
        return int(self._cursor.execute(text.sql, text.values(given)).rowcount)

    def many(self, statement: ClauseElement, rows: Sequence[Given]) -> None:
        text = compiled(statement, self.dialect, tuple(rows[0]))
        self._cursor.executemany(text.sql, [text.values(row) for row in rows])

    def write(self, writes: Writes) -> Sequence[Row]:
        for (_, text), values in writes.beside.items():
            self._cursor.execute(text.replace("{}", "?"), values)
        for updates, inserts in writes.steps():
            for shape, rows in updates.items():
                text, pick = update_one(shape)
                self._cursor.executemany(text, map(pick, rows))
            for shape, rows in inserts.items():
                self._cursor.executemany(insert_one(shape), rows)
        return self._put(writes.puts) if writes.puts else []

    def _put(self, puts: Puts) -> Sequence[Row]:
        values, told = puts.named, list[Row]()
        for text in one_by_one(drops=puts.drops):
            told = self._cursor.execute(text, values).fetchall()
        return [(effect, lane) for effect, lane, state in told if state == "sending"]


class PostgreSQLDriver:
    """Used in the greenlet of `AsyncConnection.run_sync`, where waiting is possible."""

    dialect = "postgresql"

    def __init__(self, connection: Connection) -> None:
        self._raw: Any = connection.connection.driver_connection

    def rows(self, statement: ClauseElement, given: Given) -> Sequence[Row]:
        text = compiled(statement, self.dialect)
        return cast(Sequence[Row], await_only(self._raw.fetch(text.sql, *text.values(given))))

    def dicts(self, statement: ClauseElement, given: Given) -> Sequence[Given]:
        return [dict(cast(Any, row)) for row in self.rows(statement, given)]

    def count(self, statement: ClauseElement, given: Given) -> int:
        text = compiled(statement, self.dialect)
        status: str = await_only(self._raw.execute(text.sql, *text.values(given)))
        return int(status.rpartition(" ")[2])  # "UPDATE 3"

    def many(self, statement: ClauseElement, rows: Sequence[Given]) -> None:
        text = compiled(statement, self.dialect, tuple(rows[0]))
        await_only(self._raw.executemany(text.sql, [text.values(row) for row in rows]))

    def write(self, writes: Writes) -> Sequence[Row]:
        told: list[Row] = []
        for n, step in enumerate(writes.steps()):
            told += await_only(self._raw.fetch(*_stated(step, Writes() if n else writes)))
        return told


def _stated(step: Step, writes: Writes, proof: Proof | None = None) -> Iterator[Any]:
    """The statement and its values, of one of the steps, with what goes along with the first."""
    (updates, inserts), puts = step, writes.puts
    beside, form, alone = writes.beside, puts.form if puts else None, is_alone(step, proof)
    shapes = tuple(updates), tuple(inserts), tuple(beside)
    yield all_at_once(*shapes, form, alone=alone, proves=proof is not None)
    proven, put = proof.values(alone=alone) if proof else (), puts.numbered if puts else ()
    packed = (packed_rows(each, alone=alone) for each in (updates, inserts))
    yield from chain(proven, *beside.values(), put, *packed)


async def prove(raw: Any, writes: Writes) -> Sequence[Row]:
    """Writes what has its `proof`, on a connection of asyncpg's and in a transaction of its own; as
    `Driver.write`. Raises Moved; also if one of the things was taken before."""
    first, *others = list(writes.steps()) or [({}, {})]
    if others:  # one statement is all that there is
        raise Moved
    try:
        rows = await raw.fetch(*_stated(first, writes, writes.proof))
    except (DivisionByZeroError, IntegrityConstraintViolationError) as error:
        raise Moved from error
    writes.wrote = rows[0][2]
    return [(effect, lane) for effect, lane, _ in rows if effect is not None]


def driver_of(connection: Connection, dialect: str) -> Driver:
    return SQLiteDriver(connection) if dialect == "sqlite" else PostgreSQLDriver(connection)
