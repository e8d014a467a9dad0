"""The tables, as SQLModel classes: keys, indexes, and which column holds what.

The hot path uses `Table.__table__` with SQLAlchemy Core and never the ORM. Times are microseconds,
UTC; JSON is kept as text; enumerations are kept by their value. Every table that a workspace owns
carries its `workspace_id`, and every reference into Slack is (team, channel, ts).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, MetaData, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

FAR = 1 << 62
"""Due never: a lane that is empty or parked."""

COUNTING: Any = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database counts; SQLite counts only what it calls INTEGER."""

BY_KEY: dict[str, Any] = {"sqlite_with_rowid": False}
"""Rows that are kept in their key, not beside an index of it: one place less to write to."""

NEVER_REUSED: dict[str, Any] = {"sqlite_autoincrement": True}
"""An answer to an effect names its id, and must never mean another one that came after it."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Base(SQLModel):
    metadata = metadata


def _key() -> Any:
    return Field(primary_key=True, sa_type=Text)


def _text(default: str | None = "", **more: Any) -> Any:
    return Field(default=default, sa_type=Text, **more)


def _big(default: int = 0, **more: Any) -> Any:
    return Field(default=default, sa_type=BigInteger, **more)


def partial(name: str, where: str, *columns: str, unique: bool = False) -> Index:
    """An index of the rows alone of which this is true."""
    of = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=of, postgresql_where=of)


class ContactRow(Base, table=True):
    __tablename__ = "contact"
    __table_args__ = (
        partial(
            "ix_contact_workspace_id_blocked_at", "blocked_at > 0", "workspace_id", "blocked_at"
        ),
        partial("ix_contact_person_id", "person_id > ''", "person_id"),
    )

    id: str = _key()
    workspace_id: str = _text()
    channel: str = _text()
    address: str = _text()
    name: str = _text()
    email: str = _text()
    avatar_url: str = _text()
    locale: str = _text()
    attributes: str = _text("{}")
    created_at: int = _big()
    updated_at: int = _big()
    blocked_at: int = _big()
    blocked_by: str = _text()
    blocked_for: str = _text()
    person_id: str = _text()


class ConversationRow(Base, table=True):
    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "address"),
        Index("ix_conversation_workspace_id_user_at", "workspace_id", "user_at"),
    )

    id: str = _key()
    workspace_id: str = _text()
    contact_id: str = _text("", index=True)
    channel: str = _text()
    address: str = _text()
    bot_id: str = _text()
    mode: str = _text("bot")
    epoch: int = _big(1)
    seq: int = _big()
    rev: int = _big()
    handoff_id: str | None = _text(None)
    awaiting: str = _text("nobody")
    awaiting_since: int = _big()
    locale: str = _text()
    page_url: str = _text()
    page_title: str = _text()
    device: str = _text()
    time_zone: str = _text()
    paused_by: str = _text()
    unanswered_since: int = _big()
    agent_order: str = _text()
    agent_at: int = _big()
    mentioned_at: int = _big()
    user_at: int = _big()
    user_seq: int = _big()
    read_seq: int = _big()
    mailed_seq: int = _big()
    approve_next: str = _text(sa_column_kwargs={"server_default": text("''")})
    drafts: int = _big(sa_column_kwargs={"server_default": text("0")})
    memory: str = _text("{}", sa_column_kwargs={"server_default": text("'{}'")})
    created_at: int = _big()


class HandoffRow(Base, table=True):
    __tablename__ = "handoff"
    __table_args__ = (
        partial(
            "uq_handoff_one_open",
            "status IN ('queued', 'assigned', 'snoozed')",
            "conversation_id",
            unique=True,
        ),
        UniqueConstraint("workspace_id", "number"),
        Index("ix_handoff_workspace_id_status", "workspace_id", "status", "opened_at"),
        Index("ix_handoff_conversation_id_opened_at", "conversation_id", "opened_at"),
        Index("ix_handoff_workspace_id_closed_at", "workspace_id", "closed_at"),
        Index("ix_handoff_workspace_id_opened_at", "workspace_id", "opened_at"),
    )

    id: str = _key()
    workspace_id: str = _text()
    conversation_id: str = _text()
    status: str = _text()
    number: int = _big()
    queue: str = _text("default")
    title: str = _text()
    description: str = _text()
    summary: str = _text()
    priority: str = _text("normal")
    labels: str = _text("[]")
    reason: str = _text()
    reason_text: str = _text()
    context: str = _text("null")
    assignee: str | None = _text(None)
    assignee_name: str = _text()
    assignee_avatar: str = _text()
    opened_at: int = _big()
    assigned_at: int = _big()
    first_reply_at: int = _big()
    first_reply_by: str = _text(sa_column_kwargs={"server_default": text("''")})
    first_reply_name: str = _text(sa_column_kwargs={"server_default": text("''")})
    closed_at: int = _big()
    closed_by: str = _text()
    outcome: str = _text()
    opened_seq: int = _big()
    closed_seq: int = _big()
    snoozed_until: int = _big()
    expires_at: int = _big()
    ends_at: int = _big()
    ends_by: str = _text()
    had_since: int = _big()
    given_back_by: str | None = _text(None)
    collaborators: str = _text("[]")
    version: int = _big()
    terms: str = _text("{}")
    rating: str = _text("{}")
    channel: str = _text(sa_column_kwargs={"server_default": text("''")})
    score: int = _big(sa_column_kwargs={"server_default": text("0")})


class MessageRow(Base, table=True):
    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        Index("ix_message_conversation_id_rev", "conversation_id", "rev"),
        partial("uq_message_source", "source IS NOT NULL", "source", unique=True),
    )

    id: str = _key()
    conversation_id: str = _text()
    workspace_id: str = _text()
    seq: int = _big()
    rev: int = _big()
    author_role: str = _text()
    author_id: str = _text()
    author_name: str = _text()
    author_avatar_url: str = _text()
    text: str = _text()
    visibility: str = _text("public")
    standing: str = _text("sent")
    handoff_id: str | None = _text(None)
    buttons: str = _text("[]")
    attachments: str = _text("[]")
    source: str | None = _text(None)
    order: str = _text()
    before: str | None = _text(None)
    held_for: str = _text()
    sent_parts: int = 0
    sent_at: int = _big()
    edited_at: int = _big()
    edited_order: str = _text()
    deleted: bool = False
    reactions: str = _text("[]")


class ThreadRow(Base, table=True):
    """Where each handoff lives on the desk; a lost thread is opened anew as the next generation."""

    __tablename__ = "thread"
    __table_args__ = (UniqueConstraint("ts", "channel", "team"),)

    handoff_id: str = _key()
    generation: int = Field(primary_key=True)
    workspace_id: str = _text()
    team: str = _text()
    channel: str = _text()
    ts: str = _text()


class PostRow(Base, table=True):
    """Which post, on the desk or in a user's channel, is which message (part); one post on the desk
    may show several messages. Part -1 is a line that asks what becomes of the message, or who takes
    the handoff of this id; part -2 is a question that was put elsewhere."""

    __tablename__ = "post"
    __table_args__ = BY_KEY

    ts: str = _key()
    channel: str = _key()
    team: str = _key()
    message_id: str = Field(primary_key=True, index=True, sa_type=Text)
    part: int = Field(primary_key=True)
    workspace_id: str = _text()


class BotPauseRow(Base, table=True):
    """Bots that are silent in all their conversations; `*` is every bot."""

    __tablename__ = "bot_pause"

    workspace_id: str = _key()
    bot_id: str = _key()
    paused_by: str = _text()
    reason: str = _text()
    at: int = _big()


class EventRow(Base, table=True):
    """Facts, in the order they were written; `position` is their sealed global order."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_conversation_id_id", "conversation_id", "id"),
        partial("ix_event_goal_missed", "kind = 'handoff.goal_missed'", "workspace_id", "at"),
        partial(
            "ix_event_of_rules",
            "kind IN ('trigger.fired', 'trigger.unchecked', 'trigger.false_alarm')",
            "workspace_id",
            "at",
        ),
        partial("ix_event_unsealed", "position IS NULL", "id"),
        partial("uq_event_position", "position IS NOT NULL", "position", unique=True),
        NEVER_REUSED,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTING)
    workspace_id: str = _text()
    conversation_id: str = _text()
    handoff_id: str | None = _text(None)
    kind: str = _text()
    at: int = _big()
    actor_role: str = _text()
    actor_id: str = _text()
    actor_name: str = _text()
    epoch: int = _big()
    body: str = _text("{}")
    name: str = _text()
    position: int | None = Field(default=None, sa_type=BigInteger)
    cause: str | None = _text(None)
    changes: str | None = _text(None)
    salt: str | None = _text(None)
    content: str | None = _text(None)
    said: str | None = _text(None)
    seal: str | None = _text(None)


