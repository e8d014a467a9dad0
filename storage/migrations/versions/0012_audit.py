"""What changed, what of, and seals of events; sealed ones stay as they are"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ADDED = ("cause", "changes", "salt", "content", "said", "seal")
FIXED = (
    *("id", "workspace_id", "conversation_id", "handoff_id", "kind", "at", "actor_role"),
    *("actor_id", "epoch", "name", "position", "cause", "said", "seal"),
)
FUNCTION = "CREATE FUNCTION refuse_sealed_event() RETURNS trigger LANGUAGE plpgsql AS"
REASON = "a sealed event stays as it is"


def upgrade() -> None:
    for name in ADDED:
        op.add_column("event", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "audit_head",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_head")),
    )
    for statement in _triggers(op.get_bind().dialect.name):
        op.execute(statement)


def _triggers(dialect: str) -> list[str]:
    """Only erasing may touch a sealed row: the salt goes, and with it all that names or quotes."""
    same = "IS" if dialect == "sqlite" else "IS NOT DISTINCT FROM"
    kept = " AND ".join(f'NEW."{name}" {same} OLD."{name}"' for name in FIXED)
    erased = "NEW.salt IS NULL AND NEW.actor_name = '' AND NEW.body = '{}' AND NEW.changes IS NULL"
    changed = f"OLD.seal IS NOT NULL AND NOT ({erased} AND {kept})"
    removed = "OLD.seal IS NOT NULL"
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
        return [
            f"CREATE TRIGGER event_stays BEFORE UPDATE ON event WHEN {changed} {refuse}",
            f"CREATE TRIGGER event_is_kept BEFORE DELETE ON event WHEN {removed} {refuse}",
        ]
    each = "FOR EACH ROW WHEN"
    refuse = "EXECUTE FUNCTION refuse_sealed_event()"
    return [
        f"{FUNCTION} $$ BEGIN RAISE EXCEPTION '{REASON}' USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER event_stays BEFORE UPDATE ON event {each} ({changed}) {refuse}",
        f"CREATE TRIGGER event_is_kept BEFORE DELETE ON event {each} ({removed}) {refuse}",
    ]


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_sealed_event() CASCADE")
    else:
        op.execute("DROP TRIGGER event_stays")
        op.execute("DROP TRIGGER event_is_kept")
    op.drop_table("audit_head")
    for name in reversed(ADDED):
        op.drop_column("event", name)
