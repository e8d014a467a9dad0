"""Drafts of bots that people decide about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_TEXTS = (
    *("workspace_id", "conversation_id", "bot_id", "asked_by", "title", "draft", "form"),
    *("allowed", "reviewers", "others", "on_timeout", "context", "why", "status", "value"),
    *("proposed", "votes", "reason", "decided_by", "decided_name", "message_id", "not_sent"),
    "place",
)
_NUMBERS = (*("epoch", "quorum", "revision", "version", "created_at", "expires_at", "decided_at"),)


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _NUMBERS),
        sa.Column("send", sa.Boolean(), nullable=False),
        sa.Column("handoff_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index("ix_approval_conversation_id_status", "approval", ["conversation_id", "status"])
    op.create_index(
        "ix_approval_workspace_id_created_at", "approval", ["workspace_id", "created_at"]
    )
    op.add_column(
        "conversation",
        sa.Column("approve_next", sa.Text(), nullable=False, server_default=sa.text("''")),
    )
    op.add_column(
        "conversation",
        sa.Column("drafts", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    )


def downgrade() -> None:
    with op.batch_alter_table("conversation") as batch_op:
        batch_op.drop_column("drafts")
        batch_op.drop_column("approve_next")
    op.drop_table("approval")
