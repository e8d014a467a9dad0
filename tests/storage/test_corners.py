"""Corners of the transaction that once were wrong; on both databases."""

from collections.abc import AsyncIterator

import pytest

from bridge.commands import Accepted, Duplicate, Rejected
from bridge.errors import BadData
from tests.storage.stored import THREAD, Stored, stored, told, user


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url) as made:
        yield made


async def test_two_that_open_in_one_batch_stand_one_behind_the_other(desk: Stored) -> None:
    one, two = await desk.do(desk.opens("o1", user("ann")), desk.opens("o2", user("bob")))
    assert [told(one)["position"], told(two)["position"]] == [0, 1]


async def test_what_waits_is_told_to_wait_when_it_comes_again(desk: Stored) -> None:
    early = desk.replies("s1", "x")
    (answer,) = await desk.do(early)
    assert await desk.do(early) == (Duplicate(told(answer)),)


@pytest.mark.parametrize("key", ["half \ud83d", "nul \x00"])
async def test_a_key_that_cannot_be_kept_is_bad_data(desk: Stored, key: str) -> None:
    with pytest.raises(BadData):
        await desk.do(desk.says(key))


async def test_a_stale_result_does_not_take_the_valid_one_with_it(desk: Stored) -> None:
    desk.room = 8
    (work,) = (await desk.commit(desk.says("k1"))).work
    desk.clock.move(31)
    (again,) = await desk.store.claim(8)
    results = await desk.commit(desk.delivered(work, THREAD), desk.delivered(again, THREAD))
    assert results.answers == (Rejected("stale"), Accepted())


async def test_poison_is_kept_whatever_the_error_says(desk: Stored) -> None:
    await desk.store.keep_poison(desk.says("k"), "bad \ud83d")
