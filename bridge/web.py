"""What all HTTP has in common: the application, limits of bodies, headers, health and metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from secrets import token_hex

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from bridge.errors import BadRequest
from bridge.logs import REQUEST_ID
from bridge.problems import HANDLERS, answer, guarded, problem

error_response = problem

MIB = 1024 * 1024
BODY_LIMIT = MIB
BODY_LIMITS: Mapping[str, int] = {
    "/slack/events": 8 * MIB,
    "/messenger/webhook": 8 * MIB,
    "/webchat/files": 25 * MIB + 64 * 1024,  # the form around the file
}
"""Bytes, by exact path; `BODY_LIMIT` everywhere else."""

SAFE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}

CHALLENGE: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}

Check = Callable[[], Awaitable[str]]
"""Says what is wrong; an empty text: nothing."""


def application(
    routes: Sequence[BaseRoute],
    *,
    lifespan: Lifespan[Starlette] | None = None,
    limits: Mapping[str, int] = BODY_LIMITS,
) -> Starlette:
    """The routes with everything around them. Nothing that an endpoint raises goes unanswered."""
    return Starlette(
        routes=list(routes),
        lifespan=lifespan,
        middleware=[Middleware(Envelope, limits=limits)],
        exception_handlers={kind: HANDLERS[kind] for kind in HANDLERS if kind is not Exception},
    )


# --- around every request ------------------------------------------------------------------------


class Envelope:
    """Around each request: an id, headers that make answers safe, a limit on the body, and an answer
    to whatever an endpoint raises. One layer does it all, since each costs on every request."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, int]) -> None:
        self.app = guarded(app)
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request_id = f"req_{token_hex(8)}"
        own = (b"x-request-id", request_id.encode())

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*_safe(message.get("headers", ())), own]
            await send(message)

        before = REQUEST_ID.set(request_id)
        try:
            await self.app(scope, self._limited(scope, receive), answered)
        finally:
            REQUEST_ID.reset(before)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Ends the reading of a body that is too long, by raising 413 where it is read.

        What it says of its own length is believed when it is too much; else the bytes are counted.
        """
        limit = self.limits.get(scope["path"], BODY_LIMIT)
        read = _announced(scope) if _announced(scope) > limit else 0

        async def counted() -> Message:
            nonlocal read
            message: Message = {} if read > limit else await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise BadRequest("too_large", f"The body is over {limit} bytes.", status=413)
            return message

        return counted


def _safe(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """With `SAFE_HEADERS`, where the answer does not set its own."""
    given = list(headers)
    names = {name for name, _ in given}
    return given + [header for header in _SAFE if header[0] not in names]


_SAFE = [(name.lower().encode(), value.encode()) for name, value in SAFE_HEADERS.items()]


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


# --- health and figures --------------------------------------------------------------------------


def health_routes(vital: Mapping[str, Check], others: Mapping[str, Check]) -> list[Route]:
    """`/healthz`: the process answers. `/readyz`: 503 when something vital is wrong; what else is
    wrong is only told, so that a load balancer never drops the webchat for Slack's sake."""

    async def healthz(_request: Request) -> Response:
        return answer({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        failed = await _failing(vital)
        if failed:
            return answer({"status": "unavailable", "failed": failed}, 503, {"Retry-After": "1"})
        return answer({"status": "ok", "degraded": sorted(await _failing(others))})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


async def _failing(checks: Mapping[str, Check]) -> dict[str, str]:
    told = [(name, await check()) for name, check in checks.items()]
    return {name: wrong for name, wrong in told if wrong}


def metrics_route(
    registry: CollectorRegistry, allowed: Callable[[Request], bool] = lambda _request: True
) -> Route:
    """`allowed` says who may look: everybody on the port of METRICS_PORT, else an admin's key."""

    async def metrics(request: Request) -> Response:
        if not allowed(request):
            return problem("unauthorized", "This needs an API key.", 401, headers=CHALLENGE)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics)
