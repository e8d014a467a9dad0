"""Putting effects into their lanes, at the end of a transaction.

A lane that was idle is the transaction's from now on, if it has a token: its first effect is marked
as being sent in the same commit that brought it. Any other lane stays as it is. Of several card
refreshes that wait only the last is needed. Where Slack has no time for a ✅, the next one stands
for it: so its fifty marks a minute do for a busy desk.

What is said here holds for both databases; PostgreSQL takes it within the one statement that writes
all else (`bulk.py`). Lanes are locked before their effects, as claiming does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from bridge.model import SECOND, ConversationId, Micros
from storage.dialects import as_json, by_columns, columnset, short, single
from storage.tables import FAR

SKEW: Micros = SECOND // 5
"""By so much a lane that another process has just made due may seem to be due later."""
COLUMNS: Mapping[str, str] = {
    "lane": "text",
    "conversation_id": "text",
    "kind": "text",
    "body": "text",
    "is_first": "boolean",
    "is_last": "boolean",
    "place": "integer",
}
"""What is told of each effect, one after another: also, whether it is the first or the last of its
lane here."""
_IDLE = f"lane.owner IS NULL AND lane.parked IS NULL AND lane.due_at = {FAR}"
_RESTS = (
    "substr(lane.key, 1, 5) = 'tick:' AND lane.owner IS NULL "
    "AND lane.due_at > {late} AND lane.failures = 0"
)
"""It was put back for lack of time, until later. One that nobody has taken yet is due, and one that
was put back for a failure has it counted: what is in those is not late."""
_LANES = """
INSERT INTO lane (key, conversation_id, due_at, owner, failures)
SELECT lane, conversation_id, {due}, {owner}, 0 FROM put{proven} WHERE is_first ORDER BY place
ON CONFLICT (key) DO UPDATE SET
owner = CASE WHEN {idle} THEN excluded.owner ELSE lane.owner END,
due_at = CASE WHEN {idle} THEN excluded.due_at ELSE lane.due_at END
"""
_DROP = """
DELETE FROM effect WHERE state = 'ready' AND lane IN (
SELECT lane.key FROM put JOIN {lanes} AS lane ON lane.key = put.lane
WHERE put.is_first AND (substr(lane.key, 1, 5) = 'card:' OR ({rests})))
"""
_EFFECTS = """
INSERT INTO effect (lane, conversation_id, kind, body, created_at, state, attempts, attempt_at)
SELECT lane, conversation_id, kind, body, {now}, CASE WHEN ours THEN 'sending' ELSE 'ready' END,
CASE WHEN ours THEN 1 ELSE 0 END, CASE WHEN ours THEN {now} ELSE 0 END
FROM (SELECT put.*, put.is_first AND lane.owner = {owner} AS ours
FROM put JOIN {lanes} AS lane ON lane.key = put.lane
WHERE put.is_last OR NOT ({rests})) AS these ORDER BY place
RETURNING id, lane, state
"""


class Form(NamedTuple):
    """What the statement is made by. `drops`: whether there may be something to drop; `alone`:
    whether there is but one effect."""

    drops: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class Puts:
    """`lanes`: (key, conversation) in the order of keys; `effects`: of each lane, as (kind, body).
    `owner`: the token under which idle lanes are ours until `due`; without it they are due then."""

    lanes: Sequence[tuple[str, ConversationId]]
    effects: Mapping[str, Sequence[tuple[str, str]]]
    owner: str | None
    due: Micros
    now: Micros

    @property
    def drops(self) -> bool:
        return any(lane.startswith(("card:", "tick:")) for lane, _ in self.lanes)

    @property
    def alone(self) -> bool:
        return sum(map(len, self.effects.values())) == 1

    @property
    def form(self) -> Form:
        return Form(self.drops, self.alone)

    @property
    def named(self) -> Mapping[str, Any]:
        """For SQLite."""
        return {"rows": as_json(self._placed(), len(COLUMNS)), **self._given()}

    @property
    def numbered(self) -> Sequence[Any]:
        """For PostgreSQL."""
        placed = self._placed()
        told = next(placed) if self.alone else by_columns(placed)
        return *told, *self._given().values()

    def _given(self) -> Mapping[str, Any]:
        late = self.now + SKEW
        return {"due": self.due, "owner": self.owner, "late": late, "now": self.now}

    def _placed(self) -> Iterator[Sequence[Any]]:
        return ((*row, n) for n, row in enumerate(self._rows()))

    def _rows(self) -> Iterator[Sequence[Any]]:
        """All but their places."""
        for lane, conversation in self.lanes:
            last = len(self.effects[lane]) - 1
            for n, (kind, body) in enumerate(self.effects[lane]):
                yield lane, conversation, kind, body, n == 0, n == last


_GIVEN = {"due": "bigint", "owner": "text", "late": "bigint", "now": "bigint"}


@lru_cache
def one_by_one(*, drops: bool) -> Sequence[str]:
    """For SQLite, with the names of `Puts.named`; the last one gives (id, lane, state)."""
    named = zip(short(len(COLUMNS)), COLUMNS, strict=True)
    each = ", ".join(f"json_extract(value, '$.{n}') AS {name}" for n, name in named)
    put = f"WITH put AS (SELECT {each} FROM json_each(:rows)) "
    said = _words({name: f":{name}" for name in _GIVEN}, "lane", "")
    wanted = (_LANES, _DROP, _EFFECTS) if drops else (_LANES, _EFFECTS)
    return [put + text.format(**said) for text in wanted]


def in_one(places: Iterator[int], form: Form, *, proves: bool) -> Sequence[str]:
    """For PostgreSQL, parts of one statement that takes `Puts.numbered`. `effect_put` has
    (id, lane, state). Lanes are locked when what it `proves` is (`bulk.py`)."""
    rows = (single if form.alone else columnset)((f"${n}" for n in places), COLUMNS.values())
    given = {name: f"${next(places)}::{kind}" for name, kind in _GIVEN.items()}
    said = _words(given, "lane_put", ", proven" if proves else "")
    lanes = f"{_LANES.format(**said)} RETURNING key, owner, due_at, failures"
    dropped = [f"effect_gone AS ({_DROP.format(**said)})"] if form.drops else []
    return [
        f"put ({', '.join(COLUMNS)}) AS ({rows})",
        f"lane_put AS ({lanes})",
        *dropped,
        f"effect_put AS ({_EFFECTS.format(**said)})",
    ]


def _words(given: Mapping[str, str], lanes: str, proven: str) -> Mapping[str, str]:
    """What the texts leave open: how a value is named, where the lanes are by now, and what goes
    before them."""
    rests = _RESTS.format(**given)
    return {**given, "lanes": lanes, "idle": _IDLE, "rests": rests, "proven": proven}
