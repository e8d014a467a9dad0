"""Rules that have fired, and false alarms, by their time, for the figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
_OF_RULES = sa.text("kind IN ('trigger.fired', 'trigger.false_alarm')")


def upgrade() -> None:
    op.create_index(
        "ix_event_of_rules",
        "event",
        ["workspace_id", "at"],
        sqlite_where=_OF_RULES,
        postgresql_where=_OF_RULES,
    )


def downgrade() -> None:
    op.drop_index("ix_event_of_rules", "event")
