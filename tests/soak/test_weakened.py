"""That what `weakened` takes out is gone: a guard that still stands would make its trial green."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest
from sqlalchemy import Connection, text

from bridge import opening, turn
from bridge.commands import Accepted, Rejected
from bridge.showing import Showing
from bridge.stores import Work
from storage.known import Known
from storage.runner import Runner
from storage.store import SqlStore
from tests.soak import weakened
from tests.soak.databases import UNIQUE_RECEIPT, UNIQUE_SOURCE
from tests.storage.stored import THREAD, Stored, stored

PATCHED: Sequence[tuple[Any, str]] = (
    *((Runner, name) for name in ("owners", "settle", "lock")),
    *((module, "derive_id") for module in (turn, opening)),
    *((SqlStore, name) for name in ("_put_back", "_commit", "commit")),
    (Known, "recall"),
    (Showing, "_thread"),
)


@pytest.fixture(autouse=True)
def _put_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each of these tests the guards are as they were."""
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, getattr(owner, name))


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, room=8) as made:
        yield made


async def overtaken(desk: Stored) -> Work:
    """Its lease is over, and another process has its lane."""
    (work,) = (await desk.commit(desk.says("k1"))).work
    desk.clock.move(30)
    (taken,) = await desk.other("p2").store.claim(8)
    assert taken.claim.effect_id == work.claim.effect_id
    return work


async def test_without_fencing_whoever_once_had_a_lane_may_settle_once(desk: Stored) -> None:
    late = desk.delivered(await overtaken(desk), THREAD)
    assert await desk.do(late) == (Rejected("stale"),)
    weakened.without_fencing()
    assert await desk.do(late) == (Accepted(),)
    assert await desk.do(late) == (Rejected("stale"),)


async def test_without_fencing_whoever_once_had_a_lane_may_begin_and_put_back(
    desk: Stored,
) -> None:
    work = await overtaken(desk)
    assert await desk.store.begin(work) is None
    weakened.without_fencing()
    assert await desk.store.begin(work) is not None
    await desk.store.put_back(work, 0, failed=True, doubtful=False)
    assert (await desk.lane(work.claim.lane))["owner"] is None


async def test_without_looking_for_receipts_a_thing_that_comes_twice_is_done_twice(
    desk: Stored,
) -> None:
    """Where the database does not refuse it either."""

    def drop(connection: Connection) -> None:
        for statement in (*UNIQUE_SOURCE, *UNIQUE_RECEIPT):
            connection.execute(text(statement))

    await desk.database.write(drop)
    weakened.without_all_but_the_receipt()
    for _ in range(2):
        await desk.do(desk.says("k1"))
    assert len(await desk.rows("message")) == 2


async def test_without_the_receipt_with_the_work_there_is_none_between_two_commits(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weakened, "GAP", 0)
    weakened.without_receipt_with_work()
    await desk.do(desk.says("k1"))
    assert len(await desk.rows("receipt")) == 1
    monkeypatch.setattr(weakened.LateReceipts, "write", lambda _self, _connection: None)
    await desk.do(desk.says("k2"))
    assert len(await desk.rows("message")) == 2
    assert len(await desk.rows("receipt")) == 1


async def test_halted_at_a_post_it_stops_at_each_fifth(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops: list[None] = []
    monkeypatch.setattr(weakened, "_stop", lambda: stops.append(None))
    weakened.halt_at_post()
    handoff = await desk.hands_over()
    (work, *_) = (await desk.commit(desk.says("k1"))).work
    showing = Showing(desk.reads, desk.store, None, desk.policy, desk.clock, cast(Any, None))
    found = [await showing._thread(work, handoff) for _ in range(10)]
    assert len(stops) == 2
    assert {thread.ts for thread in found if thread} == {THREAD.ts}
