"""`POST /slack/events`: everything that Slack tells us comes in by this one door.

The signature is checked over the raw bytes before anything is read. A message event goes straight
to the bridge, everything else by way of Bolt. 200 is said after the commit and never before; where
we cannot take it now, 503 makes Slack come again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapters.slack import clicks
from adapters.slack.ear import Ear
from adapters.slack.heard import Malformed
from adapters.slack.members import MembershipUnknown
from adapters.slack.signing import is_genuine
from bridge.commands import AgentCommand, Answer
from bridge.errors import BadData, StoreUnavailable
from bridge.model import SECOND
from bridge.ports import Clock, Receive

MAX_BODY = 8 * 1024 * 1024
FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 200

Told = Callable[[AgentCommand, Answer], None]
"""Called after a message was taken, with what the bridge said."""
Payload = dict[str, Any]


class Receiver:
    def __init__(
        self,
        secret: str,
        *,
        clock: Clock,
        receive: Receive,
        ear: Ear,
        app: AsyncApp,
        told: Told,
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._receive = receive
        self._ear = ear
        self._app = app
        self._told = told

    async def handle(self, request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return _status(HTTPStatus.BAD_REQUEST)
        if body is None:
            return _status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not self._is_genuine(request, body):
            return _status(HTTPStatus.UNAUTHORIZED)
        try:
            payload = _read(_header(request, b"content-type"), body)
            return await self._take(payload)
        except Malformed:
            return _status(HTTPStatus.BAD_REQUEST)
        except (MembershipUnknown, StoreUnavailable):
            return _status(HTTPStatus.SERVICE_UNAVAILABLE)
        except BadData:
            return _status(HTTPStatus.OK)  # kept aside; it would not get better by coming again

    def _is_genuine(self, request: Request, body: bytes) -> bool:
        return is_genuine(
            self._secret,
            _header(request, b"x-slack-request-timestamp"),
            _header(request, b"x-slack-signature"),
            body,
            self._clock() / SECOND,
        )

    async def _take(self, payload: Payload) -> Response:
        if payload.get("type") == "event_callback":
            event = payload.get("event")
            if not isinstance(event, dict) or not isinstance(event.get("type"), str):
                raise Malformed("event")
            if event["type"] == "message":
                return await self._hear(payload)
        return await self._dispatch(payload)

    async def _hear(self, envelope: Payload) -> Response:
        command = await self._ear.command(envelope)
        if command is not None:
            answer = await self._receive(command)
            self._told(command, answer)
        return _status(HTTPStatus.OK)

    async def _dispatch(self, payload: Payload) -> Response:
        if payload.get("type") == "block_actions":
            clicks.read(payload)  # Bolt trusts its shape
        # The mode makes Bolt take a body that is verified and read already.
        request = AsyncBoltRequest(mode="socket_mode", body=payload, headers={})
        answer = await self._app.async_dispatch(request)
        headers = {name: values[0] for name, values in answer.headers.items() if values}
        return Response(answer.body, answer.status, headers)


def _status(status: HTTPStatus) -> Response:
    return Response(status_code=int(status))


def _header(request: Request, name: bytes) -> str:
    """One header as it came: Starlette decodes and compares them all for each."""
    for key, value in request.scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


async def _body(request: Request) -> bytes | None:
    """The raw body; None when it is too large, of which no more is read than that."""
    length = _header(request, b"content-length")
    if length.isdigit() and int(length) > MAX_BODY:
        return None
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await request.receive()
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
        return _object(body)
    try:
        fields = dict(
            parse_qsl(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
            )
        )
    except ValueError as error:
        raise Malformed("form") from error
    if "payload" in fields:
        return _object(fields["payload"].encode("utf-8", "replace"))
    if "command" not in fields and "ssl_check" not in fields:
        raise Malformed("form")
    return fields


def _object(raw: bytes) -> Payload:
    """orjson refuses lone surrogates, which are no reason to lose what somebody wrote."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise Malformed("json") from error
    if not isinstance(value, dict):
        raise Malformed("json")
    return value
