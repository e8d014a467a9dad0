"""Agents and customers of a working day. Each decides by dice of their own and by what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.slack import seed
from sandbox.slack.person import Person
from tests.scenarios.customer import Customer as Visitor
from tests.scenarios.facebook import PageCustomer
from tests.virtual.office import PLACES, Office, Open, Pressed, Said
from tests.virtual.plan import Agent, Customer, Ends, Leaves, Visit
from tests.waiting import NotYet

INSIDE = "BETWEEN-US"
"""In all that no customer may ever read."""
NOTES = ("!n {0}", ";; {0}", "note: {0}", "!note {0}", "🔒 {0}")
DECK = (*["reply"] * 7, "hello", "note", "change", "transfer", "!snooze 1m", "!release")
"""What an agent does for who waits: all of it, in an order of their own, and then again."""
HALF_AN_HOUR = 1_800.0
SILENT = 45.0
"""Seconds without a word after which an agent takes a customer's matter for done."""
FORGETS = 8
"""Each handoff of so many is left to close by itself when it is done."""
STIRS = 100.0
"""Seconds after which an agent with nothing to do looks at something, so as to be there."""


@dataclass(slots=True)
class Working:
    """One agent at their desk."""

    office: Office
    plan: Agent
    person: Person
    acted_at: float = 0.0
    count: int = 0
    _breaks: list[tuple[float, float, Leaves]] = field(default_factory=list)
    _deck: list[str] = field(default_factory=list)

    async def all_day(self) -> None:
        self._breaks = list(self.plan.breaks)
        await asyncio.sleep(self.plan.comes)
        await self._desk("online")
        while not self.office.over:
            await asyncio.sleep(self.plan.dice.uniform(4, 12))
            if self._breaks and self.office.now >= self._breaks[0][0]:
                await self._rests(*self._breaks.pop(0))
            else:
                await self._does_something()

    async def _rests(self, _begins: float, ends: float, how: Leaves) -> None:
        """Not once the day is done: then everybody sees to what is left."""
        if how is Leaves.SAYS_SO and not self.office.closing:
            await self._desk("away")
        while self.office.now < ends and not self.office.closing:
            await asyncio.sleep(5)
        await self._desk("online")

    async def _desk(self, word: str) -> None:
        self._acted()
        await self.person.command(seed.ORDERS, f"/desk {word}")

    def _acted(self) -> None:
        self.acted_at = self.office.now
        self.office.acted(self.plan.id)

    async def _does_something(self) -> None:
        found = [each for each in await self.office.open_handoffs() if each.ts]
        mine = [each for each in found if each.assignee == self.plan.id]
        waits = [each for each in mine if (each.status, each.awaiting) == ("assigned", "agent")]
        if waits:
            await self._answers(waits[0])
        elif done := [each for each in mine if self._is_done(each)]:
            await self._resolves(done[0])
        elif free := self._to_take(found):
            await self._takes(free)
        elif self.office.now - self.acted_at > STIRS:
            await self._desk("queue")

    def _is_done(self, handoff: Open) -> bool:
        silent = self.office.wall() - handoff.since > SILENT * 1_000_000
        if handoff.number % FORGETS == 0:
            return False
        return handoff.status != "snoozed" and handoff.awaiting != "agent" and silent

    def _to_take(self, found: Sequence[Open]) -> Open | None:
        """What nobody gives out; in the end, whatever waits; now and then what is not theirs."""
        dice = self.plan.dice
        foreign = [each for each in found if each.queue not in self.plan.queues]
        if foreign and dice.random() < 0.02:
            return dice.choice(foreign)
        mine = [each for each in found if each.queue in self.plan.queues and not each.assignee]
        free = [each for each in mine if each.queue == "french" or dice.random() < 0.02]
        return next((each for each in free if each.status == "queued"), None)

    # --- with one of them ------------------------------------------------------------------------

    async def _takes(self, handoff: Open) -> None:
        """By reply, by word or by button; for who is no member of its queue none of it does."""
        how = self.plan.dice.randrange(3)
        if handoff.queue not in self.plan.queues or how == 0:
            await self._replies(handoff)
        elif how == 1:
            await self._types(handoff, "!assign me")
        else:
            await self._clicks(handoff, "assign_me")

    async def _answers(self, handoff: Open) -> None:
        dice = self.plan.dice
        if not self._deck:
            self._deck = dice.sample(DECK, len(DECK))
        act = "reply" if self.office.closing else self._deck.pop()
        if act == "hello":
            await self._types(handoff, "!t hello", f"Hello {self._name(handoff)}, {self._me} here.")
        elif act == "note":
            note = dice.choice(NOTES).format(self._inside())
            self.office.notes.append(await self._types(handoff, note))
        elif act == "change":
            await self._types(handoff, dice.choice(["!label vip", "!priority high"]))
        elif act == "transfer":
            await self._types(handoff, f"!transfer {self._somewhere(handoff)} {self._inside()}")
        elif act == "reply":
            await self._replies(handoff)
        else:
            await self._types(handoff, act)

    async def _resolves(self, handoff: Open) -> None:
        if self.plan.dice.random() < 0.4:
            at = self.office.wall()
            if await self._clicks(handoff, "resolve"):
                self.office.resolves.append(Pressed(handoff.id, handoff.conversation, at))
        else:
            await self._types(handoff, f"!resolve solved, {self._inside()}")

    async def _replies(self, handoff: Open) -> None:
        words = f"{self._me} says {self._next()}."
        prefix = "!r " if self.plan.dice.random() < 0.1 else ""
        await self._types(handoff, prefix + words, words)

    async def _types(self, handoff: Open, text: str, words: str = "") -> Said:
        self._acted()
        ts = await self.person.reply(handoff.channel, handoff.ts, text)
        said = Said(handoff.channel, ts, handoff.conversation, words)
        if words:
            self.office.said.append(said)
        return said

    async def _clicks(self, handoff: Open, action: str) -> bool:
        """Where the card has the button still."""
        [card] = [
            message
            for message in await self.person.history(handoff.channel)
            if message["ts"] == handoff.ts
        ]
        if action not in _actions(card):
            return False
        self._acted()
        await self.person.click(action, channel=handoff.channel, ts=handoff.ts)
        return True

    def _somewhere(self, handoff: Open) -> str:
        """A colleague who may have it, or another queue."""
        queue = self.plan.dice.choice(sorted(PLACES))
        members = [each for each in self.office.plan.members(handoff.queue) if each != self.plan.id]
        if queue == handoff.queue and members:
            return f"<@{self.plan.dice.choice(members)}>"
        return queue

    def _name(self, handoff: Open) -> str:
        return self.office.plans[handoff.conversation].name

    @property
    def _me(self) -> str:
        return self.plan.name

    def _inside(self) -> str:
        return f"{INSIDE} {self._me} {self._next()}"

    def _next(self) -> int:
        self.count += 1
        return self.count


