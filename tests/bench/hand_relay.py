"""The baseline of the relay: what one writes by hand on slack-bolt in an afternoon.

It keeps the mapping of conversations to threads in memory and stores nothing: a restart or a lost
answer loses words. It does keep one HTTP session to Slack, which Bolt's defaults do not. Run as
`python -m tests.bench.hand_relay --port PORT --api-url … --token … --secret … --channel …`.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.bench.bare import serve


class Relay:
    def __init__(self, client: AsyncWebClient, channel: str) -> None:
        self._client = client
        self._channel = channel
        self._threads: dict[str, str] = {}
        self._conversations: dict[str, str] = {}
        self._queues: dict[str, asyncio.Queue[str]] = {}

    async def say(self, request: Request) -> Response:
        """A customer's message, into the thread of the conversation."""
        said = orjson.loads(await request.body())
        conversation = said["conversation"]
        if conversation not in self._threads:
            await self._open(conversation)
        await self._client.chat_postMessage(
            channel=self._channel,
            thread_ts=self._threads[conversation],
            text=said["text"],
            username="Customer",
        )
        return JSONResponse({"thread_ts": self._threads[conversation]})

    async def stream(self, request: Request) -> Response:
        """What agents say in the conversation, as server-sent events."""
        queue = self._queues.setdefault(request.query_params["conversation"], asyncio.Queue())

        async def events() -> AsyncIterator[str]:
            yield ": here\n\n"
            while True:
                text = await queue.get()
                yield f"event: message\ndata: {orjson.dumps({'text': text}).decode()}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    async def heard(self, event: dict[str, Any]) -> None:
        """A `message` event of Slack."""
        conversation = self._conversations.get(event.get("thread_ts", ""))
        if conversation and event.get("user") and not event.get("bot_id"):
            self._queues.setdefault(conversation, asyncio.Queue()).put_nowait(event["text"])

    async def _open(self, conversation: str) -> None:
        root = await self._client.chat_postMessage(
            channel=self._channel, text=f"New conversation {conversation}"
        )
        self._threads[conversation] = root["ts"]
        self._conversations[root["ts"]] = conversation


def build(api_url: str, token: str, secret: str, channel: str) -> Starlette:
    client = AsyncWebClient(token=token, base_url=api_url)
    bolt = AsyncApp(client=client, signing_secret=secret)
    relay = Relay(client, channel)
    bolt.event("message")(relay.heard)
    handler = AsyncSlackRequestHandler(bolt)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100)) as session:
            client.session = session
            yield

    async def slack(request: Request) -> Response:
        response: Response = await handler.handle(request)
        return response

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/slack/events", slack, methods=["POST"]),
            Route("/messages", relay.say, methods=["POST"]),
            Route("/stream", relay.stream),
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    for name in ("api-url", "token", "secret", "channel"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    serve(build(given.api_url, given.token, given.secret, given.channel), given.port)


if __name__ == "__main__":
    main()
