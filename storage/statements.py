"""The SQL of the write side, each statement once, as SQLAlchemy Core over the tables.

A `Runner` binds them to one connection for one transaction. Statements over many rows take the
rows' ids as one parameter (`database.among`), so that their text, and its compiled form, stays the
same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Select,
    Table,
    TextClause,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bridge.commands import ToThread
from bridge.model import MessageId
from storage.database import among, ids, packed, unpacked
from storage.driver import Given, driver_of
from storage.mapping import CONTACT, CONVERSATION, HANDOFF, message_columns
from storage.tables import FAR, metadata

T: Mapping[str, Table] = metadata.tables
Row = Mapping[str, Any]


class Runner:
    """The statements, run on one connection."""

    def __init__(self, connection: Connection, dialect: str) -> None:
        self._driver = driver_of(connection, dialect)
        self._dialect = dialect

    def _rows(self, statement: Any, given: Given) -> Sequence[Row]:
        return self._driver.dicts(statement, given)

    def _column(self, statement: Any, given: Given) -> list[Any]:
        """The first column of each row."""
        return [row[0] for row in self._driver.rows(statement, given)]

    def _by_ids(self, name: str, values: Iterable[Any]) -> Sequence[Sequence[Any]]:
        """The columns that the table's mapper reads, by key; see `_READ`."""
        listed = sorted(values)
        if not listed:
            return ()
        given = {"ids": ids(self._dialect, listed)}
        return self._driver.rows(_select_among(self._dialect, name), given)

    # --- receipts ------------------------------------------------------------------------------

    def insert_receipts(self, rows: Sequence[tuple[str, str]], now: int) -> set[str]:
        """Receipts of (key, digest); the answer is the keys that were not there yet."""
        if not rows:
            return set()
        given = {**packed(self._dialect, rows), "now": now}
        return set(self._column(_new_receipts(self._dialect), given))

    def receipts(self, keys: Iterable[str]) -> dict[str, tuple[str, dict[str, Any]]]:
        rows = self._by_ids("receipt", keys)
        return {key: (digest, orjson.loads(data)) for key, digest, data in rows}

    def answer_receipts(self, rows: Sequence[Row]) -> None:
        if rows:
            self._driver.many(_ANSWER_RECEIPTS, rows)

    def drop_receipts(self, keys: Sequence[str]) -> None:
        self._delete_among("receipt", "key", keys)

    # --- loading -------------------------------------------------------------------------------

    def conversations(self, wanted: Iterable[str]) -> Sequence[Sequence[Any]]:
        """Locked, in the order of their ids."""
        return self._by_ids("conversation", wanted)

    def contacts(self, wanted: Iterable[str]) -> Sequence[Sequence[Any]]:
        return self._by_ids("contact", wanted)

    def handoffs(self, wanted: Iterable[str]) -> Sequence[Sequence[Any]]:
        return self._by_ids("handoff", wanted)

    def effects(self, wanted: Iterable[int]) -> Sequence[Sequence[Any]]:
        """(id, kind, body)."""
        return self._by_ids("effect", wanted)

    def messages(self, wanted: Sequence[str], sources: Sequence[str]) -> list[Sequence[Any]]:
        rows: list[Sequence[Any]] = list(self._by_ids("message", set(wanted)))
        if sources:
            given = {"ids": ids(self._dialect, sources)}
            rows += self._driver.rows(_messages_by_source(self._dialect), given)
        return rows

    def threads(self, wanted: Sequence[ToThread]) -> dict[ToThread, tuple[str, str]]:
        """(handoff, conversation) by thread."""
        if not wanted:
            return {}
        stamps = sorted({thread.ts for thread in wanted})
        rows = self._rows(_threads(self._dialect), {"ids": ids(self._dialect, stamps)})
        return {
            ToThread(row["team"], row["channel"], row["ts"]): (
                row["handoff_id"],
                row["conversation_id"],
            )
            for row in rows
        }

    def handoff_places(self, wanted: Iterable[str]) -> dict[str, str]:
        place = HANDOFF.names.index("conversation_id")
        return {row[0]: row[place] for row in self._by_ids("handoff", set(wanted))}

    def later(self, conversation: str, order: str) -> list[tuple[str, MessageId]]:
        """The first shown message of an agent with a greater order, if there is one."""
        rows = self._rows(_LATER, {"conversation": conversation, "after": order})
        return [(row["order"], MessageId(row["id"])) for row in rows]

    # --- writing -------------------------------------------------------------------------------

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            self._driver.many(_insert(table), rows)

    def insert_missing(self, table: str, rows: Sequence[Row]) -> None:
        self._driver.many(_insert_missing(self._dialect, table), rows)

    def update(self, table: str, rows: Sequence[Row]) -> None:
        """Every column that may change, of the rows with these ids."""
        if rows:
            self._driver.many(_update(table), [{**row, "b_id": row["id"]} for row in rows])

    def count_up(self, workspace: str, name: str) -> int:
        row = {"workspace_id": workspace, "name": name, "value": 1}
        value: int = self._column(_count_up(self._dialect), row)[0]
        return value

    def queue_length(self, workspace: str, queue: str) -> int:
        row = {"workspace": workspace, "queue": queue}
        value: int = self._column(_QUEUE_LENGTH, row)[0]
        return value

    def take_early(self, keys: Iterable[str]) -> Sequence[Row]:
        """Removes and gives the commands that waited for these."""
        values = {"ids": ids(self._dialect, sorted(keys))}
        rows = self._rows(_early(self._dialect), values)
        if rows:
            self._delete_among("early", "awaits", [row["awaits"] for row in rows])
        return rows

    # --- mailboxes -----------------------------------------------------------------------------

    def owners(self, lanes: Sequence[str]) -> dict[str, str | None]:
        """Who has these lanes; locks them."""
        statement = _owners(self._dialect)
        rows = self._rows(statement, {"ids": ids(self._dialect, sorted(lanes))})
        return {row["key"]: row["owner"] for row in rows}

    def put_lanes(
        self, lanes: Sequence[tuple[str, str]], due_at: int, owner: str | None
    ) -> dict[str, str | None]:
        """Makes lanes of (key, conversation) due; one that was idle is the owner's from now on, any
        other stays as it is. The answer is whose each of them is."""
        given = {**packed(self._dialect, lanes), "due": due_at, "owner_": owner, "far": FAR}
        return {row[0]: row[1] for row in self._driver.rows(_put_lanes(self._dialect), given)}

    def set_timers(self, rows: Sequence[Row]) -> None:
        self._driver.many(_set_timers(self._dialect), rows)

    def first_effects(self, lanes: Sequence[str]) -> dict[str, int]:
        """The id of the first effect of each lane."""
        given = {"ids": ids(self._dialect, lanes)}
        rows = self._driver.rows(_first_effects(self._dialect), given)
        return {row[0]: row[1] for row in rows}

    def drop_effects(self, wanted: Sequence[int]) -> None:
        self._delete_among("effect", "id", wanted)

    def drop_effects_of(self, lanes: Sequence[str], *, ready_only: bool = False) -> None:
        statement = _drop_effects_of(self._dialect, ready_only)
        self._driver.count(statement, {"ids": ids(self._dialect, lanes)})

    def drop_lanes(self, lanes: Sequence[str]) -> None:
        self._delete_among("lane", "key", lanes)

    def heads(self, lanes: Sequence[str]) -> Sequence[Row]:
        """The first effect of each lane that has one."""
        return self._rows(_heads(self._dialect), {"ids": ids(self._dialect, lanes)})

    def begin(self, effects: Sequence[int], now: int, state: str = "sending") -> None:
        """Marks the effects as being performed."""
        values = {"ids": ids(self._dialect, effects), "now": now, "b_state": state}
        self._driver.count(_begin(self._dialect), values)

    def extend(self, lanes: Sequence[str], due_at: int) -> None:
        values = {"ids": ids(self._dialect, lanes), "due": due_at}
        self._driver.count(_extend(self._dialect), values)

    def release(self, lanes: Sequence[str], due_at: int = FAR) -> None:
        values = {"ids": ids(self._dialect, lanes), "due": due_at}
        self._driver.count(_release(self._dialect), values)

    def claim(self, owner: str, now: int, lease_to: int, limit: int) -> list[str]:
        values = {"owner_": owner, "now": now, "lease": lease_to, "limit_": limit}
        return self._column(_CLAIM, values)

    def put_back(self, lane: str, owner: str, due_at: int, failures: int) -> bool:
        values = {"lane_": lane, "owner_": owner, "due": due_at, "more": failures}
        return self._driver.count(_PUT_BACK, values) > 0

    def set_state(self, effect: int, state: str, now: int) -> None:
        self._driver.count(_SET_STATE, {"id_": effect, "state_": state, "now": now})

    def park(self, lane: str, owner: str, reason: str) -> None:
        self._driver.count(_PARK, {"lane_": lane, "owner_": owner, "reason": reason})

    def release_dead(self, process: str, now: int) -> int:
        values = {"mine": f"{process}.%", "now": now}
        return self._driver.count(_RELEASE_DEAD, values)

    def _delete_among(self, table: str, column: str, values: Iterable[Any]) -> None:
        statement = _delete_among(self._dialect, table, column)
        self._driver.count(statement, {"ids": ids(self._dialect, values)})


