"""Brings a database to the newest schema, with Alembic, over the connection that we have anyway.

To look whether that is needed takes no Alembic, whose import is a tenth of a start: a revision is
what its file's name begins with.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table, text

from storage.database import Database

HERE = Path(__file__).parent / "migrations"
LOCK = 4_816_223
"""Any number, the same for all: processes that start together migrate one after another."""
UNLIMITED = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
"""While it migrates: another's migration, waited for, and our own may take their time."""
_VERSION = table("alembic_version", column("version_num"))


@cache
def revisions() -> tuple[str, ...]:
    """All that this code has, the oldest first."""
    return tuple(sorted(path.name[:4] for path in HERE.glob("versions/[0-9]*.py")))


def newest() -> str:
    """The revision that this code needs."""
    return revisions()[-1]


def is_known(revision: str) -> bool:
    """Whether this code has a migration of that name: a newer program's it has not."""
    return revision in revisions()


def revision_of(connection: Connection) -> str | None:
    """The revision that the database is at; None: it is empty."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar()


async def current(database: Database) -> str | None:
    """See `revision_of`."""
    return await database.read(revision_of)


async def upgrade(database: Database) -> None:
    from alembic import command  # noqa: PLC0415 - a tenth of a start, of those that need it
    from alembic.config import Config  # noqa: PLC0415 - the same

    def run(connection: Connection) -> None:
        if database.dialect == "postgresql":
            for limit in UNLIMITED:
                connection.execute(text(f"SET LOCAL {limit} = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config = Config()
        config.set_main_option("script_location", str(HERE))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    await database.write(run)
