"""`POST /v1/handoffs/{id}/suggestions`: what a bot or a tool has to suggest to agents."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from bridge.api import answers, shapes
from bridge.api.access import in_charge
from bridge.api.calls import Asked, Call, told
from bridge.api.refusals import refused
from bridge.commands import Accepted, Rejected, Suggest, Suggested, ToHandoff
from bridge.errors import BadRequest
from bridge.model import HandoffId
from bridge.ports import Deps, Receive

ABOUT = """Agents alone see it, in the thread of an open handoff: a *reply* and a *translation* can
be sent as it is, changed and sent, or dismissed; a *summary* is only read. It reaches the customer
when an agent sends it, as a reply of theirs. The same `id` again is answered 200 with the same."""


class SuggestionRequest(shapes.Request):
    id: shapes.Id | None = None
    text: Annotated[str, Field(min_length=1, max_length=2_500, pattern=r"\S")]
    kind: Suggested = Suggested.REPLY
    source: Annotated[str, Field(max_length=60)] = ""
    """What agents read that it comes from; none: the key's or the bot's name."""


class SuggestionOut(answers.Out):
    id: str
    handoff_id: str
    kind: Suggested


class Suggestions:
    def __init__(self, receive: Receive, deps: Deps) -> None:
        self._receive = receive
        self._deps = deps

    def calls(self) -> list[Call]:
        return [
            Call(
                "POST",
                "/v1/handoffs/{id}/suggestions",
                self.suggest,
                "Handoffs",
                "Suggest something to agents",
                {201: SuggestionOut, 200: SuggestionOut},
                body=SuggestionRequest,
                signed=True,
                refusals=(404, 409),
                about=ABOUT,
            )
        ]

    async def suggest(self, it: Asked) -> Response:
        asked: SuggestionRequest = it.body
        handoff = HandoffId(it.path("id"))
        view = await self._deps.reads.view(handoff)
        if view is None:
            raise BadRequest("not_found", "There is no such handoff.", status=404)
        in_charge(it.caller, self._deps.settings, view.conversation.channel)
        result = await self._receive(
            Suggest(
                key=f"api:{it.caller.name}:suggestion:{handoff}:{it.caller.names(asked.id)}",
                at=self._deps.clock(),
                to=ToHandoff(handoff),
                by=it.caller.as_author(),
                text=asked.text,
                kind=asked.kind,
                source=asked.source,
                digest=shapes.digest(asked),
            )
        )
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        made = SuggestionOut(id=result.data["id"], handoff_id=handoff, kind=asked.kind)
        status = HTTPStatus.CREATED if isinstance(result, Accepted) else HTTPStatus.OK
        return told(made, status)
