"""The SQL of the write side, each statement made once, as SQLAlchemy Core over the tables.

Statements over many rows take the rows' ids as one parameter (`database.among`), so that their
text, and its compiled form, stays the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Delete,
    Integer,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate

from bridge.lanes import Direction
from storage import newest
from storage.bulk import EARLY, THIS
from storage.chain import STATE, TRIED
from storage.dialects import among
from storage.mapping import CONTACT, CONVERSATION, HANDOFF, MESSAGE, THREAD
from storage.posted import ASKS
from storage.tables import FAR, metadata

T: Mapping[str, Table] = metadata.tables
_message = T["message"].c


LOCKED, CHAIN = "conversations", "chain"


def upsert(dialect: str, table: str) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(T[table])


READ: Mapping[str, list[ColumnElement[Any]]] = {
    "handoff": HANDOFF.columns(T["handoff"]),
    "message": MESSAGE.columns(T["message"]),
    "effect": [T["effect"].c[name] for name in ("id", "kind", "body")],
}


@lru_cache
def select_among(dialect: str, name: str) -> Select[Any]:
    key = T[name].c.id
    return select(*READ[name]).where(among(dialect, key, "ids")).order_by(key)


@lru_cache
def lock(dialect: str) -> Any:
    """Receipts as (key, digest, answer). SQLite has one writer, and no need to lock anything; with
    PostgreSQL more rows, whose keys are empty, count what is locked and say last what that is:
    the rows of the conversations, the names of what may be awaited, and, if it `seals`, the audit
    chain."""
    receipt = T["receipt"].c
    found = select(receipt.key, receipt.digest, receipt.answer).where(
        among(dialect, receipt.key, "keys")
    )
    if dialect == "sqlite":
        return found
    row = T["conversation"].c.id
    rows = select(row).where(among(dialect, row, "ids")).order_by(row).with_for_update().cte()
    named = func.unnest(bindparam("named", type_=postgresql.ARRAY(Text))).table_valued("name")
    numbers = select(func.hashtextextended(named.c.name, 0).label("number")).order_by("number")
    held = numbers.cte()
    taken = select(func.pg_advisory_xact_lock(held.c.number).label("it")).cte()
    chain = _as_receipt(cast(TRIED, Integer), CHAIN).where(bindparam("seals", type_=Boolean))
    locks = (_counted(rows.c.id, LOCKED), _counted(taken.c.it, "awaited"), chain)
    return union_all(found, *locks)


def _counted(column: ColumnElement[Any], what: str) -> Any:
    return _as_receipt(func.count(column), what)


def _as_receipt(number: ColumnElement[Any], what: str) -> Any:
    """Without a key."""
    return select(literal_column("''"), cast(number, Text), literal_column(f"'{what}'"))


_WROTE: ColumnElement[int] = literal_column("conversation.xmin::text::bigint")
_counter = T["counter"].c
_EARLY = (
    select(_counter.value)
    .where(_counter.workspace_id == "", _counter.name == EARLY)
    .scalar_subquery()
)


@lru_cache
def people(dialect: str) -> Select[Any]:
    """Each with its contact, its handoff and the newest thread of that. Then, of PostgreSQL alone,
    which transaction wrote its row, which this one is, how often something was kept that came
    early, and where the audit chain stands. Last of all whether there is anything that came
    early, and any silent bot; as a rule there is not, and need not be asked for."""
    conversation, contact, handoff = T["conversation"], T["contact"], T["handoff"]
    thread, is_its = newest.joined(dialect, handoff.c.id)
    columns = (
        *CONVERSATION.columns(conversation),
        *CONTACT.columns(contact),
        *HANDOFF.columns(handoff),
        *THREAD.columns(thread),
        *((null(),) * 4 if dialect == "sqlite" else (_WROTE, literal_column(THIS), _EARLY, STATE)),
        select(T["early"].c.id).exists(),
        select(T["bot_pause"].c.bot_id).exists(),
    )
    return (
        select(*columns)
        .join(contact, contact.c.id == conversation.c.contact_id)
        .join(handoff, handoff.c.id == conversation.c.handoff_id, isouter=True)
        .join(thread, is_its, isouter=True)
        .where(among(dialect, conversation.c.id, "ids"))
        .order_by(conversation.c.id)
    )


@lru_cache
def message_places(dialect: str) -> CompoundSelect[Any]:
    """One that is named twice is there twice. Each half by its own index: for both at once
    PostgreSQL would have to make a bitmap."""
    places = select(_message.id, _message.source, _message.conversation_id, _message.handoff_id)
    named = among(dialect, _message.id, "ids"), among(dialect, _message.source, "sources")
    return union_all(*map(places.where, named))


@lru_cache
def delete_among(dialect: str, name: str, column: str) -> Delete:
    return delete(T[name]).where(among(dialect, T[name].c[column], "ids"))


@lru_cache
def threads(dialect: str) -> Select[Any]:
    """Whose each is, is looked up for each alone; for a join PostgreSQL may read all handoffs."""
    thread, handoff = T["thread"], T["handoff"].c
    whose = select(handoff.conversation_id).where(handoff.id == thread.c.handoff_id)
    named = among(dialect, thread.c.ts, "ids")
    return select(thread, whose.scalar_subquery().label("conversation_id")).where(named)


@lru_cache
def post_places(dialect: str) -> Select[Any]:
    """Where the messages are that posts with these stamps show."""
    post = T["post"].c
    place = (_message.id, _message.conversation_id, _message.handoff_id)
    return (
        select(post.team, post.channel, post.ts, *place)
        .join(T["message"], _message.id == post.message_id)
        .where(among(dialect, post.ts, "ids"), post.part != ASKS)
        .order_by(_message.seq.desc())  # of several in one post the first is taken, being last
    )


LATER = (
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
def insert_missing(dialect: str, table: str) -> Any:
    return upsert(dialect, table).on_conflict_do_nothing()


@lru_cache
def count_up(dialect: str) -> Any:
    counter = T["counter"].c
    statement = upsert(dialect, "counter")
    return statement.on_conflict_do_update(
        index_elements=["workspace_id", "name"],
        set_={"value": counter.value + statement.excluded.value},
    ).returning(counter.value)


_handoff = T["handoff"].c
QUEUE_LENGTH = (
    select(func.count())
    .select_from(T["handoff"])
    .where(
        _handoff.workspace_id == bindparam("workspace"),
        _handoff.queue == bindparam("queue"),
        _handoff.status == "queued",
    )
)


@lru_cache
def early(dialect: str) -> Select[Any]:
    table = T["early"]
    columns = (table.c.awaits, table.c.kind, table.c.body, table.c.at)
    return select(*columns).where(among(dialect, table.c.awaits, "ids")).order_by(table.c.id)


_lane = T["lane"].c
_effect = T["effect"].c
_first: Any = select(_effect.id).where(_effect.lane == _lane.key).limit(1).scalar_subquery()
_has_more: ColumnElement[bool] = _first.is_not(None)
"""Not `EXISTS`, for which PostgreSQL would rather read all effects once than look for each lane's,
and do so however many there are by then."""


@lru_cache
def owners(dialect: str) -> Select[Any]:
    statement = select(_lane.key, _lane.owner).where(among(dialect, _lane.key, "ids"))
    return statement.order_by(_lane.key).with_for_update()


@lru_cache
def settle(dialect: str) -> ReturningDelete[Any]:
    """Takes out the effects of claims that hold, told as `<effect>:<owner>`, and locks the lanes in
    the order of their keys; the answer is which these were."""
    gone = delete(T["effect"]).where(among(dialect, _effect.id, "effects"))
    owner: Any = select(_lane.owner).where(_lane.key == _effect.lane).scalar_subquery()
    if dialect != "sqlite":
        held = owners(dialect).cte("held")
        gone, owner = gone.where(_effect.lane == held.c.key), held.c.owner
    named = cast(_effect.id, Text) + ":" + owner
    return gone.where(among(dialect, named, "claims")).returning(named)


@lru_cache
def set_timers(dialect: str) -> Any:
    statement = upsert(dialect, "lane")
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"due_at": statement.excluded.due_at, "owner": None, "failures": 0, "parked": None},
    )


@lru_cache
def drop_effects_of(dialect: str) -> Delete:
    return delete(T["effect"]).where(among(dialect, _effect.lane, "ids"))


@lru_cache
def heads(dialect: str) -> Select[Any]:
    first = select(func.min(_effect.id)).where(among(dialect, _effect.lane, "ids"))
    return (
        select(T["effect"], _lane.failures)
        .join(T["lane"], _lane.key == _effect.lane)
        .where(_effect.id.in_(first.group_by(_effect.lane)))
    )


@lru_cache
def begin(dialect: str) -> Update:
    return (
        update(T["effect"])
        .where(among(dialect, _effect.id, "ids"))
        .values(
            state=bindparam("b_state"), attempts=_effect.attempts + 1, attempt_at=bindparam("now")
        )
    )


@lru_cache
def go_on(dialect: str) -> tuple[Any, ...]:
    """Begins with the first effect of each lane that has one, and tells of it; a lane that has none
    is free. PostgreSQL does both in one."""
    firsts = select(func.min(_effect.id)).where(among(dialect, _effect.lane, "ids"))
    begun = (
        update(T["effect"])
        .where(_effect.id.in_(firsts.group_by(_effect.lane)))
        .values(state="sending", attempts=_effect.attempts + 1, attempt_at=bindparam("now"))
        .returning(_effect.id, _effect.lane, _effect.kind, _effect.body, _effect.created_at)
    )
    lanes = _left(dialect).values(
        owner=case((_has_more, _lane.owner), else_=None),
        due_at=case((_has_more, bindparam("due")), else_=FAR),
    )
    if dialect == "sqlite":
        return begun, lanes
    return (select(begun.cte("begun")).add_cte(lanes.cte("lanes")),)


@lru_cache
def leave(dialect: str) -> Update:
    """Nobody's from now on: due at once where there is more in it."""
    due = case((_has_more, bindparam("due")), else_=FAR)
    return _left(dialect).values(owner=None, due_at=due)


