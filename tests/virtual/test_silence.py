"""Slack is silent for ten minutes, while customers write and agents answer."""

from __future__ import annotations

import asyncio

import pytest

from tests.scenarios.thread import Json
from tests.thorough import THOROUGH
from tests.virtual.clock import World
from tests.virtual.house import House
from tests.virtual.talk import AT_ONCE, begins, eventually

TEN_MINUTES = 600.0
AFTER = 400.0
"""Seconds after the silence: the longest pause between two tries is five minutes."""


HOW = [
    pytest.param({"mode": "drop", "lose": True}, id="it is cut off and its events are lost"),
    pytest.param({"mode": "hang"}, id="it hangs"),
    pytest.param({"mode": "fail"}, id="it refuses"),
]


@pytest.mark.parametrize(
    "how",
    HOW if THOROUGH else HOW[:1],
)
def test_after_ten_minutes_of_silence_all_is_there_once_and_in_order(
    world: World, house: House, how: Json
) -> None:
    world.run(_silence(house, how))


async def _silence(house: House, how: Json) -> None:
    sam = await begins(house, "Sam")
    await house.oracle.faults({"kind": "outage", "until": TEN_MINUTES, **how})
    kim = await begins(house, "Kim", answered=False)
    for _ in range(5):
        await sam.asks()
        await kim.asks()
        await sam.answers()
        await asyncio.sleep(TEN_MINUTES / 5)
    await house.oracle.faults()
    await kim.finds_thread(AFTER)
    for talk in (sam, kim):
        await talk.asks()
        await talk.answers()
        await talk.is_whole(AFTER)
        await talk.ends()
    await house.clear()


def test_replies_reach_customers_while_no_call_to_slack_is_answered_for_ten_minutes(
    world: World, house: House
) -> None:
    world.run(_deaf(house))


async def _deaf(house: House) -> None:
    sam = await begins(house, "Sam")
    await house.oracle.faults({"kind": "hang", "until": TEN_MINUTES})
    for _ in range(5):
        await sam.asks()
        await sam.answers()
        await eventually(sam.customer.texts, sam.answered, AT_ONCE)
        await asyncio.sleep(TEN_MINUTES / 5)
    await house.oracle.faults()
    await sam.is_whole(AFTER)
    await sam.ends()
    await house.clear()
