"""`/v1/conversations`: the bot speaks, pauses and looks back."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import shapes
from bridge.api.access import Caller, admit
from bridge.api.handoffs import refused, taken
from bridge.commands import Answer, BotSaid, Pause, Rejected, Reply, Resume, ToConversation
from bridge.errors import BadRequest
from bridge.model import Button, Conversation, ConversationId, given
from bridge.ports import Deps, Receive
from bridge.problems import answer, json_body
from bridge.webhooks import spoken, user

DIGITS = 15
"""More than any seq has."""


class Conversations:
    def __init__(self, receive: Receive, deps: Deps) -> None:
        self._receive = receive
        self._deps = deps

    def routes(self) -> list[Route]:
        path = "/v1/conversations/{id}"
        return [
            Route(path, self.show, methods=["GET"]),
            Route(f"{path}/messages", self.messages, methods=["GET"]),
            Route(f"{path}/messages", self.speak, methods=["POST"]),
            Route(f"{path}/pause", self.pause, methods=["POST"]),
            Route(f"{path}/resume", self.resume, methods=["POST"]),
        ]

    async def speak(self, request: Request) -> Response:
        """202; 409 with who and the current epoch when a human has it, or the epoch is old."""
        caller = await admit(request, self._deps.settings, signed=True)
        conversation = await self._conversation(request)
        said = shapes.read(await json_body(request), shapes.MessageRequest)
        if not caller.may_speak_for(conversation.bot_id):
            message = "Another bot has this conversation."
            raise BadRequest("forbidden", message, status=403)
        result = await self._receive(self._said(caller, conversation, said))
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        return answer(taken(result), 202)

    def _said(
        self, caller: Caller, conversation: Conversation, said: shapes.MessageRequest
    ) -> BotSaid:
        name = said.id or f"auto-{secrets.token_hex(12)}"
        return BotSaid(
            key=f"api:{caller.name}:message:{conversation.id}:{name}",
            at=self._deps.clock(),
            to=ToConversation(conversation.id),
            bot_id=caller.bot_id or conversation.bot_id or caller.name,
            reply=Reply(said.text, tuple(Button(b.text, b.value) for b in said.buttons)),
            epoch=said.epoch,
            digest=shapes.digest(said),
        )

    async def pause(self, request: Request) -> Response:
        caller, conversation = await self._admitted(request)
        body = await json_body(request)
        asked = shapes.read(body, shapes.PauseRequest) if body else shapes.PauseRequest()
        key, at = f"api:pause:{secrets.token_hex(12)}", self._deps.clock()
        to = ToConversation(conversation.id)
        return self._done(await self._receive(Pause(key, at, to, caller.as_author(), asked.reason)))

    async def resume(self, request: Request) -> Response:
        caller, conversation = await self._admitted(request)
        key, at = f"api:resume:{secrets.token_hex(12)}", self._deps.clock()
        to = ToConversation(conversation.id)
        return self._done(await self._receive(Resume(key, at, to, caller.as_author())))

    def _done(self, result: Answer) -> Response:
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        return answer({"paused": result.data.get("paused")})

    async def show(self, request: Request) -> Response:
        _, conversation = await self._admitted(request)
        contact = await self._deps.reads.contact(conversation.id)
        return answer(
            {
                "id": conversation.id,
                "channel": conversation.channel,
                "mode": str(conversation.mode),
                "paused": bool(conversation.paused_by),
                "epoch": conversation.epoch,
                "awaiting": str(conversation.awaiting),
                "handoff_id": conversation.handoff_id,
                "user": user(given(contact), conversation),
            }
        )

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
