"""Endpoints of tools, as they are kept; their circuits; and sending past events once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from bridge import circuit
from bridge.circuit import Circuit
from bridge.events import Event, Kind
from bridge.hook_store import Replayed
from bridge.hooks import Endpoint, Secret, of_event
from bridge.model import (
    DEFAULT_WORKSPACE,
    Author,
    Conversation,
    Micros,
    Role,
    WorkspaceId,
)
from storage import feed
from storage.bulk import Writes
from storage.database import Database
from storage.dialects import among, dump, ids
from storage.leases import Leases
from storage.mailboxes import Mailboxes
from storage.mapping import CONVERSATION
from storage.notes import note
from storage.runner import Runner
from storage.tables import FAR, metadata
from storage.tables_hooks import WebhookRow

T = TypeVar("T")
_table: Any = WebhookRow.__table__  # type: ignore[attr-defined]
_hook, _lane = _table.c, metadata.tables["lane"].c
_conversation = metadata.tables["conversation"]
DESKBRIDGE = Author(Role.SYSTEM, "deskbridge", "")
_CIRCUIT = {
    "failures": "failures",
    "since": "failing_since",
    "suspect": "suspect",
    "probe_at": "probe_at",
    "recovered_at": "recovered_at",
    "error": "error",
}
"""Field of the circuit, and its column."""


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of an Endpoint as columns."""
    told = dict(fields)
    if "events" in told:
        told["events"] = dump(list(told["events"]))
    if "secrets" in told:
        told["secrets"] = dump([asdict(secret) for secret in told["secrets"]])
    if "circuit" in told:
        state = asdict(told.pop("circuit"))
        told |= {column: state[name] for name, column in _CIRCUIT.items()}
    return told


def _endpoint(row: Any) -> Endpoint:
    it = row._mapping
    return Endpoint(
        id=it["id"],
        url=it["url"],
        events=tuple(orjson.loads(it["events"])),
        description=it["description"],
        enabled=bool(it["enabled"]),
        reason=it["reason"],
        owner=it["owner"],
        secrets=tuple(Secret(**each) for each in orjson.loads(it["secrets"])),
        created_at=it["created_at"],
        updated_at=it["updated_at"],
        circuit=Circuit(**{name: it[column] for name, column in _CIRCUIT.items()}),
    )