def _actions(card: dict[str, object]) -> list[str]:
    blocks = card.get("blocks") or []
    assert isinstance(blocks, list)
    return [each.get("action_id", "") for block in blocks for each in block.get("elements", [])]


@dataclass(slots=True)
class Coming:
    """One customer, in all their visits."""

    office: Office
    plan: Customer
    self_: Visitor | PageCustomer
    count: int = 0

    @property
    def conversation(self) -> str:
        return self.self_.conversation

    async def all_day(self) -> None:
        self.office.plans[self.conversation] = self.plan
        self.office.customers.append(self.self_)
        for visit in self.plan.visits:
            await asyncio.sleep(max(0.0, visit.comes - self.office.now))
            await self._visits(visit)

    async def _visits(self, visit: Visit) -> None:
        await self._asks()
        for number in range(visit.asks):
            if number:
                await asyncio.sleep(self.plan.dice.uniform(3, 15))
                await self._says("And then?")
            if not await self._is_answered(visit):
                self.office.gave_up.add(self.conversation)
                return await self._leaves()
        await asyncio.sleep(self.plan.dice.uniform(3, 15))
        if visit.ends is Ends.THANKS:
            await self._says("Thank you.")
        elif visit.ends is Ends.LEAVES:
            await self._leaves()
        return None

    async def _asks(self) -> None:
        """A bot is asked for a human."""
        await self._says("A human, please." if self.plan.on_messenger else "A question.")

    async def _is_answered(self, visit: Visit) -> bool:
        """False: they waited as long as they would. Whom the bot has again in vain asks again."""
        began, insists, gone = self.office.now, visit.insists, 0.0
        while True:
            await asyncio.sleep(3)
            mine, waited = await self.office.open_of(self.conversation), self.office.now - began
            gone = 0.0 if mine else gone + 3
            if mine and mine.awaiting == "customer":
                return True
            if visit.gives_up and waited > visit.gives_up:
                return False
            if insists and waited > 20:
                insists -= 1
                await self._says("Hello?")
            elif gone > 15:
                gone = 0.0
                await self._asks()
            if waited > HALF_AN_HOUR:
                raise NotYet(f"{self.plan} was not answered: {mine}")

    async def _says(self, text: str) -> None:
        self.count += 1
        told = f"<{self.plan.number}.{self.count}> {text}"
        self.office.asked.setdefault(self.conversation, []).append(told)
        await self.self_.say(told)

    async def _leaves(self) -> None:
        if isinstance(self.self_, Visitor):
            await self.self_.leave()
        else:
            await self.self_.say("/end")


async def whole_day(office: Office) -> None:
    """Everybody comes, and the agents stay until nothing is open."""
    working = [Working(office, plan, office.house.agent(plan.id)) for plan in office.plan.agents]
    agents = [asyncio.create_task(each.all_day()) for each in working]
    customers = [asyncio.create_task(_comes(office, plan)) for plan in office.plan.customers]
    everybody = asyncio.gather(*customers, return_exceptions=True)
    try:
        done = await everybody
        office.closing = True
        await _until_nothing_is_open(office)
        office.over = True
        await asyncio.gather(*agents)
    finally:
        for task in (*agents, *customers):
            task.cancel()
    for failed in filter(None, done):
        raise failed


async def _comes(office: Office, plan: Customer) -> None:
    if plan.on_messenger:
        made: Visitor | PageCustomer = await office.page_customer(plan)
    else:
        await asyncio.sleep(plan.visits[0].comes - 1)
        made = await office.house.customer(plan.name, locale=plan.locale)
    await Coming(office, plan, made).all_day()


async def _until_nothing_is_open(office: Office) -> None:
    began = office.now
    while left := await office.open_handoffs():
        if office.now - began > HALF_AN_HOUR:
            raise NotYet(f"still open: {left}")
        await asyncio.sleep(2)
