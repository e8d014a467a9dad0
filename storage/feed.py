"""Events in one order for all: numbering what is committed, and reading it again by its number."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, select

from bridge.audit import Chain
from bridge.events import Event, Kind
from bridge.hook_store import Sealed
from bridge.model import SECOND, Author, ConversationId, HandoffId, Micros, Role
from storage.chain import LAST, Sealing
from storage.database import Database
from storage.driver import driver_of
from storage.tables import metadata

_event = metadata.tables["event"].c
SKEW = 600 * SECOND
"""How far the time of an event may be from that of its neighbours: some are told late."""
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
_STATE = select(LAST.scalar_subquery(), select(_event.id).where(_event.position.is_(None)).exists())


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

    def __init__(self, database: Database, chain: Chain) -> None:
        self._database = database
        self._chain = chain
        self._last = 0

    async def seal(self, most: int) -> int:
        """Looks first, so that a quiet desk writes nothing. Those that were sealed as they came
        count too: since the last time, as far as this process knows."""
        sealed = 0
        last, some_wait = (await self._database.rows(_STATE, {}))[0]
        if some_wait:
            seal = partial(_seal, self._database.dialect, self._chain, most)
            sealed = await self._database.write(seal)
            last = await self.last()
        before, self._last = self._last, last or 0
        return sealed or self._last - before

    async def last(self) -> int:
        return await self._database.read(
            lambda connection: int(connection.execute(LAST).scalar() or 0)
        )

    async def after(self, position: int, limit: int) -> Sequence[Sealed]:
        def read(connection: Connection) -> Sequence[Sealed]:
            return [read_event(row) for row in connection.execute(after(position, limit)).all()]

        return await self._database.read(read)


def _seal(dialect: str, chain: Chain, most: int, connection: Connection) -> int:
    return Sealing(driver_of(connection, dialect), chain).run(most)


def first_since(connection: Connection, since: Micros) -> int:
    """The position before the first event of that time, found by halves: there is no index by time,
    and positions are in its order but for `SKEW`."""
    low, high = 0, int(connection.execute(LAST).scalar() or 0)
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(after(middle, 1)).first()
        if row is not None and read_event(row).event.at < since - SKEW:
            low = middle + 1
        else:
            high = middle
    return low
