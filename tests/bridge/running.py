"""The whole product in this process, as `deskbridge serve` makes it, with a recording desk in place
of Slack: over ASGI for what answers at once, over a socket for what streams."""

from __future__ import annotations

import asyncio
import base64
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import jwt

from bridge import plugins
from bridge.app import Process, Role, Server, build, config
from bridge.commands import (
    Accepted,
    AgentSaid,
    Answer,
    Request,
    ToConversation,
    ToThread,
)
from bridge.life import Read
from bridge.model import Agent, AgentId, ConversationId, HandoffId
from bridge.ports import TOPIC_WORK
from bridge.settings import Settings
from bridge.upkeep import reread
from tests.bridge.fakes import AbleDesk
from tests.servers import PLAIN, listening
from tests.waiting import until

Json = dict[str, Any]
API_KEY = "api-key-of-these-tests-with-32-characters"
SECRET_KEY = "secret-key-of-these-tests-with-32-characters"
IDENTITY_SECRET = "identity-secret-of-these-tests-with-32-characters"
BOT_SECRET = "whsec_" + base64.b64encode(b"a bot's secret of thirty-two byt").decode()
ORIGIN = "https://shop.example"
NONE: Mapping[str, plugins.Factory] = {}
BEARER = {"Authorization": f"Bearer {API_KEY}"}
UNLIMITED = "[webchat]\nmessages_per_minute = 0\nconversations_per_hour = 0\n"
ANA = Agent(AgentId("U1"), "Ana", "https://desk.example/ana.png")


def configured(url: str, folder: Path, toml: str = UNLIMITED, **env: str) -> Settings:
    path = folder / "deskbridge.toml"
    path.write_text(toml, "utf-8")
    given = {
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET_KEY,
        "API_KEY": API_KEY,
        "WEBCHAT_ORIGINS": ORIGIN,
        "WEBCHAT_IDENTITY_SECRET": IDENTITY_SECRET,
    }
    return Settings.load({**given, **env}, path)


def in_file(folder: Path) -> str:
    return f"sqlite:///{folder}/deskbridge.db"


def with_bot(url: str = "http://127.0.0.1:1/bot") -> dict[str, str]:
    """Variables of a bot; at port 1 nobody listens."""
    return {"BOT_URL": url, "BOT_SECRET": BOT_SECRET}


def identity(sub: str, **claims: Any) -> str:
    told = {"sub": sub, "exp": int(time.time()) + 600, **claims}
    return jwt.encode(told, IDENTITY_SECRET, "HS256")


