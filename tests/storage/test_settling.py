"""Results of one lane in one batch: what holds is taken, and nothing else; on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from bridge.commands import (
    Accepted,
    Delivered,
    NotDelivered,
    Rejected,
    Resolve,
    ToHandoff,
    ToThread,
    lost,
)
from bridge.effects import OpenThread, PostMessage, PostPreview
from bridge.model import Thread
from bridge.stores import Work
from tests.bridge.driver import ANA, CNV
from tests.storage.stored import Stored, stored, user

LANE = f"desk:{CNV}"
MANY = 12
"""Lanes: what went by the order of a set would go right in one of them by luck."""


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, room=100) as made:
        yield made


def place(n: int) -> ToThread:
    return ToThread("T1", "C1", f"{n}.0")


async def posts(desk: Stored, *texts: str) -> Work:
    """Ours to post is the first of these."""
    await desk.hands_over()
    committed = await desk.commit(*(desk.says(text, text) for text in texts))
    return next(work for work in committed.work if isinstance(work.effect, PostMessage))


async def test_a_result_that_comes_again_does_not_take_the_next_one_with_it(desk: Stored) -> None:
    people = [user(f"u{n}") for n in range(MANY)]
    opening = (await desk.commit(*(desk.says(f"k:{to.address}", to=to) for to in people))).work
    first = [desk.delivered(work, place(n)) for n, work in enumerate(opening)]
    following = (await desk.commit(*first)).work
    second = [desk.delivered(work, place(n)) for n, work in enumerate(following)]
    assert len(second) == MANY
    answers = await desk.do(*first, *second)
    assert answers == (*[Rejected("stale")] * MANY, *[Accepted()] * MANY)
    assert await desk.rows("effect") == []
    assert len(await desk.rows("thread")) == MANY


async def test_what_went_with_a_stale_result_stays_where_another_one_holds(desk: Stored) -> None:
    work = await posts(desk, "one", "two")
    (behind,) = await desk.store.behind(work, 9)
    await desk.store.join(work, [behind.effect_id])
    desk.clock.move(31)
    (again,) = await desk.store.claim(8)
    joined = ((behind.effect_id, behind.effect.message_id),)
    stale = Delivered(work.claim, desk.clock.now, ("T1", "C1", "9.9"), joined=joined)
    refused = NotDelivered(again.claim, desk.clock.now, "no")
    committed = await desk.commit(stale, refused)
    assert committed.answers == (Rejected("stale"), Accepted())
    assert behind.effect_id in {work.claim.effect_id for work in committed.work}


# --- the thread that a commit knows --------------------------------------------------------------


def only(works: Sequence[Work], lane: str = LANE) -> Work:
    (work,) = (each for each in works if each.claim.lane == lane)
    return work


async def test_work_brings_the_newest_thread_that_the_commit_knew(desk: Stored) -> None:
    handoff = await desk.hands_over(thread=place(1))
    posting = only((await desk.commit(desk.says("k1"))).work)
    assert posting.thread == Thread(handoff, 1, "T1", "C1", "1.0")
    gone = await desk.commit(lost(place(1), desk.clock.now, "gone"), desk.delivered(posting))
    opening = only(gone.work)
    assert isinstance(opening.effect, OpenThread)
    works = (await desk.commit(desk.delivered(opening, place(2)), desk.says("k2"))).work
    following = only(works)
    assert isinstance(following.effect, PostPreview)
    assert following.thread == Thread(handoff, 2, "T1", "C1", "2.0")


async def test_the_thread_of_an_earlier_handoff_is_not_the_next_ones(desk: Stored) -> None:
    handoff = await desk.hands_over(thread=place(1))
    posting = only((await desk.commit(desk.says("k1"))).work)
    end = Resolve("e1", desk.clock.now, ToHandoff(handoff), ANA)
    work = only((await desk.commit(desk.delivered(posting), end, desk.opens("o2"))).work)
    seen = [knows(work)]
    for n in (2, 3):
        work = only((await desk.commit(desk.delivered(work, place(n)))).work)
        seen.append(knows(work))
    assert seen == [("PostLine", "1.0"), ("OpenThread", ""), ("PostPreview", "3.0")]


def knows(work: Work) -> tuple[str, str]:
    return type(work.effect).__name__, work.thread.ts if work.thread else ""


async def test_what_is_claimed_later_brings_no_thread(desk: Stored) -> None:
    """Another process may have opened a new one since."""
    await desk.hands_over(thread=place(1))
    work = only((await desk.commit(desk.says("k1"))).work)
    await desk.store.put_back(work, 0, failed=True, doubtful=False)
    assert only(await desk.store.claim(8)).thread is None
