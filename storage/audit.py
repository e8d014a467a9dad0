"""The audit trail in the database: reading it by the page, checking it, and heads of days."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from bridge.audit import (
    BEGIN,
    NEWEST,
    Chain,
    Entry,
    Fault,
    Head,
    Walk,
    What,
    said_of,
)
from bridge.events import Kind
from bridge.model import Author, Micros
from bridge.trail import MOST_FAULTS, Checked, Sought
from storage.chain import COLUMNS, HEAD, LAST, Sealing, event, heads, texts
from storage.database import Database
from storage.driver import driver_of
from storage.feed import SKEW, first_since
from storage.notes import note
from storage.tables import metadata

PAGE = 250
"""Rows that are checked at a time: others have their turn in between."""
WINDOW = 5_000
"""Positions that are looked through at a time where there is no index."""
FAR = 1 << 62
_handoff = metadata.tables["handoff"].c
_e, _h = event.c, heads.c


class SqlAudit:
    """Implements `bridge.trail.Trail`."""

    def __init__(self, database: Database, chain: Chain) -> None:
        self._database = database
        self._chain = chain

    # --- reading -------------------------------------------------------------------------------

    async def rows(self, sought: Sought, after: int, limit: int) -> list[Entry]:
        first, last = await self._database.read(partial(_bounds, sought))
        conditions, found = _conditions(sought), list[Entry]()
        by_index = sought.conversation or sought.handoff or not conditions
        step, after = FAR if by_index else WINDOW, max(after, first)
        while after < last and len(found) < limit:
            upto = min(after + step, last)
            window = (_e.position > after, _e.position <= upto, *conditions)
            wanted = select(*COLUMNS).where(*window).order_by(_e.position)
            found += await self._entries(wanted.limit(limit - len(found)))
            after = upto
            await asyncio.sleep(0)
        return found

    async def _entries(self, statement: Any) -> list[Entry]:
        return await self._database.read(
            lambda connection: [Entry(*row) for row in connection.execute(statement)]
        )

    # --- checking ------------------------------------------------------------------------------

    async def check(self, known: Sequence[Head] = ()) -> Checked:
        """Rows that are sealed meanwhile are not looked at: the newest is read first."""
        kept = await self._database.read(_heads)
        newest, begin = kept.get(NEWEST), kept.get(BEGIN)
        faults = [each for head in kept.values() for each in self._unproven(head)]
        believed = newest if newest and self._chain.proves(newest) else None
        walk = Walk(self._chain)
        for head in (*kept.values(), *known):
            if head.position and head.name != BEGIN and (self._chain.proves(head) or head in known):
                walk.heads.setdefault(head.position, []).append(head)
        count = len(faults)
        async for fault in self._walked(walk, believed):
            count += 1
            if len(faults) < MOST_FAULTS:
                faults.append(fault)
        older = begin.position if begin and self._chain.proves(begin) else 0
        waiting, beyond = await self._database.read(partial(_outside, older))
        faults += beyond
        if walk.last and newest is None:
            faults.append(Fault(What.HEAD, walk.last, walk.last, detail="no record of the newest"))
        more = count - min(count, MOST_FAULTS)
        return Checked(walk.rows, walk.erased, waiting, older, believed, faults, more)

    def _unproven(self, head: Head) -> Iterator[Fault]:
        if not self._chain.proves(head):
            why = f"the record {head.name} was changed, or made with a key that SECRET_KEY has not"
            yield Fault(What.KEY, head.position, head.position, "", head.at, why)

    async def _walked(self, walk: Walk, newest: Head | None) -> Any:
        after, last = -FAR, newest.position if newest else FAR
        while page := await self._database.read(partial(self._page, after, last)):
            entries, wrong = page
            if not entries:
                break
            for entry in entries:
                for fault in walk.step(entry):
                    yield fault
                if entry.position in wrong:
                    yield wrong[entry.position]
            after = entries[-1].position
            await asyncio.sleep(0)
        for fault in walk.end(newest):
            yield fault

    def _page(
        self, after: int, last: int, connection: Connection
    ) -> tuple[list[Entry], dict[int, Fault]]:
        """Rows, and by position those whose messages say something else now."""
        page = select(*COLUMNS).where(_e.position > after, _e.position <= last)
        found = connection.execute(page.order_by(_e.position).limit(PAGE))
        entries = [Entry(*row) for row in found]
        about = [each for each in entries if each.said and each.salt and each.message]
        named = sorted({entry.message for entry in about})
        says = texts(driver_of(connection, self._database.dialect), named)
        wrong = [entry for entry in about if not _says(entry, says.get(entry.message))]
        return entries, {
            entry.position: _text_fault(entry)
            for entry in wrong
            if not _told_later(connection, entry)
        }

    # --- what is done to it --------------------------------------------------------------------

    async def note(self, kind: Kind, by: Author, at: Micros, cause: str, **body: Any) -> None:
        await self._database.write(lambda connection: note(connection, kind, by, at, cause, **body))

    async def seal(self) -> None:
        while await self._database.write(self._seal):
            pass

    def _seal(self, connection: Connection) -> int:
        return self._sealing(connection).run(PAGE)

    def _sealing(self, connection: Connection) -> Sealing:
        return Sealing(driver_of(connection, self._database.dialect), self._chain)

    async def close_day(self, day: str, ended: Micros, by: Author, at: Micros) -> None:
        if await self._database.read(partial(self._is_due, day, ended)):
            await self._database.write(partial(self._close, day, by, at))

    def _is_due(self, day: str, ended: Micros, connection: Connection) -> bool:
        begun = select(_e.at).where(_e.position == 1, _e.at < ended)
        known = self._sealing(connection).head(day) is not None
        return not known and connection.execute(begun).first() is not None

    def _close(self, day: str, by: Author, at: Micros, connection: Connection) -> None:
        sealing = self._sealing(connection)
        newest = sealing.head(NEWEST) if sealing.lock() else None
        if newest is None or not newest.position or sealing.head(day):
            return
        head = self._chain.prove(Head(day, newest.position, newest.at, newest.seal))
        values = dict(zip(Head.__dataclass_fields__, astuple(head), strict=True))
        connection.execute(insert(heads).values(**values, told=False)).close()
        told = {"day": day, "position": head.position, "seal": head.seal}
        note(connection, Kind.AUDIT_HEAD, by, at, f"day {day}", **told)

    async def untold(self) -> list[Head]:
        waiting = select(*HEAD).where(_h.told.is_(False), _h.name.not_in([NEWEST, BEGIN]))
        return await self._database.read(
            lambda connection: [
                Head(*row) for row in connection.execute(waiting.order_by(_h.position))
            ]
        )

    async def told(self, head: Head) -> None:
        done = update(heads).where(_h.name == head.name).values(told=True)
        await self._database.write(lambda connection: connection.execute(done).close())


def _conditions(sought: Sought) -> list[Any]:
    found: list[Any] = []
    if sought.conversation:
        found.append(_e.conversation_id == sought.conversation)
    if sought.handoff:  # by the index of its conversation
        its = select(_handoff.conversation_id).where(_handoff.id == sought.handoff)
        found += [_e.conversation_id == its.scalar_subquery(), _e.handoff_id == sought.handoff]
    for named in filter(None, (sought.actor, sought.agent)):
        found.append(or_(_e.actor_id == named, _e.actor_name == named))
    if sought.agent:
        found.append(_e.actor_role == "agent")
    if sought.since:
        found.append(_e.at >= sought.since)
    if sought.until:
        found.append(_e.at < sought.until)
    return found


def _bounds(sought: Sought, connection: Connection) -> tuple[int, int]:
    """Positions between which all of it lies."""
    first = first_since(connection, sought.since) if sought.since else 0
    last = int(connection.execute(LAST).scalar() or 0)
    if sought.until:
        last = min(last, first_since(connection, sought.until + 2 * SKEW))
    return first, last


def _heads(connection: Connection) -> dict[str, Head]:
    return {row[0]: Head(*row) for row in connection.execute(select(*HEAD))}


def _says(entry: Entry, text: str | None) -> bool:
    return text is not None and said_of(text, entry.salt or "") == entry.said


def _text_fault(entry: Entry) -> Fault:
    detail = f"message {entry.message} says something else, or is gone, and no event tells why"
    return Fault(What.TEXT, entry.position, entry.position, entry.name, entry.at, detail)


def _told_later(connection: Connection, entry: Entry) -> bool:
    """Whether a later event is about the message, or deleted the conversation."""
    about = _e.body.contains(f'"message":"{entry.message}"', autoescape=True)
    later = select(_e.id).where(
        _e.conversation_id == entry.conversation_id,
        or_(_e.position.is_(None), _e.position > entry.position),
        or_(_e.kind == Kind.CONVERSATION_DELETED.value, about),
    )
    return connection.execute(later.limit(1)).first() is not None


def _outside(older: int, connection: Connection) -> tuple[int, list[Fault]]:
    """How many rows wait to be sealed, and those that have a position that was never given."""
    newest = select(_h.position).where(_h.name == NEWEST).scalar_subquery()
    new = select(func.count()).where(_e.position.is_(None)).scalar_subquery()
    old = select(func.count()).where(_e.position > newest, _e.position <= older).scalar_subquery()
    waiting = connection.execute(select(new + old)).scalar_one()
    beyond = select(_e.position, _e.name, _e.at).where(_e.position > newest, _e.position > older)
    return waiting, list(_inserted(connection.execute(beyond.limit(MOST_FAULTS))))


def _inserted(rows: Any) -> Iterator[Fault]:
    for position, name, at in rows:
        yield Fault(What.INSERTED, position, position, name, at, "after the newest that was sealed")
