"""A commit waits for the disk where that costs least."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import Any, cast

import pytest

from storage.commits import QUICK, Committer


class Disk:
    """Stands in for a connection: how long its commits take by the clock that is given out, and
    where they happen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.takes = 0.0
        self.fails = False
        self.threads: list[str] = []
        self.rolled_back = 0
        self._now = 0.0
        monkeypatch.setattr("storage.commits.time.perf_counter", lambda: self._now)

    def commit(self) -> None:
        self.threads.append(threading.current_thread().name)
        self._now += self.takes
        if self.fails:
            raise sqlite3.OperationalError("disk I/O error")

    def rollback(self) -> None:
        self.rolled_back += 1


async def commits(committer: Committer, disk: Disk, times: int) -> list[bool]:
    """Whether each of them stayed in the event loop."""
    before = len(disk.threads)
    for _ in range(times):
        await committer.commit(cast(Any, disk))
    here = threading.current_thread().name
    return [name == here for name in disk.threads[before:]]


async def test_the_first_goes_to_a_thread_and_the_next_stay_while_the_disk_is_quick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    disk.takes = QUICK / 2
    assert await commits(committer, disk, 4) == [False, True, True, True]
    await committer.close(lambda: None)


async def test_a_slow_disk_holds_up_nothing_but_its_commits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    disk.takes = QUICK * 20
    assert not any(await commits(committer, disk, 5))
    disk.takes = 0.0
    back = await commits(committer, disk, 60)
    assert back[-1]
    assert back == sorted(back)
    await committer.close(lambda: None)


@pytest.mark.parametrize("before", [0, 3])
async def test_a_commit_that_fails_leaves_the_connection_free(
    monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    await commits(committer, disk, before)
    disk.fails = True
    with pytest.raises(sqlite3.OperationalError):
        await committer.commit(cast(Any, disk))
    assert disk.rolled_back == 1
    await committer.close(lambda: None)


async def test_one_that_is_cancelled_ends_before_the_next_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    begun, go = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        go.wait(10)
        disk.threads.append("done")

    monkeypatch.setattr(disk, "commit", slow)
    task = asyncio.create_task(committer.commit(cast(Any, disk)))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert disk.threads == ["done"]
    await committer.close(lambda: None)
