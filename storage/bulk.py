"""What one transaction writes, gathered while it decides and written together at its end.

SQLite takes a statement a table. PostgreSQL takes all of it in one, the rows of a table as JSON
(`dialects.columnset`), or value by value where there is but one (`single`): each statement more is
one more way there and back while conversations are locked. As arrays of PostgreSQL's they cost
twice as much: asyncpg looks at each value whether it is an array itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, count, repeat
from operator import itemgetter
from typing import Any

from sqlalchemy.dialects import postgresql

from bridge.audit import Head
from bridge.model import ConversationId
from storage.dialects import by_columns, columnset, single
from storage.mapping import Row, Shape
from storage.putting import Form, Puts, in_one
from storage.tables import metadata

Gathered = Mapping[Shape, Sequence[Row]]
Step = tuple[Gathered, Gathered]
"""Updates and inserts that may be written together."""
Beside = tuple[str, str]
"""A statement that stands beside the rows: its name, and its text with `{}` for each value."""
STATEMENTS = 512
"""How many different ones are kept: the tests of the storage make a hundred and forty here."""
FIXED = frozenset({"id", "workspace_id", "channel", "address", "contact_id"})
"""Columns that never change once a row is there."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`versions` of conversations by id: which transactions wrote their rows; these are locked
    before all else. Nothing came early for what has one of the `names`, nor was anything kept that
    did since it was `early` times. `head`: the newest of the audit chain, if anything is sealed
    behind it; nothing waits to be, which would come first."""

    versions: Mapping[ConversationId, int]
    names: Sequence[str]
    early: int
    head: Head | None = None

    def values(self, *, alone: bool) -> Sequence[Any]:
        versions, head = list(self.versions.items()), self.head
        newest = (head.position, head.seal, head.proof) if head else (None,) * 3
        needed = len(versions) + 1 + int(head is not None)
        return self.early, *_packed(versions, alone=alone), *newest, needed, self.names


class Writes:
    """Rows to insert, and rows to update by their `id`. Mutable, for one transaction."""

    def __init__(self) -> None:
        self.inserts: dict[Shape, list[Row]] = {}
        self.updates: dict[Shape, list[Row]] = {}
        self.beside: dict[Beside, Sequence[Any]] = {}
        self.puts: Puts | None = None
        """What is put into lanes. SQLite does so when all else is written, PostgreSQL in the first
        of the `steps`, which locks them before anything is inserted that may wait for another."""
        self.proof: Proof | None = None
        """Without locks: what must be so, or nothing is written."""
        self.wrote: int | None = None
        """Which transaction that was, where there was something to prove."""

    def say(self, name: str, text: str, *values: Any) -> None:
        """A statement about rows that nothing else here is about, with `{}` for each value. When it
        is run, before what is inserted or after, nobody is to rely on."""
        self.beside[name, text] = values

    def insert(self, shape: Shape, rows: Sequence[Row]) -> None:
        if rows:
            self.inserts.setdefault(shape, []).extend(rows)

    def update(self, shape: Shape, rows: Sequence[Row]) -> None:
        """Every column that may change."""
        if rows:
            self.updates.setdefault(shape, []).extend(rows)

    def steps(self) -> Iterator[Step]:
        """One after another: a handoff that ends must be over before another one of the same
        conversation begins."""
        both = {s.table for s in self.updates} & {s.table for s in self.inserts}
        if both:
            yield _by_table(self.updates), {}
            yield {}, _by_table(self.inserts)
        elif self.updates or self.inserts or self.beside or self.puts:
            yield _by_table(self.updates), _by_table(self.inserts)


def _by_table(gathered: Gathered) -> Gathered:
    """In one order, so that there are few different statements."""
    return dict(sorted(gathered.items(), key=lambda each: each[0].table))


# --- one row (SQLite) ----------------------------------------------------------------------------


@lru_cache
def insert_one(shape: Shape) -> str:
    places = ", ".join("?" * len(shape.columns))
    return f'INSERT INTO "{shape.table}" ({_listed(shape.columns)}) VALUES ({places})'


@lru_cache
def update_one(shape: Shape) -> tuple[str, Callable[[Row], Row]]:
    """The statement, and what it takes of a row."""
    changing = [name for name in shape.columns if name not in FIXED]
    pick = itemgetter(*(shape.columns.index(name) for name in [*changing, "id"]))
    changes = ", ".join(f'"{name}" = ?' for name in changing)
    return f'UPDATE "{shape.table}" SET {changes} WHERE id = ?', pick


# --- all rows of all tables (PostgreSQL) ---------------------------------------------------------

CHAIN_LOCK = 4_816_224
"""Any number, the same for all: one process seals at a time."""
THIS = "pg_current_xact_id()::text::bigint & 4294967295"
"""The transaction, as rows name it that it writes."""
EARLY = "early"
"""The counter of what was kept since it came early. Whoever keeps something counts up before it
looks once more for what that is about; whoever brings that holds the count until it is there."""
_PROVEN = """
quiet AS MATERIALIZED (
SELECT 1 FROM counter WHERE workspace_id = '' AND name = '{early}' AND value = {{}}::bigint
FOR SHARE SKIP LOCKED),
there AS MATERIALIZED (
SELECT conversation.id FROM conversation
JOIN ({versions}) AS given
ON conversation.id = given."0"
WHERE conversation.xmin::text::bigint = given."1"
ORDER BY conversation.id FOR UPDATE OF conversation),
stands AS MATERIALIZED (
SELECT 1 FROM audit_head AS head
WHERE name = 'newest' AND position = {{}}::bigint AND seal = {{}}::text AND proof = {{}}::text
AND NOT EXISTS (SELECT FROM event WHERE event.position IS NULL)
AND pg_try_advisory_xact_lock({chain}) FOR UPDATE OF head),
proven AS MATERIALIZED (
SELECT ({this}) / (count(*) = {{}}::bigint
AND NOT EXISTS (SELECT FROM early WHERE awaits = ANY({{}}::text[]))
AND NOT EXISTS (SELECT FROM bot_pause))::integer AS wrote
FROM (SELECT FROM quiet UNION ALL SELECT FROM there UNION ALL SELECT FROM stands) AS held)
"""
"""Whoever waits for a lock sees the row as it is by then. Where anything is not so, zero divides,
and nothing of the statement is done. Whether some bot is silent is never known."""
_NOTHING = "SELECT 1 WHERE false"


@lru_cache(maxsize=STATEMENTS)
def all_at_once(
    updates: tuple[Shape, ...],
    inserts: tuple[Shape, ...],
    beside: tuple[Beside, ...] = (),
    put: Form | None = None,
    *,
    alone: bool = False,
    proves: bool = False,
) -> str:
    """Takes the values of a `Proof`, if it `proves`, of what stands `beside`, those of what is put
    into lanes, then what `packed_rows` gives of the updates, and of the inserts. `put`: of what is
    put, if something is; `alone`: see `is_alone`. The answer has (id, lane) of each effect that is
    begun with; if it `proves`, also which transaction it is, in one row at least."""
    places = count(1)
    parts = [_placed(_proven(alone=alone), places)] if proves else []
    parts += [f"{name} AS ({_placed(text, places)})" for name, text in beside]
    parts += in_one(places, put, proves=proves) if put else []
    rows = partial(_of_table, places=places, alone=alone)
    parts += [f"{s.table}_changed AS ({_update_all(s, rows(s))})" for s in updates]
    parts += [f"{s.table}_added AS ({_insert_all(s, rows(s))})" for s in inserts]
    return f"WITH {', '.join(parts)} {_told(puts=put is not None, proves=proves)}"


def is_alone(step: Step, proof: Proof | None) -> bool:
    """Whether there is but one row of each table, as where somebody speaks whom no other follows
    at once. PostgreSQL has its values one by one then: to make rows of JSON took it a fifth of the
    time of such a statement."""
    numbers = [len(rows) for gathered in step for rows in gathered.values()]
    return {*numbers, len(proof.versions) if proof else 1} == {1}


def _proven(*, alone: bool) -> str:
    versions = _rows(repeat("{}"), ("text", "bigint"), alone=alone)
    return _PROVEN.format(versions=versions, early=EARLY, chain=CHAIN_LOCK, this=THIS)


def _told(*, puts: bool, proves: bool) -> str:
    if proves and puts:
        begun = "LEFT JOIN effect_put ON effect_put.state = 'sending'"
        return f"SELECT effect_put.id, effect_put.lane, proven.wrote FROM proven {begun}"
    if proves:
        return "SELECT NULL::bigint, NULL::text, wrote FROM proven"
    return "SELECT id, lane FROM effect_put WHERE state = 'sending'" if puts else _NOTHING


def _placed(text: str, places: Iterator[int]) -> str:
    return text.format(*(f"${next(places)}" for _ in range(text.count("{}"))))


def packed_rows(gathered: Gathered, *, alone: bool) -> Iterator[Any]:
    """All rows of each table."""
    return chain.from_iterable(_packed(rows, alone=alone) for rows in gathered.values())


def _packed(rows: Sequence[Row], *, alone: bool) -> Sequence[Any]:
    """The values of `_rows`."""
    return rows[0] if alone else (*by_columns(rows), len(rows))


def _insert_all(shape: Shape, rows: str) -> str:
    return f'INSERT INTO "{shape.table}" ({_listed(shape.columns)}) {rows}'


def _update_all(shape: Shape, rows: str) -> str:
    changes = ", ".join(f'"{n}" = new."{n}"' for n in shape.columns if n not in FIXED)
    new = f"({rows}) AS new ({_listed(shape.columns)})"
    return f'UPDATE "{shape.table}" AS old SET {changes} FROM {new} WHERE old.id = new.id'


def _of_table(shape: Shape, places: Iterator[int], *, alone: bool) -> str:
    table = metadata.tables[shape.table]
    kinds = (table.c[n].type.compile(dialect=_POSTGRESQL) for n in shape.columns)
    return _rows((f"${n}" for n in places), kinds, alone=alone)


def _rows(places: Iterator[str], kinds: Iterable[str], *, alone: bool) -> str:
    """Several are planned for as so many as the limit says; without one as a hundred, for which a
    small table would be read whole."""
    if alone:
        return single(places, kinds)
    return f"{columnset(places, kinds)} LIMIT {next(places)}::bigint"


_POSTGRESQL: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
