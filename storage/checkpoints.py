"""Moving SQLite's log into its file, beside what goes on.

By itself SQLite does so within a commit, once the log has some thousand pages: that commit, and all
that waits behind it, then waits for thousands of writes all over the file. Here it happens in a
thread and on a connection of its own, while commits go on into the log. What they have added
meanwhile is little, and is moved while nobody writes: SQLite begins its log anew only where all of
it has been moved, and it would grow for as long as the load lasts otherwise.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

EVERY = 10_000
"""Rows changed between two times. A message changes some ten; they lie on four pages of 4 KiB where
many are committed together, on fifteen where each is committed alone: a log of 16 to 60 MB."""
BESIDE = 2
"""Passes beside what is written, each shorter than the one before."""

log = structlog.get_logger("checkpoints")


class Checkpoints:
    """Of one file. `connect` makes a connection that may be used in any thread; nobody writes while
    `one_writer` is held."""

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        one_writer: asyncio.Lock,
        every: int = EVERY,
    ) -> None:
        self._connect = connect
        self._one_writer = one_writer
        self._every = every
        self._moved_at = 0
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-checkpoint")
        self._connection: sqlite3.Connection | None = None

    def committed(self, changes: int) -> None:
        """After each commit: how many rows its connection has changed since it was opened."""
        if changes - self._moved_at >= self._every and self._task is None:
            self._moved_at = changes
            self._task = asyncio.create_task(self._run(), name="checkpoint")

    async def _run(self) -> None:
        try:
            for _ in range(BESIDE):
                await self._pass()
            async with self._one_writer:
                await self._pass()
        except sqlite3.Error as error:  # all that was committed is in the log, and stays there
            log.warning("cannot move the log into the file", error=str(error))
        finally:
            self._task = None

    async def _pass(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._move)

    def _move(self) -> None:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    async def close(self) -> None:
        """After what is under way."""
        if self._task:
            await self._task
        await asyncio.get_running_loop().run_in_executor(self._thread, self._end)
        self._thread.shutdown()

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
