"""What rules remember, and that they have fired, on both databases."""

from collections.abc import AsyncIterator

import pytest

from bridge.commands import FalseAlarm, ToHandoff
from bridge.model import HandoffId
from storage.firings import fired
from tests.bridge.driver import ANA, SAM
from tests.bridge.test_triggering import HUMAN, REFUND, SLOW, ruled
from tests.storage.stored import Stored, stored


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    policy = ruled(HUMAN, {**REFUND, "labels": ["money"], "priority": "high"}).policy
    async with stored(database_url, policy) as made:
        yield made


async def test_what_fired_is_kept_with_what_it_wished_and_is_listed_with_false_alarms(
    desk: Stored,
) -> None:
    await desk.do(desk.says("m1", text="I want my money back, a refund"))
    known = await desk.reads.conversation(SAM.conversation_id)
    assert known is not None
    [wish] = known.memory.wishes
    assert (wish.rule, wish.labels, wish.priority) == ("refund", ("money",), "high")
    assert known.memory.turns == 1
    assert [each.number for each in await fired(desk.database, 0)] == [0]
    first = desk.clock.now
    desk.clock.move(1)
    await desk.do(desk.says("m2", text="a human please"))
    newest, oldest = await fired(desk.database, 0)
    assert (newest.rule, newest.false_alarm) == ("person", "")
    assert (oldest.rule, oldest.why, oldest.at, oldest.number) == ("refund", "“refund”", first, 1)
    assert newest.number == 1
    known = await desk.reads.conversation(SAM.conversation_id)
    assert known is not None
    to = ToHandoff(HandoffId(str(known.handoff_id)))
    await desk.do(FalseAlarm("f1", desk.clock.now, to, ANA, oldest.id, "refund"))
    [again] = await fired(desk.database, 0, "refund")
    assert again.false_alarm == "Ana"
    assert await fired(desk.database, desk.clock.now + 1) == []


async def test_a_rule_that_took_too_long_is_listed_as_not_checked(database_url: str) -> None:
    async with stored(database_url, ruled(SLOW, REFUND).policy) as desk:
        await desk.do(desk.says("m1", text="a" * 500 + " refund"))
        found = await fired(desk.database, 0)
        assert sorted((each.rule, each.checked) for each in found) == [
            ("refund", True),
            ("slow", False),
        ]
