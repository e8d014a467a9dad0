"""A workspace with a small app in it, served over HTTP, and a real browser to look at it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import httpx
import uvicorn
from playwright.async_api import Browser, ConsoleMessage, Error, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from sandbox.slack import Sandbox, SandboxConfig, create_app
from sandbox.slack.person import Person
from tests.profiles import kept
from tests.servers import PLAIN, listening

Json = dict[str, Any]

PATIENCE = 60.0
"""Seconds for what Slack gives three for: a busy machine is no slow app."""
MANIFEST: Json = {
    "features": {
        "app_home": {
            "home_tab_enabled": True, "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": True,
        },
        "bot_user": {"display_name": "Deskbridge"},
        "shortcuts": [
            {"name": "Handoff…", "type": "message", "callback_id": "handoff", "description": "Act"},
            {"name": "New handoff", "type": "global", "callback_id": "new", "description": "New"},
        ],
        "slash_commands": [
            {"command": "/desk", "description": "Your desk", "usage_hint": "online|away|queue"}
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": ["chat:write", "chat:write.customize", "commands", "channels:history",
                    "reactions:write"]
        }
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["message.channels", "app_home_opened"]},
        "interactivity": {"is_enabled": True},
    },
}  # fmt: skip


def words(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def modal() -> Json:
    """A modal with one of the usual inputs each."""
    element: Json = {"type": "plain_text_input", "action_id": "text", "multiline": True}
    labels: Json = {"type": "external_select", "action_id": "label", "min_query_length": 1}
    return {
        "type": "modal", "callback_id": "handoff", "title": words("Handoff"),
        "submit": words("Save"), "close": words("Cancel"),
        "blocks": [
            {"type": "input", "block_id": "who", "label": words("Assign to"),
             "element": {"type": "users_select", "action_id": "user"}},
            {"type": "input", "block_id": "why", "label": words("Reason"), "element": element},
            {"type": "input", "block_id": "tag", "label": words("Label"), "element": labels},
        ],
    }  # fmt: skip


class App:
    """The app in the workspace: posts, opens modals, and remembers what it was sent."""

    def __init__(self) -> None:
        self.received: list[Json] = []
        self.arrived = asyncio.Condition()
        self.api: httpx.AsyncClient | None = None

    async def call(self, method: str, **arguments: Any) -> Json:
        """A Web API call that must succeed."""
        assert self.api is not None
        answer: Json = (await self.api.post(method, json=arguments)).json()
        assert answer["ok"], answer
        return answer

    async def of_type(self, kind: str) -> Json:
        """The newest payload of that type, waited for."""

        def found() -> Json | None:
            return next((p for p in reversed(self.received) if p.get("type") == kind), None)

        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(lambda: found() is not None), 60)
        payload = found()
        assert payload is not None
        return payload

    async def receive(self, request: Request) -> Response:
        """Events, interactions and commands."""
        raw = (await request.body()).decode()
        if "json" in request.headers["content-type"]:
            payload: Json = json.loads(raw)["event"]
        else:
            form = {key: values[0] for key, values in parse_qs(raw).items()}
            payload = json.loads(form["payload"]) if "payload" in form else form | {"type": "slash"}
        async with self.arrived:
            self.received.append(payload)
            self.arrived.notify_all()
        return await self.answer(payload)

    async def answer(self, payload: Json) -> Response:
        """What the app does at once."""
        kind = payload["type"]
        if kind == "slash":
            return JSONResponse({"text": "You are *online*.", "response_type": "ephemeral"})
        if kind in {"message_action", "shortcut"}:
            await self.call("views.open", trigger_id=payload["trigger_id"], view=modal())
        if kind == "block_suggestion":
            return JSONResponse({"options": [{"text": words("refund"), "value": "refund"}]})
        if kind == "view_submission":
            return self._submitted(payload["view"]["state"]["values"])
        if kind == "block_actions" and payload["actions"][0]["action_id"] == "claim":
            place = {"channel": payload["channel"]["id"], "ts": payload["message"]["ts"]}
            await self.call("chat.update", **place, text="Assigned to Ana")
        return Response("")

    def _submitted(self, values: Json) -> Response:
        if values["why"]["text"]["value"] == "no":
            errors = {"why": "Say a little more."}
            return JSONResponse({"response_action": "errors", "errors": errors})
        return Response("")


class Stage:
    """The served workspace: its address, its state and the app in it."""

    def __init__(self, base: str, box: Sandbox, app: App) -> None:
        self.base = base
        self.box = box
        self.app = app

    def person(self, user: str) -> Person:
        """Somebody else at the workspace."""
        return Person(self.base, user)


@asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve on a socket that is bound already, until the end."""
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def stage(extra: list[BaseRoute] | None = None) -> AsyncIterator[Stage]:
    """A workspace under /sandbox/slack, an app at /slack/events, and more routes beside."""
    listener = listening()
    root = f"http://127.0.0.1:{listener.getsockname()[1]}"
    base = f"{root}/sandbox/slack"
    config = SandboxConfig(
        request_url=f"{root}/slack/events",
        public_base_url=base,
        manifest=MANIFEST,
        ack_timeout=PATIENCE,
        trigger_lifetime=PATIENCE,
    )
    workspace, app = create_app(config), App()
    routes: list[BaseRoute] = [
        Mount("/sandbox/slack", workspace),
        Route("/slack/events", app.receive, methods=["POST"]),
        *(extra or []),
    ]
    headers = {"authorization": f"Bearer {config.bot_token}"}
    async with serving(Starlette(routes=routes), listener):
        async with httpx.AsyncClient(
            base_url=f"{base}/api/", headers=headers, verify=PLAIN
        ) as app.api:
            yield Stage(base, workspace.state.sandbox, app)
        await workspace.state.sandbox.close()


class Visit:
    """A browser page that remembers every complaint of its console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", self._broke)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def _broke(self, error: Error) -> None:
        self.complaints.append(str(error))


@asynccontextmanager
async def visit(
    browser: Browser, base: str, width: int = 1280, height: int = 800
) -> AsyncIterator[Visit]:
    """A page that was never there; fails when its console complained."""
    origin = base.removesuffix("/sandbox/slack")
    async with kept(browser, origin) as page:
        await page.set_viewport_size({"width": width, "height": height})
        opened = Visit(page)
        page.set_default_timeout(60_000)
        yield opened
    assert opened.complaints == []
