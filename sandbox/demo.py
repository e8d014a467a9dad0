"""The demo: the shop, the bot and the stand-in workspace, in front of the product.

The product is a process of its own, built from settings like any other installation (`served`): it
may be killed, and is started again (`supervisor`). This process is what customers and agents see of
the world around it, and passes on what is the product's (`proxy`), all on one port of 127.0.0.1.
Everything lives in a temporary folder, with new secrets at each start.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import jwt
import structlog
import yaml
from rich.console import Console
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge import app as product
from sandbox.board import Board
from sandbox.bot import BotConfig, create_bot
from sandbox.breaking import Breaking
from sandbox.demo_routes import Front
from sandbox.folder import folder_of_this_process
from sandbox.graph import Graph, GraphConfig, mount
from sandbox.graph import settings_for as settings_of_page
from sandbox.hood import Hood
from sandbox.preload import FAILURES, Behind, Preload
from sandbox.proxy import Proxy
from sandbox.sam import IN_CHAT, NAME
from sandbox.shop.routes import routes as shop_routes
from sandbox.slack import Sandbox, SandboxConfig, create_app, seed
from sandbox.steps import Steps
from sandbox.supervisor import Supervisor
from sandbox.tap import Exchange, Tap

REAL = ("SLACK_", "MESSENGER_", "SMTP_")
HOST = "127.0.0.1"
GRACE = 2
"""Seconds that open requests have when the demo ends."""
LOGGED_IN = 3_600
"""Seconds for which the shop's word for its customer holds."""
GRAPH = "/sandbox/graph"
BACKSTAGE = ("/sandbox/slack/", "/slack/", f"{GRAPH}/", "/messenger/")
OVERHEARD = (
    "/sandbox/bot", "/sandbox/slack/api/", "/slack/", "/webchat/", "/v1/", "/messenger/",
    f"{GRAPH}/v", f"{GRAPH}/control/write", f"{GRAPH}/control/choose",
)  # fmt: skip
LATE = 280.0
"""Seconds by which a clock may be behind for a bot that checks a webhook's time (five minutes)."""


def run(port: int, *, empty: bool = False) -> None:
    """What `deskbridge demo` does. Raises SettingsError where real services are set up."""
    refuse_real_settings(dict(os.environ))
    product.logs.configure("warning", "console")
    with folder_of_this_process() as folder:
        demo = create_demo(port, folder, empty=empty)
        product.run(product.Server(product.config(demo.app, HOST, port, GRACE), demo.drain))


def announce_soon() -> None:
    Console().print("\n  Getting ready: other customers are talking to your team. A few seconds…")


def announce(port: int) -> None:
    """Says where to look, once there is something to see."""
    console = Console()
    console.print(f"\n  [bold]Deskbridge demo[/]   http://{HOST}:{port}\n")
    console.print("  Customers on the left, your team on the right. Ctrl-C ends it.\n")


def refuse_real_settings(env: dict[str, str]) -> None:
    """The demo must never reach a real workspace or page."""
    real = sorted(name for name in env if name.startswith(REAL) and env[name])
    if real:
        fault = "is set: the demo does not start where settings of real services are"
        raise product.SettingsError(dict.fromkeys(real, fault))


@dataclass(frozen=True, slots=True)
class Demo:
    """The application that is served; `drain` ends its open streams."""

    app: Starlette
    drain: Callable[[], None]


def identity(secret: str, login: str) -> str:
    """What the shop tells the chat of who is logged in, as WEBCHAT_IDENTITY_SECRET wants it."""
    claims = {
        "sub": f"{IN_CHAT}{login}",
        "name": " ".join(NAME),
        "email": "sam.rivera@example.com",
        "exp": int(time.time()) + LOGGED_IN,
    }
    return jwt.encode(claims, secret, "HS256")


