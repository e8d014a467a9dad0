"""What `/metrics` asks the database: a few counts over what is open and what is to be done, both of
which stay small however much is stored."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from bridge.metrics import Figures
from bridge.model import OPEN, Status
from storage.database import Database
from storage.tables import metadata

_handoff, _effect = (metadata.tables[name].c for name in ("handoff", "effect"))
_OPEN = (
    select(_handoff.queue, _handoff.status, func.count(), func.min(_handoff.opened_at))
    .where(_handoff.status.in_(sorted(str(status) for status in OPEN)))
    .group_by(_handoff.queue, _handoff.status)
)
_EFFECTS = select(_effect.kind, func.count(), func.min(_effect.created_at)).group_by(_effect.kind)


async def figures(database: Database) -> Figures:
    """Raises StoreError."""
    return await database.read(_read)


def _read(connection: Connection) -> Figures:
    handoffs = connection.execute(_OPEN).all()
    return Figures(
        handoffs={(queue, status): number for queue, status, number, _ in handoffs},
        oldest={queue: since for queue, status, _, since in handoffs if status == Status.QUEUED},
        effects={kind: (number, since) for kind, number, since in connection.execute(_EFFECTS)},
    )
