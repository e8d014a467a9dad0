"""`/v1/handoffs`: a bot asks for a human, and looks how it stands."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import shapes
from bridge.api.access import Caller, admit, in_charge
from bridge.commands import (
    Accepted,
    Answer,
    OpenHandoff,
    Rejected,
    ToConversation,
    ToUser,
)
from bridge.errors import BadRequest
from bridge.model import (
    DEFAULT_WORKSPACE,
    ConversationId,
    HandoffId,
    contact_id,
    conversation_id,
    given,
)
from bridge.ports import Deps, Receive
from bridge.problems import answer, json_body, problem
from bridge.views import View
from bridge.waiting import people_ahead


class Handoffs:
    def __init__(
        self, receive: Receive, deps: Deps, channels: Collection[str], *, staffed: bool = True
    ) -> None:
        self._receive = receive
        self._deps = deps
        self._channels = channels
        self._staffed = staffed

    def routes(self) -> list[Route]:
        return [
            Route("/v1/handoffs", self.create, methods=["POST"]),
            Route("/v1/handoffs/{id}", self.show, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        """202; the same id again 200 with the same answer; one is open already: 409 with its id.
        Where there is no desk, who would rather be rejected than wait is, and nothing is kept."""
        caller = await admit(request, self._deps.settings, signed=True)
        asked = shapes.read(await json_body(request), shapes.HandoffRequest)
        if asked.channel and asked.channel not in self._channels:
            fault = f"there is no such channel; there are {', '.join(sorted(self._channels))}"
            raise BadRequest("invalid", "Some fields do not fit.", {"channel": fault})
        in_charge(caller, self._deps.settings, await self._channel_of(asked))
        if asked.if_unavailable == "reject" and not self._staffed:
            return answer(_rejected(asked), 202)
        return self._answered(await self._receive(self._command(caller, asked)))

    async def _channel_of(self, asked: shapes.HandoffRequest) -> str:
        if not asked.conversation_id:
            return asked.channel or ""
        named = ConversationId(asked.conversation_id)
        conversation = await self._deps.reads.conversation(named)
        return conversation.channel if conversation else ""

    def _command(self, caller: Caller, asked: shapes.HandoffRequest) -> OpenHandoff:
        now = self._deps.clock()
        name = caller.names(asked.id)
        return OpenHandoff(
            key=f"api:{caller.name}:handoff:{name}",
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
        return answer(shapes.handoff(view, await self._position(view)))

    async def _position(self, view: View) -> int | None:
        """How many wait before it, as it is now."""
        waiting = await self._deps.reads.open_all(DEFAULT_WORKSPACE)
        return people_ahead(view.handoff, waiting)

    def _answered(self, result: Answer) -> Response:
        """How it stood when it was opened: the same id again gets the same answer."""
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        # No estimate is given before there are measured rates.
        receipt = {**result.data, "estimated_wait": None, "open": self._staffed}
        return answer(receipt, 202 if isinstance(result, Accepted) else 200)


def _rejected(asked: shapes.HandoffRequest) -> dict[str, Any]:
    to = _to(asked)
    return {
        "id": None,
        "conversation_id": to.id if isinstance(to, ToConversation) else to.conversation_id,
        "status": "rejected",
        "position": None,
        "estimated_wait": None,
        "open": False,
    }


def _to(asked: shapes.HandoffRequest) -> ToUser | ToConversation:
    if asked.conversation_id:
        return ToConversation(ConversationId(asked.conversation_id))
    channel, user = given(asked.channel), given(asked.user)  # the shape has seen to it
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


REFUSALS = {
    "handoff_open": (409, "A handoff is open already."),
    "human_in_control": (409, "A human has the conversation."),
    "stale_epoch": (409, "The conversation has changed hands since."),
    "id_reused": (409, "This id was used for something else."),
    "not_a_member": (403, "That agent is no member of the desk."),
    "assignee_not_a_member": (409, "That agent is no member of the desk."),
    "delete_not_allowed": (403, "The settings do not allow deleting."),
    "unknown_queue": (422, "There is no such queue."),
    "unknown_handoff": (404, "There is no such handoff."),
    "bad_data": (422, "This cannot be stored."),
    "unknown_user": (404, "There is no such user."),
    "unknown_conversation": (404, "There is no such conversation."),
}


def refused(reason: str, data: dict[str, Any]) -> Response:
    """Why not, with what the caller needs to go on."""
    status, message = REFUSALS.get(reason, (409, "This cannot be done now."))
    code = "not_found" if status == HTTPStatus.NOT_FOUND else reason
    return problem(code, message, status, data=data)
