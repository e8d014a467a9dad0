"""The place of a working day: three queues, agents at a workspace, a page on Facebook with its bot,
and hours with a lunch break; and what is written down of what people do there."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import text as sql
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bridge import policies
from bridge.audit import Chain
from bridge.hook_store import Sealed
from bridge.model import AgentId, ConversationId, Micros
from bridge.trail import Checked
from sandbox import graph
from sandbox.slack import seed
from sandbox.slack.model import User
from storage.audit import SqlAudit
from storage.feed import SqlFeed
from tests.replay.floor import Rules
from tests.scenarios.customer import Customer as Visitor
from tests.scenarios.facebook import CONFIG, PageCustomer
from tests.scenarios.puppet import SECRET, handoff, says
from tests.scenarios.thread import marks_of
from tests.servers import listening
from tests.storage.stored import CHAIN
from tests.virtual.house import House, opened, served
from tests.virtual.plan import Agent, Customer, Plan

PLACES = {"default": seed.ORDERS, "billing": seed.BILLING, "french": seed.ORDERS}
TAKEN, NOTE = "✅", "🔒"
OVERDUE_AFTER, TIMEOUT, IDLE = 15, 40, 150
"""Seconds."""
NOBODY_CAME = {"en": "Nobody came.", "fr": "Personne n’est venu.", "de": "Niemand kam."}
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MORNING = 9
"""What the clock shows in this office when it is opened."""
# It goes on where that of every house ends, in [handoff].
TOML = """
assignment_timeout = {{ messenger = {timeout} }}
idle_close = {{ webchat = {idle}, messenger = {idle} }}
[handoff.goals]
first_reply = 90
next_reply = 60
resolution = 240
[agents]
idle_timeout = 240
hand_back_after = 45
silent_after = 60
capacity = 2
[alerts]
overdue_after = {overdue}
[messages.timeout]
{nobody_came}
[messenger]
echo_patience = 5
[templates]
shortcuts = [{{ name = "hello", value = "Hello {{{{userName}}}}, {{{{agentName}}}} here." }}]
[[bots]]
url = "{bot}"
secret = "{secret}"
channels = ["messenger"]
[hours]
timezone = "{zone}"
{week}
[[queues]]
name = "default"
routing = "least_busy"
members = {default}
[[queues]]
name = "billing"
slack_channel = "{billing_channel}"
routing = "round_robin"
members = {billing}
capacity = 3
[[queues]]
name = "french"
languages = ["fr"]
members = {french}
"""
PERSON = """
[[agents.people]]
id = "{id}"
languages = {languages}
"""


class Open(NamedTuple):
    """An open handoff, with the place of its thread, empty before there is one."""

    id: str
    conversation: str
    number: int
    status: str
    queue: str
    assignee: str | None
    awaiting: str
    since: int
    channel: str
    ts: str


OPEN = sql("""
    SELECT h.id, c.id, h.number, h.status, h.queue, h.assignee, c.awaiting, c.awaiting_since,
           coalesce(t.channel, ''), coalesce(t.ts, '')
    FROM handoff h JOIN conversation c ON c.id = h.conversation_id
    LEFT JOIN thread t ON t.handoff_id = h.id AND t.generation =
        (SELECT max(generation) FROM thread WHERE handoff_id = h.id)
    WHERE h.status IN ('queued', 'assigned', 'snoozed') ORDER BY c.awaiting_since
