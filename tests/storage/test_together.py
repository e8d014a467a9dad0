"""Looking up one thing by its key, in one question with all others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from bridge.errors import StoreUnavailable
from storage.together import Together
from tests.waiting import turns


class Shelf:
    """What there is; `asked`: the questions so far, each answered when it `may` be."""

    def __init__(self, **things: str) -> None:
        self.things = things
        self.asked: list[list[str]] = []
        self.may = asyncio.Event()
        self.may.set()
        self.error: Exception | None = None
        self.together: Together[str, str] = Together(self._find)

    async def _find(self, keys: Sequence[str]) -> Mapping[str, str]:
        self.asked.append(list(keys))
        found = {key: self.things[key] for key in keys if key in self.things}
        await self.may.wait()
        if self.error:
            raise self.error
        return found


BEGUN = 3
"""Turns of the event loop after which who has asked has put the question."""


async def test_all_that_are_looked_up_at_once_are_one_question() -> None:
    shelf = Shelf(a="A", b="B")
    found = await asyncio.gather(*(shelf.together.one(key) for key in ("b", "a", "none", "b")))
    assert found == ["B", "A", None, "B"]
    assert shelf.asked == [["a", "b", "none"]]


async def test_what_is_looked_up_while_a_question_is_under_way_is_asked_anew() -> None:
    """It may have changed since that one was put."""
    shelf = Shelf(a="old")
    shelf.may.clear()
    first = asyncio.create_task(shelf.together.one("a"))
    await turns(BEGUN)
    shelf.things["a"] = "new"
    second = asyncio.create_task(shelf.together.one("a"))
    await turns(BEGUN)
    shelf.may.set()
    assert (await first, await second) == ("old", "new")
    assert shelf.asked == [["a"], ["a"]]


@pytest.mark.parametrize("put", [False, True])
async def test_a_caller_that_goes_away_takes_nothing_from_the_others(put: bool) -> None:
    """Whether or not the question is put by then; not even where it was the first of them."""
    shelf = Shelf(a="A", b="B")
    shelf.may.clear()
    gone, stays = (asyncio.create_task(shelf.together.one(key)) for key in ("a", "b"))
    await turns(BEGUN if put else 1)
    gone.cancel()
    await turns(BEGUN)
    shelf.may.set()
    assert await stays == "B"
    assert gone.cancelled()
    assert await shelf.together.one("a") == "A"


async def test_an_error_reaches_all_who_asked_and_nobody_who_asks_later() -> None:
    shelf = Shelf(a="A", b="B")
    shelf.error = StoreUnavailable("away")
    both = (shelf.together.one(key) for key in ("a", "b"))
    errors = await asyncio.gather(*both, return_exceptions=True)
    assert errors == [shelf.error] * 2
    shelf.error = None
    assert await shelf.together.one("a") == "A"
