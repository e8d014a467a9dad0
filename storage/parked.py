"""Lanes that are parked: put aside together, listed, released together.

Why is kept in the lane, as `scope:about:reason`. Lanes are locked in the order of their keys and
those that somebody works with are skipped: who works with one finds out and parks it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from bridge.errors import Scope
from bridge.events import Kind
from bridge.model import SECOND, Author, ConversationId, Micros
from bridge.outbox import GIVE_UP_AFTER
from bridge.parking import DESK
from bridge.ports import Clock
from bridge.stores import Outage, Parked, Work
from storage.database import Database
from storage.driver import Driver
from storage.notes import note
from storage.runner import Runner
from storage.tables import FAR, metadata

T = metadata.tables
_lane, _effect, _thread, _handoff, _conversation = (
    T[name].c for name in ("lane", "effect", "thread", "handoff", "conversation")
)
_DESK = or_(*(_lane.key.like(f"{each}:%") for each in sorted(DESK)))
_WITH_WORK = (
    select(_lane.key)
    .where(_lane.due_at < FAR, _lane.owner.is_(None), _lane.parked.is_(None), _DESK)
    .order_by(_lane.key)
    .with_for_update(skip_locked=True)
)
_IN_CHANNEL = _WITH_WORK.where(
    select(_thread.handoff_id)
    .join(T["handoff"], _thread.handoff_id == _handoff.id)
    .where(_handoff.conversation_id == _lane.conversation_id, _thread.channel == bindparam("about"))
    .exists()
)


def _parking(those: Any) -> Any:
    return (
        update(T["lane"]).where(_lane.key.in_(those)).values(parked=bindparam("reason"), due_at=FAR)
    )


_PARK = {Scope.TOKEN: _parking(_WITH_WORK), Scope.CHANNEL: _parking(_IN_CHANNEL)}
_OUTAGES = select(_lane.parked).where(_lane.parked.is_not(None)).distinct()
_PARKED = select(_lane.key).where(_lane.parked.is_not(None))


def _releasing(those: Any) -> Any:
    locked = those.order_by(_lane.key).with_for_update(skip_locked=True)
    freed: dict[str, Any] = {
        "parked": None,
        "owner": None,
        "due_at": bindparam("now"),
        "failures": 0,
    }
    return update(T["lane"]).where(_lane.key.in_(locked)).values(**freed)


_RELEASE = _releasing(_PARKED.where(_lane.parked == bindparam("reason")))
_RELEASE_ALL = _releasing(_PARKED)
_RELEASE_ONE = _releasing(_PARKED.where(_lane.key == bindparam("lane_")))
AN_HOUR: Micros = 3_600 * SECOND
_YOUNGER = (
    update(T["effect"])
    .where(
        _effect.lane.in_(select(_lane.key).where(_lane.parked.is_not(None))),
        _effect.created_at < bindparam("oldest"),
    )
    .values(created_at=bindparam("oldest"))
)
"""What was parked for a day is not given up at the first failure: it has an hour yet."""
_LISTED = (
    select(
        _lane.key,
        _lane.conversation_id,
        func.coalesce(func.max(_handoff.number), 0),
        _lane.parked,
        func.count(_effect.id),
        func.coalesce(func.min(_effect.created_at), 0),
    )
    .join(T["effect"], _effect.lane == _lane.key, isouter=True)
    .join(T["conversation"], _conversation.id == _lane.conversation_id, isouter=True)
    .join(T["handoff"], _handoff.id == _conversation.handoff_id, isouter=True)
    .where(_lane.parked.is_not(None))
    .group_by(_lane.key, _lane.conversation_id, _lane.parked)
    .order_by(_lane.key)
)


def _name(outage: Outage) -> str:
    return f"{outage.scope}:{outage.about}:{outage.reason}"


def _read(name: str) -> Outage | None:
    """None for a lane that was parked alone, for what is in it."""
    scope, _, rest = name.partition(":")
    about, colon, reason = rest.partition(":")
    return Outage(Scope(scope), about, reason) if colon else None


class SqlParked:
    """Implements `bridge.stores.Parks`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def _now(self) -> Micros:
        return self._database.now() or self._clock()

    def _runner(self, connection: Connection) -> Runner:
        return Runner(connection, self._database.dialect)

    async def park_all(self, work: Work, outage: Outage) -> None:
        await self._database.write(partial(self._park_all, work, outage))

    def _park_all(self, work: Work, outage: Outage, connection: Connection) -> None:
        run, claim = self._runner(connection), work.claim
        if run.park(claim.lane, claim.owner, _name(outage)):
            # It was surely not done this time.
            run.set_state(claim.effect_id, "unknown" if work.doubtful else "ready", self._now())
        given = {"reason": _name(outage), "about": outage.about}
        run.driver.count(_PARK[outage.scope], given)

    async def outages(self) -> list[Outage]:
        def look(connection: Connection) -> list[Outage]:
            names = [row[0] for row in self._runner(connection).driver.rows(_OUTAGES, {})]
            return [outage for name in sorted(names) if (outage := _read(name))]

        return await self._database.read(look)

    async def release(self, outage: Outage) -> int:
        return await self._release(_RELEASE, reason=_name(outage))

    async def release_all(self, lane: str = "", by: Author | None = None) -> int:
        """Or this one alone, by whoever mended it. How many go on."""
        given = {"lane_": lane} if lane else {}
        return await self._release(_RELEASE_ONE if lane else _RELEASE_ALL, by, **given)

    async def _release(self, statement: Any, by: Author | None = None, **given: str) -> int:
        def write(connection: Connection) -> int:
            driver: Driver = self._runner(connection).driver
            now = self._now()
            driver.count(_YOUNGER, {"oldest": now - GIVE_UP_AFTER + AN_HOUR})
            number = driver.count(statement, {**given, "now": now})
            if by and number:
                told = {"lanes": number, **({"lane": given["lane_"]} if given else {})}
                note(connection, Kind.LANES_RELEASED, by, now, "retry", **told)
            return number

        return await self._database.write(write)

    async def listed(self) -> list[Parked]:
        def look(connection: Connection) -> list[Parked]:
            rows = self._runner(connection).driver.rows(_LISTED, {})
            return [Parked(row[0], ConversationId(row[1]), row[2], *row[3:]) for row in rows]

        return await self._database.read(look)
