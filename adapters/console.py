"""The console: a customer at a terminal, by HTTP, to try a bot without a browser. The smallest
channel there can be; `adapters.console:channel` is its entry point, `CONSOLE_TOKEN` switches it on.

POST /console/{name}            the body is what they say; `Idempotency-Key`: once, however often
GET  /console/{name}?after=REV  a line of JSON for each message since; `wait`: until one comes, s

Who is called what is believed: whoever has the token tries the desk, and is nobody's customer.
`deskbridge console` speaks it, and so does curl.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bridge.commands import ToUser, UserSaid, refusal_of
from bridge.errors import BadRequest
from bridge.model import (
    DEFAULT_WORKSPACE,
    Conversation,
    ConversationId,
    Message,
    contact_id,
    conversation_id,
)
from bridge.policy import Traits
from bridge.ports import Deps, Outgoing, Receipt, Receive, topic_of
from bridge.problems import answer, clean, query_number

NAME = "console"
MAX_TEXT = 10_000
LONGEST_WAIT = 25.0
LOOK = 1.0
"""Seconds between two looks, should the bell be missed; also how long a wait outlives `drain`."""


class Console:
    """Implements Channel of `bridge.ports`; its waits end when the process begins to stop."""

    name = NAME
    traits = Traits(max_text=MAX_TEXT, reads_store=True, edits=True, deletes=True, buttons=13)

    def __init__(self, token: str, deps: Deps) -> None:
        self._token = token
        self._deps = deps
        self._ending = False

    def drain(self) -> None:
        self._ending = True

    async def send(self, conversation: Conversation, message: Outgoing, key: str) -> Receipt:
        """Never called (`Traits.reads_store`): the terminal reads from our store."""
        del conversation, message, key
        return Receipt()

    def routes(self, receive: Receive) -> Sequence[BaseRoute]:
        async def talk(request: Request) -> Response:
            user = self._user(request)
            if request.method == "POST":
                return await self._say(request, user, receive)
            return await self._read(request, user.conversation_id)

        return [Route("/console/{name}", talk, methods=["GET", "POST"])]

    def _user(self, request: Request) -> ToUser:
        """Raises BadRequest (401)."""
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            raise BadRequest("unauthorized", "Send the CONSOLE_TOKEN as Bearer.", status=401)
        who = clean(request.path_params["name"])[:100]
        here = conversation_id(DEFAULT_WORKSPACE, NAME, who)
        person = contact_id(DEFAULT_WORKSPACE, NAME, who)
        return ToUser(DEFAULT_WORKSPACE, here, person, NAME, who, name=who)

    async def _say(self, request: Request, user: ToUser, receive: Receive) -> Response:
        text = clean((await request.body()).decode(errors="replace")).strip()
        if not text or len(text) > MAX_TEXT:
            fault = {"body": f"must be a text of at most {MAX_TEXT} characters"}
            raise BadRequest("invalid", "There is nothing that can be said.", fault)
        once = request.headers.get("idempotency-key") or secrets.token_hex(12)
        key = f"{NAME}:{user.conversation_id}:{_digest(once)}"
        result = await receive(UserSaid(key, self._deps.clock(), user, text, digest=_digest(text)))
        if reason := refusal_of(result):
            raise BadRequest(reason, "This was not taken.", status=HTTPStatus.CONFLICT)
        return answer(result.data, HTTPStatus.ACCEPTED)

    async def _read(self, request: Request, here: ConversationId) -> Response:
        query = request.query_params
        after = int(query_number(query.get("after", ""), "after", 2**53))
        until = _now() + query_number(query.get("wait", ""), "wait", LONGEST_WAIT)
        with self._deps.bell.listen(topic_of(here)) as bell:
            while not (found := await self._deps.reads.shown(here, after)):
                left = until - _now()
                if left <= 0 or self._ending:
                    break
                await bell.wait(min(left, LOOK))
        return Response(b"".join(map(_line, found)), media_type="application/x-ndjson")


def _line(message: Message) -> bytes:
    told = {
        "rev": message.rev,
        "role": message.author.role,
        "name": message.author.name,
        "text": message.text,
        "buttons": [button.text for button in message.buttons],
    }
    changed = {"edited": message.edited_at > 0, "deleted": message.deleted}
    return orjson.dumps(told | changed, option=orjson.OPT_APPEND_NEWLINE)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def channel(deps: Deps) -> Console | None:
    token = deps.settings.console_token
    return Console(token.get_secret_value(), deps) if token else None
