"""Events in one order for all: numbering what is committed, and reading it again by its number."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    func,
    literal_column,
    select,
    text,
)

from bridge.events import Event, Kind
from bridge.hook_store import Sealed
from bridge.model import Author, ConversationId, HandoffId, Role
from storage.database import Database
from storage.dialects import among, ids
from storage.driver import driver_of
from storage.tables import metadata

LOCK = 4_816_224
"""Any number, the same for all: one process seals at a time."""
_event = metadata.tables["event"].c
_counter = metadata.tables["counter"].c
_KNOWN = sorted(kind.value for kind in Kind)
COLUMNS: Sequence[ColumnElement[Any]] = (
    _event.position,
    _event.kind,
    _event.at,
    _event.conversation_id,
    _event.actor_role,
    _event.actor_id,
    _event.actor_name,
    _event.handoff_id,
    _event.epoch,
    _event.body,
    _event.name,
)
_WAITING = (
    select(_event.id).where(_event.position.is_(None)).order_by(_event.id).limit(bindparam("most"))
)
_LOCK = select(func.pg_try_advisory_xact_lock(literal_column(str(LOCK))))
_TAKE = text(
    "INSERT INTO counter (workspace_id, name, value) VALUES ('', 'sealed', :more) "
    "ON CONFLICT (workspace_id, name) DO UPDATE SET value = counter.value + excluded.value "
    "RETURNING value"
).bindparams(bindparam("more", type_=BigInteger))
LAST = select(_counter.value).where(_counter.workspace_id == "", _counter.name == "sealed")


def after(position: int, limit: int) -> Any:
    """An event of a newer program's kind is passed over."""
    named = _event.kind.in_(_KNOWN)
    statement = select(*COLUMNS).where(_event.position > position, named)
    return statement.order_by(_event.position).limit(limit)


def read_event(row: Sequence[Any]) -> Sealed:
    position, kind, at, conversation, role, actor, name, handoff, epoch, body, named = row
    event = Event(
        kind=Kind(kind),
        at=at,
        conversation_id=ConversationId(conversation),
        actor=Author(Role(role), actor, name),
        handoff_id=HandoffId(handoff) if handoff else None,
        epoch=epoch,
        body=orjson.loads(body),
        id=named,
    )
    return Sealed(position, event)


class SqlFeed:
    """Implements `bridge.hook_store.Feed`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seal(self, most: int) -> int:
        """Looks first, so that a quiet desk writes nothing."""
        dialect = self._database.dialect
        if not await self._database.read(partial(_some, dialect)):
            return 0
        return await self._database.write(partial(_seal, dialect, most))

    async def last(self) -> int:
        return await self._database.read(
            lambda connection: int(connection.execute(LAST).scalar() or 0)
        )

    async def after(self, position: int, limit: int) -> Sequence[Sealed]:
        def read(connection: Connection) -> Sequence[Sealed]:
            return [read_event(row) for row in connection.execute(after(position, limit)).all()]

        return await self._database.read(read)


def _some(dialect: str, connection: Connection) -> bool:
    return bool(driver_of(connection, dialect).rows(_WAITING, {"most": 1}))


def _seal(dialect: str, most: int, connection: Connection) -> int:
    """Which ones is fixed before they are counted: more are committed meanwhile. The lock ends with
    the transaction, after its commit is seen by all."""
    driver = driver_of(connection, dialect)
    if dialect == "postgresql" and not driver.rows(_LOCK, {})[0][0]:
        return 0
    waiting = [row[0] for row in driver.rows(_WAITING, {"most": most})]
    if not waiting:
        return 0
    last = driver.rows(_TAKE, {"more": len(waiting)})[0][0]
    driver.count(_number(dialect), {"base": last - len(waiting), "ids": ids(dialect, waiting)})
    return len(waiting)


@lru_cache
def _number(dialect: str) -> Any:
    numbered = (
        select(_event.id, func.row_number().over(order_by=_event.id).label("n"))
        .where(among(dialect, _event.id, "ids"))
        .subquery("numbered")
    )
    event = metadata.tables["event"]
    return (
        event.update()
        .where(event.c.id == numbered.c.id)
        .values(position=bindparam("base", type_=event.c.position.type) + numbered.c.n)
    )
