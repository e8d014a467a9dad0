"""What `/metrics` asks the database: a few counts over what is open and what is to be done, both of
which stay small however much is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from bridge.metrics import Figures
from bridge.model import OPEN, Status
from storage.database import Database
from storage.tables import metadata

_handoff, _effect, _lane = (metadata.tables[name].c for name in ("handoff", "effect", "lane"))
_OPEN = (
    select(_handoff.queue, _handoff.status, func.count(), func.min(_handoff.opened_at))
    .where(_handoff.status.in_(sorted(str(status) for status in OPEN)))
    .group_by(_handoff.queue, _handoff.status)
)
_EFFECTS = select(_effect.kind, func.count(), func.min(_effect.created_at)).group_by(_effect.kind)

_PARKED = select(_lane.parked, func.count()).where(_lane.parked.is_not(None)).group_by(_lane.parked)


async def figures(database: Database) -> Figures:
    """Raises StoreError."""
    return await database.read(_read)


def _read(connection: Connection) -> Figures:
    handoffs = connection.execute(_OPEN).all()
    return Figures(
        handoffs={(queue, status): number for queue, status, number, _ in handoffs},
        oldest={queue: since for queue, status, _, since in handoffs if status == Status.QUEUED},
        effects={kind: (number, since) for kind, number, since in connection.execute(_EFFECTS)},
        parked=_by_reason(connection.execute(_PARKED).all()),
    )


def _by_reason(rows: Sequence[Any]) -> dict[str, int]:
    """A reason may hold for several channels."""
    found: Counter[str] = Counter()
    for parked, number in rows:
        found[parked.rpartition(":")[2]] += number
    return dict(found)
