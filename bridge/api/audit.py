"""`/v1/audit`: what was done, by whom, and whether the record of it is whole."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from bridge import trailing
from bridge.api.answers import Next, Out, Time
from bridge.api.calls import ADMIN, Asked, Call, told
from bridge.api.paging import begin, cut
from bridge.api.queries import Cursor, Limit, Query, When, micros
from bridge.api.shapes import Request
from bridge.trail import Sought, Trail

ORDER = "audit"
LIST = "Everything that people and machines did, the oldest first; what is newer than about a tenth\
 of a second may not be sealed yet, and is not among it."
CHECK = "Reads the whole chain: some seconds for each 100,000 rows. Faults name their place."


class AuditQuery(Request):
    conversation: Query = ""
    handoff: Query = ""
    actor: Annotated[Query, Field(description="Agent, key, bot or user, by id or name.")] = ""
    since: Annotated[When, Field(description="Then or later.")] = None
    until: Annotated[When, Field(description="Before then.")] = None
    cursor: Cursor = ""
    limit: Limit = 50


class ActorOut(Out):
    role: str
    id: str
    name: str


class CauseOut(Out):
    what: str
    """The command, or what came of an effect."""
    key: str
    """What makes it the same when it comes again: a Slack message, a click, a call's id."""


class AuditRow(Out):
    position: int
    id: str
    time: Time
    action: str
    actor: ActorOut
    conversation_id: str | None
    handoff_id: str | None
    epoch: int
    cause: CauseOut | None
    details: dict[str, Any]
    before: dict[str, dict[str, Any]]
    """By what it is of and by field; of words only how many characters they are."""
    after: dict[str, dict[str, Any]]
    erased: bool
    seal: str | None


class AuditPage(Out):
    audit: list[AuditRow]
    next_cursor: Next


class HeadOut(Out):
    position: int
    time: Time
    seal: str


class FaultOut(Out):
    what: str
    """changed, removed, inserted, text, head or key."""
    position: int
    until: int
    """The last position of what is missing; else the same as `position`."""
    id: str | None
    time: Time | None
    detail: str


class AuditChecked(Out):
    whole: bool
    rows: int
    erased: int
    waiting: int
    """Rows that are not sealed yet, of which nothing can be said."""
    older: int
    """Rows that were there before the chain, and were sealed as they were."""
    newest: HeadOut | None
    faults: list[FaultOut]
    more_faults: int


class Audit:
    def __init__(self, trail: Trail) -> None:
        self._trail = trail
        self._one_at_a_time = asyncio.Lock()

    def calls(self) -> list[Call]:
        here = "Audit"
        return [
            Call(
                "GET",
                "/v1/audit",
                self.every,
                here,
                "Read the audit trail",
                {200: AuditPage},
                ADMIN,
                query=AuditQuery,
                refusals=(404,),
                about=LIST,
            ),
            Call(
                "GET",
                "/v1/audit/verify",
                self.verify,
                here,
                "Check the audit trail",
                {200: AuditChecked},
                ADMIN,
                about=CHECK,
            ),
        ]

    async def every(self, it: Asked) -> Response:
        query: AuditQuery = it.query
        sought = Sought(
            conversation=query.conversation,
            handoff=query.handoff,
            actor=query.actor,
            since=micros(query.since),
            until=micros(query.until),
        )
        place = begin(ORDER, query.cursor, int)
        rows = await self._trail.rows(sought, int(place[0]) if place else 0, query.limit + 1)
        found, following = cut(ORDER, rows, query.limit, lambda entry: (entry.position,))
        shown = [AuditRow(**trailing.row(entry)) for entry in found]
        return told(AuditPage(audit=shown, next_cursor=following))

    async def verify(self, it: Asked) -> Response:
        del it
        async with self._one_at_a_time:
            found = await self._trail.check()
        return told(AuditChecked(**trailing.checked(found)))
