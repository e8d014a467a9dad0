"""What alerts were told and are still to tell: a row that one process at a time may change, whose
messages go into lanes in the same commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, Table, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bridge.alert_rings import Waiter
from bridge.alerts import Box, Ring, SendAlert
from bridge.events import Kind
from bridge.lanes import Direction
from bridge.model import DEFAULT_WORKSPACE, Awaiting, ConversationId, Micros, Status
from bridge.ports import Clock
from bridge.watching import Kept
from storage.approvals import PENDING
from storage.bulk import Writes
from storage.chain import LAST
from storage.database import Database
from storage.dialects import dump
from storage.leases import Leases
from storage.mailboxes import Mailboxes
from storage.mapping import Row
from storage.runner import Runner
from storage.tables import FAR, metadata
from storage.tables_alerts import AlertRow

MOST = 500
"""Events in one look; what is left is read by the next."""
HERE = ConversationId(DEFAULT_WORKSPACE)
"""What stands in a lane's key where others have their conversation."""
T: Table = metadata.tables[str(AlertRow.__tablename__)]
_BOXES = TypeAdapter(dict[str, Box])
_event, _handoff, _conversation, _lane, _approval = (
    metadata.tables[name].c for name in ("event", "handoff", "conversation", "lane", "approval")
)
_WAITERS = (
    select(
        *(_handoff.id, _handoff.number, _handoff.queue, _handoff.status),
        *(_handoff.opened_at, _handoff.first_reply_at),
        *(_conversation.awaiting, _conversation.awaiting_since),
    )
    .join(metadata.tables["conversation"], _conversation.id == _handoff.conversation_id)
    .where(
        _handoff.workspace_id == DEFAULT_WORKSPACE,
        _handoff.status.in_((Status.QUEUED.value, Status.ASSIGNED.value)),
        _handoff.ends_at == 0,
    )
    .order_by(_handoff.opened_at, _handoff.id)
)

_DRAFTS = (
    select(
        *(_approval.id, _approval.created_at, _approval.expires_at),
        *(_approval.bot_id, _approval.asked_by, _handoff.id, _handoff.queue, _handoff.number),
    )
    .join(metadata.tables["handoff"], _handoff.id == _approval.handoff_id, isouter=True)
    .where(_approval.workspace_id == DEFAULT_WORKSPACE, PENDING)
    .order_by(_approval.created_at, _approval.id)
)


