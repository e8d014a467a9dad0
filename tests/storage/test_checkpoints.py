"""SQLite's log goes into its file beside what is written, and does not grow for ever."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from storage.checkpoints import Checkpoints
from storage.sqlite import SQLite, connection
from tests.waiting import until

TABLE = "CREATE TABLE thing (id INTEGER PRIMARY KEY, what TEXT)"
ADD = "INSERT INTO thing (what) VALUES ('one of many, and quite long')"
EVERY = 50


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SQLite]:
    made = SQLite(tmp_path / "a.db", checkpoint_every=EVERY)
    await run(made, TABLE)
    yield made
    await made.close()


async def run(database: SQLite, statement: str) -> None:
    await database.write(lambda to: to.execute(text(statement)).close())


def rows_in_the_file(folder: Path) -> int:
    """As though the log were gone."""
    shutil.copy(folder / "a.db", folder / "alone.db")
    with sqlite3.connect(folder / "alone.db") as found:
        try:
            return int(found.execute("SELECT count(*) FROM thing").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # not even the table


async def test_after_so_many_rows_the_log_is_moved_into_the_file(
    database: SQLite, tmp_path: Path
) -> None:
    for _ in range(EVERY - 1):
        await run(database, ADD)
    assert rows_in_the_file(tmp_path) == 0
    await run(database, ADD)
    await until(lambda: rows_in_the_file(tmp_path) >= EVERY)


async def test_the_log_begins_anew_while_others_go_on_writing(
    database: SQLite, tmp_path: Path
) -> None:
    async def writing() -> None:
        for _ in range(20 * EVERY):
            await run(database, ADD)
            await asyncio.sleep(0)

    await asyncio.gather(writing(), writing())
    written = 2 * 20 * EVERY * 4_000  # bytes: a commit is at least one page
    assert (tmp_path / "a.db-wal").stat().st_size < written / 4


async def test_a_log_that_cannot_be_moved_stays_and_nothing_is_lost(tmp_path: Path) -> None:
    tries = []

    def broken() -> sqlite3.Connection:
        tries.append(1)
        raise sqlite3.OperationalError("disk I/O error")

    moving = Checkpoints(broken, asyncio.Lock(), every=10)
    with capture_logs() as logs:
        moving.committed(9)
        moving.committed(10)
        moving.committed(19)
        await moving.close()
        moving.committed(19)
    assert len(tries) == 1
    assert [each["event"] for each in logs] == ["cannot move the log into the file"]


async def test_a_file_is_closed_after_what_is_under_way(tmp_path: Path) -> None:
    lock = asyncio.Lock()
    made = SQLite(tmp_path / "a.db")
    await run(made, TABLE)
    moving = Checkpoints(lambda: connection(tmp_path / "a.db"), lock, every=1)
    async with lock:
        moving.committed(1)
        closing = asyncio.create_task(moving.close())
        await until(lambda: rows_in_the_file(tmp_path) == 0)
        assert not closing.done()
    await closing
    await made.close()