# --- the statements, made once -------------------------------------------------------------------

_KEYS = {"receipt": "key", "lane": "key"}
_LOCKED = ("conversation",)


def _upsert(dialect: str, table: str) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(T[table])


_READ: Mapping[str, list[ColumnElement[Any]]] = {
    "contact": CONTACT.columns(T["contact"]),
    "conversation": CONVERSATION.columns(T["conversation"]),
    "handoff": HANDOFF.columns(T["handoff"]),
    "message": message_columns(T["message"]),
    "effect": [T["effect"].c[name] for name in ("id", "kind", "body")],
    "receipt": [T["receipt"].c[name] for name in ("key", "digest", "answer")],
}
_FIXED = frozenset({"id", "workspace_id", "channel", "address", "contact_id", "created_at"})
"""Columns that never change once a row is there."""


@lru_cache
def _select_among(dialect: str, name: str) -> Select[Any]:
    key = T[name].c[_KEYS.get(name, "id")]
    statement = select(*_READ[name]).where(among(dialect, key, "ids")).order_by(key)
    return statement.with_for_update() if name in _LOCKED else statement


@lru_cache
def _delete_among(dialect: str, name: str, column: str) -> Delete:
    return delete(T[name]).where(among(dialect, T[name].c[column], "ids"))


@lru_cache
def _new_receipts(dialect: str) -> TextClause:
    return text(
        "INSERT INTO receipt (key, digest, answer, at) "
        f"SELECT a, b, '{{}}', :now FROM {unpacked(dialect)} "
        "WHERE true ON CONFLICT DO NOTHING RETURNING key"
    )


