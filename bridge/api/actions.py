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

from starlette.responses import Response

from bridge.api import answers, calls, shapes
from bridge.api.calls import Asked, told
from bridge.api.refusals import refused
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
from bridge.lists import Lists
from bridge.model import Agent, AgentId, HandoffId, Micros, given
from bridge.ports import Deps, Receive, Staff


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
    return Transfer(call.key, call.at, call.to, call.by, call.agent, asked.queue or "", asked.note)


def _resolve(call: Call) -> Command:
    reason, labels = call.asked.reason, tuple(call.asked.labels)
    return Resolve(call.key, call.at, call.to, call.by, reason, labels=labels)


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
    title: str
    status: HTTPStatus = HTTPStatus.OK


ACTIONS: Mapping[str, Action] = {
    "assign": Action(shapes.AssignRequest, _assign, "Give it to an agent"),
    "release": Action(shapes.Request, _release, "Put it back into its queue"),
    "transfer": Action(shapes.TransferRequest, _transfer, "Pass it on"),
    "resolve": Action(shapes.ResolveRequest, _resolve, "Resolve it"),
    "reject": Action(shapes.EndRequest, _reject, "Reject it"),
    "snooze": Action(shapes.SnoozeRequest, _snooze, "Put it aside for a while"),
    "reopen": Action(shapes.Request, _reopen, "Open it again"),
    "labels": Action(shapes.LabelsRequest, _labels, "Add and remove labels"),
    "notes": Action(shapes.NoteRequest, _notes, "Add a note", HTTPStatus.CREATED),
    "priority": Action(shapes.PriorityRequest, _priority, "Change its priority"),
}


class Actions:
    """`staff` says who an agent's id is; without a desk nobody can be assigned."""

    def __init__(self, receive: Receive, deps: Deps, lists: Lists, staff: Staff | None) -> None:
        self._receive = receive
        self._deps = deps
        self._lists = lists
        self._staff = staff

    def calls(self) -> list[calls.Call]:
        return [
            calls.Call(
                "POST",
                f"/v1/handoffs/{{id}}/{name}",
                self._endpoint(action),
                "Handoffs",
                action.title,
                {int(action.status): answers.HandoffOut},
                calls.DESK,
                body=action.shape,
                refusals=(404, 409),
            )
            for name, action in ACTIONS.items()
        ]

    def _endpoint(self, action: Action) -> Callable[[Asked], Awaitable[Response]]:
        async def endpoint(it: Asked) -> Response:
            return await self._act(it, action)

        return endpoint

    async def _act(self, it: Asked, action: Action) -> Response:
        """The handoff as it is then; 409 where the lifecycle forbids it."""
        handoff = HandoffId(it.path("id"))
        call = Call(
            key=f"api:act:{secrets.token_hex(12)}",
            at=self._deps.clock(),
            to=ToHandoff(handoff),
            by=it.caller.as_agent(),
            asked=it.body,
            agent=await self._agent(getattr(it.body, "agent", None)),
        )
        result = await self._receive(action.make(call))
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        view = given(await self._deps.reads.view(handoff))
        ahead = await self._lists.ahead([handoff])
        return told(answers.handoff(view, ahead.get(handoff)), action.status)

    async def _agent(self, id: str | None) -> Agent | None:
        """Raises BadRequest: 404 for nobody, 503 while the desk cannot be asked."""
        if id is None:
            return None
        try:
            agent = await self._staff.agent(AgentId(id)) if self._staff else None
        except DeliveryError as error:
            raise away() from error
        if agent is None or not agent.name:
            raise BadRequest("not_found", "There is no such agent.", {"agent": "is nobody"}, 404)
        return agent


def away() -> BadRequest:
    return BadRequest("desk_unavailable", "The desk cannot be asked just now.", status=503)
