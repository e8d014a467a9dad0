"""What the two databases say differently; what they are told to write is in `bulk.py` and
`putting.py`."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql

from bridge.errors import BadData


def among(dialect: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """`column` is one of a list of strings or numbers, given as `ids(dialect, values)`."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(name)).table_valued("value")
        return column.in_(select(each.c.value))
    kind = postgresql.ARRAY(column.type)
    return column == func.any(bindparam(name, type_=kind))


def one_by_one(dialect: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """As `among`; also wants how many they are, as `most`. PostgreSQL looks for each by its index,
    though it planned the statement when the table was so small that it would be read whole."""
    if dialect == "sqlite":
        return among(dialect, column, name)
    listed = func.unnest(bindparam(name, type_=postgresql.ARRAY(column.type)))
    return column.in_(select(listed).limit(bindparam("most")))


def ids(dialect: str, values: Iterable[Any]) -> Any:
    """The value for `among` and `one_by_one`."""
    listed = list(values)
    return dump(listed) if dialect == "sqlite" else listed


def holds(dialect: str, column: Any, value: str) -> ColumnElement[bool]:
    """The column, a JSON list of texts, has this one among them."""
    if dialect == "sqlite":
        each = func.json_each(column).table_valued("value")
        return select(each.c.value).where(each.c.value == value).exists()
    one = cast(literal(dump([value]), Text), postgresql.JSONB)
    return cast(column, postgresql.JSONB).op("@>", is_comparison=True)(one)


def gathered(dialect: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """All its values at once, in the order of the rows, for `scattered`.

    For tens of thousands of rows: a driver takes twice as long to hand them over one by one, and
    lets nothing else run meanwhile."""
    if dialect == "sqlite":
        return func.json_group_array(column)
    if isinstance(column.type, BigInteger):  # two thirds of the time of text, and half as long
        return func.string_agg(func.int8send(column), literal_column("''::bytea"))
    if isinstance(column.type, Integer):  # half the time of JSON
        return "[" + func.string_agg(cast(column, Text), ",") + "]"
    return cast(func.json_agg(column), Text)


def gathered_json(dialect: str, column: ColumnElement[str]) -> ColumnElement[str]:
    """The same of texts that are JSON themselves: told as texts of JSON they were written twice."""
    listed = func.group_concat if dialect == "sqlite" else func.string_agg
    return "[" + listed(column, ",") + "]"


def scattered(values: str | bytes | None) -> Sequence[Any]:
    """What was `gathered`."""
    if isinstance(values, bytes):
        numbers = array("q", values)
        if sys.byteorder == "little":  # the server sends the highest byte first
            numbers.byteswap()
        return numbers
    found: list[Any] = orjson.loads(values or "[]")
    return found


def dump(value: Any) -> str:
    """As JSON. Raises BadData for what JSON cannot say, such as half a surrogate pair."""
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise BadData(str(error)) from error


@lru_cache
def short(number: int) -> tuple[str, ...]:
    """What so many columns are called in JSON."""
    return tuple(map(str, range(number)))


def as_json(rows: Iterable[Sequence[Any]], columns: int) -> str:
    """Rows of so many columns, for SQLite's `json_each`."""
    names = short(columns)
    return dump([dict(zip(names, row, strict=True)) for row in rows])


def single(places: Iterator[str], kinds: Iterable[str]) -> str:
    """Selects the one row of which PostgreSQL was given the values; `kinds`: the columns' types."""
    each = (f'{next(places)}::{kind} AS "{n}"' for n, kind in enumerate(kinds))
    return f"SELECT {', '.join(each)}"


def by_columns(rows: Iterable[Sequence[Any]]) -> Iterator[Any]:
    """The values of one row or more for PostgreSQL's `columnset`: of each column what is the same
    in all rows, and last, as JSON, the columns that differ."""
    differing: list[Sequence[Any]] = []
    for n, column in enumerate(zip(*rows, strict=True)):
        same = n > 0 and column.count(column[0]) == len(column)
        differing.append(() if same else column)
        yield column[0] if same else None
    yield dump(differing)


def columnset(places: Iterator[str], kinds: Iterable[str]) -> str:
    """Selects the rows that were given to PostgreSQL `by_columns`; `kinds`: the columns' types.

    It takes half the time of `json_to_recordset`, which looks for each name in each row: here there
    are none, and what is the same everywhere, as half of it is, is said once. The first column is
    there for each row, and counts them. OFFSET keeps columns from being taken out of the JSON anew
    for each row."""
    listed = list(enumerate(kinds))
    each = ", ".join(
        f'coalesce(("{n}" ->> (nth - 1)::integer)::{kind}, {next(places)}::{kind}) AS "{n}"'
        for n, kind in listed
    )
    columns = ", ".join(f'told -> {n} AS "{n}"' for n, _ in listed)
    taken = f"SELECT {columns} FROM (SELECT {next(places)}::jsonb AS told) AS all_of_it OFFSET 0"
    rows = 'jsonb_array_elements("0") WITH ORDINALITY AS counted(first, nth)'
    return f"SELECT {each} FROM ({taken}) AS differing, {rows}"
