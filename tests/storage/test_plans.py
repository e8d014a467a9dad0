"""How PostgreSQL goes about the inbox's statements, whatever they are given and however many rows
there are by then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from storage import statements as sql
from storage.beside import FORGET
from storage.bulk import all_at_once
from storage.chain import SEALED
from storage.driver import compiled
from storage.mapping import CONVERSATION, HANDOFF, MESSAGE
from storage.postgresql import BY_INDEX
from storage.receipts import RECEIPT
from tests.storage.stored import stored

WRITTEN = (CONVERSATION.shape, HANDOFF.shape), (SEALED, MESSAGE.shape, RECEIPT)


SMALL = ("on bot_pause", "on early", "ix_event_unsealed")
"""What is read whole: bots that are silent, what came early, and the events without a place."""


def _asked(statement: Callable[[str], Any]) -> str:
    return compiled(statement("postgresql"), "postgresql").sql


STATEMENTS: Mapping[str, Callable[[], str]] = {
    "what is known is proved and written": lambda: all_at_once(*WRITTEN, drops=True, proves=True),
    "all is written under locks": lambda: all_at_once(*WRITTEN, drops=True),
    **{
        each.__name__: partial(_asked, each)
        for each in (
            sql.lock,
            sql.people,
            sql.threads,
            sql.post_places,
            sql.message_places,
            sql.early,
            sql.owners,
            sql.settle,
            sql.heads,
            sql.leave,
        )
    },
    "go_on": lambda: _asked(lambda dialect: sql.go_on(dialect)[0]),
    "what is forgotten of posts": lambda: _asked(lambda _: FORGET[0]),
}
KINDS = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'it'"


async def plan_of(connection: asyncpg.Connection, statement: str) -> str:
    """Made once for all that it may be given."""
    await connection.execute(f"PREPARE it AS {statement}")
    kinds = await connection.fetchval(KINDS)
    nothing = ", ".join(f"NULL::{kind}" for kind in kinds)
    return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE it({nothing})"))


def _read_whole(plan: str) -> list[str]:
    """The scans that go through all of an index."""
    scans = [line for line in pairwise(plan.splitlines()) if "Scan using" in line[0]]
    large = [(scan, then) for scan, then in scans if not any(small in scan for small in SMALL)]
    return [scan for scan, then in large if "Index Cond" not in then]


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
async def test_the_inbox_reads_by_index_and_row_by_row(
    fresh_postgres: str, statement: Callable[[], str]
) -> None:
    async with stored(fresh_postgres):
        connection = await asyncpg.connect(fresh_postgres, server_settings=BY_INDEX)
        try:
            plan = await plan_of(connection, statement())
        finally:
            await connection.close()

    assert "Index" in plan
    assert "Seq Scan" not in plan
    assert "Bitmap" not in plan
    assert _read_whole(plan) == []
