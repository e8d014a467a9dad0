"""A bot on strings: it keeps every webhook that it gets, and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.scenarios.processes import until
from tests.servers import listening

Json = dict[str, Any]
Answer = Callable[[Json], Awaitable[Response] | Response]
SECRET = "whsec_c2NlbmFyaW8tc2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXM="


@dataclass(slots=True)
class Heard:
    """One webhook, its signature checked."""

    id: str
    type: str
    data: Json


@dataclass(slots=True)
class Puppet:
    """`answers` by conversation stand above the default: an echo, or a handoff when asked."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    unsigned: int = 0

    async def endpoint(self, request: Request) -> Response:
        body = await request.body()
        try:
            event = Webhook(SECRET).verify(body, dict(request.headers))
        except Exception:  # noqa: BLE001 - whatever it is, a test will see the count
            self.unsigned += 1
            return JSONResponse({}, 401)
        data: Json = event["data"]
        self.heard.append(Heard(request.headers["webhook-id"], event["type"], data))
        if event["type"] == "action.run":  # for which it stands in, too
            return JSONResponse({"text": f"Chased for {data['fields']['amount']}"})
        if event["type"] != "message.created":
            return JSONResponse({})
        answer = self.answers.get(data["conversation_id"], by_default)(data)
        return await answer if isinstance(answer, Awaitable) else answer

    async def first(self, conversation: str, type: str) -> Heard:
        """The first webhook of this type, once it is there."""

        async def found() -> list[Heard]:
            return self.of(conversation, type)

        return (await until(found, what=f"the bot to hear {type}"))[0]

    def of(self, conversation: str, type: str) -> list[Heard]:
        """What it heard of a conversation, each webhook once, in order."""
        found = [
            one
            for one in self.heard
            if one.data["conversation_id"] == conversation and one.type == type
        ]
        return list({one.id: one for one in found}.values())


def by_default(data: Json) -> Response:
    text = data["message"]["text"]
    if "human" in text:
        return handoff(text)
    return says(f"Echo: {text}")


def says(*texts: str) -> Response:
    return JSONResponse({"messages": [{"text": text} for text in texts]})


def handoff(title: str, **more: Any) -> Response:
    reason = {"code": "user_request", "text": title}
    return JSONResponse({"handoff": {"title": title[:200], "reason": reason, **more}})


def hands_over(data: Json) -> Response:
    """Whatever is said, a human is asked."""
    return handoff(data["message"]["text"])


@asynccontextmanager
async def puppet() -> AsyncIterator[Puppet]:
    """Listens on a port of its own, in this process, until the block ends."""
    listener = listening()
    bot = Puppet(f"http://127.0.0.1:{listener.getsockname()[1]}/bot")
    app = Starlette(routes=[Route("/bot", bot.endpoint, methods=["POST"])])
    config = uvicorn.Config(app, log_level="warning", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield bot
    finally:
        server.should_exit = True
        server.force_exit = True
        await serving
