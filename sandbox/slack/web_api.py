"""`/api/{method}`: how every Web API call comes in, is judged, carried out, answered and logged."""

import asyncio
import secrets
from collections.abc import Coroutine, Mapping
from types import MappingProxyType
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from sandbox.slack import (
    methods_channels,
    methods_chat,
    methods_conversations,
    methods_people,
    methods_rest,
)
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.errors import DropConnection, SlackError
from sandbox.slack.faults import Rule
from sandbox.slack.method import Method
from sandbox.slack.methods_chat import TS
from sandbox.slack.wire import Call, cut_connection, header, parse_arguments, read_body

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        **methods_chat.METHODS,
        **methods_channels.METHODS,
        **methods_conversations.METHODS,
        **methods_people.METHODS,
        **methods_rest.METHODS,
    }
)
OPENS_SOCKET = "apps.connections.open"
OUTAGE = MappingProxyType({"hang": "hang", "drop": "drop_connection_before", "fail": "http_503"})
WITHOUT_TOKEN = frozenset({"api.test"})
HTML_502 = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
JSON_TYPE = (b"content-type", b"application/json; charset=utf-8")
LIMITED: Json = {"ok": False, "error": "ratelimited"}


class Outcome:
    """What is answered: status, body, and headers beside the usual ones."""

    __slots__ = ("answer", "body", "headers", "status")

    def __init__(self, status: int, answer: Json, body: bytes | None = None) -> None:
        self.status = status
        self.answer = answer
        self.body = body
        self.headers: list[tuple[bytes, bytes]] = []


