"""The write side's statements, run on one connection within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from bridge.commands import Claim, ToPost, ToThread
from bridge.lanes import Direction
from bridge.model import MessageId
from storage import statements as sql
from storage.bulk import Writes
from storage.dialects import ids
from storage.driver import Driver, Given, driver_of
from storage.known import Blind
from storage.mapping import HANDOFF, Row, Shape
from storage.persons import mates
from storage.tables import FAR

Named = Mapping[str, Any]


class Locked(NamedTuple):
    """`receipts`: digests and answers of those that there are, by key; `all`: whether all of the
    conversations were there to be locked; `chain`: whether the audit chain is ours."""

    receipts: dict[str, tuple[str, dict[str, Any]]]
    all: bool
    chain: bool


class Runner:
    """The statements, run on one connection."""

    def __init__(self, connection: Connection | None, dialect: str) -> None:
        """Without a connection it can neither ask nor lock anything (`known.py`)."""
        self._driver: Driver = driver_of(connection, dialect) if connection else Blind()
        self.driver = self._driver
        self._dialect = dialect

    def _rows(self, statement: Any, given: Given) -> Sequence[Named]:
        return self._driver.dicts(statement, given)

    def _column(self, statement: Any, given: Given) -> list[Any]:
        """The first column of each row."""
        return [row[0] for row in self._driver.rows(statement, given)]

    def _by_ids(self, name: str, values: Iterable[Any]) -> Sequence[Row]:
        """The columns that the table's mapper reads, by key; see `sql.READ`."""
        listed = sorted(values)
        if not listed:
            return ()
        given = {"ids": ids(self._dialect, listed)}
        return self._driver.rows(sql.select_among(self._dialect, name), given)

    # --- locks and receipts ----------------------------------------------------------------------

    def lock(
        self,
        conversations: Sequence[str],
        keys: Sequence[str],
        awaited: Sequence[str] = (),
        *,
        seals: bool = False,
    ) -> Locked:
        """Locks the conversations, in the order of their ids, and the names of what is `awaited`;
        the audit chain, if it `seals` and nobody else has it."""
        given = {
            "ids": ids(self._dialect, conversations),
            "keys": ids(self._dialect, keys),
            "named": awaited,
            "seals": seals,
        }
        rows = self._driver.rows(sql.lock(self._dialect), given)
        found = {key: (digest, orjson.loads(data)) for key, digest, data in rows if key}
        counted = {what: int(number) for key, number, what in rows if not key}
        all_there = counted.get(sql.LOCKED, len(conversations)) == len(conversations)
        return Locked(found, all_there, seals and bool(counted.get(sql.CHAIN, 1)))

    # --- loading -------------------------------------------------------------------------------

    def people(self, conversations: Sequence[str]) -> Sequence[Row]:
        """Conversations, each with its contact and the handoff that it is in, side by side."""
        if not conversations:
            return ()
        given = {"ids": ids(self._dialect, conversations)}
        return self._driver.rows(sql.people(self._dialect), given)

    def mates(self, conversations: Sequence[str]) -> Sequence[Row]:
        """Each with every other conversation of the same person."""
        if not conversations:
            return ()
        given = {"ids": ids(self._dialect, conversations)}
        return self._driver.rows(mates(self._dialect), given)

    def handoffs(self, wanted: Iterable[str]) -> Sequence[Row]:
        return self._by_ids("handoff", wanted)

    def effects(self, wanted: Iterable[int]) -> Sequence[Row]:
        """(id, kind, body)."""
        return self._by_ids("effect", wanted)

    def messages(self, wanted: Iterable[str]) -> Sequence[Row]:
        return self._by_ids("message", wanted)

    def message_places(self, wanted: Sequence[str], sources: Sequence[str]) -> Sequence[Row]:
        """(id, source, conversation, handoff) of the messages with these ids or sources."""
        if not (wanted or sources):
            return ()
        given = {"ids": ids(self._dialect, wanted), "sources": ids(self._dialect, sources)}
        return self._driver.rows(sql.message_places(self._dialect), given)

    def threads(self, wanted: Sequence[ToThread]) -> dict[ToThread, tuple[str, str]]:
        """(handoff, conversation) by thread."""
        if not wanted:
            return {}
        stamps = sorted({thread.ts for thread in wanted})
        rows = self._rows(sql.threads(self._dialect), {"ids": ids(self._dialect, stamps)})
        return {
            ToThread(row["team"], row["channel"], row["ts"]): (
                row["handoff_id"],
                row["conversation_id"],
            )
            for row in rows
        }

    def post_places(self, wanted: Sequence[ToPost]) -> Sequence[Row]:
        """(team, channel, ts, message, conversation, handoff) of posts with these stamps."""
        if not wanted:
            return ()
        stamps = sorted({post.ts for post in wanted})
        return self._driver.rows(
            sql.post_places(self._dialect), {"ids": ids(self._dialect, stamps)}
        )

    def handoff_places(self, wanted: Iterable[str]) -> dict[str, str]:
        place = HANDOFF.names.index("conversation_id")
        return {row[0]: row[place] for row in self._by_ids("handoff", set(wanted))}

    def later(self, conversation: str, order: str) -> list[tuple[str, MessageId]]:
        """The first shown message of an agent with a greater order, if there is one."""
        rows = self._rows(sql.LATER, {"conversation": conversation, "after": order})
        return [(row["order"], MessageId(row["id"])) for row in rows]

    # --- writing -------------------------------------------------------------------------------

    def write(self, writes: Writes) -> Sequence[Row]:
        """All of it; gives what `Driver.write` does."""
        return self._driver.write(writes)

    def insert_missing(self, shape: Shape, rows: Sequence[Row]) -> None:
        named = [dict(zip(shape.columns, row, strict=True)) for row in rows]
        self._driver.many(sql.insert_missing(self._dialect, shape.table), named)

    def count_up(self, workspace: str, name: str, by: int = 1) -> int:
        row = {"workspace_id": workspace, "name": name, "value": by}
        value: int = self._column(sql.count_up(self._dialect), row)[0]
        return value

    def queue_length(self, workspace: str, queue: str) -> int:
        row = {"workspace": workspace, "queue": queue}
        value: int = self._column(sql.QUEUE_LENGTH, row)[0]
        return value

    def take_early(self, keys: Iterable[str]) -> Sequence[Row]:
        """Removes and gives the commands that waited for these: (awaits, kind, body, at)."""
        given = {"ids": ids(self._dialect, sorted(keys))}
        rows = self._driver.rows(sql.early(self._dialect), given)
        if rows:
            self._delete_among("early", "awaits", {row[0] for row in rows})
        return rows

    # --- mailboxes -----------------------------------------------------------------------------

    def settle(self, claims: Sequence[Claim]) -> list[Claim]:
        """Takes out the effects of those that hold; which these are."""
        named = {f"{claim.effect_id}:{claim.owner}": claim for claim in claims}
        given = {
            "claims": ids(self._dialect, named),
            "effects": ids(self._dialect, {claim.effect_id for claim in claims}),
            "ids": ids(self._dialect, {claim.lane for claim in claims}),
        }
        return [named[name] for name in self._column(sql.settle(self._dialect), given)]

    def owners(self, lanes: Sequence[str]) -> dict[str, str | None]:
        """Who has these lanes; locks them."""
        statement = sql.owners(self._dialect)
        rows = self._rows(statement, {"ids": ids(self._dialect, sorted(lanes))})
        return {row["key"]: row["owner"] for row in rows}

    def set_timers(self, rows: Sequence[Named]) -> None:
        self._driver.many(sql.set_timers(self._dialect), rows)

    def drop_effects(self, wanted: Sequence[int]) -> None:
        self._delete_among("effect", "id", wanted)

    def drop_effects_of(self, lanes: Sequence[str]) -> None:
        self._driver.count(sql.drop_effects_of(self._dialect), {"ids": ids(self._dialect, lanes)})

    def drop_lanes(self, lanes: Sequence[str]) -> None:
        self._delete_among("lane", "key", lanes)

    def heads(self, lanes: Sequence[str]) -> Sequence[Named]:
        """The first effect of each lane that has one."""
        return self._rows(sql.heads(self._dialect), {"ids": ids(self._dialect, lanes)})

    def behind(self, lane: str, effect: int, most: int) -> Sequence[Named]:
        """What comes after an effect in its lane."""
        given = {"lane_": lane, "after": effect, "limit_": most}
        return self._rows(sql.BEHIND, given)

    def begin(self, effects: Sequence[int], now: int, state: str = "sending") -> None:
        """Marks the effects as being performed."""
        values = {"ids": ids(self._dialect, effects), "now": now, "b_state": state}
        self._driver.count(sql.begin(self._dialect), values)

    def go_on(self, lanes: Sequence[str], now: int, due_at: int) -> Sequence[Named]:
        """Begins with the first effect of each lane, ours until then; one that has none is free."""
        given = {"ids": ids(self._dialect, lanes), "now": now, "due": due_at}
        first, *others = sql.go_on(self._dialect)
        begun = self._rows(first, given)
        for statement in others:
            self._driver.count(statement, given)
        return begun

    def leave(self, lanes: Sequence[str], due_at: int) -> None:
        """They are nobody's; due then where there is more in them."""
        given = {"ids": ids(self._dialect, lanes), "due": due_at}
        self._driver.count(sql.leave(self._dialect), given)

    def extend(self, lanes: Sequence[str], due_at: int) -> None:
        values = {"ids": ids(self._dialect, lanes), "due": due_at}
        self._driver.count(sql.extend(self._dialect), values)

    def release(self, lanes: Sequence[str], due_at: int = FAR) -> None:
        values = {"ids": ids(self._dialect, lanes), "due": due_at}
        self._driver.count(sql.release(self._dialect), values)

    def claim(
        self, owner: str, now: int, lease_to: int, limit: int, skip: frozenset[Direction]
    ) -> list[str]:
        values = {"owner_": owner, "now": now, "lease": lease_to, "limit_": limit}
        skipped = {f"not_{each}": f"{each}:%" for each in skip}
        return self._column(sql.claim(skip), {**values, **skipped})

    def put_back(self, lane: str, owner: str, due_at: int, failures: int) -> bool:
        values = {"lane_": lane, "owner_": owner, "due": due_at, "more": failures}
        return self._driver.count(sql.PUT_BACK, values) > 0

    def set_state(self, effect: int, state: str, now: int) -> None:
        self._driver.count(sql.SET_STATE, {"id_": effect, "state_": state, "now": now})

    def park(self, lane: str, owner: str, reason: str) -> bool:
        """Whether it was the owner's to park."""
        values = {"lane_": lane, "owner_": owner, "reason": reason}
        return self._driver.count(sql.PARK, values) > 0

    def release_dead(self, process: str, now: int) -> int:
        values = {"mine": f"{process}.%", "now": now}
        return self._driver.count(sql.RELEASE_DEAD, values)

    def _delete_among(self, table: str, column: str, values: Iterable[Any]) -> None:
        statement = sql.delete_among(self._dialect, table, column)
        self._driver.count(statement, {"ids": ids(self._dialect, values)})