@dataclass
class Visitor:
    """Somebody with a session."""

    client: httpx.AsyncClient
    token: str
    conversation: str
    told: Json
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/webchat/{path}", json=body, headers=self.headers)

    async def say(self, text: str, client_id: str = "") -> httpx.Response:
        return await self.post(
            "messages", client_id=client_id or f"c{next(self.numbers)}", text=text
        )

    async def read(self, **query: Any) -> Json:
        answer = await self.client.get("/webchat/messages", params=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def texts(self) -> list[str]:
        return [message["text"] for message in (await self.read())["messages"]]


@dataclass
class Running:
    settings: Settings
    process: Process
    client: httpx.AsyncClient
    desk: AbleDesk
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def hello(self, **body: Any) -> httpx.Response:
        return await self.client.post("/webchat/sessions", json=body)

    async def visitor(self, **body: Any) -> Visitor:
        answer = await self.hello(**body)
        assert answer.status_code == 201, answer.text
        told = answer.json()
        return Visitor(self.client, told["token"], told["conversation_id"], told)

    async def api(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**BEARER, **more.pop("headers", {})}
        return await self.client.request(method, f"/v1{path}", headers=headers, **more)

    async def do(self, command: Request) -> Answer:
        answer = await self.process.now.inbox.handle(command)
        assert isinstance(answer, Accepted), answer
        return answer

    def key(self) -> str:
        return f"test-{next(self.numbers)}"

    async def hand_over(self, conversation: str, **more: Any) -> str:
        """A handoff with its thread; its id."""
        body = {"conversation_id": conversation, "title": "Help", **more}
        opened = await self.api("POST", "/handoffs", json=body)
        assert opened.status_code == 202, opened.text
        handoff = str(opened.json()["id"])
        await self.thread(handoff)
        return handoff

    async def thread(self, handoff: str) -> ToThread:
        found = await self.until(lambda: self.process.now.reads.thread(HandoffId(handoff)))
        return ToThread(found.team, found.channel, found.ts)

    async def agent_says(self, handoff: str, text: str, source: str = "") -> str:
        """Ana writes into the thread; the source of what she wrote."""
        source = source or f"source-{self.key()}"
        at = time.time_ns() // 1_000
        to = await self.thread(handoff)
        await self.do(AgentSaid(source, at, to, ANA, text, source, f"{at}"))
        return source

    async def until(self, look: Callable[[], Any]) -> Any:
        """The first true answer; the workers look for what is due at each turn."""

        async def looked() -> Any:
            if not (found := await look()):
                self.process.shared.bell.ring([TOPIC_WORK])
            return found

        return await until(looked)

    def to(self, conversation: str) -> ToConversation:
        return ToConversation(ConversationId(conversation))


@asynccontextmanager
async def running(
    settings: Settings,
    role: Role = "all",
    more: Sequence[Any] = (),
    desk: AbleDesk | None = None,
    *,
    channels: Mapping[str, plugins.Factory] = NONE,
    read: Read = reread,
) -> AsyncIterator[Running]:
    """Started, and stopped with the block. `channels`: factories beside what is installed; `read`:
    what it is told when it reads its settings again."""
    made = make(settings, desk or AbleDesk(), role, more, channels=channels, read=read)
    async with made.process.app.router.lifespan_context(made.process.app), made.client:
        yield made


def make(
    settings: Settings,
    desk: AbleDesk,
    role: Role = "all",
    more: Sequence[Any] = (),
    *,
    channels: Mapping[str, plugins.Factory] = NONE,
    read: Read = reread,
) -> Running:
    """Not started."""
    with plugged(lambda _deps: desk, channels):
        process = build(settings, role, more, read=read)
    transport = httpx.ASGITransport(app=process.app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://desk.test")
    return Running(settings, process, client, desk)


def plugged(
    desk: plugins.Factory, channels: Mapping[str, plugins.Factory] = NONE
) -> AbstractContextManager[Any]:
    """As long as it is entered, this is the desk that is installed."""
    real = plugins.load

    def load(group: str) -> dict[str, Any]:
        if group == "desks":
            return {"fake": desk}
        return {**real(group), **channels} if group == "channels" else real(group)

    return patch.object(plugins, "load", load)


# --- over a socket -------------------------------------------------------------------------------


@dataclass
class Event:
    kind: str
    id: str
    data: str


@dataclass
class Served:
    """`running`, listening; `stop` is what a signal does."""

    made: Running
    base: str
    server: Server
    serving: asyncio.Task[None]

    async def holding(self, requests: int) -> None:
        """Returns as soon as so many requests have begun and not ended."""
        await until(lambda: len(self.server.server_state.tasks) >= requests)

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.serving


@asynccontextmanager
async def served(settings: Settings, read: Read = reread) -> AsyncIterator[Served]:
    made = make(settings, AbleDesk(), read=read)
    door = listening()
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    server = Server(
        config(made.process.app, "127.0.0.1", 0, grace=3_600),
        made.process.drain,
        made.process.hang_up,
    )
    task = asyncio.create_task(server.serve(sockets=[door]))
    await made.client.aclose()
    async with httpx.AsyncClient(
        base_url=base, trust_env=False, verify=PLAIN, timeout=30
    ) as client:
        made.client = client
        it = Served(made, base, server, task)
        try:
            await until(lambda: server.started or task.done())
            assert server.started, task
            yield it
        finally:
            await it.stop()


@asynccontextmanager
async def stream(visitor: Visitor, **more: Any) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of `/webchat/stream`, comments among them."""
    headers = {**visitor.headers, **more.pop("headers", {})}
    async with visitor.client.stream("GET", "/webchat/stream", headers=headers, **more) as answer:
        assert answer.status_code == 200, await answer.aread()
        yield events(answer)


async def events(answer: httpx.Response) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line.startswith(":"):
            yield Event("comment", "", line[1:].strip())
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Event(fields.get("event", ""), fields.get("id", ""), fields["data"])
            fields = {}