""")


@dataclass(frozen=True, slots=True)
class Said:
    """What an agent typed in a thread, and the words that a customer would read of it."""

    channel: str
    ts: str
    conversation: str
    words: str


class Pressed(NamedTuple):
    """*Resolve* on the card of a handoff."""

    id: str
    conversation: str
    at: Micros


@dataclass(slots=True)
class Office:
    house: House
    meta_base: str
    bot: Bot
    plan: Plan
    began: float
    """Monotonic seconds."""
    said: list[Said] = field(default_factory=list)
    notes: list[Said] = field(default_factory=list)
    """What is to stay inside, whoever typed it."""
    asked: dict[str, list[str]] = field(default_factory=dict)
    """What each customer said, by conversation."""
    acts: dict[str, list[Micros]] = field(default_factory=dict)
    resolves: list[Pressed] = field(default_factory=list)
    plans: dict[str, Customer] = field(default_factory=dict)
    """Of customers, by conversation."""
    customers: list[Visitor | PageCustomer] = field(default_factory=list)
    gave_up: set[str] = field(default_factory=set)
    """Who left before they were answered, by conversation."""
    closing: bool = False
    """No more customers come."""
    over: bool = False
    _open: list[Open] = field(default_factory=list)
    _looked: float = 0.0

    @property
    def now(self) -> float:
        """Seconds since the day began."""
        return time.monotonic() - self.began

    def wall(self) -> Micros:
        return time.time_ns() // 1_000

    async def open_handoffs(self) -> list[Open]:
        """As of this second; who waits longest comes first."""
        if self.now - self._looked >= 1.0 or not self._looked:
            self._looked = self.now
            rows = await self.rows(OPEN)
            self._open = [Open(*row) for row in rows]
        return self._open

    async def open_of(self, conversation: str) -> Open | None:
        found = (each for each in await self.open_handoffs() if each.conversation == conversation)
        return next(found, None)

    async def rows(self, statement: Any) -> list[Any]:
        database = self.house.process.now.store._database
        return await database.read(lambda to: list(to.execute(statement).all()))

    async def audit(self) -> Checked:
        """What a check of the audit trail finds."""
        keys = self.house.settings.secret_keys
        return await SqlAudit(self.house.process.now.store._database, Chain(keys)).check()

    async def events(self) -> list[Sealed]:
        """All that was sealed, in the order of the feed."""
        feed = SqlFeed(self.house.process.now.store._database, CHAIN)
        found: list[Sealed] = []
        while more := await feed.after(len(found), 1_000):
            found.extend(more)
        return found

    def acted(self, agent: str) -> None:
        self.acts.setdefault(agent, []).append(self.wall())

    @property
    def typed(self) -> list[Said]:
        return [*self.said, *self.notes]

    async def marks(self) -> dict[tuple[str, str], str]:
        """The mark of each word of agents, by channel and ts; empty: none yet. The ✅ of a later
        one in the same conversation may stand for it."""
        posts = {place: await self.house.oracle.messages(place) for place in set(PLACES.values())}
        worn = {(place, m["ts"]): "".join(marks_of(m)) for place in posts for m in posts[place]}
        stands: dict[str, str] = {}
        for said in sorted(self.said, key=lambda said: said.ts, reverse=True):
            mine = worn[said.channel, said.ts]
            worn[said.channel, said.ts] = mine or stands.get(said.conversation, "")
            if mine == TAKEN:
                stands[said.conversation] = TAKEN
        return worn

    async def unmarked(self) -> list[Said]:
        """Words of agents that have no mark yet; each is to have one, and only one."""
        marks = await self.marks()
        known = (TAKEN, NOTE, "✋", "⚠️")
        return [each for each in self.typed if marks[each.channel, each.ts] not in known]

    def rules(self) -> Rules:
        """What the settings allow."""
        people = {ConversationId(who): plan for who, plan in self.plans.items()}
        return Rules(
            policy=policies.policy(self.house.settings, None, {}),
            serves={AgentId(each.id): frozenset(each.queues) for each in self.plan.agents},
            languages={who: plan.locale for who, plan in people.items()},
            channels={
                who: "messenger" if plan.on_messenger else "webchat" for who, plan in people.items()
            },
            acts={AgentId(agent): tuple(acts) for agent, acts in self.acts.items()},
        )

    async def page_customer(self, customer: Customer) -> PageCustomer:
        made = PageCustomer(self.meta_base, customer.number + 1, customer.name, "")
        self.house.comes(made)
        self.bot.queues[made.conversation] = customer.queue
        await made.arrive(locale=f"{customer.locale}_{customer.locale.upper()}")
        return made


@asynccontextmanager
async def office(folder: Path, plan: Plan) -> AsyncIterator[Office]:
    """Open until the block ends. What is shown there is looked at by others (`validate`)."""
    doors = listening(), listening()
    meta_base, bot_base = (f"http://127.0.0.1:{door.getsockname()[1]}" for door in doors)
    meta = graph.create_app(CONFIG)
    bot = Bot()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(served(meta, doors[0]))
        await stack.enter_async_context(
            served(Starlette(routes=[Route("/bot", bot.endpoint, methods=["POST"])]), doors[1])
        )
        env = graph.settings_for(CONFIG, meta_base)
        toml = _toml(plan, f"{bot_base}/bot")
        house = await stack.enter_async_context(opened(folder, toml=toml, env=env, validate=False))
        stack.push_async_callback(meta.state.graph.close)
        meta.state.graph.courier.callback_url = f"{house.base}/messenger/webhook"
        _hire(house, plan.agents)
        yield Office(house, meta_base, bot, plan, time.monotonic())


class Bot:
    """Hands over whoever asks for a human, and says a word to all others. It does not look at
    signatures: whoever wrote that looks at the clock of the machine, which stands still here."""

    def __init__(self) -> None:
        self.queues: dict[str, str] = {}
        """Where it sends whom, by conversation."""

    async def endpoint(self, request: Request) -> Response:
        event = await request.json()
        if event["type"] != "message.created":
            return JSONResponse({})
        text, who = event["data"]["message"]["text"], event["data"]["conversation_id"]
        return handoff(text, queue=self.queues[who]) if "human" in text else says("Hm?")


def _hire(house: House, agents: tuple[Agent, ...]) -> None:
    """Everybody is in all channels; who belongs to which queue stands in the settings."""
    workspace = house.box.workspace
    for agent in agents:
        if agent.id not in workspace.users:
            name = agent.name
            user = User(agent.id, name.lower(), name, name, "1f6f78", workspace.team.id)
            workspace.add_user(user)
        for channel in set(PLACES.values()):
            workspace.channels[channel].members[agent.id] = None


def _toml(plan: Plan, bot: str) -> str:
    queues = {queue: str(plan.members(queue)).replace("'", '"') for queue in PLACES}
    people = [
        PERSON.format(id=agent.id, languages=str(list(agent.languages)).replace("'", '"'))
        for agent in plan.agents
        if agent.languages
    ]
    zone, week = _hours(plan)
    return TOML.format(
        bot=bot,
        secret=SECRET,
        zone=zone,
        week=week,
        timeout=TIMEOUT,
        idle=IDLE,
        overdue=OVERDUE_AFTER,
        nobody_came="\n".join(f'{name} = "{text}"' for name, text in NOBODY_CAME.items()),
        billing_channel=seed.BILLING,
        **queues,
    ) + "".join(people)


def _hours(plan: Plan) -> tuple[str, str]:
    """A zone where it is morning now, and a lunch break at the plan's minutes of each day."""
    at = time.gmtime(time.time())
    east = (MORNING - at.tm_hour + 12) % 24 - 12
    zone = f"Etc/GMT{-east:+d}" if east else "UTC"
    begins, ends = (MORNING * 60 + at.tm_min + round(minute) for minute in plan.size.lunch)
    day = f'"0:00-{_clock(begins)}, {_clock(ends)}-24:00"'
    return zone, "\n".join(f"{name} = {day}" for name in WEEK)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