class WebApi:
    """The ASGI application behind `/api/`."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        scopes = box.subscriptions.scopes
        every = sorted({scope for method in METHODS.values() for scope in method.scopes})
        granted = ",".join(every if scopes is None else scopes)
        self._scopes = (b"x-oauth-scopes", granted.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        name = scope["path"].rpartition("/")[2]
        body = await read_body(receive)
        call = Call(name, {}, None)
        try:
            outcome = await self._outcome(scope, body, call, receive)
        except DropConnection:
            self._log(call, 0, {"dropped": True})
            if not await cut_connection():
                await _half_answer(send)
            return
        self._log(call, outcome.status, outcome.answer)
        await self._send(send, outcome)

    async def _outcome(self, scope: Scope, body: bytes, call: Call, receive: Receive) -> Outcome:
        try:
            call.args, is_json = await parse_arguments(scope, body)
        except SlackError as error:
            return Outcome(200, error.answer())
        call.token = _token(scope, call, is_json=is_json)
        now = self._box.config.clock.time()
        rule = self._box.faults.for_call(call.method, _channel(call), now, _message(call))
        early = await self._before(rule, receive) if rule is not None else None
        if early is not None:
            return early
        outcome = self._carry_out(call)
        if rule is not None:
            _after(rule, outcome)
        return outcome

    async def _before(self, rule: Rule, receive: Receive) -> Outcome | None:
        """A fault that strikes before anything is stored, or None."""
        kind = rule.kind if rule.kind != "outage" else OUTAGE[rule.mode]
        match kind:
            case "slow":
                await self._box.config.clock.sleep(rule.seconds)
            case "hang":
                await self._hang(rule, receive)
                raise DropConnection
            case "http_503":
                return Outcome(503, {"ok": False, "error": "service_unavailable"})
            case "ratelimit" | "tier_limits" | "channel_limit":
                return _limited(rule.retry_after)
            case "drop_connection_before":
                raise DropConnection
            case "http_502_html":
                return Outcome(502, {"html": 502}, HTML_502)
            case "http_500" if rule.when == "before":
                return Outcome(500, {"ok": False, "error": "internal_error"})
            case "error" if rule.when == "before":
                return Outcome(200, {"ok": False, "error": rule.error})
        return None

    def _carry_out(self, call: Call) -> Outcome:
        method = METHODS.get(call.method)
        try:
            if method is None:
                return Outcome(200, SlackError("unknown_method", req_method=call.method).answer())
            self._authorise(call, method)
            wait = max(self._channel_wait(call), self._method_wait(call))
            if wait > 0:
                return _limited(max(1, round(wait + 0.499)))
            return Outcome(200, {"ok": True, **method.handler(self._box, call)})
        except SlackError as error:
            return Outcome(200, error.answer())

    def _authorise(self, call: Call, method: Method) -> None:
        if call.method in WITHOUT_TOKEN:
            return
        if not call.token:
            raise SlackError("not_authed")
        if call.token in self._box.revoked:
            raise SlackError("token_revoked")
        _right_token(self._box, call)
        if self._box.subscriptions.lacks(method.scopes):
            provided = ",".join(self._box.subscriptions.scopes or ())
            raise SlackError("missing_scope", needed=method.scopes[0], provided=provided)

    def _channel_wait(self, call: Call) -> float:
        if not self._box.config.channel_limit or call.method != "chat.postMessage":
            return 0.0
        channel = _channel(call) or ""
        return self._box.channel_limit.take(channel, self._box.config.clock.time())

    def _method_wait(self, call: Call) -> float:
        if not self._box.config.method_limits:
            return 0.0
        return self._box.method_limits.take_method(call.method, self._box.config.clock.time())

    async def _hang(self, rule: Rule, receive: Receive) -> None:
        """Wait for the end of the rule, or until the app gives up."""
        box = self._box
        waits: list[Coroutine[Any, Any, object]] = [box.faults.lifted.wait(), _gone(receive)]
        end = box.faults.ends_in(rule, box.config.clock.time())
        if end is not None:
            waits.append(box.config.clock.sleep(end))
        tasks = [asyncio.create_task(wait) for wait in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _log(self, call: Call, status: int, answer: Json) -> None:
        if self._box.calls.enabled:
            args = {key: value for key, value in call.args.items() if key != "token"}
            at = self._box.config.clock.time()
            entry = {"at": at, "method": call.method, "args": args}
            self._box.calls.add({**entry, "status": status, "answer": answer})

    async def _send(self, send: Send, outcome: Outcome) -> None:
        plain = outcome.body is not None
        body = outcome.body if outcome.body is not None else orjson.dumps(outcome.answer)
        headers = [
            (b"content-type", b"text/html") if plain else JSON_TYPE,
            (b"content-length", b"%d" % len(body)),
            (b"x-slack-req-id", secrets.token_hex(16).encode()),
            self._scopes,
            *outcome.headers,
        ]
        start = {"type": "http.response.start", "status": outcome.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _token(scope: Scope, call: Call, *, is_json: bool) -> str | None:
    """The bearer token; the `token` argument too, but never out of a JSON body."""
    value = header(scope, b"authorization")
    if value.lower().startswith("bearer "):
        return value[7:].strip()
    return None if is_json else call.text("token")


def _right_token(box: Sandbox, call: Call) -> None:
    """Sockets are opened with the app's own token, all else is done with the bot's."""
    bot, app = box.config.bot_token, box.config.app_token
    right, wrong = (app, bot) if call.method == OPENS_SOCKET else (bot, app)
    if call.token == wrong:
        raise SlackError("not_allowed_token_type")
    if call.token != right:
        raise SlackError("invalid_auth")


def _channel(call: Call) -> str | None:
    return call.text("channel") or call.text("channel_id")


def _message(call: Call) -> str | None:
    """The ts of the message that a call is about."""
    value = call.text("ts") or call.text("timestamp") or call.text("message_ts")
    return value if value and TS.match(value) else None


async def _gone(receive: Receive) -> None:
    """Return when the other end has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        continue


def _limited(seconds: int) -> Outcome:
    outcome = Outcome(429, LIMITED)
    outcome.headers.append((b"retry-after", b"%d" % seconds))
    return outcome


def _after(rule: Rule, outcome: Outcome) -> None:
    """A fault that strikes when the call's effect is stored."""
    if rule.kind == "drop_response_after_store":
        raise DropConnection
    if rule.kind == "http_500":
        outcome.status, outcome.answer = 500, {"ok": False, "error": "internal_error"}
    elif rule.kind == "error":
        outcome.answer = {"ok": False, "error": rule.error}


async def _half_answer(send: Send) -> None:
    """Promise more bytes than come: the next best where the socket cannot be reached."""
    headers = [JSON_TYPE, (b"content-length", b"1024")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
