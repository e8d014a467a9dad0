"""Sealing events: each gets its position, its salted hashes and its place in the audit chain.

One transaction seals at a time, under one lock. Whichever finds that lock free seals the events
that it brings, and those that wait; nobody ever waits for it. What a transaction brings that did
not get the lock is sealed by the next one that does, or by the sealer, which has one of its own for
that. Rows that were there before the chain are sealed as they are, first of all. The record of the
newest row has a proof of its own, so that nobody who lacks the key can take the last rows away and
put the record back; one that is not to be believed breaks the chain at that place, which a check
finds, and holds up nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import orjson
import structlog
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)

from bridge.audit import BEGIN, BROKEN, NEWEST, NOTHING, Chain, Entry, Head, Sealed, sealed
from bridge.model import Message, MessageId
from storage.bulk import CHAIN_LOCK, Writes
from storage.dialects import ids, one_by_one
from storage.driver import Driver
from storage.mapping import EVENT, Row, Shape
from storage.tables import metadata
from storage.tables_audit import AuditHeadRow

event = metadata.tables["event"]
heads = metadata.tables[str(AuditHeadRow.__tablename__)]
_message, _counter = metadata.tables["message"].c, metadata.tables["counter"].c
COLUMNS: Sequence[ColumnElement[Any]] = [event.c[name] for name in Entry._fields]
HEAD: Sequence[ColumnElement[Any]] = [heads.c[name] for name in Head.__dataclass_fields__]
LAST = select(_counter.value).where(_counter.workspace_id == "", _counter.name == "sealed")
_ADDED = ("position", "salt", "said", "seal")
SEALED = Shape("event", (*EVENT.columns, *_ADDED))
_OF_EVENT = itemgetter(*map(EVENT.columns.index, Entry._fields[1:-4]))
_OF_HEAD = attrgetter(*Head.__dataclass_fields__)
_SEALING = Shape("event", ("id", *_ADDED))
TRIED: ColumnElement[bool] = func.pg_try_advisory_xact_lock(literal_column(str(CHAIN_LOCK)))
"""Whether PostgreSQL gives the lock, until the transaction has ended and all see what it wrote."""
_LOCK = select(TRIED)
_WAITING = (
    select(event.c.id, *COLUMNS)
    .where(event.c.position.is_(None))
    .order_by(event.c.id)
    .limit(bindparam("most"))
)
_OLDER = (
    select(event.c.id, *COLUMNS)
    .where(event.c.position > bindparam("after"), event.c.position <= bindparam("last"))
    .order_by(event.c.position)
    .limit(bindparam("most"))
)
_STANDS: Sequence[ColumnElement[Any]] = (
    *HEAD,
    LAST.scalar_subquery(),
    select(event.c.id).where(event.c.position.is_(None)).exists(),
)
_STATE = select(*_STANDS).where(heads.c.name == NEWEST)
STATE = (
    select(cast(func.json_build_array(*_STANDS), Text))
    .where(heads.c.name == NEWEST)
    .scalar_subquery()
)
"""Where the chain stands, for a statement to PostgreSQL that has other things to ask."""
_ANY_SEAL = select(event.c.id).where(event.c.seal.is_not(None)).limit(1)
_TAKE = (
    "INSERT INTO counter (workspace_id, name, value) VALUES ('', 'sealed', {}) "
    "ON CONFLICT (workspace_id, name) DO UPDATE SET value = counter.value + excluded.value"
)
_HEAD = select(*HEAD).where(heads.c.name == bindparam("name"))
_KEEP = (
    "INSERT INTO audit_head (name, position, at, seal, proof, told) "
    "VALUES ({}, {}, {}, {}, {}, false) "
    "ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at, "
    "seal = excluded.seal, proof = excluded.proof"
)
ALONG = 64
"""Events that wait, at most, which a transaction seals along with its own."""
log = structlog.get_logger("sealer")


class State(NamedTuple):
    """Where the chain stands: its newest, how many rows have a place, and whether some wait."""

    newest: Head
    numbered: int
    some_wait: bool


def _state_of(row: Sequence[Any]) -> State:
    *head, numbered, some_wait = row
    return State(Head(*head), numbered, bool(some_wait))


class Sealing:
    """Within one transaction."""

    def __init__(
        self, driver: Driver, chain: Chain, state: str | None = None, known: Head | None = None
    ) -> None:
        """`state`: what `STATE` said since the transaction has the lock; `known`: the newest, if
        that is to be proved instead."""
        self._driver = driver
        self._chain = chain
        self._told = state
        self._known = known
        self.newest: Head | None = None
        """The last that was written here."""

    def run(self, most: int) -> int:
        """How many rows were sealed; zero too where another process is at it."""
        driver = self._driver
        if not self.lock():
            return 0
        numbered = sum(row[0] for row in driver.rows(LAST, {}))
        newest = self._newest(numbered)
        older = numbered - newest.position if newest else 0
        if newest and older > 0 and self._has_begun(newest, numbered):
            return self._older(newest, most)
        before = newest.seal if newest and not older else BROKEN
        if before == BROKEN:
            log.error("audit_chain_broken", position=numbered + 1)
        rows = driver.rows(_WAITING, {"most": most})
        if rows:
            found = [Entry(numbered + n, *row[2:]) for n, row in enumerate(rows, 1)]
            self._seal(before, [row[0] for row in rows], found, more=len(rows))
        return len(rows)

    def at_once(
        self, writes: Writes, rows: Sequence[Row], said: Mapping[str, str]
    ) -> list[Row] | None:
        """Rows of `EVENT` as such of `SEALED`, to be inserted in this transaction, which has the
        lock, with what is said of the chain in the `writes`; `said`: what messages say by then, by
        id.

        None where that is the sealer's: where too many rows wait, which come first; and where the
        chain has not begun, or its record is not to be believed.
        """
        before = self._newest_of_all() if rows else None
        if before is None:
            return None
        found = [_entry(before.position + n, row) for n, row in enumerate(rows, 1)]
        texts = {**self._texts(found, besides=said), **said}
        done = self._sealed(writes, before.seal, found, texts)
        writes.say("counted", _TAKE, len(rows))
        return [(*row, e.position, *what) for row, e, what in zip(rows, found, done, strict=True)]

    def _newest_of_all(self) -> Head | None:
        """Up to which all goes that there is; what waits is sealed first."""
        if self._known:
            return self._known
        state = _state_of(orjson.loads(self._told)) if self._told else self._stands()
        if state and state.some_wait and self._is_whole(state):
            self.run(ALONG)
            state = self._stands()
        return state.newest if state and not state.some_wait and self._is_whole(state) else None

    def _stands(self) -> State | None:
        return next((_state_of(row) for row in self._driver.rows(_STATE, {})), None)

    def _is_whole(self, state: State) -> bool:
        return state.newest.position == state.numbered and self._chain.proves(state.newest)

    def lock(self) -> bool:
        return self._driver.dialect == "sqlite" or bool(self._driver.rows(_LOCK, {})[0][0])

    # --- where the chain is --------------------------------------------------------------------

    def _newest(self, numbered: int) -> Head | None:
        """None: the record is not to be believed."""
        found = self.head(NEWEST)
        if found is None and self._is_new():
            return self._begin(numbered)
        return found if found and self._chain.proves(found) else None

    def _is_new(self) -> bool:
        """Whether there was no chain yet: one of which the records are gone has left seals."""
        return self.head(BEGIN) is None and not self._driver.rows(_ANY_SEAL, {})

    def head(self, name: str) -> Head | None:
        return next((Head(*row) for row in self._driver.rows(_HEAD, {"name": name})), None)

    def _begin(self, numbered: int) -> Head:
        if numbered:
            log.warning("audit_chain_begun", older_rows=numbered)
        writes = Writes()
        self._keep(writes, Head(BEGIN, numbered, 0, NOTHING))
        newest = self._keep(writes, Head(NEWEST, 0, 0, NOTHING))
        self._driver.write(writes)
        return newest

    def _has_begun(self, newest: Head, numbered: int) -> bool:
        """Whether the rows after the newest were there before the chain."""
        begin = self.head(BEGIN)
        older = begin is not None and self._chain.proves(begin)
        return older and begin is not None and newest.position < begin.position <= numbered

    def _keep(self, writes: Writes, head: Head) -> Head:
        """With its proof."""
        proven = self._chain.prove(head)
        writes.say(f"{head.name}_kept", _KEEP, *_OF_HEAD(proven))
        return proven

    # --- sealing -------------------------------------------------------------------------------

    def _older(self, newest: Head, most: int) -> int:
        """Rows that were numbered before there was a chain."""
        begin = self.head(BEGIN)
        given = {"after": newest.position, "last": begin.position if begin else 0, "most": most}
        rows = self._driver.rows(_OLDER, given)
        self._seal(newest.seal, [row[0] for row in rows], [Entry(*row[1:]) for row in rows])
        return len(rows)

    def _seal(
        self, before: str, keys: Sequence[int], entries: Sequence[Entry], more: int = 0
    ) -> None:
        """`more`: how many of them had no position yet."""
        writes = Writes()
        done = self._sealed(writes, before, entries, self._texts(entries))
        writes.say("counted", _TAKE, more)
        places = ((key, entry.position) for key, entry in zip(keys, entries, strict=True))
        writes.update(_SEALING, [(*at, *what) for at, what in zip(places, done, strict=True)])
        self._driver.write(writes)

    def _sealed(
        self, writes: Writes, before: str, entries: Sequence[Entry], said: Mapping[str, str]
    ) -> list[Sealed]:
        """What is added to them; the last of them is kept as the newest."""
        salts, last = secrets.token_bytes(16 * len(entries)), entries[-1]
        done = sealed(self._chain, before, entries, said, salts)
        self.newest = self._keep(writes, Head(NEWEST, last.position, last.at, done[-1][2]))
        return done

    def _texts(self, entries: Sequence[Entry], besides: Container[str] = ()) -> dict[str, str]:
        named = {name for entry in entries if (name := entry.message) and name not in besides}
        return texts(self._driver, sorted(named))


def _entry(position: int, row: Row) -> Entry:
    """A row of `EVENT`, which has no salt, content, hash of what was said, or seal yet."""
    none: tuple[Any, ...] = (None,) * 4
    return Entry(position, *_OF_EVENT(row), *none)


def texts(driver: Driver, messages: Sequence[str]) -> dict[str, str]:
    """What messages say, by id; of those that are gone there is nothing."""
    if not messages:
        return {}
    given = {"ids": ids(driver.dialect, messages), "most": len(messages)}
    return {row[0]: row[1] for row in driver.rows(_texts(driver.dialect), given)}


@lru_cache
def _texts(dialect: str) -> Select[Any]:
    return select(_message.id, _message.text).where(one_by_one(dialect, _message.id, "ids"))


def record(
    writes: Writes,
    events: Sequence[Row],
    messages: Mapping[MessageId, Message],
    sealing: Sealing | None,
) -> None:
    """Rows of `EVENT` are inserted, sealed where that may be at once; the messages are those that
    the transaction has in hand, as they will be."""
    said: dict[str, str] = {message.id: message.text for message in messages.values()}
    sealed = sealing.at_once(writes, events, said) if sealing else None
    writes.insert(SEALED if sealed else EVENT, sealed or events)
