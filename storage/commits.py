"""Where a commit of SQLite waits for the disk: right in the event loop, or in a thread beside it.

In a thread it holds up nothing else. But each way there and back has the two threads wait for each
other to let go of the interpreter, and that costs more than the commit itself where the disk has
memory of its own. So a commit stays here for as long as the last ones here were quick. What one in
the thread took says nothing: it is over only when the event loop, at work meanwhile, lets go of the
interpreter, and that may be many times what the disk took.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

QUICK = 0.001
"""Seconds: a mean above this goes to the thread."""
WEIGHT = 0.02
"""Of the latest commit in the mean: one that moves the log into the file, too, is borne."""
AGAIN = 32
"""Commits in the thread, before the next is tried here."""


class Committer:
    """For one connection, which is nobody else's until `commit` returns."""

    def __init__(self) -> None:
        self._mean = QUICK
        self._away = AGAIN
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")

    @property
    def is_here(self) -> bool:
        """Whether the next commit stays in the event loop."""
        return self._mean < QUICK or self._away >= AGAIN

    async def commit(self, raw: sqlite3.Connection) -> None:
        """Raises sqlite3.Error; the transaction is rolled back then. It ends even if the caller is
        cancelled meanwhile."""
        if self.is_here:
            self._commit_here(raw)
            return
        self._away += 1
        done = asyncio.get_running_loop().run_in_executor(self._thread, _commit, raw)
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait([done])
            raise

    def _commit_here(self, raw: sqlite3.Connection) -> None:
        """The first one for a while stands for all those before it."""
        weight = 1.0 if self._away else WEIGHT
        begun = time.perf_counter()
        try:
            _commit(raw)
        finally:
            self._mean += weight * (time.perf_counter() - begun - self._mean)
            self._away = 0

    async def close(self, last: Callable[[], None]) -> None:
        """`last` is done in the thread: closing a file for good may take its time."""
        await asyncio.get_running_loop().run_in_executor(self._thread, last)
        self._thread.shutdown()


def _commit(raw: sqlite3.Connection) -> None:
    try:
        raw.commit()
    except BaseException:
        # However far it came: the connection must be free for the next one.
        raw.rollback()
        raise
