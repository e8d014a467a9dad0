"""Of each handoff the channel of its conversation and the score of its rating, for the figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
_FILL = """
    UPDATE handoff SET
        channel = coalesce((
            SELECT conversation.channel FROM conversation
            WHERE conversation.id = handoff.conversation_id
        ), ''),
        score = CASE WHEN rating = '{{}}' THEN 0 ELSE coalesce({score}, 0) END
"""
FILL = {
    "sqlite": _FILL.format(score="json_extract(rating, '$.score')"),
    "postgresql": _FILL.format(score="CAST(CAST(rating AS json) ->> 'score' AS bigint)"),
}


def upgrade() -> None:
    texts, numbers = sa.text("''"), sa.text("0")
    for column in (
        sa.Column("channel", sa.Text(), nullable=False, server_default=texts),
        sa.Column("score", sa.BigInteger(), nullable=False, server_default=numbers),
    ):
        op.add_column("handoff", column)
    op.execute(FILL[op.get_bind().dialect.name])


def downgrade() -> None:
    with op.batch_alter_table("handoff") as batch_op:
        batch_op.drop_column("score")
        batch_op.drop_column("channel")
