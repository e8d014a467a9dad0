"""What rules remember of a conversation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    memory = sa.Column("memory", sa.Text(), nullable=False, server_default=sa.text("'{}'"))
    op.add_column("conversation", memory)


def downgrade() -> None:
    with op.batch_alter_table("conversation") as batch_op:
        batch_op.drop_column("memory")
