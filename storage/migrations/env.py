"""Alembic's environment: it runs on the connection that it is given (see `storage/migrate.py`)."""

from __future__ import annotations

from alembic import context

from storage import (  # noqa: F401 - their tables belong to it
    tables_agents,
    tables_alerts,
    tables_audit,
    tables_files,
    tables_gates,
    tables_hooks,
    tables_keys,
    tables_profiles,
    tables_reloads,
)
from storage.tables import metadata

connection = context.config.attributes["connection"]
# SQLite cannot alter tables in place: batch mode copies them.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
