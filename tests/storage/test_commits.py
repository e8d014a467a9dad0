"""A commit waits for the disk where that costs least."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import Any, cast

import pytest

from storage.commits import AGAIN, QUICK, Committer


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


async def test_commits_stay_in_the_event_loop_while_the_disk_is_quick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    disk.takes = QUICK / 2
    assert all(await commits(committer, disk, AGAIN + 2))
    await committer.close(lambda: None)


async def test_a_slow_disk_holds_up_one_commit_now_and_then_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    disk.takes = QUICK * 20
    seen = await commits(committer, disk, 2 * (AGAIN + 1))
    assert seen == 2 * [True, *[False] * AGAIN]
    await committer.close(lambda: None)


async def test_a_disk_that_is_quick_again_has_its_commits_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    disk.takes = QUICK * 20
    await commits(committer, disk, 1)
    disk.takes = QUICK / 2
    assert not any(await commits(committer, disk, AGAIN))
    assert all(await commits(committer, disk, AGAIN))
    await committer.close(lambda: None)


async def test_a_slow_commit_among_quick_ones_moves_nothing_and_many_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    disk.takes = QUICK / 4
    await commits(committer, disk, 3)
    disk.takes = QUICK * 20
    await commits(committer, disk, 1)
    disk.takes = QUICK / 4
    assert all(await commits(committer, disk, 5))
    disk.takes = QUICK * 20
    assert not (await commits(committer, disk, 5))[-1]
    await committer.close(lambda: None)


@pytest.mark.parametrize("takes", [0.0, QUICK * 20])
async def test_a_commit_that_fails_leaves_the_connection_free(
    monkeypatch: pytest.MonkeyPatch, takes: float
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    disk.takes = takes
    await commits(committer, disk, 1)
    disk.fails = True
    with pytest.raises(sqlite3.OperationalError):
        await committer.commit(cast(Any, disk))
    assert disk.rolled_back == 1
    await committer.close(lambda: None)


async def test_one_that_is_cancelled_ends_before_the_next_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk, committer = Disk(monkeypatch), Committer()
    disk.takes = QUICK * 20
    await commits(committer, disk, 1)
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
    assert disk.threads[1:] == ["done"]
    await committer.close(lambda: None)
