"""Requests and answers of the API. Unknown fields are ignored, wrong ones are named in the
error."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from bridge import attributes
from bridge.errors import BadRequest
from bridge.escalation import EscalationBody, NotYet
from bridge.model import SECOND, Handoff, Micros, Priority
from bridge.problems import clean_json, parse_object
from bridge.views import View
from bridge.webhooks import iso

Id = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
Shape = TypeVar("Shape", bound=BaseModel)


class Request(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class UserShape(Request):
    id: Id
    name: Annotated[str, Field(max_length=200)] = ""
    email: Annotated[str, Field(max_length=200)] = ""
    avatar_url: Annotated[str, Field(max_length=1_000)] = ""
    locale: Annotated[str, Field(max_length=35)] = ""
    attributes: dict[str, Any] = {}

    @field_validator("attributes")
    @classmethod
    def _fit(cls, told: dict[str, Any]) -> dict[str, Any]:
        if not attributes.fits(told):
            raise ValueError(f"must have at most {attributes.MAX_BYTES} bytes")
        return told


class HandoffRequest(EscalationBody):
    """`conversation_id`, or `channel` and `user`."""

    id: Id | None = None
    conversation_id: Id | None = None
    channel: Id | None = None
    user: UserShape | None = None
    epoch: int | None = None
    if_unavailable: Literal["queue", "reject"] = "queue"
    """What becomes of it where there is no desk."""

    @model_validator(mode="after")
    def _has_somebody(self) -> HandoffRequest:
        if not self.conversation_id and not (self.channel and self.user):
            raise ValueError("give conversation_id, or channel and user")
        return self


class ButtonShape(Request):
    text: Annotated[str, Field(min_length=1, max_length=80)]
    value: Annotated[str, Field(max_length=1_000)] = ""


class MessageRequest(Request):
    id: Id | None = None
    text: Annotated[str, Field(min_length=1, max_length=40_000)]
    attachments: NotYet = None
    buttons: Annotated[list[ButtonShape], Field(max_length=13)] = []
    epoch: int | None = None
    speaker: Literal["bot", "desk"] = Field("bot", alias="as")


class PauseRequest(Request):
    reason: Annotated[str, Field(max_length=500)] = ""


class AssignRequest(Request):
    agent: Id


Label = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\s#+-][^\s]*$")]
Words = Annotated[str, Field(max_length=2_000)]


class TransferRequest(Request):
    """To an agent or to a queue."""

    agent: Annotated[str, Field(max_length=200)] = ""
    queue: Annotated[str, Field(max_length=200)] = ""
    note: Words = ""

    @model_validator(mode="after")
    def _has_one(self) -> TransferRequest:
        if bool(self.agent) == bool(self.queue):
            raise ValueError("give agent or queue")
        return self


class EndRequest(Request):
    reason: Words = ""


class SnoozeRequest(Request):
    """`until` as ISO 8601 with its zone, or `seconds` from now."""

    until: AwareDatetime | None = None
    seconds: Annotated[int, Field(gt=0, le=90 * 86_400)] | None = None

    @model_validator(mode="after")
    def _has_one(self) -> SnoozeRequest:
        if (self.until is None) == (self.seconds is None):
            raise ValueError("give until or seconds")
        return self

    def due(self, now: Micros) -> Micros:
        if self.until is not None:
            return int(self.until.timestamp() * SECOND)
        return now + (self.seconds or 0) * SECOND


class LabelsRequest(Request):
    add: Annotated[list[Label], Field(max_length=50)] = []
    remove: Annotated[list[Label], Field(max_length=50)] = []


class NoteRequest(Request):
    text: Annotated[str, Field(min_length=1, max_length=10_000)]


class PriorityRequest(Request):
    priority: Priority


def read(body: bytes, shape: type[Shape]) -> Shape:
    """Raises BadRequest: 400 for broken JSON, 422 naming each field that does not fit."""
    values = clean_json(parse_object(body))
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        fields = {_path(fault["loc"]): fault["msg"] for fault in error.errors(include_url=False)}
        raise BadRequest("invalid", "Some fields do not fit.", fields) from None


def digest(shape: BaseModel) -> str:
    """The same for the same request, whatever the order or spacing of its JSON."""
    values = shape.model_dump(mode="json", exclude_unset=True)
    canonical = orjson.dumps(values, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()


def _path(where: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in where) or "body"


def handoff(view: View, position: int | None) -> dict[str, Any]:
    """A handoff as tools see it."""
    it = view.handoff
    agent = {"id": it.assignee, "name": it.assignee_name, "avatar_url": it.assignee_avatar}
    return {
        "id": it.id,
        "number": it.number,
        "conversation_id": it.conversation_id,
        "status": str(it.status),
        "open": it.is_open,
        "position": position,
        "queue": it.queue,
        "title": it.title,
        "description": it.description,
        "priority": str(it.priority),
        "labels": list(it.labels),
        "reason": {"code": it.reason, "text": it.reason_text},
        "outcome": it.outcome,
        "agent": agent if it.assignee else None,
        "context": it.context,
        **_times(it),
    }


def _times(it: Handoff) -> Mapping[str, str | None]:
    names = ("opened_at", "assigned_at", "first_reply_at", "closed_at")
    return {name: iso(at) if (at := getattr(it, name)) else None for name in names}
