"""What a bot says when it hands over, checked: the same shape in the API and in a webhook's
answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge.commands import Escalation
from bridge.filing import on_web
from bridge.model import LATEST, SECOND, Attachment, Author, Micros, Priority, Role
from bridge.terms import OnTimeout, Terms
from bridge.texts import link_to

Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=10_000)]
Confidence = Annotated[float, Field(ge=0, le=1)]
"""How sure a bot is of what it says."""


Link = Annotated[str, Field(pattern=r"^https?://[!-;=?-~]+$", max_length=2_000)]
"""An address of the web, without what would end it in a text (`<`, `>`, spaces)."""
Language = Annotated[str, Field(min_length=2, max_length=35)]
Wording = Long | Annotated[dict[Language, Long], Field(min_length=1)]
"""A text for every language, or one for each; an empty one: nothing is said."""


class BadEscalation(ValueError):
    """It does not fit; `fields` names what and why."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(", ".join(self.fields))


class Reason(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    code: Short = "bot_request"
    text: Long = ""
    confidence: float | None = None
    intent: Short = ""


class AttachmentShape(BaseModel):
    """A file that is somewhere on the web already. With what the bot says it is fetched and sent as
    a file, where that can be; else it is a link."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    url: Link

    def link(self) -> str:
        return link_to(self.name, self.url)

    def file(self) -> Attachment:
        return on_web(self.name, self.url)


Attached = Annotated[list[AttachmentShape], Field(max_length=10)]


class OwnTexts(BaseModel):
    """The handoff's own words to the user by occasion, in place of those of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transfer: Wording | None = None
    waiting: Wording | None = None
    assigned: Wording | None = None
    transferred: Wording | None = None
    timeout: Wording | None = None
    resolved: Wording | None = None
    rejected: Wording | None = None
    cancelled: Wording | None = None

    def by_occasion(self) -> dict[str, dict[str, str]]:
        said = {name: text for name, text in self if text is not None}
        return {name: {"en": x} if isinstance(x, str) else dict(x) for name, x in said.items()}


class Said(BaseModel):
    """One message of the time before the handoff, as the bot's side kept it."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    role: Literal["user", "bot", "agent", "system"]
    text: Long
    at: datetime | None = None
    attachments: Attached = []

    @property
    def whole(self) -> str:
        return with_links(self.text, self.attachments)


class EscalationBody(BaseModel):
    """The fields of contract §4 that say what the handoff is about; others are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: Long = ""
    summary: Long = ""
    reason: Reason = Reason()
    priority: Priority = Priority.NORMAL
    queue: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """None named: by its labels, else by the customer's language, else `default`."""
    labels: Annotated[list[Short], Field(max_length=50)] = []
    history: Annotated[list[Said], Field(max_length=200)] = []
    context: Any = None
    expires_in: Annotated[float, Field(gt=0, le=30 * 86_400)] | None = None
    messages: OwnTexts | None = None
    on_timeout: OnTimeout = OnTimeout.RETURN
    """What becomes of it when nobody has taken it by then."""
    reply_to: Short = ""
    """A webhook that is told what becomes of it."""

    def escalation(self, now: Micros) -> Escalation:
        return Escalation(
            title=self.title,
            description=self.description,
            summary=self.summary,
            reason=self.reason.code,
            reason_text=self.reason.text,
            priority=self.priority,
            queue=self.queue or "",
            labels=tuple(dict.fromkeys(self.labels)),
            context=self.context,
            history=tuple((_author(it), it.whole, _micros(it.at)) for it in self.history),
            expires_at=now + int(self.expires_in * SECOND) if self.expires_in else 0,
            terms=Terms(
                on_timeout=self.on_timeout,
                messages=self.messages.by_occasion() if self.messages else {},
                reply_to=self.reply_to,
            ),
        )


def with_links(text: str, attached: Sequence[AttachmentShape]) -> str:
    """The text, and after it a link for each file."""
    return "\n".join(filter(None, [text, *(each.link() for each in attached)]))


def _author(said: Said) -> Author:
    return Author(Role(said.role), f"history-{said.role}")


def _micros(at: datetime | None) -> Micros:
    """A time without a zone is UTC: this process's own zone is nobody's business. What is before
    the epoch, or at the end of all dates, is as near to it as can be said; zero: nobody knows."""
    if at is None:
        return 0
    moment = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return max(1, min(int(moment * SECOND), LATEST))


def read_escalation(data: Mapping[str, object], now: Micros) -> Escalation:
    """The handoff that a bot's answer asks for. Raises BadEscalation."""
    try:
        return EscalationBody.model_validate(data).escalation(now)
    except ValidationError as error:
        fields = {".".join(map(str, e["loc"])): e["msg"] for e in error.errors()}
        raise BadEscalation(fields) from error
