"""Wishes that all processes read their settings again"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "reload",
        sa.Column("wish", sa.BigInteger(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("wish", "process", name=op.f("pk_reload")),
    )


def downgrade() -> None:
    op.drop_table("reload")
