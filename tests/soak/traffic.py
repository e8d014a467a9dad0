"""Customers who write and agents who answer, all at once and at a random pace, until told to stop.

They send as the real ones do: a customer's message is repeated under the same id until it was
taken, and the workspace repeats its events for as long as the product is away.
"""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field

from sandbox.slack import seed
from sandbox.slack.person import Person, Refused
from tests.scenarios.customer import PATIENCE, Customer, Json, NotTaken, Shown
from tests.scenarios.facebook import PageCustomer
from tests.scenarios.processes import until
from tests.scenarios.stage import Stage
from tests.scenarios.thread import buttons, marks_of, whole
from tests.soak.verdict import number_of

AGENTS = (seed.ANA, seed.BEN, seed.CHLOE)
HARDY = 600.0
"""Seconds that a customer tries: on a busy machine the product is killed again before it has
answered, many times on end."""
LONG_ONE_IN = 12
FILLER = " ".join(f"word{n}" for n in range(900))
"""Makes a message of some 7,000 characters: three posts in a thread."""
LOOK = 0.15
"""Seconds between two looks at the threads."""
UNASKED = 0.25
"""How often an agent writes without having been written to."""
DONE = 0.05
"""How often an agent is done: the customer's next message opens a new handoff in a new thread."""


@dataclass(slots=True)
class Conversation:
    number: int
    customer: Customer | PageCustomer
    agent: Person
    shown: Shown
    """Empty on Messenger, which has no stream."""
    thread: str = ""
    seen: int = 0
    """Customer's messages that the agent sees in it."""
    answered: int = 0
    asked: list[str] = field(default_factory=list)
    replied: list[str] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """Threads whose handoff was resolved."""


@dataclass(slots=True)
class Traffic:
    """`pace`: seconds between two messages of one side, on average; `fronts`: the processes that
    serve. Customers are with another than Slack, which talks to the first: what an agent says is
    heard by one process and streamed by another."""

    stage: Stage
    dice: random.Random
    pace: float
    fronts: list[int]
    conversations: list[Conversation] = field(default_factory=list)
    _stopping: bool = False
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self, many: int) -> None:
        for number in range(many):
            agent = self.stage.agent(AGENTS[number % len(AGENTS)])
            customer, shown = await self._customer(number)
            self.conversations.append(Conversation(number, customer, agent, shown))
        loops = [loop for one in self.conversations for loop in (self._ask(one), self._reply(one))]
        self._tasks = [asyncio.create_task(loop) for loop in (*loops, self._look())]

    async def _customer(self, number: int) -> tuple[Customer | PageCustomer, Shown]:
        if self.stage.meta_base:
            return await self.stage.page_customer("Customer", str(number)), Shown()
        theirs = self.fronts[1:] or self.fronts
        which = theirs[number % len(theirs)]
        customer = await self.stage.customer(f"Customer {number}", which)
        customer.patience = HARDY
        return customer, customer.stream()

    async def stop(self) -> None:
        """Nobody begins anything new; what is under way is brought to its end."""
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def abandon(self) -> None:
        """Ends everything at once; after `stop` there is nothing to end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check(self) -> None:
        """Raises what went wrong with anybody."""
        for task in self._tasks:
            if task.done():
                task.result()

    # --- what they do --------------------------------------------------------------------------

    async def _ask(self, one: Conversation) -> None:
        while not self._stopping:
            text = f"c{one.number}-{len(one.asked) + 1}"
            if self.dice.randrange(LONG_ONE_IN) == 0:
                text = f"{text} {FILLER}"
            one.asked.append(text)
            try:
                await one.customer.say(text)
                if isinstance(one.customer, PageCustomer):
                    await until(one.customer.is_told, PATIENCE, "Meta's webhooks to be taken")
            except NotTaken as refusal:
                one.refused.append(f"{text[:10]}: {refusal}")
            await self._pause()

    async def _reply(self, one: Conversation) -> None:
        while not self._stopping:
            await self._pause()
            unasked = self.dice.random() < UNASKED
            if one.thread and (one.seen > one.answered or unasked):
                one.answered = one.seen
                text = f"a{one.number}-{len(one.replied) + 1}"
                one.replied.append(text)
                one.stamps.append(await one.agent.reply(seed.ORDERS, one.thread, text))
                if self.stage.meta_base:
                    await self._settle(one, one.stamps[-1])
                if self.dice.random() < DONE:
                    await self._resolve(one)

    async def _settle(self, one: Conversation, stamp: str) -> None:
        """Says no more before the customer has it: of a send whose answer was lost the agent is
        asked, and presses *Retry*."""
        while True:
            messages = await self.stage.oracle.messages()
            mark = next(marks_of(m) for m in messages if m["ts"] == stamp)
            if mark == ["✅"]:
                return
            lines = [m for m in messages if m.get("thread_ts") == one.thread]
            asked = [m["ts"] for m in lines if "send_again" in buttons(m)]
            if mark == ["⚠️"] and asked:
                with suppress(Refused):  # the product may be away, or know by now
                    await one.agent.click("send_again", channel=seed.ORDERS, ts=asked[-1])
            await asyncio.sleep(LOOK)

    async def _resolve(self, one: Conversation) -> None:
        """Once all that was said has its mark: words that overtake `!resolve` are in time, and
        those that it overtakes would be held."""
        while not self._stopping:
            messages = {message["ts"]: message for message in await self.stage.oracle.messages()}
            if all(marks_of(messages[ts]) for ts in one.stamps):
                one.ended.append(one.thread)
                one.thread, one.seen, one.answered = "", 0, 0
                await one.agent.reply(seed.ORDERS, one.ended[-1], "!resolve")
                return
            await asyncio.sleep(LOOK)

    async def _pause(self) -> None:
        await asyncio.sleep(self.dice.uniform(0.2, 1.8) * self.pace)

    async def _look(self) -> None:
        while not self._stopping:
            threads = by_thread(await self.stage.oracle.messages())
            for thread, posts in threads.items():
                texts = whole(posts)
                owner = number_of(texts[0]) if texts else -1
                if owner >= 0 and thread not in self.conversations[owner].ended:
                    one = self.conversations[owner]
                    one.thread, one.seen = thread, len(texts)
            await asyncio.sleep(LOOK)


def by_thread(messages: list[Json]) -> dict[str, list[Json]]:
    """Posts that were not deleted, by the ts of their root, which comes first."""
    threads: dict[str, list[Json]] = {}
    for message in messages:
        if not message["deleted"] and not message.get("ephemeral_to"):
            threads.setdefault(message.get("thread_ts") or message["ts"], []).append(message)
    return threads
