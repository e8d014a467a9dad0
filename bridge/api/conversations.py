"""`/v1/conversations`: the bot speaks and looks back; who is there, and deleting."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import shapes
from bridge.api.access import Caller, admit, bot_of, in_charge
from bridge.api.handoffs import refused
from bridge.commands import (
    BotSaid,
    DeleteConversation,
    Rejected,
    Reply,
    Say,
    ToConversation,
)
from bridge.errors import BadRequest
from bridge.model import (
    DEFAULT_WORKSPACE,
    Button,
    Contact,
    Conversation,
    ConversationId,
    given,
)
from bridge.ports import Deps, Receive
from bridge.problems import answer, json_body
from bridge.webhooks import spoken, user

DIGITS = 15
"""More than any seq has."""
MAX_QUERY = 200


class Conversations:
    def __init__(self, receive: Receive, deps: Deps) -> None:
        self._receive = receive
        self._deps = deps

    def routes(self) -> list[Route]:
        path = "/v1/conversations/{id}"
        return [
            Route("/v1/conversations", self.find, methods=["GET"]),
            Route(path, self.show, methods=["GET"]),
            Route(path, self.delete, methods=["DELETE"]),
            Route(f"{path}/messages", self.messages, methods=["GET"]),
            Route(f"{path}/messages", self.speak, methods=["POST"]),
        ]

    async def speak(self, request: Request) -> Response:
        """202; 409 with who and the current epoch when a human has it, or the epoch is old."""
        caller = await admit(request, self._deps.settings, signed=True)
        conversation = await self._conversation(request)
        said = shapes.read(await json_body(request), shapes.MessageRequest)
        in_charge(caller, self._deps.settings, conversation.channel)
        result = await self._receive(self._said(caller, conversation, said))
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        return answer(result.data, 202)

    def _said(
        self, caller: Caller, conversation: Conversation, said: shapes.MessageRequest
    ) -> BotSaid | Say:
        name, channel = caller.names(said.id), conversation.channel
        if said.speaker == "desk":
            return Say(
                key=f"api:{caller.name}:message:{conversation.id}:{name}",
                at=self._deps.clock(),
                to=ToConversation(conversation.id),
                by=caller.as_author(),
                text=said.text,
                digest=shapes.digest(said),
            )
        return BotSaid(
            key=f"api:{caller.name}:message:{conversation.id}:{name}",
            at=self._deps.clock(),
            to=ToConversation(conversation.id),
            bot_id=caller.bot_id or bot_of(self._deps.settings, channel) or caller.name,
            reply=Reply(said.text, tuple(Button(b.text, b.value) for b in said.buttons)),
            epoch=said.epoch,
            digest=shapes.digest(said),
        )

    async def find(self, request: Request) -> Response:
        """By name, e-mail, id or words (`q`), only paused ones if asked, the newest first."""
        await admit(request, self._deps.settings)
        query, paused = request.query_params.get("q", ""), request.query_params.get("paused", "")
        if paused not in ("", "true", "false"):
            raise BadRequest("invalid", "paused must be true or false.", {"paused": "true, false"})
        found = await self._deps.reads.find_users(
            DEFAULT_WORKSPACE, query[:MAX_QUERY], 50, paused=paused == "true"
        )
        return answer({"conversations": [_shape(talk, contact) for talk, contact in found]})

    async def delete(self, request: Request) -> Response:
        """204; 403 where the settings do not allow it."""
        caller, conversation = await self._admitted(request)
        key, to = f"api:delete:{secrets.token_hex(12)}", ToConversation(conversation.id)
        by = caller.as_author()
        result = await self._receive(DeleteConversation(key, self._deps.clock(), to, by))
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def show(self, request: Request) -> Response:
        _, conversation = await self._admitted(request)
        contact = await self._deps.reads.contact(conversation.id)
        return answer(_shape(conversation, given(contact)))

    async def messages(self, request: Request) -> Response:
        """What the user sees, by place; `after` is a `seq`."""
        _, conversation = await self._admitted(request)
        after = request.query_params.get("after", "0")
        if not after.isdigit() or len(after) > DIGITS:
            raise BadRequest("invalid", "after must be a whole number.", {"after": "a seq"})
        found = await self._deps.reads.between(conversation.id, int(after), conversation.seq)
        return answer({"messages": [spoken(message) for message in found]})

    async def _admitted(self, request: Request) -> tuple[Caller, Conversation]:
        caller = await admit(request, self._deps.settings)
        return caller, await self._conversation(request)

    async def _conversation(self, request: Request) -> Conversation:
        named = ConversationId(request.path_params["id"])
        conversation = await self._deps.reads.conversation(named)
        if conversation is None:
            raise BadRequest("not_found", "There is no such conversation.", status=404)
        return conversation


def _shape(conversation: Conversation, contact: Contact) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "channel": conversation.channel,
        "mode": str(conversation.mode),
        "paused": bool(conversation.paused_by),
        "epoch": conversation.epoch,
        "awaiting": str(conversation.awaiting),
        "handoff_id": conversation.handoff_id,
        "user": user(contact, conversation),
    }