def settings_for(port: int, folder: Path, keys: dict[str, str]) -> dict[str, str]:
    """The environment of the product."""
    base = f"http://{HOST}:{port}"
    return {
        "DESKBRIDGE_CONFIG": str(_config(folder)),
        "DATABASE_URL": f"sqlite:///{folder / 'demo.db'}",
        "PUBLIC_URL": base,
        "SECRET_KEY": keys["secret"],
        "API_KEY": keys["api"],
        "SLACK_BOT_TOKEN": keys["token"],
        "SLACK_SIGNING_SECRET": keys["signing"],
        "SLACK_CHANNEL": seed.ORDERS,
        "SLACK_API_URL": f"{base}/sandbox/slack/api/",
        "WEBCHAT_IDENTITY": "preferred",
        "WEBCHAT_IDENTITY_SECRET": keys["identity"],
        "BOT_URL": f"{base}/sandbox/bot/webhook",
        "BOT_SECRET": keys["bot"],
        "LOG_LEVEL": "warning",
        **settings_of_page(_page(port, keys, Behind()), f"{base}{GRAPH}"),
    }


TEMPLATES = """
[templates]
macros = [{ name = "spam", do = ["label spam", "resolve silent: spam"] }]
[[templates.shortcuts]]
name = "hello"
[templates.shortcuts.value]
en = "Hello {{userFirstName|there}}, this is {{agentName}} from Northwind. How can I help?"
fr = "Bonjour, ici {{agentName}} de Northwind. Comment puis-je vous aider ?"
[[templates.shortcuts]]
name = "courier"
[templates.shortcuts.value]
en = "I have asked the courier. They answer within the hour, and I write to you here."
fr = "J’ai demandé au transporteur. Il répond dans l’heure, et je vous écris ici."
[[templates.shortcuts]]
name = "refund"
[templates.shortcuts.value]
en = "Your refund is on its way: it takes three to five days until you see it."
fr = "Votre remboursement est en route : comptez trois à cinq jours."
"""


def _config(folder: Path) -> Path:
    path = folder / "deskbridge.toml"
    path.write_text(
        '[webchat]\ntitle = "Northwind Outfitters"\n'
        'greeting = "Hello! Ask me about your order, or ask for a human."\n'
        'greeting_buttons = [{ text = "Where is order 1009?" }, { text = "I want a human" }]\n'
        "conversations_per_hour = 0\nmessages_per_minute = 0\n"
        "[delivery]\ntimeout = 2\nquarantine = 1\nlease = 6\n"  # Slack is next door
        f"{TEMPLATES}",
        "utf-8",
    )
    return path


