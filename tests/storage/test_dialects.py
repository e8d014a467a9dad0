"""What PostgreSQL is given is what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.dialects import by_columns, columnset, single

Selects = Callable[[Iterator[str], Sequence[str]], str]
KINDS = ("TEXT", "BIGINT", "BOOLEAN", "INTEGER", "TEXT")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
"""PostgreSQL has no NUL in a text."""
ROW = st.tuples(
    st.none() | TEXTS,
    st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
    st.none() | st.booleans(),
    st.sampled_from([0, 1]),
    st.sampled_from(["", "[]", "null", "{}", "same"]),
)
"""Rows of which some columns say the same, and some say nothing."""


async def told(url: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return await _read(url, columnset, list(by_columns(rows)))


async def _read(url: str, selects: Selects, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        places = (f"${n}" for n in count(1))
        found = await connection.fetch(selects(places, KINDS), *values)
        return [tuple(row) for row in found]
    finally:
        await connection.close()


@given(ROW)
async def test_the_values_of_a_single_row_are_read_as_they_are(
    postgres_url: str, row: tuple[Any, ...]
) -> None:
    assert await _read(postgres_url, single, row) == [row]


@given(st.lists(ROW, min_size=1, max_size=12))
async def test_rows_told_by_columns_are_read_as_they_are_and_in_their_order(
    postgres_url: str, rows: list[tuple[Any, ...]]
) -> None:
    assert await told(postgres_url, rows) == rows


@pytest.mark.parametrize("row", [("only", 1, True, 0, ""), (None, None, None, 1, "same")])
async def test_one_row_alone_and_rows_that_are_all_the_same_are_told_as_often_as_they_are(
    postgres_url: str, row: tuple[Any, ...]
) -> None:
    assert await told(postgres_url, [row]) == [row]
    assert await told(postgres_url, [row] * 3) == [row] * 3


def test_what_is_the_same_in_all_rows_is_said_once() -> None:
    rows = [("a", "default", 1), ("b", "default", 2)]

    assert list(by_columns(rows)) == [None, "default", None, '[["a","b"],[],[1,2]]']
