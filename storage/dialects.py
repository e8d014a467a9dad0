"""What the two databases say differently; what they are told to write is in `bulk.py` and
`putting.py`."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
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
    """What so many columns are called in JSON: PostgreSQL reads each name again in each row."""
    return tuple(map(str, range(number)))


def as_json(rows: Iterable[Sequence[Any]], columns: int) -> str:
    """Rows of so many columns, for `recordset` or SQLite's `json_each`."""
    names = short(columns)
    return dump([dict(zip(names, row, strict=True)) for row in rows])


def recordset(place: str, kinds: Iterable[str]) -> str:
    """What was given to PostgreSQL `as_json`, as a source of rows; `kinds`: the columns' types."""
    listed = list(kinds)
    named = zip(short(len(listed)), listed, strict=True)
    columns = ", ".join(f'"{name}" {kind}' for name, kind in named)
    return f"json_to_recordset({place}::json) AS given({columns})"
