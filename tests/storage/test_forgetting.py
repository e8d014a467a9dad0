"""What is kept for a time only, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest

from bridge.commands import Duplicate
from bridge.errors import StoreUnavailable
from bridge.ports import Runs
from bridge.stores import RECEIPTS_KEPT
from storage.forgetting import DAY, Forgetting
from tests.storage.stored import THREAD, Stored, stored
from tests.waiting import until

T = TypeVar("T")
HOUR = DAY // 24


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url) as made:
        yield made


@pytest.fixture(autouse=True)
def by_our_clock(desk: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.database, "now", lambda: None)


def forgetting(desk: Stored) -> Forgetting:
    """Without pauses, and two rows at a time, so that it takes several slices."""
    return Forgetting(desk.database, desk.clock, every=0.0, pause=0.0, most=2)


async def keys(desk: Stored) -> list[str]:
    return [row["key"] for row in await desk.rows("receipt")]


async def test_receipts_are_kept_for_a_month_and_what_is_early_for_a_day(desk: Stored) -> None:
    await desk.do(*(desk.says(f"old-{n}") for n in range(5)))
    await desk.do(desk.replies("old", "nobody's thread"))
    desk.clock.now += DAY - HOUR
    await desk.do(*(desk.says(f"new-{n}") for n in range(3)), desk.replies("new", "not yet"))
    desk.clock.now += 2 * HOUR
    await forgetting(desk).walk()
    assert [row["awaits"] for row in await desk.rows("early")] == [THREAD.key]
    assert len(await keys(desk)) == 10
    desk.clock.now += RECEIPTS_KEPT - DAY
    await forgetting(desk).walk()
    assert await keys(desk) == ["new-0", "new-1", "new-2", "slack:new"]
    assert [type(answer) for answer in await desk.do(desk.says("new-1"))] == [Duplicate]


async def test_what_waits_for_its_thread_still_finds_it(desk: Stored) -> None:
    await desk.do(desk.replies("s:1", "hello"))
    desk.clock.now += DAY - HOUR
    await forgetting(desk).walk()
    await desk.hands_over()
    assert (await desk.by_source("s:1")).text == "hello"


async def test_it_is_done_now_and_then_and_also_after_it_failed(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.do(desk.says("old"))
    desk.clock.now += RECEIPTS_KEPT + HOUR
    rows, failures = desk.database.rows, [StoreUnavailable("away"), RuntimeError("a mistake")]

    async def fails(statement: Any, given: Any) -> Any:
        if failures:
            raise failures.pop()
        return await rows(statement, given)

    monkeypatch.setattr(desk.database, "rows", fails)
    runs: Runs = forgetting(desk)
    await runs.close()  # before it was started there is nothing to end
    await runs.start()

    async def all_forgotten() -> bool:
        return not failures and not await keys(desk)

    await until(all_forgotten)
    await runs.close()
    before = set(asyncio.all_tasks())
    assert not [task for task in before if task.get_name() == "forgetting"]