_receipt = T["receipt"].c
_ANSWER_RECEIPTS = (
    update(T["receipt"])
    .where(_receipt.key == bindparam("b_key"))
    .values(answer=bindparam("answer"))
)


@lru_cache
def _messages_by_source(dialect: str) -> Select[Any]:
    return select(*_READ["message"]).where(among(dialect, T["message"].c.source, "ids"))


@lru_cache
def _threads(dialect: str) -> Select[Any]:
    thread, handoff = T["thread"], T["handoff"]
    return (
        select(thread, handoff.c.conversation_id)
        .join(handoff, handoff.c.id == thread.c.handoff_id)
        .where(among(dialect, thread.c.ts, "ids"))
    )


_message = T["message"].c
_LATER = (
    select(_message.id, _message.order)
    .where(
        _message.conversation_id == bindparam("conversation"),
        _message.author_role == "agent",
        _message.visibility == "public",
        or_(_message.standing == "pending", _message.standing == "sent"),
        _message.order > bindparam("after"),
    )
    .order_by(_message.order)
    .limit(1)
)


@lru_cache
def _insert(table: str) -> Insert:
    return insert(T[table])


@lru_cache
def _insert_missing(dialect: str, table: str) -> Any:
    return _upsert(dialect, table).on_conflict_do_nothing()


@lru_cache
def _update(name: str) -> Update:
    """Every column that may change."""
    table = T[name]
    changes: Any = {c.name: bindparam(c.name) for c in table.c if c.name not in _FIXED}
    return update(table).where(table.c.id == bindparam("b_id")).values(changes)


@lru_cache
def _count_up(dialect: str) -> Any:
    counter = T["counter"].c
    statement = _upsert(dialect, "counter")
    return statement.on_conflict_do_update(
        index_elements=["workspace_id", "name"],
        set_={"value": counter.value + statement.excluded.value},
    ).returning(counter.value)


_handoff = T["handoff"].c
_QUEUE_LENGTH = (
    select(func.count())
    .select_from(T["handoff"])
    .where(
        _handoff.workspace_id == bindparam("workspace"),
        _handoff.queue == bindparam("queue"),
        _handoff.status == "queued",
    )
)


