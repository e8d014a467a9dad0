"""How HTTP requests fail, the same everywhere: `{"error": {"code", "message", "fields"?}}`.

An endpoint raises; the handlers here answer. What a caller needs to go on (the id of the handoff
that is open already, the current epoch) stands beside the code in `error` and, under the same name
as in the answer of a success, at the top.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bridge.errors import BadData, BadRequest, StoreUnavailable, TooMany

log = structlog.get_logger(__name__)

JSON = "application/json"
UNWANTED = re.compile("[\x00\ud800-\udfff]")
"""What JSON can say and a database cannot keep: NUL, and halves of surrogate pairs."""
MAX_DEPTH = 50
WHOLE = range(-(2**63), 2**64)
"""Whole numbers that can be written as JSON again; greater ones are nobody's id or count."""
CHALLENGE: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
}

Handler = Callable[[Request, Any], Awaitable[Response]]


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers=headers, media_type=JSON)


def problem(
    code: str,
    message: str,
    status: int,
    *,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Response:
    error: dict[str, Any] = {**(data or {}), "code": code, "message": message}
    if fields:
        error["fields"] = dict(fields)
    return answer({**(data or {}), "error": error}, status, headers)


def clean(text: str) -> str:
    """Without what a database refuses; each such character becomes U+FFFD."""
    return UNWANTED.sub("\ufffd", text)


def clean_json(value: Any, depth: int = MAX_DEPTH) -> Any:
    """`clean` for every text in a JSON value, keys included. Raises BadRequest past `depth`."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int) and value not in WHOLE:
        raise BadRequest("bad_body", "The body has a whole number over 64 bits.")
    if isinstance(value, float) and not math.isfinite(value):  # 1e999
        raise BadRequest("bad_body", "The body has a number over 64 bits.")
    if not isinstance(value, list | dict):
        return value
    if not depth:
        raise BadRequest("bad_body", f"The body is nested over {MAX_DEPTH} levels deep.")
    if isinstance(value, list):
        return [clean_json(item, depth - 1) for item in value]
    return {clean(key): clean_json(item, depth - 1) for key, item in value.items()}


def query_number(text: str, name: str, most: float) -> float:
    """A number of the query string; absent: 0; more than `most`: that. Raises BadRequest."""
    fault = "must be a number"
    try:
        value = float(text or 0)
    except ValueError:
        raise BadRequest("invalid", f"{name} {fault}.", {name: fault}) from None
    if not value >= 0:  # NaN as well
        fault = "must not be negative"
        raise BadRequest("invalid", f"{name} {fault}.", {name: fault})
    return min(value, most)


def header(request: Request, name: bytes) -> str | None:
    """One header, its name in small letters. For the hot paths: Starlette compares them all, in
    an object made for it."""
    for key, value in request.scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return None


async def json_body(request: Request) -> bytes:
    """The body of a request that says JSON, or does not say. Raises BadRequest (415)."""
    told = header(request, b"content-type")
    kind = JSON if told is None else told.partition(";")[0].strip().lower()
    if kind != JSON and not kind.endswith("+json"):
        raise BadRequest("unsupported_media_type", f"Send {JSON}.", status=415)
    return await request.body()


def parse_json(body: bytes) -> Any:
    """Raises BadRequest (400). Lone surrogates are let through here, for `clean` to mend."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parse_leniently(body)


def _parse_leniently(body: bytes) -> Any:
    """orjson refuses lone surrogates, which JavaScript sends when it cuts an emoji in two."""
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadRequest("bad_json", "The body is not valid JSON.", status=400) from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def parse_object(body: bytes) -> dict[str, Any]:
    """Raises BadRequest, 400 for broken JSON and 422 for JSON that is no object."""
    value = parse_json(body)
    if not isinstance(value, dict):
        raise BadRequest("bad_body", "The body must be a JSON object.")
    return value


async def _bad_request(_request: Request, error: BadRequest) -> Response:
    headers = CHALLENGE if error.status == HTTPStatus.UNAUTHORIZED else None
    return problem(error.code, error.message, error.status, fields=error.fields, headers=headers)


async def _too_many(_request: Request, error: TooMany) -> Response:
    headers = {"Retry-After": str(error.seconds)}
    return problem(error.code, error.message, error.status, headers=headers)


async def _http_error(_request: Request, error: HTTPException) -> Response:
    code = CODES.get(error.status_code, "error")
    return problem(code, f"{error.detail}.", error.status_code, headers=error.headers)


async def _unavailable(request: Request, _error: StoreUnavailable) -> Response:
    log.warning("store_unavailable", path=request.url.path)
    message = "This cannot be stored just now. Please try again."
    return problem("unavailable", message, 503, headers={"Retry-After": "1"})


async def _bad_data(request: Request, _error: BadData) -> Response:
    log.error("bad_data", path=request.url.path)
    return problem("bad_data", "This cannot be stored.", 422)


async def _unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours: the log has it whole, the caller gets the request id to ask with."""
    log.error("unexpected_error", path=request.url.path, exc_info=error)
    return problem("internal", "Something went wrong here. It has been logged.", 500)


HANDLERS: Mapping[Any, Handler] = {
    BadRequest: _bad_request,
    TooMany: _too_many,
    HTTPException: _http_error,
    StoreUnavailable: _unavailable,
    BadData: _bad_data,
    Exception: _unexpected,
}


async def answer_to(request: Request, error: Exception) -> Response:
    """The answer to whatever an endpoint raised."""
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    return await handler(request, error)
