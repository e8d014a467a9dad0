"""How PostgreSQL goes about the inbox's statements, whatever they are given and however many rows
there are by then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import asyncpg
from sqlalchemy import Connection, text

from storage import statements as sql
from storage.beside import FORGET
from storage.bulk import all_at_once
from storage.chain import SEALED
from storage.driver import PostgreSQLDriver, compiled
from storage.mapping import CONVERSATION, HANDOFF, MESSAGE
from storage.postgresql import BY_INDEX
from storage.putting import Form
from storage.receipts import RECEIPT
from tests.storage.stored import stored

WRITTEN = (CONVERSATION.shape, HANDOFF.shape), (SEALED, MESSAGE.shape, RECEIPT)
MANY, ONE = Form(drops=True, alone=False), Form(drops=True, alone=True)
SMALL = ("on bot_pause", "on early", "ix_event_unsealed")
"""What is read whole: bots that are silent, what came early, and the events without a place."""


def _asked(statement: Callable[[str], Any]) -> str:
    return compiled(statement("postgresql"), "postgresql").sql


STATEMENTS: Mapping[str, Callable[[], str]] = {
    "what is known is proved and written": lambda: all_at_once(*WRITTEN, put=MANY, proves=True),
    "one thing that is known is": lambda: all_at_once(*WRITTEN, put=ONE, alone=True, proves=True),
    "all is written under locks": lambda: all_at_once(*WRITTEN, put=MANY),
    "one thing is written under locks": lambda: all_at_once(*WRITTEN, put=ONE, alone=True),
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
            sql.leave,
        )
    },
    "go_on": lambda: _asked(lambda dialect: sql.go_on(dialect)[0]),
    "what is forgotten of posts": lambda: _asked(lambda _: FORGET[0]),
}
KINDS = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = $1"


async def plan_of(connection: asyncpg.Connection, name: str, statement: str) -> str:
    """Made once for all that it may be given."""
    await connection.execute(f'PREPARE "{name}" AS {statement}')
    kinds = await connection.fetchval(KINDS, name)
    nothing = ", ".join(f"NULL::{kind}" for kind in kinds)
    rows = await connection.fetch(f'EXPLAIN EXECUTE "{name}"({nothing})')
    return "\n".join(row[0] for row in rows)


def _faults(plan: str) -> list[str]:
    """The scans that go through all of a table or an index, and bitmaps."""
    lines = pairwise([*plan.splitlines(), ""])
    scans = [each for each in lines if "Scan" in each[0] and " on " in each[0]]
    large = [(scan, then) for scan, then in scans if not any(small in scan for small in SMALL)]
    return [scan for scan, then in large if _is_whole(scan, then)]


def _is_whole(scan: str, then: str) -> bool:
    return "Seq Scan" in scan or "Bitmap" in scan or ("using" in scan and "Index Cond" not in then)


HOW_MANY = "SELECT count(*) FROM pg_prepared_statements"
LONGEST = "SELECT max(length(statement)) FROM pg_prepared_statements"
LONG, MANY_OF_THEM = 15_360, 150
"""asyncpg keeps statements of so many characters prepared, and a hundred of them, unless it is told
otherwise."""


async def test_a_statement_is_kept_prepared_however_long_it_is(fresh_postgres: str) -> None:
    async with stored(fresh_postgres) as desk:
        await desk.do(desk.says("k1"), desk.opens("k2"))
        longest = await desk.database.write(
            lambda inbox: int(inbox.execute(text(LONGEST)).scalar_one()), apart=True
        )

    assert longest > LONG


async def test_many_statements_are_kept_prepared(fresh_postgres: str) -> None:
    def ask(connection: Connection) -> int:
        inbox = PostgreSQLDriver(connection)
        for n in range(MANY_OF_THEM):
            inbox.rows(text(f"SELECT {n}"), {})
        return int(connection.execute(text(HOW_MANY)).scalar_one())

    async with stored(fresh_postgres) as desk:
        assert await desk.database.write(ask, apart=True) >= MANY_OF_THEM


async def test_the_inbox_reads_by_index_and_row_by_row(empty_postgres: str) -> None:
    """Where no table has ever been counted, as on the first day."""
    async with stored(empty_postgres):
        connection = await asyncpg.connect(empty_postgres, server_settings=BY_INDEX)
        try:
            plans = {
                name: await plan_of(connection, name, made()) for name, made in STATEMENTS.items()
            }
        finally:
            await connection.close()

    assert {name: faults for name, plan in plans.items() if (faults := _faults(plan))} == {}
    assert all("Index Cond" in plan for plan in plans.values())
