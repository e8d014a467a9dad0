"""A desk of two queues that give their handoffs out, for some minutes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bridge.model import DEFAULT_WORKSPACE
from sandbox.slack import seed
from tests.virtual.clock import World
from tests.virtual.house import House, opened
from tests.virtual.talk import AT_ONCE, eventually

TWO_QUEUES = f"""
[agents]
idle_timeout = 240
hand_back_after = 60
[[queues]]
name = "default"
routing = "round_robin"
capacity = 1
[[queues]]
name = "billing"
slack_channel = "{seed.BILLING}"
members = ["{seed.CHLOE}"]
languages = ["fr"]
routing = "least_busy"
"""


def test_handoffs_find_their_agents_by_themselves_and_those_who_are_gone_are_missed(
    world: World, tmp_path: Path
) -> None:
    async def day() -> None:
        async with opened(tmp_path, toml=TWO_QUEUES) as house:
            await _day(house)

    world.run(day())


async def _day(house: House) -> None:
    ana, chloe = house.agent(seed.ANA), house.agent(seed.CHLOE)
    await ana.command(seed.GENERAL, "/desk online")
    sam, kim = await house.customer("Sam"), await house.customer("Kim")

    async def whose(customer: Any) -> tuple[str, str | None]:
        view = await house.process.now.reads.view_of(customer.conversation)
        return (view.handoff.queue, view.handoff.assignee) if view else ("", None)

    await sam.say("where is my parcel?")
    assert await eventually(lambda: whose(sam), ("default", seed.ANA), AT_ONCE) <= AT_ONCE
    await kim.say("and mine?")  # Ana has enough to do
    await asyncio.sleep(AT_ONCE)
    assert await whose(kim) == ("default", None)

    root = await house.root(sam)
    await ana.reply(seed.ORDERS, root, "!transfer billing please")
    await eventually(lambda: whose(kim), ("default", seed.ANA), AT_ONCE)
    await chloe.command(seed.GENERAL, "/desk online")
    await eventually(lambda: whose(sam), ("billing", seed.CHLOE), AT_ONCE)

    async def moved() -> list[str]:
        [first] = [m for m in await ana.history(seed.ORDERS) if m["ts"] == root]
        there = await chloe.history(seed.BILLING)
        return [first["blocks"][-1]["elements"][0]["text"], *(str(m["ts"] > root) for m in there)]

    await eventually(moved, [f"Moved to billing in <#{seed.BILLING}>", "True"], 60.0)
    [card] = await chloe.history(seed.BILLING)
    await chloe.reply(seed.BILLING, card["ts"], "Hello Sam, your parcel is here.")
    await sam.has_heard("Hello Sam, your parcel is here.")

    async def home() -> str:
        view = await chloe.home()
        return str(view["blocks"][0]["text"]["text"]) if view else ""

    await chloe.open_home()
    await eventually(home, "*Online* · 1 of 3 · default, billing", AT_ONCE)
    await asyncio.sleep(400)
    assert await whose(kim) == ("default", None)  # Ana was idle, then away; it went back
    heard = ("Ana has joined the conversation.", "Nobody is free just yet. Your message is kept.")
    await kim.has_heard(*heard, kind="system")
    assert await whose(sam) == ("billing", seed.CHLOE)  # and what Chloé had answered stayed
    seats = await house.process.now.reads.seats(DEFAULT_WORKSPACE)
    assert [seat.online for seat in seats] == [False, False]
    await ana.reply(seed.ORDERS, await house.root(kim), "Sorry, I was away.")
    await eventually(lambda: whose(kim), ("default", seed.ANA), AT_ONCE)
    seats = await house.process.now.reads.seats(DEFAULT_WORKSPACE)
    assert [seat.online for seat in seats] == [True, False]
