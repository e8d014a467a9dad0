"""A call of the API, said once: who may make it, what is asked and what is answered. Routes are
made from it here, and the OpenAPI document in `openapi.py`.

What an endpoint is given has been checked: the caller, the query and the body.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import shapes
from bridge.api.access import Access, Caller
from bridge.keys import Scope
from bridge.problems import JSON, clean, json_body

BOT = frozenset({Scope.BOT})
BOT_OR_DESK = frozenset({Scope.BOT, Scope.DESK})
DESK = frozenset({Scope.DESK})
EVERYONE = frozenset(Scope)
ADMIN = frozenset({Scope.ADMIN})
STREAM = "text/event-stream"
Answers = Mapping[int, type[BaseModel] | str | None]
"""By status: a shape, as JSON; the type of something else; None: nothing in it."""


@dataclass(frozen=True, slots=True)
class Asked:
    request: Request
    caller: Caller
    query: Any
    body: Any

    def path(self, name: str) -> str:
        """A part of the address, such as the id in it."""
        return clean(self.request.path_params[name])


@dataclass(frozen=True, slots=True)
class Call:
    """`path` is Starlette's. `signed`: a bot may sign in place of a key. `refusals`: statuses
    beside those that every call may have."""

    method: str
    path: str
    does: Callable[[Asked], Awaitable[Response]]
    group: str
    title: str
    answers: Answers
    scopes: frozenset[Scope] = BOT_OR_DESK
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    signed: bool = False
    refusals: tuple[int, ...] = ()
    about: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What the parts of the path mean."""

    @property
    def needs_body(self) -> bool:
        """Whether nothing at all would be too little."""
        return self.body is not None and shapes.says_too_little(self.body)


def routes(calls: Sequence[Call], access: Access) -> list[Route]:
    """A route for each path, since only so another method than its own is told all that there
    are."""
    paths: dict[str, dict[str, Call]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method] = call
    return [
        Route(path, _endpoint(by_method, access), methods=list(by_method))
        for path, by_method in paths.items()
    ]


def _endpoint(
    calls: Mapping[str, Call], access: Access
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await _serve(calls[method], request, access)

    return endpoint


async def _serve(call: Call, request: Request, access: Access) -> Response:
    caller = await access.admit(request, call.scopes, signed=call.signed)
    query = shapes.read_query(request, call.query) if call.query else None
    body = shapes.read(await json_body(request) or b"{}", call.body) if call.body else None
    return await call.does(Asked(request, caller, query, body))


def told(shape: BaseModel, status: int = HTTPStatus.OK) -> Response:
    return Response(shape.model_dump_json(), status, media_type=JSON)
