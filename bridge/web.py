"""What all HTTP has in common: the application, limits of bodies, headers, health."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import count
from secrets import randbits

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.api.access import Access
from bridge.api.calls import ADMIN
from bridge.errors import BadRequest
from bridge.logs import REQUEST_ID
from bridge.ports import Check
from bridge.problems import answer, answer_to

MIB = 1024 * 1024
BODY_LIMIT = MIB
BODY_LIMITS: Mapping[str, int] = {
    "/slack/events": 8 * MIB,
    "/messenger/webhook": 8 * MIB,
    "/email/inbound": 40 * MIB,  # files of 25 MiB in base64, and the form around them
    "/email/inbound/mime": 40 * MIB,
    "/webchat/files": 25 * MIB + 64 * 1024,  # the form around the file
}
"""Bytes, by exact path; `BODY_LIMIT` everywhere else."""

SAFE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}

Tell = Callable[[], Awaitable[bytes]]
"""Says all figures, in Prometheus' text format."""


def application(
    routes: Sequence[BaseRoute], *, limits: Mapping[str, int] = BODY_LIMITS
) -> Envelope:
    """The routes with one layer around them, in place of the four that Starlette would build.
    Nothing that an endpoint raises goes unanswered."""
    return Envelope(_ahead(Router(list(routes)), routes), limits)


def _ahead(router: ASGIApp, routes: Sequence[BaseRoute]) -> ASGIApp:
    """The hot paths are found by their name, before the router looks through all there are."""
    hot = {
        (route.path, method): route.endpoint
        for route in routes
        if isinstance(route, Route) and isinstance(route.endpoint, Endpoint)
        for method in route.methods or ()
    }

    def found(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        known = hot.get((scope["path"], scope["method"])) if scope["type"] == "http" else None
        return (known or router)(scope, receive, send)

    return found


# --- around every request ------------------------------------------------------------------------


class Envelope:
    """Around each request: an id, headers that make answers safe, a limit on the body, and an
    answer to whatever an endpoint raises. One layer does it all, since each costs on every
    request."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, int]) -> None:
        self.app = app
        self.limits = limits
        self._ids = count(randbits(63))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        scope["app"] = self  # for without one the router gives answers of its own
        request_id = f"req_{next(self._ids):016x}"
        own = (b"x-request-id", request_id.encode())
        begun = False

        async def answered(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*_safe(message.get("headers", ())), own]
            await send(message)

        before = REQUEST_ID.set(request_id)
        try:
            await self.app(scope, self._limited(scope, receive), answered)
        except Exception as error:
            if begun:  # too late for another answer: the server ends the connection
                raise
            response = await answer_to(Request(scope), error)
            await response(scope, receive, answered)
        finally:
            REQUEST_ID.reset(before)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Ends the reading of a body that is too long, by raising 413 where it is read.

        What it says of its own length is believed when it is too much; else the bytes are counted.
        """
        limit = self.limits.get(scope["path"], BODY_LIMIT)
        announced = _announced(scope)
        read = announced if announced > limit else 0

        async def counted() -> Message:
            nonlocal read
            message: Message = {} if read > limit else await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise BadRequest("too_large", f"The body is over {limit} bytes.", status=413)
            return message

        return counted


class Endpoint:
    """An endpoint as it is, for the hot paths: what Starlette puts around one answers errors, which
    the envelope does for all."""

    def __init__(self, answered: Callable[[Request], Awaitable[Response]]) -> None:
        self._answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answered(Whole(scope, receive, send))
        await response(scope, receive, send)


class Whole(Request):
    """A request whose body is read whole: Starlette goes through two generators for it, for the
    sake of those that are read in pieces."""

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await _read(self.receive)
        return self._body


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


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


# --- health --------------------------------------------------------------------------------------


def health_routes(
    vital: Mapping[str, Check], others: Mapping[str, Check], patience: float = 5.0
) -> list[Route]:
    """`/healthz`: the process answers. `/readyz`: 503 when something vital is wrong; what else is
    wrong is only told, so that a load balancer never drops the webchat for Slack's sake. A check
    that takes longer than `patience` (seconds) has failed."""

    async def healthz(_request: Request) -> Response:
        return answer({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        failed = await _failing(vital, patience)
        if failed:
            return answer({"status": "unavailable", "failed": failed}, 503, {"Retry-After": "1"})
        return answer({"status": "ok", "degraded": sorted(await _failing(others, patience))})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


async def _everybody(_request: Request) -> None:
    """Where only this machine can ask."""


def metrics_route(tell: Tell, allowed: Callable[[Request], Awaitable[None]] = _everybody) -> Route:
    """`/metrics` for Prometheus. `allowed` raises BadRequest for who may not read them."""

    async def metrics(request: Request) -> Response:
        await allowed(request)
        return Response(await tell(), media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics)


def metrics_for_admins(tell: Tell, access: Access) -> Route:
    async def allowed(request: Request) -> None:
        await access.admit(request, ADMIN)

    return metrics_route(tell, allowed)


FRONT = {
    "name": "deskbridge",
    "health": "/healthz",
    "ready": "/readyz",
    "widget": "/webchat/widget.js",
    "api": "/v1",
    "documentation": "/docs",
}


def front_route() -> Route:
    """`/`, where nobody else has it: that this is Deskbridge, and where the rest is."""

    async def front(_request: Request) -> Response:
        return answer(FRONT)

    return Route("/", front)


async def _failing(checks: Mapping[str, Check], patience: float) -> dict[str, str]:
    told = await asyncio.gather(*(_told(check, patience) for check in checks.values()))
    return {name: wrong for name, wrong in zip(checks, told, strict=True) if wrong}


async def _told(check: Check, patience: float) -> str:
    try:
        async with asyncio.timeout(patience):
            return await check()
    except TimeoutError:
        return "does not answer"
