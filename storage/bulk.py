"""What one transaction writes, gathered while it decides and written together at its end.

SQLite takes a statement a table. PostgreSQL takes all of it in one, rows as arrays by column: each
statement more is one more way there and back while conversations are locked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from operator import itemgetter
from typing import Any

from sqlalchemy.dialects import postgresql

from storage.mapping import Row, Shape
from storage.tables import metadata

Gathered = Mapping[Shape, Sequence[Row]]
FIXED = frozenset({"id", "workspace_id", "channel", "address", "contact_id"})
"""Columns that never change once a row is there."""


class Writes:
    """Rows to insert, and rows to update by their `id`. Mutable, for one transaction."""

    def __init__(self) -> None:
        self.inserts: dict[Shape, list[Row]] = {}
        self.updates: dict[Shape, list[Row]] = {}

    def insert(self, shape: Shape, rows: Sequence[Row]) -> None:
        if rows:
            self.inserts.setdefault(shape, []).extend(rows)

    def update(self, shape: Shape, rows: Sequence[Row]) -> None:
        """Every column that may change."""
        if rows:
            self.updates.setdefault(shape, []).extend(rows)

    def steps(self) -> Iterator[tuple[Gathered, Gathered]]:
        """(updates, inserts) that may be written together, one after another: a handoff that ends
        must be over before another one of the same conversation begins."""
        both = {s.table for s in self.updates} & {s.table for s in self.inserts}
        if both:
            yield _by_table(self.updates), {}
            yield {}, _by_table(self.inserts)
        elif self.updates or self.inserts:
            yield _by_table(self.updates), _by_table(self.inserts)


def _by_table(gathered: Gathered) -> Gathered:
    """In one order, so that there are few different statements."""
    return dict(sorted(gathered.items(), key=lambda each: each[0].table))


# --- one row (SQLite) ----------------------------------------------------------------------------


@lru_cache
def insert_one(shape: Shape) -> str:
    places = ", ".join("?" * len(shape.columns))
    return f'INSERT INTO "{shape.table}" ({_listed(shape.columns)}) VALUES ({places})'


@lru_cache
def update_one(shape: Shape) -> tuple[str, Callable[[Row], Row]]:
    """The statement, and what it takes of a row."""
    changing = [name for name in shape.columns if name not in FIXED]
    pick = itemgetter(*(shape.columns.index(name) for name in [*changing, "id"]))
    changes = ", ".join(f'"{name}" = ?' for name in changing)
    return f'UPDATE "{shape.table}" SET {changes} WHERE id = ?', pick


# --- all rows of all tables (PostgreSQL) ---------------------------------------------------------


@lru_cache
def all_at_once(updates: tuple[Shape, ...], inserts: tuple[Shape, ...]) -> str:
    """The answer has (id, lane) of each new effect, in their order."""
    places = count(1)
    parts = [f"{s.table}_changed AS ({_update_all(s, places)})" for s in updates]
    parts += [f"{s.table}_added AS ({_insert_all(s, places)})" for s in inserts]
    puts = any(shape.table == "effect" for shape in inserts)
    told = "SELECT id, lane FROM effect_added" if puts else "SELECT 1 WHERE false"
    return f"WITH {', '.join(parts)} {told}"


def by_column(gathered: Gathered) -> list[Sequence[Any]]:
    """The arrays of all rows, in the order of the statement's places."""
    return [column for rows in gathered.values() for column in zip(*rows, strict=True)]


def _insert_all(shape: Shape, places: Iterator[int]) -> str:
    told = " RETURNING id, lane" if shape.table == "effect" else ""
    rows = f"SELECT * FROM unnest({_arrays(shape, places)})"
    return f'INSERT INTO "{shape.table}" ({_listed(shape.columns)}) {rows}{told}'


def _update_all(shape: Shape, places: Iterator[int]) -> str:
    changes = ", ".join(f'"{n}" = new."{n}"' for n in shape.columns if n not in FIXED)
    rows = f"unnest({_arrays(shape, places)}) AS new({_listed(shape.columns)})"
    return f'UPDATE "{shape.table}" AS old SET {changes} FROM {rows} WHERE old.id = new.id'


def _arrays(shape: Shape, places: Iterator[int]) -> str:
    table = metadata.tables[shape.table]
    kinds = (table.c[name].type.compile(dialect=_POSTGRESQL) for name in shape.columns)
    return ", ".join(f"${next(places)}::{kind}[]" for kind in kinds)


_POSTGRESQL: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
