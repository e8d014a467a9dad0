"""Who gave the first answer, which need not be who has the handoff now"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
_THEIR = """
    UPDATE handoff SET first_reply_{name} = coalesce((
        SELECT event.actor_{of} FROM event
        WHERE event.conversation_id = handoff.conversation_id AND event.handoff_id = handoff.id
          AND event.kind = 'message.agent' AND event.at = handoff.first_reply_at
        ORDER BY event.id LIMIT 1
    ), {now}, '') WHERE first_reply_at > 0
"""
"""From the event of the first answer. Where it is gone, who has the handoff is the nearest."""
FILL = (
    _THEIR.format(name="by", of="id", now="assignee"),
    _THEIR.format(name="name", of="name", now="assignee_name"),
)


def upgrade() -> None:
    for name in ("first_reply_by", "first_reply_name"):
        column = sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''"))
        op.add_column("handoff", column)
    for statement in FILL:
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("handoff") as batch_op:
        batch_op.drop_column("first_reply_name")
        batch_op.drop_column("first_reply_by")
