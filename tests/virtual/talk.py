"""Customers and an agent who talk, and what the thread and the customer must show of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.person import Person, Refused
from sandbox.slack.seed import ORDERS
from tests.scenarios.customer import Customer, Shown, in_order
from tests.scenarios.thread import key_of, plain, ticks_of
from tests.virtual.house import House
from tests.waiting import NotYet

LOOK = 2.0
"""Seconds between two looks."""
AT_ONCE = 3.0
"""Seconds within which a reply that was heard of must be on the customer's screen."""
HALF_AN_HOUR = 900.0


async def eventually(look: Callable[[], Awaitable[Any]], wanted: Any, within: float) -> float:
    """The seconds until it was as wanted; NotYet shows both."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while (seen := await look()) != wanted:
        if loop.time() - began > within:
            raise NotYet(f"wanted {wanted!r}, after {within} s it was {seen!r}")
        await asyncio.sleep(LOOK)
    return loop.time() - began


@dataclass(slots=True)
class Talk:
    """One customer in a thread with one agent."""

    house: House
    customer: Customer
    shown: Shown
    agent: Person
    thread: str = ""
    asked: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)

    async def asks(self) -> None:
        """Taken at once, whatever Slack does."""
        text = f"{self.customer.name} asks {len(self.asked)}."
        self.asked.append(text)
        began = asyncio.get_running_loop().time()
        await self.customer.say(text)
        assert asyncio.get_running_loop().time() - began < AT_ONCE

    async def answers(self) -> None:
        text = f"{self.customer.name} hears {len(self.answered)}."
        self.answered.append(text)
        self.stamps.append(await self.agent.reply(ORDERS, self.thread, text))

    async def finds_thread(self, within: float = HALF_AN_HOUR) -> None:
        async def there() -> bool:
            self.thread = await self.house.root(self.customer)
            return bool(self.thread)

        await eventually(there, True, within)

    async def is_whole(self, within: float = HALF_AN_HOUR) -> float:
        """Waits until the thread shows what the customer said and the customer what the agent said,
        each once and in order, and each reply has its one mark; the seconds that took."""
        took = await eventually(self._in_thread, self.asked, within)
        took += await eventually(self.customer.texts, self.answered, within)
        took += await eventually(self._streamed, self.answered, within)
        took += await eventually(self._marks, [["✅"]] * len(self.stamps), within)
        return took

    async def _in_thread(self) -> list[str]:
        """What the customer said, sentence by sentence, in the order of the channel."""
        name = f"{self.customer.name} "
        said: list[str] = []
        for message in await self.house.oracle.messages():
            if key_of(message).startswith("msg_") and not message["deleted"]:
                said += [each for each in _sentences(plain(message)) if each.startswith(name)]
        return said

    async def _streamed(self) -> list[str]:
        return in_order([message for _, _, message in self.shown.events], "agent")

    async def _marks(self) -> list[list[str]]:
        found = {m["ts"]: m for m in await self.house.oracle.messages()}
        return ticks_of([found[ts] for ts in self.stamps])

    async def ends(self) -> None:
        await self.agent.reply(ORDERS, self.thread, "!resolve")

    async def presses_everything(self) -> None:
        """Of what an agent has beside words: what Slack loses is seen by who pressed."""
        with suppress(Refused):
            await self.agent.open_home()
        with suppress(Refused):
            await self.agent.command(ORDERS, "/desk queue")
        with suppress(Refused):
            await self.agent.shortcut("handoff", channel=ORDERS, ts=self.thread)


def _sentences(text: str) -> list[str]:
    """Several messages may stand in one post."""
    return [f"{each.strip()}." for each in text.split(".") if each.strip()]


async def begins(house: House, first_name: str, *, answered: bool = True) -> Talk:
    """A customer writes; with `answered` the thread is there and an agent has replied in it."""
    customer = await house.customer(f"{first_name}{next(house.numbers)}")
    talk = Talk(house, customer, customer.stream(), house.agent())
    await talk.asks()
    if answered:
        await talk.finds_thread()
        await talk.answers()
        await talk.is_whole()
    return talk
