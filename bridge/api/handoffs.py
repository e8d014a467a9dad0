"""`/v1/handoffs`: a bot asks for a human, and looks how it stands."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import shapes
from bridge.api.access import Caller, admit
from bridge.commands import Accepted, Answer, Duplicate, OpenHandoff, ToConversation, ToUser
from bridge.errors import BadRequest
from bridge.model import (
    DEFAULT_WORKSPACE,
    ConversationId,
    HandoffId,
    contact_id,
    conversation_id,
)
from bridge.ports import Deps, Receive
from bridge.problems import answer, problem
from bridge.waiting import people_ahead


class Handoffs:
    def __init__(self, receive: Receive, deps: Deps) -> None:
        self._receive = receive
        self._deps = deps

    def routes(self) -> list[Route]:
        return [
            Route("/v1/handoffs", self.create, methods=["POST"]),
            Route("/v1/handoffs/{id}", self.show, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        """202; the same id again 200 with the same answer; one is open already: 409 with its id."""
        caller = await admit(request, self._deps.settings, signed=True)
        asked = shapes.read(await request.body(), shapes.HandoffRequest)
        return _answered(await self._receive(self._command(caller, asked)))

    def _command(self, caller: Caller, asked: shapes.HandoffRequest) -> OpenHandoff:
        now = self._deps.clock()
        id = asked.id or f"auto-{secrets.token_hex(12)}"
        return OpenHandoff(
            key=f"api:{caller.name}:handoff:{id}",
            at=now,
            to=_to(asked),
            by=caller.as_author(),
            escalation=asked.escalation(now),
            epoch=asked.epoch,
            digest=shapes.digest(asked),
        )

    async def show(self, request: Request) -> Response:
        await admit(request, self._deps.settings)
        view = await self._deps.reads.view(HandoffId(request.path_params["id"]))
        if view is None:
            raise BadRequest("not_found", "There is no such handoff.", status=404)
        waiting = await self._deps.reads.open_all(DEFAULT_WORKSPACE)
        return answer(shapes.handoff(view, people_ahead(view.handoff, waiting)))


def _to(asked: shapes.HandoffRequest) -> ToUser | ToConversation:
    if asked.conversation_id:
        return ToConversation(ConversationId(asked.conversation_id))
    channel, user = asked.channel, asked.user
    assert channel is not None
    assert user is not None
    return ToUser(
        workspace_id=DEFAULT_WORKSPACE,
        conversation_id=conversation_id(DEFAULT_WORKSPACE, channel, user.id),
        contact_id=contact_id(DEFAULT_WORKSPACE, channel, user.id),
        channel=channel,
        address=user.id,
        name=user.name,
        email=user.email,
        avatar_url=user.avatar_url if user.avatar_url.startswith("https://") else "",
        locale=user.locale,
        attributes=user.attributes,
    )


def _answered(result: Answer) -> Response:
    match result:
        case Accepted(data=data):
            return answer(_receipt(data), 202)
        case Duplicate(data=data):
            return answer(_receipt(data), 200)
        case _:
            return refused(result.reason, result.data)


def _receipt(data: dict[str, Any]) -> dict[str, Any]:
    """No estimate is given before there are measured rates."""
    return {**data, "estimated_wait": None, "open": True}


REFUSALS = {
    "handoff_open": (409, "A handoff is open already."),
    "human_in_control": (409, "A human has the conversation."),
    "stale_epoch": (409, "The conversation has changed hands since."),
    "id_reused": (409, "This id was used for something else."),
    "unknown_user": (404, "There is no such user."),
    "unknown_conversation": (404, "There is no such conversation."),
}


def refused(reason: str, data: dict[str, Any]) -> Response:
    """Why not, with what the caller needs to go on."""
    status, message = REFUSALS.get(reason, (409, "This cannot be done now."))
    code = "not_found" if status == 404 else reason
    return problem(code, message, status, data=data)
