"""A workspace and a real Bolt app that listens to it, both served over HTTP on free ports."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from sandbox.slack import Sandbox, SandboxConfig, create_app, seed
from sandbox.slack.person import Person
from tests.servers import listening

Json = dict[str, Any]
PATIENCE = 60.0


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application on a free port; its base address.

    Without uvicorn's own loop, which takes the process's signals and 0.2 s to end.
    """
    listener = listening()
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await server.shutdown(sockets=[listener])


@dataclass(frozen=True)
class Fetched:
    """An HTTP answer, read to its end."""

    status: int
    type: str
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def fetch(verb: str, url: str, **more: Any) -> Fetched:
    """One request over a connection of its own."""
    async with aiohttp.ClientSession() as session, session.request(verb, url, **more) as answer:
        return Fetched(answer.status, answer.content_type, await answer.read())


@dataclass
class Inbox:
    """What an app received, in order; `until` waits for more."""

    items: list[Json] = field(default_factory=list)
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def add(self, item: Json) -> None:
        async with self._grown:
            self.items.append(item)
            self._grown.notify_all()

    async def until(self, enough: Callable[[list[Json]], bool]) -> list[Json]:
        """All items, once `enough` says so; TimeoutError after a while."""
        async with asyncio.timeout(PATIENCE), self._grown:
            await self._grown.wait_for(lambda: enough(self.items))
            return list(self.items)

    async def at_least(self, count: int) -> list[Json]:
        return await self.until(lambda items: len(items) >= count)


@dataclass
class World:
    """A running workspace with an app: its client, the events it got, and the people."""

    base: str
    box: Sandbox
    client: AsyncWebClient
    bolt: AsyncApp
    events: Inbox
    requests: Inbox
    ana: Person
    ben: Person
    answers: list[Response] = field(default_factory=list)

    async def post(self, text: str = "hello", **more: Any) -> str:
        """Post as the app to #desk-orders; the ts."""
        answer = await self.client.chat_postMessage(channel=seed.ORDERS, text=text, **more)
        return str(answer["ts"])

    async def oracle(self, channel: str = seed.ORDERS) -> list[Json]:
        """All messages of a channel as the control URLs tell them."""
        async with aiohttp.ClientSession() as session:
            url = f"{self.base}/control/messages?channel={channel}"
            async with session.get(url) as answer:
                messages: list[Json] = (await answer.json())["messages"]
                return messages

    def fault(self, **rule: Any) -> None:
        """Put one rule in force."""
        self.box.faults.install({"seed": 1, "rules": [rule]}, self.box.config.clock.time())


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None,
        team_id=seed.TEAM,
        bot_token="xoxb-sandbox",
        bot_id=seed.BOT,
        bot_user_id=seed.BOT_USER,
    )


@asynccontextmanager
async def world(config: SandboxConfig) -> AsyncIterator[World]:
    """Run a workspace (mounted under a prefix) and a Bolt app that tells what it hears."""
    app = create_app(config)
    box: Sandbox = app.state.sandbox
    mounted = Starlette(routes=[Mount("/some/where", app)])
    async with (
        serving(mounted) as workspace,
        aiohttp.ClientSession() as session,
        Person(f"{workspace}/some/where", seed.ANA) as ana,
        Person(f"{workspace}/some/where", seed.BEN) as ben,
    ):
        base = f"{workspace}/some/where"
        client = AsyncWebClient(
            token=config.bot_token, base_url=f"{base}/api/", session=session, retry_handlers=[]
        )
        bolt = AsyncApp(
            client=client, signing_secret=config.signing_secret, authorize=_authorize,
            ignoring_self_events_enabled=False,
        )  # fmt: skip
        built = World(base, box, client, bolt, Inbox(), Inbox(), ana, ben)
        async with serving(_listener(built)) as listening:
            box.set_request_url(f"{listening}/slack/events")
            try:
                yield built
            finally:
                await box.close()


def _listener(built: World) -> Starlette:
    """The app's endpoint: answers from `answers` go first, then Bolt's."""
    handler = AsyncSlackRequestHandler(built.bolt)

    async def event(body: Json) -> None:
        await built.events.add(body)

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        await built.requests.add({"headers": dict(request.headers), "body": body.decode()})
        if built.answers:
            return built.answers.pop(0)
        return await handler.handle(request)

    for kind in EVENT_KINDS:
        built.bolt.event(kind)(event)
    return Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])


EVENT_KINDS = (
    "message", "reaction_added", "reaction_removed", "member_joined_channel", "file_shared",
    "member_left_channel", "app_home_opened", "channel_archive", "channel_rename", "channel_left",
    "user_change", "message_metadata_posted", "tokens_revoked", "channel_deleted",
    "channel_unarchive", "channel_created",
)  # fmt: skip


def section(text: str) -> Json:
    """A section block."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action_id: str = "go", value: str = "1") -> Json:
    """An actions block with one button."""
    label = {"type": "plain_text", "text": "Go"}
    element = {"type": "button", "action_id": action_id, "text": label, "value": value}
    return {"type": "actions", "block_id": "row", "elements": [element]}


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal with callback `form`."""
    return {
        "type": "modal", "callback_id": "form", "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Send"}, "blocks": list(blocks) or [text_input()],
        **more,
    }  # fmt: skip


def text_input(block_id: str = "why") -> Json:
    """An input block."""
    return {
        "type": "input", "block_id": block_id, "label": {"type": "plain_text", "text": "Why"},
        "element": {"type": "plain_text_input", "action_id": "reason", "max_length": 20},
    }  # fmt: skip