class SqlAlerts:
    """Implements `bridge.watching.AlertBook`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def _now(self) -> Micros:
        return self._database.now() or self._clock()

    async def take(self, owner: str, lease: Micros) -> Kept | None:
        """A lease of which half is left is not taken anew."""
        now = self._now()

        def look(connection: Connection) -> tuple[bool, Kept | None]:
            row = connection.execute(select(T)).first()
            if row is None or row.until <= now + (lease // 2 if row.owner == owner else 0):
                return False, None
            return True, _kept(row, connection) if row.owner == owner else None

        is_had, kept = await self._database.read(look)
        taking = partial(_taken, self._database.dialect, owner, now, lease)
        return kept if is_had else await self._database.write(taking)

    async def keep(self, owner: str, kept: Kept, messages: Sequence[SendAlert]) -> bool:
        return await self._database.write(partial(self._keep, owner, kept, messages))

    def _keep(
        self, owner: str, kept: Kept, messages: Sequence[SendAlert], connection: Connection
    ) -> bool:
        same = update(T).where(T.c.owner == owner, T.c.version == kept.version)
        changed = same.values(
            version=kept.version + 1, position=kept.position, boxes=dump(dict(kept.book))
        )
        if not connection.execute(changed).rowcount:
            return False
        run, writes = Runner(connection, self._database.dialect), Writes()
        boxes = Mailboxes(run, writes, self._now(), Leases("alerts"))
        boxes.put(HERE, messages)
        boxes.save({}, {})
        run.write(writes)
        return True

    async def leave(self, owner: str) -> None:
        left = update(T).where(T.c.owner == owner).values(until=0)
        await self._database.write(lambda connection: connection.execute(left).close())

    async def forget(self) -> None:
        def some(connection: Connection) -> bool:
            return connection.execute(select(T.c.version)).first() is not None

        if await self._database.read(some):
            await self._database.write(lambda connection: connection.execute(delete(T)).close())

    async def happened(
        self, position: int, kinds: Collection[str]
    ) -> tuple[Sequence[tuple[str, Ring]], int]:
        def read(connection: Connection) -> tuple[Sequence[tuple[str, Ring]], int]:
            last = _last(connection)
            rows = connection.execute(_happened(position, last, kinds)).all() if kinds else []
            upto = rows[-1][0] if len(rows) == MOST else max(last, position)
            return [(row[1], _ring(tuple(row))) for row in rows], upto

        return await self._database.read(read)

    async def waiters(self) -> Sequence[Waiter]:
        def read(connection: Connection) -> Sequence[Waiter]:
            return [_waiter(tuple(row)) for row in connection.execute(_WAITERS)]

        return await self._database.read(read)

    async def drafts(self) -> Sequence[Ring]:
        def read(connection: Connection) -> Sequence[Ring]:
            return [_draft(tuple(row)) for row in connection.execute(_DRAFTS)]

        return await self._database.read(read)


def _taken(
    dialect: str, owner: str, now: Micros, lease: Micros, connection: Connection
) -> Kept | None:
    """What happened before there was anybody to tell is not told."""
    insert = (sqlite if dialect == "sqlite" else postgresql).insert
    row = AlertRow(workspace_id=HERE, position=_last(connection)).model_dump()
    connection.execute(insert(T).values(**row).on_conflict_do_nothing()).close()
    free = or_(T.c.owner == owner, T.c.until <= now)
    taken = update(T).where(free).values(owner=owner, until=now + lease)
    if not connection.execute(taken).rowcount:
        return None
    return _kept(connection.execute(select(T)).one(), connection)


def _kept(row: Any, connection: Connection) -> Kept:
    book = _BOXES.validate_json(row.boxes)
    lanes = {f"{Direction.ALERT}:{rule}:{HERE}": rule for rule in {n.split(":")[0] for n in book}}
    waiting = select(_lane.key).where(_lane.key.in_(lanes), _lane.due_at < FAR)
    busy = frozenset(lanes[key] for (key,) in connection.execute(waiting))
    return Kept(book, row.position, row.version, busy)


def _last(connection: Connection) -> int:
    return int(connection.execute(LAST).scalar() or 0)


_later = metadata.tables["handoff"].alias("later")
_CAME_OF_IT = (
    select(_later.c.id)
    .where(
        _later.c.conversation_id == _event.conversation_id,
        _later.c.opened_at >= _event.at,
        _event.kind == Kind.TRIGGER_FIRED.value,
    )
    .order_by(_later.c.opened_at)
    .limit(1)
    .correlate(metadata.tables["event"])
    .scalar_subquery()
)
"""The handoff that opened once a rule had fired: most fire while a bot has the conversation."""


def _happened(position: int, last: int, kinds: Collection[str]) -> Any:
    """A word to a bot, which is of no handoff, is nobody's to be told of."""
    which = func.coalesce(_event.handoff_id, _CAME_OF_IT)
    to_us = or_(_event.handoff_id.is_not(None), _event.kind != Kind.USER_SPOKE.value)
    return (
        select(
            *(_event.position, _event.kind, _event.name, _event.at, _event.body),
            *(_handoff.id, _handoff.queue, _handoff.number),
        )
        .select_from(metadata.tables["event"])
        .join(metadata.tables["handoff"], _handoff.id == which, isouter=True)
        .where(_event.position > position, _event.position <= last)
        .where(_event.kind.in_(sorted(kinds)), to_us)
        .order_by(_event.position)
        .limit(MOST)
    )


def _ring(row: Row) -> Ring:
    """Of what fired its rule's name: why it did may be somebody's words."""
    _, _, about, at, body, handoff, queue, number = row
    rule = str(orjson.loads(body).get("rule", ""))
    return Ring(about, at, queue or "", handoff or "", number or 0, rule)


def _waiter(row: Row) -> Waiter:
    handoff, number, queue, status, opened, replied, awaiting, since = row
    return Waiter(
        *(handoff, number, queue, Status(status), opened, replied),
        *(Awaiting(awaiting), since),
    )


def _draft(row: Row) -> Ring:
    """Its words are looked up when it is told."""
    about, at, ends, bot, asked_by, handoff, queue, number = row
    asker = bot or asked_by
    return Ring(about, at, queue or "", handoff or "", number or 0, asker, ends=ends)