def _left(dialect: str) -> Update:
    return update(T["lane"]).where(among(dialect, _lane.key, "ids")).values(failures=0)


@lru_cache
def extend(dialect: str) -> Update:
    statement = update(T["lane"]).where(among(dialect, _lane.key, "ids"))
    return statement.values(due_at=bindparam("due"), failures=0)


@lru_cache
def release(dialect: str) -> Update:
    statement = update(T["lane"]).where(among(dialect, _lane.key, "ids"))
    return statement.values(owner=None, due_at=bindparam("due"), failures=0)


@lru_cache
def claim(skip: frozenset[Direction]) -> ReturningUpdate[Any]:
    """Takes lanes that are due; for each skipped direction it is given `not_bot`: `bot:%`."""
    due = (
        select(_lane.key)
        .where(_lane.due_at <= bindparam("now"))
        .where(*(_lane.key.not_like(bindparam(f"not_{each}")) for each in sorted(skip)))
        .order_by(_lane.due_at)
        .limit(bindparam("limit_"))
        .with_for_update(skip_locked=True)
        .cte("due")  # looked for once; a subquery, once for each lane where it takes them for few
    )
    return (
        update(T["lane"])
        .where(_lane.key.in_(select(due.c.key)))
        .values(owner=bindparam("owner_"), due_at=bindparam("lease"))
        .returning(_lane.key)
    )


