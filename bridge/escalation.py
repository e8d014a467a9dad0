"""What a bot says when it hands over, checked: the same shape in the API and in a webhook's
answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bridge.commands import Escalation
from bridge.model import SECOND, Author, Micros, Priority, Role

Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=10_000)]


def _not_yet(value: object) -> object:
    """An empty value asks for nothing, so it may come."""
    if value not in (None, "", [], {}):
        raise ValueError("is not supported yet")
    return value


NotYet = Annotated[Any, AfterValidator(_not_yet)]
"""A field of the contract that does nothing yet: refused, so that nobody counts on it."""


class BadEscalation(ValueError):
    """It does not fit; `fields` names what and why."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(", ".join(self.fields))


class Reason(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    code: Short = "bot_request"
    text: Long = ""
    confidence: float | None = None
    intent: Short = ""


class Said(BaseModel):
    """One message of the time before the handoff, as the bot's side kept it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role: Literal["user", "bot", "agent", "system"]
    text: Long
    at: datetime | None = None
    attachments: NotYet = None


class EscalationBody(BaseModel):
    """The fields of contract §4 that say what the handoff is about; others are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: Long = ""
    summary: Long = ""
    reason: Reason = Reason()
    priority: Priority = Priority.NORMAL
    queue: Annotated[str, Field(min_length=1, max_length=100)] = "default"
    labels: Annotated[list[Short], Field(max_length=50)] = []
    history: Annotated[list[Said], Field(max_length=200)] = []
    context: Any = None
    expires_in: Annotated[float, Field(gt=0, le=30 * 86_400)] | None = None
    messages: NotYet = None
    on_timeout: NotYet = None
    reply_to: NotYet = None

    def escalation(self, now: Micros) -> Escalation:
        return Escalation(
            title=self.title,
            description=self.description,
            summary=self.summary,
            reason=self.reason.code,
            reason_text=self.reason.text,
            priority=self.priority,
            queue=self.queue,
            labels=tuple(dict.fromkeys(self.labels)),
            context=self.context,
            history=tuple((_author(said), said.text, _micros(said.at)) for said in self.history),
            expires_at=now + int(self.expires_in * SECOND) if self.expires_in else 0,
        )


def _author(said: Said) -> Author:
    return Author(Role(said.role), f"history-{said.role}")


def _micros(at: datetime | None) -> Micros:
    """A time without a zone is UTC: this process's own zone is nobody's business."""
    if at is None:
        return 0
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * SECOND)


def read_escalation(data: Mapping[str, object], now: Micros) -> Escalation:
    """The handoff that a bot's answer asks for. Raises BadEscalation."""
    try:
        return EscalationBody.model_validate(data).escalation(now)
    except ValidationError as error:
        fields = {".".join(map(str, e["loc"])): e["msg"] for e in error.errors()}
        raise BadEscalation(fields) from error
