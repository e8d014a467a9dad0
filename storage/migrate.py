"""Brings a database to the newest schema, with Alembic, over the connection that we have anyway."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bridge.model import given
from storage.database import Database

HERE = Path(__file__).parent / "migrations"
LOCK = 4_816_223
"""Any number, the same for all: processes that start together migrate one after another."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this code needs."""
    return given(ScriptDirectory.from_config(_config()).get_current_head())


async def current(database: Database) -> str | None:
    """The revision that the database is at; None: it is empty."""
    return await database.read(
        lambda connection: MigrationContext.configure(connection).get_current_revision()
    )


async def upgrade(database: Database) -> None:
    def run(connection: Connection) -> None:
        if database.dialect == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # another's may take its time
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(_config(connection), "head")

    await database.write(run)


def is_known(revision: str) -> bool:
    """Whether this code has a migration of that name: a newer program's it has not."""
    known = ScriptDirectory.from_config(_config()).walk_revisions()
    return any(script.revision == revision for script in known)
