"""Rules that took too long stand beside those that have fired"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
_BEFORE = "kind IN ('trigger.fired', 'trigger.false_alarm')"
_OF_RULES = "kind IN ('trigger.fired', 'trigger.unchecked', 'trigger.false_alarm')"


def upgrade() -> None:
    _index(_OF_RULES)


def downgrade() -> None:
    _index(_BEFORE)


def _index(those: str) -> None:
    where = sa.text(those)
    op.drop_index("ix_event_of_rules", "event")
    op.create_index(
        "ix_event_of_rules",
        "event",
        ["workspace_id", "at"],
        sqlite_where=where,
        postgresql_where=where,
    )
