"""Handoffs by the time of their opening, and goals that were missed, for the figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
_MISSED = sa.text("kind = 'handoff.goal_missed'")


def upgrade() -> None:
    op.create_index("ix_handoff_workspace_id_opened_at", "handoff", ["workspace_id", "opened_at"])
    op.create_index(
        "ix_event_goal_missed",
        "event",
        ["workspace_id", "at"],
        sqlite_where=_MISSED,
        postgresql_where=_MISSED,
    )


def downgrade() -> None:
    op.drop_index("ix_event_goal_missed", "event")
    op.drop_index("ix_handoff_workspace_id_opened_at", "handoff")
