"""`POST /slack/events`: the door for all that Slack tells us over HTTP.

The signature is checked over the raw bytes before anything is read; what is genuine goes to the
common `entry`. 200 is said after the commit and never before; where we cannot take it now, 503
makes Slack come again.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive

from adapters.slack.entry import MAX_BODY, OK, Entry, Payload, read_object
from adapters.slack.heard import Malformed
from adapters.slack.signing import is_genuine
from bridge.model import SECOND
from bridge.ports import Clock

Headers = Mapping[bytes, bytes]
"""As they came: Starlette decodes and compares them all for each."""
_OK = Response(OK.body, OK.status, OK.headers)
"""What nearly all are answered."""
FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 200


class Receiver:
    def __init__(self, secret: str, clock: Clock, entry: Entry) -> None:
        self._secret = secret
        self._clock = clock
        self._entry = entry

    async def handle(self, request: Request) -> Response:
        headers: Headers = dict(reversed(request.scope["headers"]))  # of each name the first
        try:
            body = await _body(request.receive, headers)
        except ClientDisconnect:
            return _status(HTTPStatus.BAD_REQUEST)
        if body is None:
            return _status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not self._is_genuine(headers, body):
            return _status(HTTPStatus.UNAUTHORIZED)
        try:
            payload = _read(_header(headers, b"content-type"), body)
        except Malformed:
            return _status(HTTPStatus.BAD_REQUEST)
        taken = await self._entry.take(payload)
        return _OK if taken is OK else Response(taken.body, taken.status, taken.headers)

    def _is_genuine(self, headers: Headers, body: bytes) -> bool:
        return is_genuine(
            self._secret,
            _header(headers, b"x-slack-request-timestamp"),
            _header(headers, b"x-slack-signature"),
            body,
            self._clock() / SECOND,
        )


def _status(status: HTTPStatus) -> Response:
    return Response(status_code=int(status))


def _header(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


async def _body(receive: Receive, headers: Headers) -> bytes | None:
    """The raw body; None when it is too large, of which no more is read than that."""
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > MAX_BODY:
        return None
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            return None
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


# --- reading -------------------------------------------------------------------------------------


def _read(content_type: str, body: bytes) -> Payload:
    """What the body says: JSON for events, a form for commands, JSON in a form for clicks.

    Raises Malformed.
    """
    if not content_type.startswith(FORM):
        return read_object(body)
    try:
        fields = dict(
            parse_qsl(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
            )
        )
    except ValueError as error:
        raise Malformed("form") from error
    if "payload" in fields:
        return read_object(fields["payload"].encode("utf-8", "replace"))
    if "command" not in fields and "ssl_check" not in fields:
        raise Malformed("form")
    return fields