@lru_cache
def _early(dialect: str) -> Select[Any]:
    table = T["early"]
    return select(table).where(among(dialect, table.c.awaits, "ids")).order_by(table.c.id)


_lane = T["lane"].c
_effect = T["effect"].c


@lru_cache
def _owners(dialect: str) -> Select[Any]:
    statement = select(_lane.key, _lane.owner).where(among(dialect, _lane.key, "ids"))
    return statement.order_by(_lane.key).with_for_update()


@lru_cache
def _put_lanes(dialect: str) -> TextClause:
    idle = "lane.owner IS NULL AND lane.parked IS NULL AND lane.due_at = :far"
    return text(
        "INSERT INTO lane (key, conversation_id, due_at, owner, failures) "
        f"SELECT a, b, :due, CAST(:owner_ AS text), 0 FROM {unpacked(dialect)} WHERE true "
        "ON CONFLICT (key) DO UPDATE SET "
        f"owner = CASE WHEN {idle} THEN excluded.owner ELSE lane.owner END, "
        f"due_at = CASE WHEN {idle} THEN excluded.due_at ELSE lane.due_at END "
        "RETURNING key, owner"
    ).bindparams(bindparam("due", type_=BigInteger), bindparam("far", type_=BigInteger))


@lru_cache
def _set_timers(dialect: str) -> Any:
    statement = _upsert(dialect, "lane")
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"due_at": statement.excluded.due_at, "owner": None, "failures": 0, "parked": None},
    )


@lru_cache
def _first_effects(dialect: str) -> Select[Any]:
    first = select(_effect.lane, func.min(_effect.id))
    return first.where(among(dialect, _effect.lane, "ids")).group_by(_effect.lane)


@lru_cache
def _drop_effects_of(dialect: str, ready_only: bool) -> Delete:
    statement = delete(T["effect"]).where(among(dialect, _effect.lane, "ids"))
    return statement.where(_effect.state == "ready") if ready_only else statement


@lru_cache
def _heads(dialect: str) -> Select[Any]:
    first = select(func.min(_effect.id)).where(among(dialect, _effect.lane, "ids"))
    return (
        select(T["effect"], _lane.failures)
        .join(T["lane"], _lane.key == _effect.lane)
        .where(_effect.id.in_(first.group_by(_effect.lane)))
    )


@lru_cache
def _begin(dialect: str) -> Update:
    return (
        update(T["effect"])
        .where(among(dialect, _effect.id, "ids"))
        .values(
            state=bindparam("b_state"), attempts=_effect.attempts + 1, attempt_at=bindparam("now")
        )
    )


@lru_cache
def _extend(dialect: str) -> Update:
    statement = update(T["lane"]).where(among(dialect, _lane.key, "ids"))
    return statement.values(due_at=bindparam("due"), failures=0)


@lru_cache
def _release(dialect: str) -> Update:
    statement = update(T["lane"]).where(among(dialect, _lane.key, "ids"))
    return statement.values(owner=None, due_at=bindparam("due"), failures=0)


_DUE = (
    select(_lane.key)
    .where(_lane.due_at <= bindparam("now"))
    .order_by(_lane.due_at)
    .limit(bindparam("limit_"))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(T["lane"])
    .where(_lane.key.in_(_DUE))
    .values(owner=bindparam("owner_"), due_at=bindparam("lease"))
    .returning(_lane.key)
)
_PUT_BACK = (
    update(T["lane"])
    .where(_lane.key == bindparam("lane_"), _lane.owner == bindparam("owner_"))
    .values(
        owner=None,
        due_at=bindparam("due"),
        failures=case((bindparam("more") == 0, _lane.failures), else_=_lane.failures + 1),
    )
)
_SET_STATE = (
    update(T["effect"])
    .where(_effect.id == bindparam("id_"))
    .values(state=bindparam("state_"), attempt_at=bindparam("now"))
)
_PARK = (
    update(T["lane"])
    .where(_lane.key == bindparam("lane_"), _lane.owner == bindparam("owner_"))
    .values(owner=None, due_at=FAR, parked=bindparam("reason"))
)
_RELEASE_DEAD = (
    update(T["lane"])
    .where(_lane.owner.is_not(None), _lane.owner.not_like(bindparam("mine")))
    .values(owner=None, due_at=bindparam("now"))
)
