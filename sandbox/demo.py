"""The demo: the product, the stand-in workspace, the bot and the shop, in one process on one port.

A second composition root. The product is built from settings like any other installation: it talks
to the workspace and to the bot over HTTP and does not know that they are next door. Everything
lives in a temporary folder, with new secrets at each start, and listens on 127.0.0.1 only.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import jwt
import yaml
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route

from bridge import app as product
from sandbox.bot import BotConfig, create_bot
from sandbox.folder import folder_of_this_process
from sandbox.shop.routes import login_of, new_login, remember
from sandbox.shop.routes import routes as shop_routes
from sandbox.slack import SandboxConfig, create_app, seed
from sandbox.steps import CUSTOMER, Overhear, Steps

REAL = ("SLACK_", "MESSENGER_")
HOST = "127.0.0.1"
GRACE = 2
"""Seconds that open requests have when the demo ends."""
LOGGED_IN = 3_600
"""Seconds for which the shop's word for its customer holds."""


def run(port: int) -> None:
    """What `deskbridge demo` does. Raises SettingsError where real services are set up."""
    refuse_real_settings(dict(os.environ))
    product.logs.configure("warning", "console")
    with folder_of_this_process() as folder:
        demo = create_demo(port, folder)
        config = product.config(demo.app, HOST, port, GRACE)
        product.run(Announcing(config, demo.drain))


class Announcing(product.Server):
    """Says where to look once there is something to see."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        console = Console()
        console.print(f"\n  [bold]Deskbridge demo[/]   http://{HOST}:{self.config.port}\n")
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
        "sub": f"{CUSTOMER}{login}",
        "name": "Sam Rivera",
        "email": "sam.rivera@example.com",
        "exp": int(time.time()) + LOGGED_IN,
    }
    return jwt.encode(claims, secret, "HS256")


def settings_for(port: int, folder: Path, keys: dict[str, str]) -> product.Settings:
    base = f"http://{HOST}:{port}"
    env = {
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
    }
    return product.Settings.load(env, _config(folder))


def _config(folder: Path) -> Path:
    path = folder / "deskbridge.toml"
    path.write_text(
        '[webchat]\ntitle = "Northwind Outfitters"\n'
        'greeting = "Hello! Ask me about your order, or ask for a human."\n'
        'greeting_buttons = [{ text = "Where is order 1009?" }, { text = "I want a human" }]\n'
        "conversations_per_hour = 0\nmessages_per_minute = 0\n",
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
        "bot": "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def create_demo(port: int, folder: Path) -> Demo:
    keys, base, steps = new_keys(), f"http://{HOST}:{port}", Steps()
    workspace = create_app(
        SandboxConfig(
            request_url=f"{base}/slack/events",
            signing_secret=keys["signing"],
            bot_token=keys["token"],
            public_base_url=f"{base}/sandbox/slack",
            manifest=yaml.safe_load(product.manifest.template()),
            channel_limit=True,
            channel_burst=5,
        )
    )
    bot = create_bot(BotConfig(secret=keys["bot"], base_url=base, api_key=keys["api"]))
    more: list[BaseRoute] = [
        Mount("/sandbox/slack", workspace),
        Mount("/sandbox/bot", Overhear(bot, steps)),
        *_step_routes(steps),
        *shop_routes(partial(identity, keys["identity"])),
    ]
    process = product.build(settings_for(port, folder, keys), more=more)

    def drain() -> None:
        process.drain()
        steps.end()

    return Demo(_with_stand_ins(process.app, workspace, bot, steps), drain)


def _with_stand_ins(
    app: Starlette, workspace: Starlette, bot: Starlette, steps: Steps
) -> Starlette:
    """Mounted applications have no lifespan of their own: the outer one's does it for them."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(outer: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(_watch(workspace, steps))
        try:
            async with inner(outer):
                yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await bot.state.bot.close()
            await workspace.state.sandbox.close()

    app.router.lifespan_context = lifespan
    return app


async def _watch(workspace: Starlette, steps: Steps) -> None:
    """Passes every change of the workspace on to the steps."""
    feed = workspace.state.sandbox.workspace.feed
    event, cursor = feed.subscribe(), feed.cursor
    while True:
        await event.wait()
        event.clear()
        for change in feed.after(cursor):
            steps.change(change.render())
        cursor = feed.cursor


def _step_routes(steps: Steps) -> list[BaseRoute]:
    """The steps of whoever is logged in at the shop in this browser."""

    async def state(request: Request) -> Response:
        return JSONResponse({"steps": steps.of(login_of(request)).done})

    async def events(request: Request) -> Response:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        following = steps.follow(login_of(request))
        return StreamingResponse(following, media_type="text/event-stream", headers=headers)

    async def reset(_request: Request) -> Response:
        login = new_login()
        return remember(JSONResponse({"steps": steps.of(login).done}), login)

    return [
        Route("/demo/state", state),
        Route("/demo/events", events),
        Route("/demo/reset", reset, methods=["POST"]),
    ]
