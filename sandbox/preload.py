"""What is there when the demo begins: three conversations of other customers, told by themselves.

They come about as any others do: through `/v1`, the webchat, Messenger, and what people type and
press in the workspace. Meanwhile the clocks of the server, the workspace and Messenger are behind
by some minutes, ever fewer, so that what is there has not all happened just now.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import jwt

from sandbox.graph import Graph
from sandbox.slack import Sandbox, seed
from sandbox.slack.config import SystemClock
from sandbox.slack.person import Person, Refused
from sandbox.slack.rates import ChannelLimit
from sandbox.supervisor import Supervisor

Json = dict[str, Any]
T = TypeVar("T")
MINUTE = 60.0
PATIENCE = 30.0
"""Seconds for any one thing to happen."""
LOOK = 0.02
PAUSE = 40.0
"""Seconds from line to line with the bot."""
LOGGED_IN = 3_600
IDENTIFIED = "id:"
"""Before the shop's own id of a customer, in the webchat's address of them."""
UNLIMITED = 1_000
FAILURES = (TimeoutError, httpx.HTTPError, Refused)
"""What may go wrong while a story is told."""


class Behind(SystemClock):
    """The machine's clock, or one that is some seconds behind it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def time(self) -> float:
        return super().time() - self.seconds


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str

    @property
    def email(self) -> str:
        return f"{self.id.replace('-', '.')}@example.com"


MIA = Customer("mia-chen", "Mia Chen")
JONAS = Customer("jonas-weber", "Jonas Weber")
CAMILLE = "2561803312790144"
"""Who is on Messenger."""


def _talk(*lines: str) -> list[Json]:
    """Customer and bot in turn."""
    return [
        {"role": "bot" if place % 2 else "user", "text": text} for place, text in enumerate(lines)
    ]


