"""Reading Web API requests as Slack does, and cutting a connection as a failing network does."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from starlette.types import Receive, Scope

from sandbox.slack.config import Json
from sandbox.slack.errors import SlackError

TURNS = 5
TRUE = frozenset({"1", "true", "True"})
FALSE = frozenset({"0", "false", "False", ""})


class Call:
    """One Web API call: its method, its arguments however they came, its token."""

    __slots__ = ("args", "method", "token")

    def __init__(self, method: str, args: Json, token: str | None) -> None:
        self.method = method
        self.args = args
        self.token = token

    def text(self, name: str) -> str | None:
        """A text argument; an empty one is as good as none."""
        value = self.args.get(name)
        if value is None or value == "":
            return None
        return value if isinstance(value, str) else str(value)

    def need(self, name: str) -> str:
        """A required argument; `invalid_arguments` without it."""
        value = self.text(name)
        if value is None:
            raise SlackError("invalid_arguments", messages=[f"missing required field: {name}"])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean argument: JSON's, or 1/0/true/false."""
        value = self.args.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        return str(value) in TRUE

    def integer(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`; `invalid_limit` for another."""
        value = self.args.get(name)
        if value in (None, "", 0, "0"):
            return default
        try:
            number = int(str(value))
        except ValueError:
            raise SlackError("invalid_limit") from None
        if number < 1:
            raise SlackError("invalid_limit")
        return min(number, most)

    def json(self, name: str, error: str = "invalid_arguments") -> Any:
        """A structured argument, JSON-encoded in forms and queries; `error` when unreadable."""
        value = self.args.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise SlackError(error) from None


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts = [body]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


def header(scope: Scope, name: bytes) -> str:
    """A request header, or an empty text."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


async def parse_arguments(scope: Scope, body: bytes) -> tuple[Json, bool]:
    """The arguments from query and body, and whether the body was JSON."""
    args: Json = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    content_type = header(scope, b"content-type")
    kind = content_type.partition(";")[0].strip().lower()
    if not body or scope["method"] == "GET":
        return args, False
    if kind == "application/json":
        return args | _json_arguments(body), True
    if kind == "multipart/form-data":
        return args | await _multipart(scope, body), False
    return args | dict(parse_qsl(body.decode(), keep_blank_values=True)), False


def _json_arguments(body: bytes) -> Json:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise SlackError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise SlackError("json_not_object")
    return parsed


async def _multipart(scope: Scope, body: bytes) -> Json:
    async def stream() -> Any:
        yield body

    form = await MultiPartParser(Headers(scope=scope), stream()).parse()
    try:
        return {key: value for key, value in form.items() if isinstance(value, str)}
    finally:
        await form.close()


async def first_file(headers: Mapping[str, str], body: bytes) -> tuple[str, bytes]:
    """Name and bytes of an upload: the first file of a multipart form, or the raw body."""
    if not headers.get("content-type", "").startswith("multipart/form-data"):
        return "", body

    async def stream() -> Any:
        yield body

    form = await MultiPartParser(Headers(dict(headers)), stream(), max_part_size=2**30).parse()
    try:
        for value in form.values():
            if not isinstance(value, str):
                return value.filename or "", await value.read()
        return "", b""
    finally:
        await form.close()


async def cut_connection() -> bool:
    """Abort the socket of the request being served; False where the server gives no way to it.

    ASGI has no such message, so the transport is taken from the server's own frame: uvicorn runs
    the application from a bound method of an object that holds it.
    """
    task = asyncio.current_task()
    frame = getattr(task.get_coro(), "cr_frame", None) if task else None
    cycle = frame.f_locals.get("self") if frame else None
    transport = getattr(cycle, "transport", None)
    if transport is None:
        return False
    transport.abort()
    for _ in range(TURNS):  # the server hears of it in a later turn of the loop
        await asyncio.sleep(0)
    return True
