"""How PostgreSQL goes about the inbox's statements, whatever they are given and however many rows
there are by then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import asyncpg
import pytest

from storage import statements as sql
from storage.bulk import all_at_once
from storage.chain import SEALED
from storage.driver import compiled
from storage.mapping import CONVERSATION, HANDOFF, MESSAGE
from storage.postgresql import BY_INDEX
from storage.receipts import RECEIPT
from tests.storage.stored import stored

WRITTEN = (CONVERSATION.shape, HANDOFF.shape), (SEALED, MESSAGE.shape, RECEIPT)


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
}
KINDS = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'it'"


async def plan_of(connection: asyncpg.Connection, statement: str) -> str:
    """Made once for all that it may be given."""
    await connection.execute(f"PREPARE it AS {statement}")
    kinds = await connection.fetchval(KINDS)
    nothing = ", ".join(f"NULL::{kind}" for kind in kinds)
    return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE it({nothing})"))


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
