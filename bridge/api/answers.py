"""What the API answers, as Pydantic models: the document is made of them, and so are the bodies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bridge.model import (
    Agent,
    Contact,
    Conversation,
    Handoff,
    Message,
    Micros,
    Mode,
    Priority,
    Status,
)
from bridge.terms import OnTimeout
from bridge.views import View
from bridge.webhooks import iso, rated, spoken, user

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""`2026-11-21T03:24:05.123Z`, UTC."""
Next = Annotated[str | None, Field(description="`cursor` of the next page; null: this was all.")]
Ahead = Annotated[int | None, Field(description="How many wait before it; null: it waits no more.")]
Estimate = Annotated[float | None, Field(description="Seconds; null: nobody knows.")]
Known = Annotated[str, Field(exclude_if=lambda text: not text)]


class Out(BaseModel):
    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)


class Fault(Out):
    """What the caller needs to go on stands beside the code."""

    code: str
    message: str
    fields: dict[str, str] | None = Field(
        None, description="By name, with the path in it: what does not fit."
    )


class Problem(Out):
    error: Fault


class AgentOut(Out):
    id: str
    name: str
    avatar_url: str = ""


class AgentWithLoad(AgentOut):
    open: int = Field(description="How many open handoffs they have.")
    online: bool | None = Field(description="Whether they are there; null: they never said so.")


class PresenceOut(Out):
    id: str
    online: bool


class Agents(Out):
    agents: list[AgentWithLoad]


class User(Out):
    id: str
    name: str
    email: str
    avatar_url: str
    locale: str
    attributes: dict[str, Any]
    device: Known = Field("", description="`Chrome on Android`; left out where nobody knows.")
    time_zone: Known = Field("", description="`Europe/Berlin`; left out where nobody knows.")


class ReasonOut(Out):
    code: str
    text: str


class RatingOut(Out):
    score: int = Field(description="1 to 5.")
    comment: str
    at: Time


class HandoffOut(Out):
    id: str
    number: int
    conversation_id: str
    channel: str
    user: User
    status: Status
    open: bool
    position: Ahead
    queue: str
    title: str
    description: str
    summary: str
    priority: Priority
    labels: list[str]
    reason: ReasonOut
    outcome: str = Field(description="Why it ended, in the words of who ended it.")
    closed_by: str
    agent: AgentOut | None
    context: Any
    on_timeout: OnTimeout
    rating: RatingOut | None = Field(description="What the user thinks of it; null: nothing yet.")
    opened_at: Time | None
    assigned_at: Time | None
    first_reply_at: Time | None
    closed_at: Time | None
    snoozed_until: Time | None
    expires_at: Time | None


class HandoffPage(Out):
    handoffs: list[HandoffOut]
    next_cursor: Next


class Receipt(Out):
    """How it stood when it was opened."""

    id: str | None
    conversation_id: str
    status: Status
    position: Ahead
    estimated_wait: Estimate
    open: bool = Field(description="Whether the queue is within its hours, and there is a desk.")


class ConversationOut(Out):
    id: str
    channel: str
    mode: Mode
    paused: bool
    blocked: bool = Field(False, description="Whether the team has blocked its user.")
    epoch: int
    awaiting: str
    handoff_id: str | None
    user: User
    last_message_at: Time | None = Field(description="When the user last wrote.")


class ConversationPage(Out):
    conversations: list[ConversationOut]
    next_cursor: Next


class AuthorOut(Out):
    name: str
    avatar_url: str


class MessageOut(Out):
    id: str
    seq: int
    role: str
    author: AuthorOut
    text: str
    at: Time


class MessagePage(Out):
    messages: list[MessageOut]
    next_cursor: Next


class Spoken(Out):
    id: str
    seq: int
    epoch: int | None = None
    held: str | None = Field(
        None,
        description="The approval that it waits for, which `id` is then, too; null: it is said.",
    )


class Relayed(Out):
    id: str
    seq: int
    conversation_id: str


class Paused(Out):
    paused: bool


class Blocked(Out):
    blocked: bool


class Merged(Out):
    merged: bool


class BlockedOut(Out):
    conversation_id: str
    channel: str
    user: User
    at: Time
    by: str
    reason: str


class BlockedPage(Out):
    blocked: list[BlockedOut]
    next_cursor: Next


class Availability(Out):
    open: bool = Field(description="Whether there is a desk.")
    online: int | None = Field(description="How many of its agents are; null: nobody knows.")
    accepting: bool = Field(description="Whether a handoff would be taken.")
    position: int = Field(description="How many wait.")
    estimated_wait: Estimate
    opens_at: Time | None = Field(description="While it is closed: when it opens.")


# --- made of what there is -----------------------------------------------------------------------


def when(at: Micros) -> str | None:
    return iso(at) if at else None


def handoff(view: View, position: int | None) -> HandoffOut:
    it = view.handoff
    return HandoffOut(
        id=it.id,
        number=it.number,
        conversation_id=it.conversation_id,
        channel=view.conversation.channel,
        user=User(**user(view.contact, view.conversation)),
        status=it.status,
        open=it.is_open,
        position=position,
        queue=it.queue,
        title=it.title,
        description=it.description,
        summary=it.summary,
        priority=it.priority,
        labels=list(it.labels),
        reason=ReasonOut(code=it.reason, text=it.reason_text),
        outcome=it.outcome,
        closed_by=it.closed_by,
        agent=_assignee(it),
        context=it.context,
        on_timeout=it.terms.on_timeout,
        rating=RatingOut(**said) if (said := rated(it.rating)) else None,
        **_times(it),
    )


def _assignee(it: Handoff) -> AgentOut | None:
    if it.assignee is None:
        return None
    return AgentOut(id=it.assignee, name=it.assignee_name, avatar_url=it.assignee_avatar)


def _times(it: Handoff) -> dict[str, Any]:
    names = ("opened_at", "assigned_at", "first_reply_at", "closed_at", "snoozed_until")
    return {name: when(getattr(it, name)) for name in (*names, "expires_at")}


def conversation(it: Conversation, contact: Contact) -> ConversationOut:
    return ConversationOut(
        id=it.id,
        channel=it.channel,
        mode=it.mode,
        paused=bool(it.paused_by),
        blocked=bool(contact.blocked_at),
        epoch=it.epoch,
        awaiting=str(it.awaiting),
        handoff_id=it.handoff_id,
        user=User(**user(contact, it)),
        last_message_at=when(it.user_at),
    )


def blocked(it: Conversation, contact: Contact) -> BlockedOut:
    return BlockedOut(
        conversation_id=it.id,
        channel=it.channel,
        user=User(**user(contact, it)),
        at=iso(contact.blocked_at),
        by=contact.blocked_by,
        reason=contact.blocked_for,
    )


def messages(found: Sequence[Message], following: str | None) -> MessagePage:
    shown = [MessageOut.model_validate(spoken(message)) for message in found]
    return MessagePage(messages=shown, next_cursor=following)


def agent(it: Agent, load: int, online: bool | None) -> AgentWithLoad:
    return AgentWithLoad(id=it.id, name=it.name, avatar_url=it.avatar_url, open=load, online=online)
