"""The whole product, as `deskbridge serve` makes it, and the workspace, in one process and served
over real connections, so that both can live on virtual time."""

import asyncio
import itertools
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import yaml
from starlette.types import ASGIApp

from bridge.app import Process, build
from bridge.model import ConversationId
from bridge.settings import Settings
from sandbox.slack import seed
from sandbox.slack.app import create_app
from sandbox.slack.config import SandboxConfig
from sandbox.slack.core import Sandbox
from sandbox.slack.person import Person
from tests.scenarios.customer import IDENTITY_SECRET, Customer
from tests.scenarios.facebook import PageCustomer
from tests.scenarios.processes import SOURCE
from tests.scenarios.thread import Oracle, key_of, plain
from tests.servers import PLAIN, listening

LONG = 10**6
"""Seconds for which idle connections are kept: hours pass here between two requests."""
LOOK = 0.25
"""Seconds between two looks at a condition."""
TOML = """
[webchat]
messages_per_minute = 0
conversations_per_hour = 0
[handoff]
reopen_within = 0
"""
NOTHING: Mapping[str, str] = {}
TOKEN = "xoxb-virtual"
SIGNING_SECRET = "virtual-signing-secret"
APP_TOKEN = "xapp-virtual"


@dataclass(slots=True)
class House:
    settings: Settings
    box: Sandbox
    process: Process
    base: str
    slack_base: str
    client: httpx.AsyncClient
    oracle: Oracle
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    """So that nobody has the name of another."""
    _people: list[Person | Customer | PageCustomer] = field(default_factory=list)

    async def customer(self, name: str, **hello: str) -> Customer:
        customer = Customer(self.base, name, secrets.token_hex(8))
        self._people.append(customer)
        await customer.arrive(**hello)
        return customer

    def agent(self, id: str = seed.ANA) -> Person:
        person = Person(self.slack_base, id)
        self._people.append(person)
        return person

    def comes(self, person: PageCustomer) -> None:
        """Who goes home with the others."""
        self._people.append(person)

    async def root(self, customer: Customer) -> str:
        """The ts of the customer's thread, the newest one; empty before there is one."""
        view = await self.process.now.reads.view_of(ConversationId(customer.conversation))
        if view is None:
            return ""
        found = [
            message["ts"]
            for message in await self.oracle.messages()
            if key_of(message).startswith(f"{view.handoff.id}/")
            and message.get("thread_ts") in (None, message["ts"])
            and not message["deleted"]
        ]
        return str(found[-1]) if found else ""

    async def posted(self) -> list[str]:
        """All that customers said, as the channel shows it, each as often as it stands there."""
        messages = await self.oracle.messages()
        return [
            plain(message)
            for message in messages
            if key_of(message).startswith("msg_") and not message["deleted"]
        ]

    async def clear(self) -> None:
        """Everybody goes home, and everything works again."""
        for person in self._people:
            await (person.aclose() if isinstance(person, Person) else person.close())
        self._people.clear()
        await self.oracle.faults()


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    sockets: bool = False,
    toml: str = "",
    env: Mapping[str, str] = NOTHING,
    **workspace: Any,
) -> AsyncIterator[House]:
    """Open until the block ends. `env`: variables beside those of every house; `workspace`: of
    `SandboxConfig`, beside Slack's own limits."""
    doors = listening(), listening()
    base, slack_base = (f"http://127.0.0.1:{door.getsockname()[1]}" for door in doors)
    manifest = yaml.safe_load((SOURCE / "manifest.yml").read_text())
    config = SandboxConfig(
        request_url="" if sockets else f"{base}/slack/events",
        signing_secret=SIGNING_SECRET,
        bot_token=TOKEN,
        app_token=APP_TOKEN,
        manifest=json.loads(json.dumps(manifest)),
        socket_mode=sockets,
        channel_limit=True,
        method_limits=True,
        **workspace,
    )
    app = create_app(config)
    settings = _settings(folder, slack_base, toml, env, sockets=sockets)
    process = build(settings)
    client = httpx.AsyncClient(trust_env=False, verify=PLAIN, timeout=60.0)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(client)
        await stack.enter_async_context(served(app, doors[1]))
        stack.push_async_callback(app.state.sandbox.close)
        await stack.enter_async_context(process.app.router.lifespan_context(process.app))
        await stack.enter_async_context(served(process.app, doors[0]))
        stack.push_async_callback(_tells_no_more, app.state.sandbox)
        oracle = Oracle(slack_base, client)
        box = app.state.sandbox
        made = House(settings, box, process, base, slack_base, client, oracle)
        yield made
        await made.clear()
        process.drain()


async def _tells_no_more(box: Sandbox) -> None:
    """Before the product's door shuts: whom asyncio accepts while it does stays open for ever."""
    await box.close()
    await asyncio.sleep(LOOK)


def _settings(
    folder: Path, slack_base: str, toml: str, env: Mapping[str, str], *, sockets: bool
) -> Settings:
    path = folder / "deskbridge.toml"
    path.write_text(TOML + toml)
    given = {
        "DATABASE_URL": f"sqlite:///{folder}/deskbridge.db",
        "SECRET_KEY": "virtual-secret-key-of-at-least-32-characters",
        "API_KEY": "virtual-api-key-of-at-least-32-characters",
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_CHANNEL": seed.ORDERS,
        "SLACK_API_URL": f"{slack_base}/api/",
        "WEBCHAT_IDENTITY_SECRET": IDENTITY_SECRET,
        "WEBCHAT_IDENTITY": "preferred",
        **({"SLACK_APP_TOKEN": APP_TOKEN} if sockets else {}),
        **({} if sockets else {"SLACK_SIGNING_SECRET": SIGNING_SECRET}),
        **env,
    }
    return Settings.load(given, path)


@asynccontextmanager
async def served(app: ASGIApp, door: Any) -> AsyncIterator[None]:
    """Without uvicorn's own loop, which would look ten times a second whether to stop."""
    config = uvicorn.Config(
        app, http="httptools", ws="none", lifespan="off", log_level="warning",
        access_log=False, timeout_keep_alive=LONG, timeout_graceful_shutdown=1,
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup([door])
    try:
        yield
    finally:
        await server.shutdown([door])