class ReceiptRow(Base, table=True):
    """That a thing was taken, what it was, and what was answered. The unique key is the dedupe."""

    __tablename__ = "receipt"
    __table_args__ = BY_KEY

    key: str = _key()
    digest: str = _text()
    answer: str = _text("{}")
    at: int = _big()


class LaneRow(Base, table=True):
    """A durable mailbox. `due_at` is schedule, lease and back-off in one."""

    __tablename__ = "lane"
    __table_args__ = (
        Index("ix_lane_due_at", "due_at"),
        partial("ix_lane_parked", "parked IS NOT NULL", "parked"),
        BY_KEY,
    )

    key: str = _key()
    conversation_id: str = _text()
    due_at: int = _big(FAR)
    owner: str | None = _text(None)
    failures: int = 0
    parked: str | None = _text(None)


class EffectRow(Base, table=True):
    """What is to be done, in the order of `id` within its lane."""

    __tablename__ = "effect"
    __table_args__ = (Index("ix_effect_lane_id", "lane", "id"), NEVER_REUSED)

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTING)
    lane: str = _text()
    conversation_id: str = _text()
    kind: str = _text()
    body: str = _text("{}")
    state: str = _text("ready")
    attempts: int = 0
    attempt_at: int = _big()
    created_at: int = _big()


class EarlyRow(Base, table=True):
    """A command that came before the thing it is about; taken when that appears."""

    __tablename__ = "early"

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTING)
    awaits: str = _text("", index=True)
    kind: str = _text()
    body: str = _text("{}")
    at: int = _big()


class PoisonRow(Base, table=True):
    """What the database refused, kept with its error for a human to look at."""

    __tablename__ = "poison"

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTING)
    kind: str = _text()
    body: str = _text("{}")
    error: str = _text()
    at: int = _big()


class CounterRow(Base, table=True):
    __tablename__ = "counter"

    workspace_id: str = _key()
    name: str = _key()
    value: int = _big()