class Preload:
    """Tells the three. `clock` is the workspace's."""

    def __init__(
        self,
        server: Supervisor,
        workspace: Any,
        graph: Graph,
        clock: Behind,
        keys: dict[str, str],
    ) -> None:
        self._server = server
        self._box: Sandbox = workspace.state.sandbox
        self._workspace = workspace
        self._graph = graph
        self._clock = clock
        self._keys = keys

    async def begin(self) -> None:
        """Before the server is started."""
        await self._at(minutes_ago=13)

    async def tell(self) -> None:
        """Returns when all is there and it is now. Raises one of FAILURES."""
        limit, self._box.channel_limit = (
            self._box.channel_limit,
            ChannelLimit(UNLIMITED, UNLIMITED),
        )
        try:
            async with self._client() as client:
                await self._resolved(client)
                await self._in_talk(client)
                await self._waiting()
                async with self._person(seed.ANA) as ana, self._person(seed.BEN) as ben:
                    for agent in (ana, ben):
                        await agent.open_home()
                        await until(agent.home)
        finally:
            self._box.channel_limit = limit
            await self._at(minutes_ago=0)

    async def _at(self, minutes_ago: float) -> None:
        self._clock.seconds = minutes_ago * MINUTE
        await self._server.set_back(self._clock.seconds)

    # --- the stories -------------------------------------------------------------------------

    async def _resolved(self, client: httpx.AsyncClient) -> None:
        history = _talk(
            "Can I still change the size of order 1011? I need M, not L.",
            "Order 1011 is being packed. I can't change it any more, but my colleagues may.",
            "I want a human",
        )
        title = "Change the size of order 1011"
        thread = await self._opened(client, MIA, title, history)
        async with self._person(seed.BEN) as ben:
            await self._at(minutes_ago=12)
            await self._taken(ben, thread)
            await self._written(ben, thread, "Hi Mia, it is still on the table. It is an M now.")
            await self._at(minutes_ago=11)
            await self._said(client, MIA, thread, "That was fast, thank you!")
            await self._at(minutes_ago=10)
            await self._written(ben, thread, "!label exchange", "lock")
            await self._written(ben, thread, "!resolve size changed", "lock")
            await self._shows(ben, thread, "Resolved by Ben")
            rating = {"score": 5, "comment": "An M after all, within two minutes!"}
            await self._does(client, MIA, "rating", rating)
            await self._shows(ben, thread, "rated the conversation")

    async def _in_talk(self, client: httpx.AsyncClient) -> None:
        history = _talk(
            "The tent of order 1008 came with a broken pole.",
            "I am sorry to hear that. Shall I ask a colleague?",
            "Yes, a human please",
        )
        await self._at(minutes_ago=8)
        thread = await self._opened(client, JONAS, "Broken tent pole, order 1008", history)
        async with self._person(seed.BEN) as ben:
            await self._at(minutes_ago=7)
            await self._taken(ben, thread)
            await self._written(ben, thread, "Sorry about that, Jonas. I am asking the warehouse.")
            await self._at(minutes_ago=6)
            note = "!n warehouse: two poles left, one is put aside"
            await self._written(ben, thread, note, "lock")
            await self._written(ben, thread, "!label spare-part", "lock")
            await self._at(minutes_ago=5)
            await self._said(client, JONAS, thread, "Would it be here before Saturday?")
            await self._at(minutes_ago=4)
            held = "It leaves today. Your shipping goes back to DE89 3704 0044 0532 0130 00, right?"
            await self._written(ben, thread, held, "hand")
            await self._pressed(ben, thread, "send_held")
            await self._marked(ben, thread, held, "white_check_mark")

    async def _waiting(self) -> None:
        """Over Messenger, where the bot is awake by now and hands over itself."""
        graph = self._graph
        graph.world.meet(CAMILLE, "Camille", "Laurent", "fr_FR")
        graph.write(CAMILLE, "Ma commande 1010 n'est toujours pas arrivée.")

        async def answered() -> bool:
            return graph.world.of(CAMILLE)[-1].by_page

        await until(answered)
        await self._at(minutes_ago=3)
        graph.write(CAMILLE, "Je voudrais parler à quelqu'un, s'il vous plaît.")
        await self._thread_of("Camille Laurent")

    # --- what people do ----------------------------------------------------------------------

    async def _opened(
        self, client: httpx.AsyncClient, customer: Customer, title: str, history: list[Json]
    ) -> str:
        """The bot hands over; the ts of the thread, with what was said before in it."""
        user = {
            "id": f"{IDENTIFIED}{customer.id}",
            "name": customer.name,
            "email": customer.email,
            "attributes": {"plan": "Trail Club"},
        }
        said = [
            {**line, "at": _iso(self._clock.time() - (len(history) - place) * PAUSE)}
            for place, line in enumerate(history)
        ]
        asked = {
            "title": title,
            "channel": "webchat",
            "user": user,
            "reason": {"code": "requested"},
            "history": said,
        }
        headers = {"Authorization": f"Bearer {self._keys['api']}"}
        answer = await client.post("/v1/handoffs", json=asked, headers=headers)
        answer.raise_for_status()
        return await self._thread_of(customer.name)

    async def _thread_of(self, name: str) -> str:
        async with self._person(seed.ANA) as ana:

            async def root() -> str:
                found = [m for m in await ana.history(seed.ORDERS) if name in str(m)]
                return str(found[0]["ts"]) if found and found[0]["reply_count"] else ""

            return await until(root)

    async def _taken(self, agent: Person, thread: str) -> None:
        await self._pressed(agent, thread, "assign_me")
        await self._shows(agent, thread, f"{_first_name(agent)} has it")

    async def _written(
        self, agent: Person, thread: str, text: str, mark: str = "white_check_mark"
    ) -> None:
        await agent.reply(seed.ORDERS, thread, text)
        await self._marked(agent, thread, text, mark)

    async def _marked(self, agent: Person, thread: str, text: str, mark: str) -> None:
        async def seen() -> bool:
            own = [m for m in await agent.thread(seed.ORDERS, thread) if m["text"] == text]
            return any(pile["name"] == mark for m in own for pile in m["reactions"])

        await until(seen)

    async def _pressed(self, agent: Person, thread: str, button: str) -> None:
        async def found() -> str:
            messages = await agent.thread(seed.ORDERS, thread)
            having = [m["ts"] for m in messages if f"'{button}'" in str(m["blocks"])]
            return str(having[-1]) if having else ""

        await agent.click(button, channel=seed.ORDERS, ts=await until(found))

    async def _said(
        self, client: httpx.AsyncClient, customer: Customer, thread: str, text: str
    ) -> None:
        """The customer writes into the chat; it is in the thread then."""
        await self._does(
            client, customer, "messages", {"client_id": f"preload-{customer.id}", "text": text}
        )
        async with self._person(seed.ANA) as ana:
            await self._shows(ana, thread, text)

    async def _does(
        self, client: httpx.AsyncClient, customer: Customer, what: str, body: Json
    ) -> None:
        """The customer, logged in at the shop, uses the chat."""
        claims = {"sub": customer.id, "name": customer.name, "exp": int(time.time()) + LOGGED_IN}
        identity = jwt.encode(claims, self._keys["identity"], "HS256")
        session = await client.post("/webchat/sessions", json={"identity": identity})
        session.raise_for_status()
        headers = {"Authorization": f"Bearer {session.json()['token']}"}
        (await client.post(f"/webchat/{what}", json=body, headers=headers)).raise_for_status()

    async def _shows(self, agent: Person, thread: str, text: str) -> None:
        async def seen() -> bool:
            return text in str(await agent.thread(seed.ORDERS, thread))

        await until(seen)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._server.base, trust_env=False, timeout=PATIENCE)

    def _person(self, user: str) -> Person:
        transport = httpx.ASGITransport(app=self._workspace)
        return Person("http://workspace", user, client=httpx.AsyncClient(transport=transport))


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _first_name(agent: Person) -> str:
    return {seed.ANA: "Ana", seed.BEN: "Ben"}[agent.id]


async def until(look: Callable[[], Awaitable[T]]) -> T:
    """The first true answer. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await look()):  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(LOOK)
    return found
