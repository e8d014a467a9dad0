"""What Slack tells us, however it came: over HTTP (`receiver`) and over a socket the same.

A message event goes straight to the bridge, everything else by way of Bolt. The answer is given
after the commit and never before: a 2xx over HTTP, an acknowledged envelope over a socket. Anything
else makes Slack come again, and what came twice does nothing twice, since commands are named by the
thing and not by its envelope.

Whoever pressed, chose, sent or typed something is there, also where no command came of it, as when
it only opened a form.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from adapters.slack import ids, pressed
from adapters.slack.ear import Ear
from adapters.slack.heard import Malformed, is_by_us
from adapters.slack.macros import Typed
from adapters.slack.members import Members, MembershipUnknown
from bridge.commands import Answer, Attend, Doing, Request, ToAgent
from bridge.errors import BadData, BadRequest, StoreError, StoreUnavailable
from bridge.model import DEFAULT_WORKSPACE
from bridge.ports import Clock, Receive
from bridge.problems import clean_json

MAX_BODY = 8 * 1024 * 1024
"""Bytes of one request or of one frame."""

Told = Callable[[Request, Answer], None]
"""Called after a message was taken, with what the bridge said."""
Payload = dict[str, Any]
Take = Callable[[Payload], Awaitable["Taken"]]
"""`Entry.take`, as its users see it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`status` in HTTP's words, and the answer that goes with it, where there is one."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """It is kept; else Slack is to come again."""
        return self.status // 100 == HTTPStatus.OK // 100


OK = Taken(HTTPStatus.OK)
REACTIONS = ("reaction_added", "reaction_removed")


class Entry:
    def __init__(
        self,
        *,
        receive: Receive,
        ear: Ear,
        app: AsyncApp,
        told: Told,
        members: Members,
        clock: Clock,
    ) -> None:
        self._members = members
        self._clock = clock
        self._receive = receive
        self._ear = ear
        self._app = app
        self._told = told

    async def take(self, payload: Payload) -> Taken:
        """Returns after the commit. Raises only what is a mistake of ours."""
        try:
            return await self._take(payload)
        except Malformed:
            return Taken(HTTPStatus.BAD_REQUEST)
        except (MembershipUnknown, StoreUnavailable):
            return Taken(HTTPStatus.SERVICE_UNAVAILABLE)
        except BadData:
            return OK  # kept aside; it would not get better by coming again

    async def _take(self, payload: Payload) -> Taken:
        if payload.get("type") == "event_callback":
            event = payload.get("event")
            if not isinstance(event, dict) or not isinstance(event.get("type"), str):
                raise Malformed("event")
            if event["type"] == "message":
                return await self._hear(payload)
            if event["type"] in REACTIONS and is_by_us(payload):
                return OK  # one of our marks; the half of all events is no work for Bolt
        if payload.get("type") == "app_rate_limited":
            return _lost(payload)
        return await self._dispatch(payload)

    async def _hear(self, envelope: Payload) -> Taken:
        command = await self._ear.command(envelope)
        if isinstance(command, Typed):
            command = await command.run(self._receive)
        if command is not None:
            answer = await self._receive(command)
            self._told(command, answer)
        return OK

    async def _dispatch(self, payload: Payload) -> Taken:
        payload = _clean(payload)
        if payload.get("type") == "block_actions":
            pressed.read(payload)  # Bolt trusts its shape
        # The mode makes Bolt take a body that is verified and read already.
        request = AsyncBoltRequest(mode="socket_mode", body=payload, headers={})
        answer = await self._app.async_dispatch(request)
        headers = {name: values[0] for name, values in answer.headers.items() if values}
        taken = Taken(answer.status, answer.body or "", headers)
        if taken.ok:
            await self._seen(_actor(payload))
        return taken

    async def _seen(self, user: str) -> None:
        """Whom nobody had to ask for did nothing here; and that it could not be noted is no reason
        to say that what they did was not."""
        agent = self._members.known(user) if user else None
        if agent is None or not agent.member:
            return
        now, to = self._clock(), ToAgent(DEFAULT_WORKSPACE, agent.id)
        with suppress(StoreError):
            key = f"acts:{agent.id}:{now}"
            await self._receive(Attend(key, now, to, agent.as_author(), Doing.SEEN))


def _actor(payload: Payload) -> str:
    """Who did it; empty for an event, which tells what is so more often than what somebody does,
    and whose words and reactions are signs of themselves."""
    if payload.get("type") == "event_callback":
        return ""
    user = payload.get("user")
    found = user.get("id") if isinstance(user, dict) else payload.get("user_id")
    return str(found) if ids.is_user(found) else ""


def _clean(payload: Payload) -> Payload:
    """Without what no database can keep; the ear does the same for messages. Raises Malformed."""
    try:
        cleaned: Payload = clean_json(payload)
    except BadRequest as error:
        raise Malformed("payload") from error
    return cleaned


def _lost(payload: Payload) -> Taken:
    """Over 30,000 events an hour and workspace Slack sends none, and says so once a minute
    (docs.slack.dev/apis/events-api). The catch-up finds what was missed."""
    minute = payload.get("minute_rate_limited")
    structlog.get_logger("slack").warning("events_rate_limited", minute=minute)
    return OK


def read_object(raw: str | bytes) -> Payload:
    """A JSON object. orjson refuses lone surrogates, which are no reason to lose what somebody
    wrote. Raises Malformed."""
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
