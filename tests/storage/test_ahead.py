"""What goes ahead of all that waits in a lane, whoever has the lane; on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bridge.commands import AgentSaid, Delivered, Rejected, SetPriority, lost
from bridge.effects import Line, OpenThread, PostLine, PostMessage
from bridge.errors import Scope
from bridge.model import Priority, Standing
from bridge.stores import Outage, Work
from storage.parked import SqlParked
from storage.tables import FAR
from tests.bridge.driver import ANA, CNV
from tests.storage.stored import THREAD, Stored, stored, user

LANE = f"desk:{CNV}"
RENEWED = ["OpenThread", "PostPreview", "PostLine"]
REVOKED = Outage(Scope.TOKEN, "", "token_revoked")
ARCHIVED = Outage(Scope.CHANNEL, THREAD.channel, "is_archived")


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url) as made:
        yield made


async def talking(desk: Stored) -> Work:
    """Ours to post is the first of two messages."""
    await desk.hands_over()
    desk.room = 100
    committed = await desk.commit(desk.says("k1", "one"))
    await desk.commit(desk.says("k2", "two"))
    return next(work for work in committed.work if isinstance(work.effect, PostMessage))


# --- ahead ---------------------------------------------------------------------------------------


async def test_what_waits_follows_behind_and_who_had_the_first_of_it_has_lost_it(
    desk: Stored,
) -> None:
    work = await talking(desk)
    committed = await desk.commit(lost(THREAD, desk.clock.now, "thread_gone"))
    assert await desk.waiting(LANE) == [*RENEWED, "PostMessage", "PostMessage"]
    (opening,) = committed.work
    assert isinstance(opening.effect, OpenThread)
    assert opening.effect.generation == 2
    assert opening.claim.owner != work.claim.owner
    (late,) = await desk.do(desk.delivered(work))
    assert late == Rejected("stale")
    assert await desk.store.begin(work) is None
    assert await desk.store.unposted(opening) == {
        row["id"] for row in await desk.rows("message") if row["text"] in ("one", "two")
    }


async def test_what_was_posted_in_the_same_moment_is_not_posted_again(desk: Stored) -> None:
    work = await talking(desk)
    committed = await desk.commit(
        desk.delivered(work), lost(THREAD, desk.clock.now, "thread_gone"), desk.says("k3", "three")
    )
    assert await desk.waiting(LANE) == [*RENEWED, "PostMessage", "PostMessage"]
    (opening,) = [each for each in committed.work if each.claim.lane == LANE]
    assert opening.claim.owner == work.claim.owner
    assert isinstance(opening.effect, OpenThread)


async def test_a_lane_in_which_nothing_waits_is_filled(desk: Stored) -> None:
    await desk.hands_over()
    await desk.do(lost(THREAD, desk.clock.now, "thread_gone"))
    assert await desk.waiting(LANE) == RENEWED


async def test_a_lane_that_is_parked_stays_so(desk: Stored) -> None:
    work = await talking(desk)
    await SqlParked(desk.database, desk.clock).park_all(work, REVOKED)
    await desk.do(lost(THREAD, desk.clock.now, "thread_gone"))
    lane = await desk.lane(LANE)
    assert (lane["parked"], lane["due_at"]) == ("token::token_revoked", FAR)
    assert await desk.waiting(LANE) == [*RENEWED, "PostMessage", "PostMessage"]


async def test_a_thread_of_this_very_moment_is_the_newest(desk: Stored) -> None:
    desk.room = 100
    (work,) = (await desk.commit(desk.opens("open"))).work
    opened = desk.delivered(work, THREAD)
    await desk.do(opened, AgentSaid("k", 1, THREAD, ANA, "hi", "s:1", "1"))
    renewed = await desk.commit(lost(THREAD, desk.clock.now, "thread_gone"))
    (again,) = [each for each in renewed.work if isinstance(each.effect, OpenThread)]
    assert isinstance(again.effect, OpenThread)
    assert again.effect.generation == 2
    elsewhere = Delivered(again.claim, desk.clock.now, ("T1", "C1", "2.0"), shown=9)
    await desk.commit(elsewhere)
    assert [row["ts"] for row in await desk.rows("thread")] == ["1.0", "2.0"]


# --- parked --------------------------------------------------------------------------------------


async def test_all_that_has_something_to_do_is_parked_and_released_with_one_statement_each(
    desk: Stored,
) -> None:
    parked = SqlParked(desk.database, desk.clock)
    work = await talking(desk)
    desk.room = 0
    await desk.hands_over(user("kim"), type(THREAD)("T1", "C2", "5.0"))
    await desk.do(desk.says("k4", to=user("kim")))
    await desk.do(SetPriority("k5", desk.clock.now, THREAD, ANA, Priority.HIGH))
    await parked.park_all(work, ARCHIVED)
    assert await parked.outages() == [ARCHIVED]
    listed = await parked.listed()
    assert [(each.lane, each.number, each.effects, each.reason) for each in listed] == [
        (f"card:{CNV}", 1, 1, "channel:C1:is_archived"),
        (LANE, 1, 2, "channel:C1:is_archived"),
    ]
    assert not any(each.conversation_id == CNV for each in await desk.store.claim(9))
    desk.clock.move(60)
    assert await parked.release(REVOKED) == 0
    assert await parked.release_all(LANE) == 1
    assert await parked.release(ARCHIVED) == 1
    assert await parked.outages() == []
    claimed = [each for each in await desk.store.claim(9) if each.claim.lane == LANE]
    assert [(each.effect, each.doubtful) for each in claimed] == [(work.effect, False)]


async def test_a_doubtful_post_stays_doubtful_and_what_is_not_ours_is_not_parked(
    desk: Stored,
) -> None:
    parked = SqlParked(desk.database, desk.clock)
    work = await talking(desk)
    stranger = replace(work, claim=replace(work.claim, owner="p9.1"))
    await parked.park_all(stranger, ARCHIVED)
    assert (await desk.lane(LANE))["parked"] is None
    await parked.park_all(replace(work, doubtful=True), REVOKED)
    await parked.release_all()
    (again,) = [each for each in await desk.store.claim(9) if each.claim.lane == LANE]
    assert again.doubtful


async def test_what_was_parked_for_days_is_not_given_up_at_the_first_failure(desk: Stored) -> None:
    parked = SqlParked(desk.database, desk.clock)
    work = await talking(desk)
    await parked.park_all(work, REVOKED)
    desk.clock.move(3 * 86_400)
    await parked.release_all()
    (again,) = [each for each in await desk.store.claim(9) if each.claim.lane == LANE]
    assert desk.clock.now - again.since == 23 * 3_600 * 1_000_000


# --- lines that ask ------------------------------------------------------------------------------


async def test_where_a_line_stands_that_asks_is_kept_and_is_no_post_of_the_message(
    desk: Stored,
) -> None:
    await desk.hands_over()
    desk.room = 100
    committed = await desk.commit(desk.replies("s:1", "!what is this"))
    (asking,) = [each for each in committed.work if isinstance(each.effect, PostLine)]
    assert isinstance(asking.effect, PostLine)
    assert asking.effect.line is Line.HELD
    await desk.commit(Delivered(asking.claim, desk.clock.now, ("T1", "C1", "1.7")))
    held = await desk.by_source("s:1")
    assert held.standing is Standing.HELD
    assert await desk.reads.lines_about(held.id) == [("T1", "C1", "1.7")]
    assert [(row["ts"], row["part"]) for row in await desk.rows("post")] == [("1.7", -1)]
