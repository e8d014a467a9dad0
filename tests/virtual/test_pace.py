"""Five messages a second into one channel, for ten minutes, at a Slack that takes one post a second
and no burst."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.scenarios.customer import Customer
from tests.scenarios.thread import Json, key_of, plain
from tests.thorough import THOROUGH
from tests.virtual.clock import World
from tests.virtual.house import House

MINUTES = 10 if THOROUGH else 2
A_SECOND = 5
"""Messages."""
ARRIVES = 10
"""Seconds between two new customers."""
AT_ONCE = 12
"""Customers who write."""
FIRST_WITHIN = 3.0
LAG = 40.0
"""Seconds; by turns alone, without merging, it would be four minutes after one."""
NAME = re.compile(r"<(\d+)>")


@dataclass(slots=True)
class Crowd:
    """The newest customers write, in no order; each says first `<n>` and then more of them."""

    house: House
    dice: random.Random = field(default_factory=lambda: random.Random(3))
    customers: list[Customer] = field(default_factory=list)
    said: dict[int, float] = field(default_factory=dict)
    """When each message was sent, by its number; wall time of this world."""
    by: dict[int, int] = field(default_factory=dict)
    first: list[int] = field(default_factory=list)

    async def write(self, world: World) -> None:
        began = world.clock.now
        for number in range(MINUTES * 60 * A_SECOND):
            await asyncio.sleep(max(0.0, began + number / A_SECOND - world.clock.now))
            if number % (ARRIVES * A_SECOND) == 0:
                self.customers.append(await self.house.customer(f"Visitor {number}"))
                self.first.append(number)
                who = len(self.customers) - 1
            else:
                who = self.dice.randrange(
                    max(0, len(self.customers) - AT_ONCE), len(self.customers)
                )
            self.said[number], self.by[number] = world.clock.time(), who
            await self.customers[who].say(f"<{number}>")


def seen_in(messages: list[Json]) -> list[tuple[int, float, str]]:
    """Number, time and thread of all that was posted, in the order of the channel."""
    return [
        (int(number), float(post["ts"]), post["thread_ts"])
        for post in messages
        if key_of(post).startswith("msg_")
        for number in NAME.findall(plain(post))
    ]


@pytest.mark.timeout(600)
def test_nothing_is_lost_and_nobody_waits_long(world: World, house: House) -> None:
    world.run(_rush(world, house))


async def _rush(world: World, house: House) -> None:
    crowd = Crowd(house)
    await crowd.write(world)
    await asyncio.sleep(LAG)
    seen = seen_in(await house.oracle.messages())
    assert Counter(number for number, _, _ in seen) == Counter(list(crowd.said))
    threads: dict[int, str] = {}
    for number, _, thread in seen:
        assert threads.setdefault(crowd.by[number], thread) == thread
    for who in threads:
        mine = [number for number, _, _ in seen if crowd.by[number] == who]
        assert mine == sorted(mine)
    lag = {number: at - crowd.said[number] for number, at, _ in seen}
    assert max(lag.values()) < LAG
    assert max(lag[number] for number in crowd.first) < FIRST_WITHIN
    calls = (await house.oracle.get("log"))["calls"]
    refused = [call["at"] for call in calls if call["status"] == 429]
    assert len(refused) <= 1