def new_keys() -> dict[str, str]:
    return {
        "secret": secrets.token_urlsafe(48),
        "api": secrets.token_urlsafe(48),
        "token": f"xoxb-{secrets.token_urlsafe(24)}",
        "signing": secrets.token_hex(16),
        "identity": secrets.token_urlsafe(48),
        "page": f"EAA{secrets.token_hex(24)}",
        "facebook": secrets.token_hex(16),
        "verify": secrets.token_urlsafe(16),
        "bot": "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def create_demo(port: int, folder: Path, *, empty: bool = False) -> Demo:
    """`empty`: without the conversations of other customers, and some seconds sooner."""
    keys, board, clock = new_keys(), Board(), Behind()
    base = f"http://{HOST}:{port}"
    workspace = _workspace(port, keys, clock)
    box: Sandbox = workspace.state.sandbox
    facebook, graph = mount(_page(port, keys, clock), GRAPH)
    server = Supervisor(settings_for(port, folder, keys), board.tell)
    parts = Parts(
        port=port,
        workspace=workspace,
        facebook=facebook,
        graph=graph,
        clock=clock,
        bot=create_bot(BotConfig(secret=keys["bot"], base_url=base, api_key=keys["api"])),
        server=server,
        proxy=Proxy(server.base),
        steps=Steps(board.tell),
        hood=Hood(base, time.time, board.tell),
        breaking=Breaking(box.faults, graph.faults, clock.time, board.tell),
        board=board,
        preload=None if empty else Preload(server, workspace, graph, clock, keys),
    )
    return Demo(_application(parts, partial(identity, keys["identity"])), parts.drain)


def _application(parts: Parts, identify: Callable[[str], str]) -> Starlette:
    front = Front(parts.steps, parts.hood, parts.breaking, parts.server, parts.board)
    return Starlette(
        routes=[
            Mount("/sandbox/slack", parts.workspace),
            Mount("/sandbox/bot", parts.bot),
            parts.facebook,
            *front.routes(),
            *shop_routes(identify),
            Mount("/", parts.proxy),
        ],
        middleware=[
            Middleware(Door, opened=parts.opened, clock=parts.clock),
            Middleware(Tap, prefixes=OVERHEARD, hear=parts.hear, read=parts.steps.read),
        ],
        lifespan=parts.lifespan,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """All that the demo is made of, and its life."""

    port: int
    workspace: Starlette
    facebook: Mount
    graph: Graph
    clock: Behind
    bot: Starlette
    server: Supervisor
    proxy: Proxy
    steps: Steps
    hood: Hood
    breaking: Breaking
    board: Board
    preload: Preload | None
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, exchange: Exchange) -> None:
        if self.opened.is_set():
            self.steps.hear(exchange)
            self.hood.hear(exchange)

    def drain(self) -> None:
        """Whoever waits or follows is let go."""
        self.opened.set()
        self.board.end()

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Mounted applications have no lifespan of their own: this one ends them, too."""
        box: Sandbox = self.workspace.state.sandbox
        if self.preload:
            await self.preload.begin()
        self.server.start()
        tasks = [asyncio.create_task(_watch(box, self.steps)), asyncio.create_task(self._open())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.server.close()
            await self.proxy.close()
            await self.bot.state.bot.close()
            await self.graph.close()
            await box.close()

    async def _open(self) -> None:
        if self.preload:
            announce_soon()
            await _preloaded(self.preload, self.server)
        await self.server.up.wait()
        self.opened.set()
        announce(self.port)


class Door:
    """Visitors wait until the demo is `opened`; what makes it ready goes in and out meanwhile. The
    bot sleeps while what it is told carries times of a clock that is too far behind."""

    def __init__(self, app: ASGIApp, opened: asyncio.Event, clock: Behind) -> None:
        self._app = app
        self._opened = opened
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._opened.is_set():
            of_bot = scope["path"].startswith("/sandbox/bot")
            if of_bot and self._clock.seconds > LATE:
                return await JSONResponse({})(scope, receive, send)
            if not (of_bot or scope["path"].startswith(BACKSTAGE)):
                await self._opened.wait()
        return await self._app(scope, receive, send)


async def _preloaded(preload: Preload, server: Supervisor) -> None:
    await server.up.wait()
    try:
        await preload.tell()
    except FAILURES as error:
        structlog.get_logger("demo").warning("not_preloaded", error=repr(error))


def _page(port: int, keys: dict[str, str], clock: Behind) -> GraphConfig:
    """The shop's page on Facebook."""
    base = f"http://{HOST}:{port}"
    return GraphConfig(
        callback_url=f"{base}/messenger/webhook",
        app_secret=keys["facebook"],
        page_token=keys["page"],
        verify_token=keys["verify"],
        public_base_url=f"{base}{GRAPH}",
        clock=clock.time,
    )


def _workspace(port: int, keys: dict[str, str], clock: Behind) -> Starlette:
    base = f"http://{HOST}:{port}"
    return create_app(
        SandboxConfig(
            request_url=f"{base}/slack/events",
            signing_secret=keys["signing"],
            bot_token=keys["token"],
            public_base_url=f"{base}/sandbox/slack",
            manifest=yaml.safe_load(product.manifest.template()),
            channel_limit=True,
            channel_burst=5,
            clock=clock,
        )
    )


async def _watch(box: Sandbox, steps: Steps) -> None:
    """Passes every change of the workspace on to the steps."""
    feed = box.workspace.feed
    event, cursor = feed.subscribe(), feed.cursor
    while True:
        await event.wait()
        event.clear()
        for change in feed.after(cursor):
            steps.change(change.render())
        cursor = feed.cursor