class SqlHooks:
    """Implements `bridge.hook_store.Hooks`."""

    def __init__(self, database: Database, now: Callable[[], Micros]) -> None:
        """`now`: by the clock by which lanes are due."""
        self._database = database
        self._now = now

    # --- looking -------------------------------------------------------------------------------

    async def endpoints(self, workspace: WorkspaceId) -> list[Endpoint]:
        statement = select(_table).where(_hook.workspace_id == workspace)
        ordered = statement.order_by(_hook.created_at, _hook.id)
        return await self._database.read(
            lambda connection: [_endpoint(row) for row in connection.execute(ordered)]
        )

    async def endpoint(self, id: str) -> Endpoint | None:
        return await self._database.read(partial(_one, id))

    # --- changing ------------------------------------------------------------------------------

    async def add(self, endpoint: Endpoint, by: Author, most: int) -> bool:
        def write(connection: Connection) -> bool:
            number = connection.execute(select(func.count()).select_from(_table)).scalar_one()
            if number >= most:
                return False
            row = {**_columns(_fields(endpoint)), "workspace_id": DEFAULT_WORKSPACE}
            connection.execute(insert(_table).values(**row)).close()
            note(
                connection,
                Kind.WEBHOOK_CREATED,
                by,
                endpoint.created_at,
                "api",
                webhook=endpoint.id,
            )
            return True

        return await self._database.write(write)

    async def change(self, id: str, by: Author, at: Micros, **fields: Any) -> Endpoint | None:
        def write(connection: Connection) -> Endpoint | None:
            changed = update(_table).where(_hook.id == id)
            connection.execute(changed.values(**_columns(fields), updated_at=at)).close()
            found = _one(id, connection)
            if found:
                names = sorted(name for name in fields if name != "circuit")
                note(connection, Kind.WEBHOOK_CHANGED, by, at, "api", webhook=id, fields=names)
            return found

        return await self._database.write(write)

    async def remove(self, id: str, by: Author, at: Micros) -> bool:
        """What waits for it is dropped when it is its turn."""

        def write(connection: Connection) -> bool:
            gone = connection.execute(delete(_table).where(_hook.id == id)).rowcount > 0
            if gone:
                note(connection, Kind.WEBHOOK_DELETED, by, at, "api", webhook=id)
            return gone

        return await self._database.write(write)

    async def disable(self, id: str, reason: str, now: Micros) -> None:
        def write(connection: Connection) -> None:
            on = update(_table).where(_hook.id == id, _hook.enabled.is_(True))
            values = {"enabled": False, "reason": reason, "updated_at": now}
            if connection.execute(on.values(**values)).rowcount:
                told = {"webhook": id, "reason": reason}
                note(connection, Kind.WEBHOOK_DISABLED, DESKBRIDGE, now, "failures", **told)

        await self._database.write(write)

    # --- the circuit ---------------------------------------------------------------------------

    async def failed(
        self, id: str, lane: str, error: str, now: Micros, asked: Micros = 0
    ) -> Circuit:
        return await self._turn(id, lambda state: circuit.failed(state, lane, error, now, asked))

    async def answered(self, id: str, now: Micros) -> Circuit:
        after = await self._turn(id, lambda state: circuit.answered(state, now))
        if after.recovered_at == now:
            await self.release(id)
        return after

    async def _turn(self, id: str, step: Callable[[Circuit], Circuit]) -> Circuit:
        def write(connection: Connection) -> Circuit:
            found = connection.execute(_locked(id)).first()
            if found is None:
                return Circuit()
            after = step(_endpoint(found).circuit)
            changed = update(_table).where(_hook.id == id)
            connection.execute(changed.values(**_columns({"circuit": after}))).close()
            return after

        return await self._database.write(write)

    async def take_probe(self, id: str, now: Micros) -> bool:
        due = update(_table).where(_hook.id == id, _hook.probe_at <= now)
        taken = due.values(probe_at=now + circuit.PROBE_EVERY)
        return await self._database.write(lambda connection: connection.execute(taken).rowcount > 0)

    async def release(self, id: str) -> None:
        """Lanes that somebody is at just now are passed over: nobody waits for anybody here."""
        now = self._now()
        waiting = (
            select(_lane.key)
            .where(_lane.due_at > now, _lane.due_at < FAR, _lane.owner.is_(None))
            .where(_lane.key.startswith(f"hook:{id}:", autoescape=True))
            .with_for_update(skip_locked=True)
        )
        due = update(metadata.tables["lane"]).where(_lane.key.in_(waiting)).values(due_at=now)
        await self._database.write(lambda connection: connection.execute(due).close())

    # --- once more -----------------------------------------------------------------------------

    async def replay(self, endpoint: Endpoint, since: Micros, after: int, most: int) -> Replayed:
        return await self._database.write(partial(self._replay, endpoint, since, after, most))

    def _replay(
        self, endpoint: Endpoint, since: Micros, after: int, most: int, connection: Connection
    ) -> Replayed:
        begin = max(after, feed.first_since(connection, since) if since else 0)
        found = [feed.read_event(row) for row in connection.execute(feed.after(begin, most))]
        events = [each.event for each in found if each.event.at >= since]
        told = self._put(endpoint, events, connection)
        return Replayed(told, found[-1].position if len(found) == most else None)

    def _put(self, endpoint: Endpoint, events: Sequence[Event], connection: Connection) -> int:
        """Into the lanes, as a commit would have, under the locks that it would have taken."""
        dialect = self._database.dialect
        named = sorted({event.conversation_id for event in events if event.conversation_id})
        talks = _conversations(connection, dialect, named)
        run, writes = Runner(connection, dialect), Writes()
        boxes = Mailboxes(run, writes, self._now(), Leases("replay"))
        told = 0
        for event in events:
            conversation = talks.get(event.conversation_id)
            if conversation:
                calls = list(of_event([endpoint], event, conversation, None))
                boxes.put(conversation.id, calls)
                told += len(calls)
        boxes.save({}, {})
        run.write(writes)
        return told


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in Endpoint.__dataclass_fields__}


def _one(id: str, connection: Connection) -> Endpoint | None:
    found = connection.execute(select(_table).where(_hook.id == id)).first()
    return _endpoint(found) if found else None


def _locked(id: str) -> Any:
    return select(_table).where(_hook.id == id).with_for_update()


def _conversations(
    connection: Connection, dialect: str, named: Sequence[str]
) -> dict[str, Conversation]:
    row = _conversation.c.id
    statement = select(*CONVERSATION.columns(_conversation)).where(among(dialect, row, "ids"))
    locked = statement.order_by(row).with_for_update()
    rows = connection.execute(locked, {"ids": ids(dialect, named)}).all()
    return {talk.id: talk for talk in map(CONVERSATION.read, rows)}
