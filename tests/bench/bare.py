"""The baseline of ingest: a Starlette endpoint that checks the signature and answers 200.

Nothing is parsed and nothing is stored. Run as `python -m tests.bench.bare --port PORT`.
"""

import argparse
import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.bench.signing import MESSENGER_SECRET, SLACK_SECRET, slack_signature

TOKEN_SECRET = b"bench-token-secret"
SKEW = 300


def token_for(visitor: str) -> str:
    """What the bare webchat endpoint accepts: the visitor's name and its HMAC."""
    mac = hmac.new(TOKEN_SECRET, visitor.encode(), hashlib.sha256).hexdigest()
    return f"{visitor}.{mac}"


async def slack(request: Request) -> Response:
    body = await request.body()
    timestamp = request.headers.get("x-slack-request-timestamp", "0")
    expected = slack_signature(SLACK_SECRET, timestamp, body)
    fresh = abs(time.time() - int(timestamp)) < SKEW
    return _answer(expected, request.headers.get("x-slack-signature", ""), fresh=fresh)


async def webchat(request: Request) -> Response:
    await request.body()
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    return _answer(token_for(token.partition(".")[0]), token)


async def messenger(request: Request) -> Response:
    body = await request.body()
    mac = hmac.new(MESSENGER_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return _answer(f"sha256={mac}", request.headers.get("x-hub-signature-256", ""))


async def stream(request: Request) -> Response:
    """An idle stream of server-sent events: what one costs at the least."""

    async def events() -> AsyncIterator[str]:
        while True:
            yield ": ping\n\n"
            await asyncio.sleep(15)

    return StreamingResponse(events(), media_type="text/event-stream")


def _answer(expected: str, given: str, *, fresh: bool = True) -> Response:
    good = fresh and hmac.compare_digest(expected.encode(), given.encode())
    return Response(status_code=200 if good else 401)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    app = Starlette(
        routes=[
            Route("/slack/events", slack, methods=["POST"]),
            Route("/webchat/messages", webchat, methods=["POST"]),
            Route("/messenger/webhook", messenger, methods=["POST"]),
            Route("/webchat/stream", stream),
        ]
    )
    serve(app, parser.parse_args().port)


def serve(app: Starlette, port: int) -> None:
    uvicorn.run(
        app, port=port, loop="uvloop", http="httptools", log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
