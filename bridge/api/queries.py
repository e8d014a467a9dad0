"""What is asked of the API in the address, as Pydantic models; what is asked in a body is in
`shapes.py`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field

from bridge.api.shapes import Request
from bridge.gates import Stand
from bridge.lists import Sort, Wanted
from bridge.model import OPEN, SECOND, Micros, Status


def whole(value: object) -> object:
    """Plain digits alone: Python would take ` 7`, `+7` and `7_0`, too."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number")
    return value


def _listed(value: object) -> object:
    return [part for part in value.split(",") if part] if isinstance(value, str) else value


Cursor = Annotated[str, Field(max_length=1_000, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Field(ge=1, le=100, description="Rows of a page."), BeforeValidator(whole)]
StatusName = Literal[
    "open", "queued", "assigned", "snoozed", "resolved", "rejected", "expired", "cancelled"
]
Query = Annotated[str, Field(max_length=200)]


def _written_out(value: object) -> object:
    """Pydantic would take seconds, and days, too."""
    if isinstance(value, str) and not WHEN.fullmatch(value):
        raise ValueError("must be like 2026-11-21T14:02:00Z")
    return value


WHEN = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[-+]\d\d:\d\d)", re.ASCII)
When = Annotated[AwareDatetime | None, BeforeValidator(_written_out)]


class HandoffQuery(Request):
    status: Annotated[
        list[StatusName],
        Field(description="One or more, with commas; `open` stands for the three that are."),
        BeforeValidator(_listed),
    ] = []
    queue: Query = ""
    agent: Annotated[Query, Field(description="Their id, or `none`: nobody has it.")] = ""
    other_than: Annotated[Query, Field(description="Somebody has it who is not this agent.")] = ""
    conversation: Query = ""
    label: Query = ""
    since: Annotated[When, Field(description="Opened then or later.")] = None
    until: Annotated[When, Field(description="Opened before then.")] = None
    q: Annotated[Query, Field(description="In title, description, name, e-mail, or a number.")] = ""
    sort: Sort = Sort.NEWEST
    cursor: Cursor = ""
    limit: Limit = 50

    def wanted(self) -> Wanted:
        plain = {Status(name) for name in self.status if name != "open"}
        return Wanted(
            statuses=plain | (OPEN if "open" in self.status else set()),
            queue=self.queue,
            agent=self.agent,
            other_than=self.other_than,
            conversation=self.conversation,
            since=micros(self.since),
            until=micros(self.until),
            label=self.label,
            text=self.q,
            sort=self.sort,
        )


def micros(at: AwareDatetime | None) -> Micros:
    return max(int(at.timestamp() * SECOND), 1) if at else 0


class ConversationQuery(Request):
    q: Annotated[Query, Field(description="Name, e-mail, id, or words that were said.")] = ""
    paused: Annotated[
        Literal["true", "false"] | None, Field(description="Only those that are, or are not.")
    ] = None
    cursor: Cursor = ""
    limit: Limit = 50


class ApprovalsQuery(Request):
    status: Annotated[
        list[Stand], Field(description="One or more, with commas."), BeforeValidator(_listed)
    ] = []
    queue: Annotated[
        Query, Field(description="In a handoff of this queue, or asked of its members.")
    ] = ""
    conversation: Query = ""
    cursor: Cursor = ""
    limit: Limit = 50


class PageQuery(Request):
    cursor: Cursor = ""
    limit: Limit = 50


class MessageQuery(Request):
    after: Annotated[
        int, Field(ge=0, lt=10**15, description="A `seq`."), BeforeValidator(whole)
    ] = 0
    cursor: Cursor = ""
    limit: Limit = 100


class StreamQuery(Request):
    after: Annotated[int, Field(ge=0, lt=10**18), BeforeValidator(whole)] | None = None


class AvailabilityQuery(Request):
    queue: Annotated[str, Field(max_length=100)] = ""
    locale: Annotated[str, Field(max_length=35)] = ""
