"""One mark on each message, whichever of several processes puts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import product
from typing import Any, cast

import pytest

from adapters.slack.client import Client
from adapters.slack.ids import micros_of, source_of
from adapters.slack.marks import EARLIER, FEW, MINUTE, REACTIONS, YOUNG, Marks
from bridge.effects import Mark
from bridge.errors import Paced
from bridge.model import SECOND

TS = "1763600000.000100"
SOURCE = source_of("T1", "C1", TS)


class Message:
    """Slack, as far as the reactions of one message go. `slow`: it has no time to take any off;
    `turns`: for how many calls it still has time, without end if None."""

    def __init__(self) -> None:
        self.worn: set[str] = set()
        self.calls = 0
        self.slow = False
        self.turns: int | None = None

    async def call(self, method: str, _team: str, /, **arguments: Any) -> None:
        self.calls += 1
        if self.turns is not None:
            if self.turns == 0:
                raise Paced(method, 1.0, 1.0)
            self.turns -= 1
        if method == "reactions.add":
            self.worn.add(arguments["name"])
        elif self.slow:
            raise Paced("reactions.remove", 1.0, 1.0)
        else:
            self.worn.discard(arguments["name"])


@pytest.fixture
def message() -> Message:
    return Message()


def marks(message: Message, age: int = YOUNG) -> Marks:
    return Marks(cast(Client, message), lambda: micros_of(TS) + age)


LEGAL = [(before, after) for after, every in EARLIER.items() for before in every]


@pytest.mark.parametrize(("before", "after"), LEGAL)
async def test_another_process_takes_off_what_one_has_put(
    message: Message, before: Mark, after: Mark
) -> None:
    await marks(message).put(SOURCE, before)
    await marks(message).put(SOURCE, after)
    assert message.worn == {REACTIONS[after]}


async def test_what_a_process_remembers_is_not_what_a_message_wears_for_ever(
    message: Message,
) -> None:
    one, other = marks(message), marks(message)
    for process, mark in zip(
        (one, other, one, other), (Mark.FAILED, Mark.TAKEN, Mark.FAILED, Mark.TAKEN), strict=True
    ):
        await process.put(SOURCE, mark)
        assert message.worn == {REACTIONS[mark]}


@pytest.mark.parametrize("steps", list(product(EARLIER, repeat=3)))
async def test_one_process_knows_its_own_marks_however_young_the_message(
    message: Message, steps: tuple[Mark, ...]
) -> None:
    alone = marks(message, age=0)
    for mark in steps:
        await alone.put(SOURCE, mark)
        assert message.worn == {REACTIONS[mark]}


async def test_the_usual_mark_costs_one_call(message: Message) -> None:
    await marks(message, age=YOUNG - 1).put(SOURCE, Mark.TAKEN)
    await marks(message, age=YOUNG - 1).put(SOURCE, Mark.NOTE)
    assert message.calls == 2


async def test_a_failure_is_not_told_beside_a_success(message: Message) -> None:
    await marks(message, age=0).put(SOURCE, Mark.TAKEN)
    message.slow = True
    with pytest.raises(Paced):
        await marks(message, age=0).put(SOURCE, Mark.FAILED)
    message.slow = False
    await marks(message, age=0).put(SOURCE, Mark.FAILED)
    assert message.worn == {REACTIONS[Mark.FAILED]}


async def a_turn_at_a_time(message: Message, doing: Callable[[], Awaitable[None]]) -> int:
    """In how many turns it was done."""
    for number in range(1, 10):
        message.turns = 1
        try:
            await doing()
        except Paced:
            continue
        return number
    raise AssertionError("begun anew each time")


async def test_what_a_limit_cuts_short_goes_on_where_it_stood(message: Message) -> None:
    one = marks(message)
    assert await a_turn_at_a_time(message, lambda: one.put(SOURCE, Mark.FAILED)) == 4
    assert message.worn == {REACTIONS[Mark.FAILED]}
    assert await a_turn_at_a_time(message, lambda: one.put(SOURCE, Mark.TAKEN)) == 2
    other = source_of("T1", "C1", "1763600009.000100")
    assert await a_turn_at_a_time(message, lambda: one.seen(other, SOURCE)) == 2


async def test_a_mark_that_was_overtaken_half_way_is_put_whole_the_next_time(
    message: Message,
) -> None:
    one = marks(message)
    message.turns = 1
    with pytest.raises(Paced):
        await one.put(SOURCE, Mark.FAILED)
    message.turns = None
    await one.put(SOURCE, Mark.TAKEN)
    await one.put(SOURCE, Mark.FAILED)
    assert message.worn == {REACTIONS[Mark.FAILED]}


async def test_a_fresh_mark_has_nothing_to_take_off_and_may_come_too_late(
    message: Message,
) -> None:
    one = marks(message)
    await one.put(SOURCE, Mark.TAKEN, fresh=True)
    assert (message.worn, message.calls) == ({REACTIONS[Mark.TAKEN]}, 1)
    await one.put(SOURCE, Mark.FAILED)
    await one.put(SOURCE, Mark.TAKEN, fresh=True)
    assert message.worn == {REACTIONS[Mark.FAILED]}


async def test_on_a_busy_desk_what_is_about_to_leave_wears_no_mark_that_must_come_off() -> None:
    worn, clock = [Message() for _ in range(FEW + 1)], Clock()
    mine = Marks(cast(Client, Message()), clock)
    for number, message in enumerate(worn):
        mine._client = cast(Client, message)
        await mine.put(source_of("T1", "C1", f"17636000{number:02}.000100"), Mark.LEAVING)
    assert [bool(message.worn) for message in worn] == [True] * FEW + [False]
    clock.now += MINUTE
    await mine.put(source_of("T1", "C1", TS), Mark.LEAVING)
    assert worn[-1].worn == {REACTIONS[Mark.LEAVING]}


async def test_of_what_was_left_bare_no_earlier_mark_is_guessed(message: Message) -> None:
    clock = Clock()
    mine = Marks(cast(Client, message), clock)
    for number in range(FEW):
        await mine.put(source_of("T1", "C1", f"17635999{number:02}.000100"), Mark.LEAVING)
    await mine.put(SOURCE, Mark.LEAVING)
    clock.now += 6 * SECOND
    message.calls = 0
    await mine.put(SOURCE, Mark.TAKEN)
    assert message.calls == 1
    await mine.put(SOURCE, Mark.FAILED)
    assert message.calls == 5, "and a failure takes off whatever another process may have put"


async def test_what_may_wear_a_mark_of_another_process_is_not_taken_for_bare(
    message: Message,
) -> None:
    clock = Clock()
    clock.now += YOUNG
    mine = Marks(cast(Client, message), clock)
    for number in range(FEW):
        await mine.put(source_of("T1", "C1", f"17635999{number:02}.000100"), Mark.LEAVING)
    await marks(message).put(SOURCE, Mark.HELD)
    await mine.put(SOURCE, Mark.LEAVING)
    await mine.put(SOURCE, Mark.TAKEN)
    assert message.worn == {REACTIONS[Mark.TAKEN]}


class Clock:
    now = micros_of(TS)

    def __call__(self) -> int:
        return self.now
