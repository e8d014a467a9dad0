"""The table of approvals: drafts of bots that people decide about."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from storage.tables import Base, partial


def _text() -> str:
    made: str = Field(sa_type=Text)
    return made


def _big() -> int:
    made: int = Field(sa_type=BigInteger)
    return made


class ApprovalRow(Base, table=True):
    """One row each, under the lock of its conversation. `draft`, `schema`, `context`, `value` and
    `votes` are JSON; `place` is where its card stands, (team, channel, ts) as JSON."""

    __tablename__ = "approval"
    __table_args__ = (
        Index("ix_approval_conversation_id_status", "conversation_id", "status"),
        Index("ix_approval_workspace_id_created_at", "workspace_id", "created_at"),
        partial("ix_approval_pending", "status = 'pending'", "workspace_id", "created_at"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    workspace_id: str = _text()
    conversation_id: str = _text()
    epoch: int = _big()
    handoff_id: str | None = Field(sa_type=Text, default=None)
    bot_id: str = _text()
    asked_by: str = _text()
    title: str = _text()
    draft: str = _text()
    form: str = _text()
    allowed: str = _text()
    reviewers: str = _text()
    others: str = _text()
    quorum: int = _big()
    send: bool
    on_timeout: str = _text()
    context: str = _text()
    why: str = _text()
    status: str = _text()
    value: str = _text()
    proposed: str = _text()
    revision: int = _big()
    votes: str = _text()
    reason: str = _text()
    version: int = _big()
    created_at: int = _big()
    expires_at: int = _big()
    decided_at: int = _big()
    decided_by: str = _text()
    decided_name: str = _text()
    message_id: str = _text()
    not_sent: str = _text()
    place: str = _text()