PUT_BACK = (
    update(T["lane"])
    .where(_lane.key == bindparam("lane_"), _lane.owner == bindparam("owner_"))
    .values(
        owner=None,
        due_at=bindparam("due"),
        failures=case((bindparam("more") == 0, _lane.failures), else_=_lane.failures + 1),
    )
)
SET_STATE = (
    update(T["effect"])
    .where(_effect.id == bindparam("id_"))
    .values(
        state=bindparam("state_"),
        # The quarantine counts from the first doubt.
        attempt_at=case((_effect.state == "unknown", _effect.attempt_at), else_=bindparam("now")),
    )
)
BEHIND = (
    select(_effect.id, _effect.kind, _effect.body, _effect.state)
    .where(_effect.lane == bindparam("lane_"), _effect.id > bindparam("after"))
    .order_by(_effect.id)
    .limit(bindparam("limit_"))
)
PARK = (
    update(T["lane"])
    .where(_lane.key == bindparam("lane_"), _lane.owner == bindparam("owner_"))
    .values(owner=None, due_at=FAR, parked=bindparam("reason"))
)
RELEASE_DEAD = (
    update(T["lane"])
    .where(_lane.owner.is_not(None), _lane.owner.not_like(bindparam("mine")))
    .values(owner=None, due_at=bindparam("now"))
)
