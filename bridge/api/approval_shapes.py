"""The shapes of `/v1/approvals`: what is asked, how it is decided, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from bridge.api import answers, shapes
from bridge.approving import told as outcome
from bridge.gates import Act, Approval, Stand
from bridge.settings_approvals import LONGEST
from bridge.webhooks import iso

MAX_DRAFT = 32_000
"""Bytes of a draft, of its schema and of its context, each."""


def _small(value: Any) -> Any:
    if value is not None and len(orjson.dumps(value)) > MAX_DRAFT:
        raise ValueError(f"must have at most {MAX_DRAFT} bytes")
    return value


Json = Annotated[Any, AfterValidator(_small)]
Reviewer = Annotated[str, Field(min_length=1, max_length=200)]


class Said(shapes.Request):
    """A draft that can be sent: files cannot be seen by those who decide."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=40_000, pattern=r"\S")]
    buttons: Annotated[tuple[shapes.ButtonShape, ...], Field(max_length=13)] = ()


def _of_words() -> dict[str, Any]:
    """The schema of `Said`, whole in itself."""
    schema = Said.model_json_schema()
    schema["properties"]["buttons"]["items"] = schema.pop("$defs")["ButtonShape"]
    return schema


WORDS: dict[str, Any] = {
    "required": ["conversation_id"],
    "properties": {"conversation_id": {"type": "string"}, "draft": _of_words()},
}
"""What `send` needs, told to readers of the schema."""
NOT_NULL: Any = ["object", "array", "string", "number", "boolean"]


class ApprovalRequest(shapes.Request):
    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"properties": {"send": {"const": False}}}, WORDS]}
    )

    id: shapes.Id | None = None
    conversation_id: shapes.Id | None = None
    title: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    draft: Annotated[Json, Field(json_schema_extra={"type": NOT_NULL})]
    draft_schema: Annotated[dict[str, Any] | None, AfterValidator(_small)] = Field(
        None, alias="schema"
    )
    """By which a JSON draft is edited."""
    allowed: Annotated[
        tuple[Literal["approve", "edit", "reject", "respond"], ...], Field(min_length=1)
    ] = (
        "approve",
        "edit",
        "reject",
        "respond",
    )
    """`reject` always is: nobody has to approve what they do not want."""
    reviewers: Annotated[tuple[Reviewer, ...], Field(max_length=100)] | None = None
    """Queues, people by id or name, user groups by id; none: as the settings say."""
    quorum: Annotated[int, Field(ge=1, le=20), shapes.Integral] | None = None
    expires_in: Annotated[float, Field(ge=10, le=LONGEST)] | None = None
    """Seconds."""
    on_timeout: Literal["approve", "reject"] | None = None
    send: bool = False
    epoch: shapes.Epoch | None = None
    context: Json = None

    @model_validator(mode="after")
    def _fits(self) -> ApprovalRequest:
        if self.draft is None:
            raise ValueError("draft must not be null")
        if self.send and not self.conversation_id:
            raise ValueError("send needs a conversation_id")
        if self.send:
            Said.model_validate(self.draft)
        return self


class ApproveRequest(shapes.Request):
    id: shapes.Id | None = None
    revision: Annotated[int, Field(ge=1, lt=2**53), shapes.Integral] | None = None
    """Of the value that was seen."""


class EditRequest(ApproveRequest):
    value: Json
    """The whole new value; of words, `{"text": …}`."""


class RejectRequest(ApproveRequest):
    reason: Annotated[str, Field(max_length=3_000)] = ""
    """The bot gets it."""


class RespondRequest(ApproveRequest):
    text: Annotated[str, Field(min_length=1, max_length=40_000, pattern=r"\S")]


DECISIONS: Mapping[Act, type[ApproveRequest]] = {
    Act.APPROVE: ApproveRequest,
    Act.EDIT: EditRequest,
    Act.REJECT: RejectRequest,
    Act.RESPOND: RespondRequest,
}


class ApprovalQuery(shapes.Request):
    """Told in words: who reads the document by machine would try it, and wait."""

    wait: Annotated[float, Field(ge=0, le=60)] = 0.0
    """Seconds."""


class VoteOut(answers.Out):
    id: str
    name: str
    decision: str
    at: answers.Time


class DeciderOut(answers.Out):
    id: str
    name: str


class ApprovalOut(answers.Out):
    id: str
    conversation_id: str | None
    handoff_id: str | None
    """The one that was open when it was asked."""
    bot: str
    title: str
    draft: Any
    status: Stand
    value: Any
    """What may be used of it."""
    proposed: Any
    """While it is pending: what is voted on, which somebody may have edited."""
    revision: int
    """Of what is voted on."""
    reason: str
    reviewers: list[VoteOut]
    """Who has voted for the value there is, or has rejected it."""
    asked: list[str]
    quorum: int
    allowed: list[str]
    send: bool
    sent: bool
    message_id: str | None
    not_sent: str | None
    why: str
    """Of one that the settings or a rule asked for."""
    decided_by: DeciderOut | None
    created_at: answers.Time
    expires_at: answers.Time
    decided_at: answers.Time | None
    context: Any


class ApprovalPage(answers.Out):
    approvals: list[ApprovalOut]
    next_cursor: str | None


def shown(it: Approval) -> ApprovalOut:
    return ApprovalOut.model_validate(
        {
            **outcome(it),
            "conversation_id": None if it.is_alone else it.conversation_id,
            "handoff_id": it.handoff_id,
            "bot": it.bot_id,
            "title": it.title,
            "draft": it.draft,
            "proposed": it.value if it.is_pending else None,
            "revision": it.revision,
            "asked": list(it.reviewers),
            "quorum": it.quorum,
            "allowed": list(it.allowed),
            "send": it.send,
            "why": it.why,
            "created_at": iso(it.created_at),
            "expires_at": iso(it.expires_at),
        }
    )
