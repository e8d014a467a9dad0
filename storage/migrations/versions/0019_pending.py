"""Approvals that nobody has decided yet, in order: they are few, and looked for often"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
_PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    op.create_index(
        "ix_approval_pending",
        "approval",
        ["workspace_id", "created_at"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )


def downgrade() -> None:
    op.drop_index("ix_approval_pending", "approval")
