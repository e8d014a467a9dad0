"""Pausing and resuming: one conversation by its channel and user, and a bot everywhere."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import shapes
from bridge.api.access import Caller, admit
from bridge.api.handoffs import refused
from bridge.commands import (
    Answer,
    Pause,
    Rejected,
    Resume,
    SwitchBot,
    ToBot,
    ToConversation,
)
from bridge.errors import BadRequest
from bridge.model import DEFAULT_WORKSPACE, ConversationId, conversation_id
from bridge.ports import Deps, Receive
from bridge.problems import answer, json_body


class Switches:
    def __init__(self, receive: Receive, deps: Deps) -> None:
        self._receive = receive
        self._deps = deps

    def routes(self) -> list[Route]:
        user, bot = "/v1/channels/{channel}/users/{user_id:path}", "/v1/bots/{id}"
        talk = "/v1/conversations/{id}"
        return [
            Route(f"{talk}/pause", self.pause, methods=["POST"]),
            Route(f"{talk}/resume", self.resume, methods=["POST"]),
            Route(f"{user}/pause", self.pause, methods=["POST"]),
            Route(f"{user}/resume", self.resume, methods=["POST"]),
            Route(f"{bot}/pause", self.pause_bot, methods=["POST"]),
            Route(f"{bot}/resume", self.resume_bot, methods=["POST"]),
        ]

    async def pause(self, request: Request) -> Response:
        caller, asked = await self._asked(request)
        to = ToConversation(await self._conversation(request))
        command = Pause(_key(), self._deps.clock(), to, caller.as_author(), asked.reason)
        return _done(await self._receive(command))

    async def resume(self, request: Request) -> Response:
        caller, _ = await self._asked(request)
        to = ToConversation(await self._conversation(request))
        return _done(
            await self._receive(Resume(_key(), self._deps.clock(), to, caller.as_author()))
        )

    async def pause_bot(self, request: Request) -> Response:
        return await self._switch(request, on=False)

    async def resume_bot(self, request: Request) -> Response:
        return await self._switch(request, on=True)

    async def _switch(self, request: Request, *, on: bool) -> Response:
        caller, asked = await self._asked(request)
        named = request.path_params["id"]
        if named not in {bot.id for bot in self._deps.settings.bots}:
            raise BadRequest("not_found", "There is no such bot.", status=404)
        to, by = ToBot(DEFAULT_WORKSPACE, named), caller.as_author()
        return _done(
            await self._receive(SwitchBot(_key(), self._deps.clock(), to, by, on, asked.reason))
        )

    async def _asked(self, request: Request) -> tuple[Caller, shapes.PauseRequest]:
        caller = await admit(request, self._deps.settings)
        body = await json_body(request)
        return caller, shapes.read(body, shapes.PauseRequest) if body else shapes.PauseRequest()

    async def _conversation(self, request: Request) -> ConversationId:
        """By its id, or by channel and user. Raises BadRequest (404)."""
        given = request.path_params
        named = ConversationId(given.get("id", ""))
        if not named:
            named = conversation_id(DEFAULT_WORKSPACE, given["channel"], given["user_id"])
        if await self._deps.reads.conversation(named) is None:
            raise BadRequest("not_found", "There is no such conversation.", status=404)
        return named


def _key() -> str:
    return f"api:switch:{secrets.token_hex(12)}"


def _done(result: Answer) -> Response:
    if isinstance(result, Rejected):
        return refused(result.reason, result.data)
    return answer({"paused": result.data.get("paused")})
