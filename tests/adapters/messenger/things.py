"""A channel before a stand-in for Meta in the same process, and a bridge that only listens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import httpx
import orjson

from adapters.messenger.channel import Messenger
from adapters.messenger.config import MessengerConfig
from adapters.messenger.ids import address, conversation_of
from adapters.messenger.signing import signature
from bridge.commands import Accepted, Answer, Request
from bridge.errors import StoreError
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Author,
    Contact,
    ContactId,
    Conversation,
    Message,
    MessageId,
    Role,
)
from bridge.ports import Deps, Outgoing
from bridge.web import application
from sandbox.graph import Graph, GraphConfig, create_app
from storage.memory import MemoryBell, MemoryLimiter, MemoryPresence

META = GraphConfig(public_base_url="http://meta.test")
PAGE, PSID = META.page_id, "2500000000000001"
NOW = 1_790_000_000 * SECOND
BASE = f"http://meta.test/{META.version}"
CONFIG = MessengerConfig(
    tokens={PAGE: (META.page_token,)},
    app_secrets=(META.app_secret,),
    verify_tokens=(META.verify_token,),
    api_url=BASE,
    timeout=30.0,
)
ANA = Author(Role.AGENT, "U1", "Ana", "https://desk.example/ana.png")
HERE = conversation_of(PAGE, PSID)
CONVERSATION = Conversation(
    HERE,
    DEFAULT_WORKSPACE,
    ContactId("con_1"),
    "messenger",
    address(PAGE, PSID),
    user_at=NOW - 60 * SECOND,
)
MSG = MessageId("msg_" + "a" * 24)
KEY = f"{MSG}/0"


def outgoing(text: str = "Hello", author: Author = ANA, **more: Any) -> Outgoing:
    message = Message(MSG, HERE, DEFAULT_WORKSPACE, 1, 1, author, text, **more)
    return Outgoing(message, text, 0, 1)


@dataclass
class Bridge:
    """Keeps what it is told; `fails` says why a command cannot be kept."""

    told: list[Any] = field(default_factory=list)
    fails: Callable[[Request], StoreError | None] = lambda _: None

    async def receive(self, command: Request) -> Answer:
        if error := self.fails(command):
            raise error
        self.told.append(command)
        return Accepted({})


@dataclass
class Reads:
    """What the store holds."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    seq: int = 0
    known: set[str] = field(default_factory=set)
    fails: StoreError | None = None

    async def contact(self, id: str) -> Contact | None:
        if self.fails:
            raise self.fails
        return self.contacts.get(id)

    async def conversation(self, id: str) -> Conversation | None:
        if self.fails:
            raise self.fails
        return self.conversations.get(id)

    async def seq_at(self, _id: str, _at: int) -> int:
        return self.seq

    async def posted(self, _team: str, _channel: str, ids: list[str]) -> set[str]:
        return self.known & set(ids)


@dataclass
class World:
    """The clock of both sides stands where a test puts it."""

    channel: Messenger
    meta: Graph
    reads: Reads
    bridge: Bridge
    client: httpx.AsyncClient
    clock: SimpleNamespace

    async def post(self, payload: object, **more: Any) -> httpx.Response:
        """As Meta posts it, signed."""
        return await self.post_bytes(orjson.dumps(payload), **more)

    async def post_bytes(self, body: bytes, secret: str = META.app_secret) -> httpx.Response:
        headers = {"x-hub-signature-256": signature(secret, body)}
        return await self.client.post("/messenger/webhook", content=body, headers=headers)

    async def idle(self) -> None:
        """Until the small things are done."""
        await self.channel._chores.finish()


@asynccontextmanager
async def world(**changes: Any) -> AsyncIterator[World]:
    clock = SimpleNamespace(now=NOW)
    app = create_app(replace(META, clock=lambda: clock.now / SECOND))
    meta: Graph = app.state.graph
    meta.world.meet(PSID, "Sam", "Rivera", "fr_CA").heard_at = NOW / SECOND - 60
    reads, bridge = Reads(), Bridge()
    deps = Deps(
        settings=None,
        reads=cast(Any, reads),
        bell=MemoryBell(),
        limiter=MemoryLimiter(lambda: (clock.now - NOW) / SECOND),
        presence=MemoryPresence(),
        clock=lambda: clock.now,
    )
    channel = Messenger(replace(CONFIG, **changes), deps)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    channel._graph._session = httpx.AsyncClient(transport=transport)
    routes = channel.routes(cast(Any, bridge.receive))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=application(routes)), base_url="http://desk.test"
    ) as client:
        yield World(channel, meta, reads, bridge, client, clock)
    await channel.close()
    await meta.close()


def event(**fields: Any) -> dict[str, Any]:
    people = {"sender": {"id": PSID}, "recipient": {"id": PAGE}}
    return {**people, "timestamp": NOW // 1_000, **fields}


def webhook(*events: Any, kind: str = "messaging") -> dict[str, Any]:
    entry = {"id": PAGE, "time": NOW // 1_000, kind: list(events)}
    return {"object": "page", "entry": [entry]}


def said(text: str, mid: str = "m_1", **more: Any) -> dict[str, Any]:
    return event(message={"mid": mid, "text": text, **more})
