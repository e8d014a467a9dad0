"""`POST /v1/handoffs/{id}/{action}`: what agents do by word and button, for tools (contract §4).

The same commands as everywhere. A key acts in its own name; an agent is named by the id that the
desk's network gives them.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import shapes
from bridge.api.access import admit
from bridge.api.handoffs import refused
from bridge.commands import (
    AddNote,
    Assign,
    Reject,
    Rejected,
    Release,
    Reopen,
    Resolve,
    SetLabels,
    SetPriority,
    Snooze,
    ToHandoff,
    Transfer,
)
from bridge.commands import Request as Command
from bridge.errors import BadRequest, DeliveryError
from bridge.model import Agent, AgentId, HandoffId, Micros
from bridge.ports import Deps, Receive, Staff
from bridge.problems import answer, json_body


@dataclass(frozen=True, slots=True)
class Call:
    key: str
    at: Micros
    to: ToHandoff
    by: Agent
    asked: Any
    agent: Agent | None = None


def _assign(call: Call) -> Command:
    return Assign(call.key, call.at, call.to, call.by, call.agent or call.by)


def _release(call: Call) -> Command:
    return Release(call.key, call.at, call.to, call.by)


def _transfer(call: Call) -> Command:
    asked = call.asked
    return Transfer(call.key, call.at, call.to, call.by, call.agent, asked.queue, asked.note)


def _resolve(call: Call) -> Command:
    return Resolve(call.key, call.at, call.to, call.by, call.asked.reason)


def _reject(call: Call) -> Command:
    return Reject(call.key, call.at, call.to, call.by, call.asked.reason)


def _snooze(call: Call) -> Command:
    return Snooze(call.key, call.at, call.to, call.by, call.asked.due(call.at))


def _reopen(call: Call) -> Command:
    return Reopen(call.key, call.at, call.to, call.by, for_last=True)


def _labels(call: Call) -> Command:
    add, remove = tuple(call.asked.add), tuple(call.asked.remove)
    return SetLabels(call.key, call.at, call.to, call.by, add, remove)


def _notes(call: Call) -> Command:
    return AddNote(call.key, call.at, call.to, call.by, call.asked.text)


def _priority(call: Call) -> Command:
    return SetPriority(call.key, call.at, call.to, call.by, call.asked.priority)


@dataclass(frozen=True, slots=True)
class Action:
    shape: type[shapes.Request]
    make: Callable[[Call], Command]
    status: HTTPStatus = HTTPStatus.OK


ACTIONS: Mapping[str, Action] = {
    "assign": Action(shapes.AssignRequest, _assign),
    "release": Action(shapes.Request, _release),
    "transfer": Action(shapes.TransferRequest, _transfer),
    "resolve": Action(shapes.EndRequest, _resolve),
    "reject": Action(shapes.EndRequest, _reject),
    "snooze": Action(shapes.SnoozeRequest, _snooze),
    "reopen": Action(shapes.Request, _reopen),
    "labels": Action(shapes.LabelsRequest, _labels),
    "notes": Action(shapes.NoteRequest, _notes, HTTPStatus.CREATED),
    "priority": Action(shapes.PriorityRequest, _priority),
}


class Actions:
    """`staff` says who an agent's id is; without a desk nobody can be assigned."""

    def __init__(self, receive: Receive, deps: Deps, staff: Staff | None) -> None:
        self._receive = receive
        self._deps = deps
        self._staff = staff

    def routes(self) -> list[Route]:
        return [
            Route(f"/v1/handoffs/{{id}}/{name}", self._endpoint(action), methods=["POST"])
            for name, action in ACTIONS.items()
        ]

    def _endpoint(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await self._act(request, action)

        return endpoint

    async def _act(self, request: Request, action: Action) -> Response:
        """The handoff as it is then; 409 where the lifecycle forbids it."""
        caller = await admit(request, self._deps.settings)
        body = await json_body(request)
        asked = shapes.read(body or b"{}", action.shape)
        handoff = HandoffId(request.path_params["id"])
        by = Agent(AgentId(caller.name), caller.name)
        call = Call(
            key=f"api:act:{secrets.token_hex(12)}",
            at=self._deps.clock(),
            to=ToHandoff(handoff),
            by=by,
            asked=asked,
            agent=await self._agent(getattr(asked, "agent", "")),
        )
        result = await self._receive(action.make(call))
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        view = await self._deps.reads.view(handoff)
        return answer(shapes.handoff(view, None) if view else {}, int(action.status))

    async def _agent(self, id: str) -> Agent | None:
        """Raises BadRequest: 404 for nobody, 503 while the desk cannot be asked."""
        if not id:
            return None
        try:
            agent = await self._staff.agent(AgentId(id)) if self._staff else None
        except DeliveryError as error:
            message = "The desk cannot be asked just now."
            raise BadRequest("desk_unavailable", message, status=503) from error
        if agent is None or not agent.name:
            raise BadRequest("not_found", "There is no such agent.", {"agent": "is nobody"}, 404)
        return agent
