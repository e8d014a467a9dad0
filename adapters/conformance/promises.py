"""What channels and desks promise alike, and how a promise is looked at."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TypeAlias

import httpx
from starlette.routing import Route

from bridge.commands import Accepted, Answer, Request
from bridge.errors import (
    Broken,
    DeliveryError,
    Refused,
    Retry,
    StoreError,
    Unknown,
)
from bridge.model import (
    MessageId,
)
from bridge.ports import (
    Channel,
    Desk,
    Receive,
    Runs,
)
from bridge.web import application

MESSAGE = MessageId("msg_conformance")
Adapter: TypeAlias = Channel | Desk
Proof: TypeAlias = Callable[[bytes], Mapping[str, str]]
"""The headers by which an adapter knows that a body comes from its platform."""
Troubles: TypeAlias = Mapping[str, Callable[[], None]]
"""What makes the next calls go wrong, by the names of `REMEDIES`."""

REMEDIES: Mapping[str, tuple[type[DeliveryError], ...]] = {
    "down": (Retry, Unknown),
    "limited": (Retry,),
    "lost": (Unknown, Retry),
    "refused": (Refused,),
    "locked_out": (Broken, Refused),
}
"""What may go wrong at a platform, and as what an adapter tells it: it does not answer or answers
5xx · too much was asked · it was done, and its answer was lost (`Retry` only where twice is once) ·
it does not want this message · it does not want us any more."""


def no_proof(_body: bytes) -> Mapping[str, str]:
    return {}


def name(promise: Callable[..., object]) -> str:
    """What a promise is called, for `ids=`."""
    return promise.__name__


def hold(kept: object, promise: str) -> None:
    if not kept:
        raise AssertionError(f"not kept: {promise}")


NONSENSE: Sequence[bytes] = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe\x00",
    b'"\\ud800"',
    b'{"a": 1e999}',
    b"[" * 100_000,
    b'{"text": {"text": [1, {"text": null}]}, "type": 7, "object": "page", "entry": 5}',
    b"payload=%7B&payload=%00",
)
TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data",
)


class Bridge:
    """Keeps what it is told; `error` is what it fails with."""

    def __init__(self) -> None:
        self.told: list[Request] = []
        self.error: StoreError | None = None

    async def receive(self, command: Request) -> Answer:
        if self.error:
            raise self.error
        self.told.append(command)
        return Accepted({"id": "msg_1", "seq": 1})


@asynccontextmanager
async def door(adapter: Adapter, receive: Receive) -> AsyncIterator[httpx.AsyncClient]:
    """The adapter's routes, as the product serves them; what they raise is an answer there."""
    app = application(adapter.routes(receive))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        yield client


async def bad_input(adapter: Adapter, proof: Proof) -> None:
    bridge = Bridge()
    routes = [each for each in adapter.routes(bridge.receive) if isinstance(each, Route)]
    async with door(adapter, bridge.receive) as client:
        for headers in (no_proof, proof):
            for route in routes:
                for body in NONSENSE:
                    await _ask_nonsense(client, route, body, headers(body))
            hold(headers is proof or not bridge.told, "nothing is taken without a proof")


async def _ask_nonsense(
    client: httpx.AsyncClient, route: Route, body: bytes, proof: Mapping[str, str]
) -> None:
    path = re.sub(r"\{[^}]*\}", "%00%F0%9F%92%A9", route.path)
    query = {"after": "x", "wait": "-1", "hub.mode": "\0"}
    for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
        for kind in TYPES:
            headers = {"content-type": kind, **proof}
            told = await client.request(method, path, content=body, headers=headers, params=query)
            what = f"{method} {route.path} answers {told.status_code} to {kind}: {body[:40]!r}"
            ours = told.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
            hold(not ours, f"bad input is no fault of ours, but {what}")


def named(adapter: Adapter) -> None:
    known = re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", adapter.name)
    hold(known, "the name is small letters, digits, - and _")
    for route in adapter.routes(Bridge().receive):
        path = route.path if isinstance(route, Route) else f"/{adapter.name}/"
        hold(path.startswith(f"/{adapter.name}/"), f"routes are under its name, unlike {path}")


async def told_by_remedy(
    troubles: Troubles, act: Callable[[str], Awaitable[object]], *, repeatable: bool = False
) -> None:
    for trouble, make in troubles.items():
        make()
        sure = trouble == "lost" and not repeatable
        wanted = (Unknown,) if sure else REMEDIES[trouble]
        try:
            await act("the words of a customer")
        except DeliveryError as error:
            names = " or ".join(kind.__name__ for kind in wanted)
            hold(isinstance(error, wanted), f"{trouble} is told as {names}, not as {error!r}")
            code = re.fullmatch(r"[a-z0-9_]+", error.reason)
            hold(code, f"a reason is a short code, unlike {error.reason!r}")
        else:
            hold(False, f"{trouble} is told")


async def runs(adapter: object) -> None:
    if isinstance(adapter, Runs):
        await adapter.start()
        await adapter.close()
        await adapter.close()
