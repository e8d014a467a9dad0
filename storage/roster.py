"""Agents' seats and what each has: written by one transaction of the inbox, and read by routing.

Whoever changes a seat or gives something to an agent by routing holds the workspace's row of
routing, from before all other locks: what they look at stays so until they commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Select, Table, bindparam, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bridge.attending import TOPIC_SEATS, Attended, Seat, attend
from bridge.claiming import claimant
from bridge.commands import AssignNext, Attend, Command, HandBack, Introduce, OfAgent
from bridge.introducing import introduce
from bridge.lists import RANKS
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    AgentId,
    Awaiting,
    Handoff,
    HandoffId,
    Micros,
    Priority,
    Status,
    WorkspaceId,
    replace,
)
from bridge.routing import Bench, Floor, Held, Waiting
from storage.database import Database
from storage.mapping import Row
from storage.places import Room
from storage.runner import Runner
from storage.tables import metadata
from storage.tables_agents import SeatRow
from storage.tables_profiles import ProfileRow

LATELY: Micros = 90 * 86_400 * SECOND
"""No customer comes back to who had them longer ago."""
MOST = 200
"""Of those who wait in a queue, the first so many are looked at."""
_SEATS: Table = metadata.tables[str(SeatRow.__tablename__)]
_PROFILES: Table = metadata.tables[str(ProfileRow.__tablename__)]
_NAMES = tuple(field.name for field in fields(Seat))
_seat, _handoff, _conversation, _contact = (
    metadata.tables[name].c for name in ("seat", "handoff", "conversation", "contact")
)
_OF_WORKSPACE = select(*(_seat[name] for name in _NAMES)).where(
    _seat.workspace_id == bindparam("workspace")
)
_ONE = _OF_WORKSPACE.where(_seat.id == bindparam("agent"))
_HELD = (
    select(
        _handoff.id,
        _handoff.assignee,
        _handoff.queue,
        _conversation.awaiting,
        _conversation.awaiting_since,
        _handoff.version,
        _handoff.had_since,
    )
    .join(metadata.tables["conversation"], _conversation.id == _handoff.conversation_id)
    .where(
        _handoff.workspace_id == bindparam("workspace"),
        _handoff.status == "assigned",
        _handoff.assignee.is_not(None),
    )
)
_HELD_BY = _HELD.where(_handoff.assignee == bindparam("agent"))


@lru_cache
def _keep(dialect: str) -> Any:
    return _upsert(dialect, _SEATS, _NAMES)


@lru_cache
def _keep_profile(dialect: str) -> Any:
    return _upsert(dialect, _PROFILES, ("name", "avatar_url", "languages"))


def _upsert(dialect: str, into: Table, names: Sequence[str]) -> Any:
    statement = (sqlite if dialect == "sqlite" else postgresql).insert(into)
    changed = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=changed)


class Roster:
    """Mutable, for one transaction."""

    def __init__(self, run: Runner, room: Room) -> None:
        """`room`: what the transaction has at hand, changed already."""
        self._run = run
        self._dialect = run.driver.dialect
        self._room = room
        self._seats: dict[AgentId, Seat | None] = {}
        self._stored: dict[AgentId, Sequence[Held]] = {}
        self._changed: set[AgentId] = set()
        self.topics: frozenset[str] = frozenset()
        self._profiles: list[dict[str, Any]] = []

    def lock(self, commands: Sequence[Command]) -> None:
        """Before all else, where a command goes by what others have."""
        if any(isinstance(command, Attend | AssignNext | HandBack) for command in commands):
            self._run.count_up(DEFAULT_WORKSPACE, "routing")

    def looked_at(self, command: Command, handoff: Handoff | None) -> Bench | None:
        """The bench of the agent to whom routing gives something, from whom it takes it, or who
        takes something by the command; as it is by now."""
        if isinstance(command, AssignNext):
            return self._bench(command.agent.id)
        who = command.agent if isinstance(command, HandBack) else claimant(command, handoff)
        return self._bench(who) if who else None

    def _bench(self, agent: AgentId) -> Bench:
        """What was decided in this transaction is not in the database yet."""
        here = self._room.handoffs
        if agent not in self._stored:
            found = self._run.driver.rows(_HELD_BY, _of(agent))
            self._stored[agent] = tuple(map(_held, found))
        kept = (held for held in self._stored[agent] if held.id not in here)
        mine = (
            self._now_held(each, agent)
            for each in here.values()
            if each.status is Status.ASSIGNED and each.assignee == agent
        )
        return Bench(self._seat(agent), (*kept, *mine))

    def _now_held(self, handoff: Handoff, agent: AgentId) -> Held:
        talk = self._room.conversations[handoff.conversation_id]
        numbers = (talk.awaiting_since, handoff.version, handoff.had_since)
        return Held(handoff.id, agent, handoff.queue, talk.awaiting, *numbers)

    def _seat(self, agent: AgentId) -> Seat | None:
        if agent not in self._seats:
            found = [_read(row) for row in self._run.driver.rows(_ONE, _of(agent))]
            self._seats[agent] = next(iter(found), None)
        return self._seats[agent]

    def attend(self, command: OfAgent) -> Attended:
        before = self._seat(command.to.id)
        if isinstance(command, Introduce):
            introduced = introduce(before, command)
            self._profiles += [] if introduced.refused else [_profile(command)]
            return introduced
        attended = attend(before, command)
        if attended.seat != before and not attended.refused:
            self._put(attended.seat)
        if attended.event:
            self.topics = frozenset({TOPIC_SEATS})
        return attended

    def gave(self, command: AssignNext) -> None:
        """The agent is next when all others were given one."""
        agent = command.agent.id
        seat = self._seat(agent) or Seat(DEFAULT_WORKSPACE, agent)
        self._put(replace(seat, given_at=command.at))

    def _put(self, seat: Seat) -> None:
        self._seats[seat.id] = seat
        self._changed.add(seat.id)

    def save(self) -> None:
        seats = [self._seats[agent] for agent in sorted(self._changed)]
        rows = [_named(seat) for seat in seats if seat]
        if rows:
            self._run.driver.many(_keep(self._dialect), rows)
        for profile in self._profiles:
            self._run.driver.many(_keep_profile(self._dialect), [profile])


def _profile(command: Introduce) -> dict[str, Any]:
    return {
        "workspace_id": command.to.workspace_id,
        "id": command.to.id,
        "name": command.name,
        "avatar_url": command.avatar_url,
        "languages": " ".join(command.languages),
    }


def _of(agent: AgentId) -> dict[str, str]:
    return {"workspace": DEFAULT_WORKSPACE, "agent": agent}


def _named(seat: Seat) -> dict[str, Any]:
    return dict(zip(_NAMES, astuple(seat), strict=True))


def _read(row: Row) -> Seat:
    workspace, agent, online, by_hand, *times = row
    return Seat(workspace, agent, bool(online), bool(by_hand), *times)


def _held(row: Row) -> Held:
    handoff, agent, queue, awaiting, *numbers = row
    return Held(HandoffId(handoff), AgentId(agent), queue, Awaiting(awaiting), *numbers)


# --- the floor -----------------------------------------------------------------------------------


class SqlRoster:
    """Implements `bridge.stores.Rosters`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seats(self, workspace: WorkspaceId) -> tuple[Seat, ...]:
        rows = await self._rows(_OF_WORKSPACE.order_by(_seat.id), workspace=workspace)
        return tuple(map(_read, rows))

    async def floor(self, workspace: WorkspaceId, manual: Sequence[str], now: Micros) -> Floor:
        seats = await self.seats(workspace)
        held = tuple(map(_held, await self._rows(_HELD, workspace=workspace)))
        rows = await self._rows(_waiting(manual), workspace=workspace)
        last = await self._last([row[1] for row in rows], now)
        waiting = (_waits(row, last.get(row[1], (None, 0))) for row in rows)
        return Floor(seats, held, tuple(waiting))

    async def _last(
        self, conversations: Sequence[str], now: Micros
    ) -> dict[str, tuple[AgentId | None, Micros]]:
        """Who had these customers last, and until when."""
        if not conversations:
            return {}
        rows = await self._rows(_had(conversations, now - LATELY))
        return {row[0]: (AgentId(row[1]), row[2]) for row in rows}

    async def _rows(self, statement: Select[Any], **given: Any) -> Sequence[Row]:
        def read(connection: Connection) -> Sequence[Row]:
            return [tuple(row) for row in connection.execute(statement, given).all()]

        return await self._database.read(read)


def _waiting(manual: Sequence[str]) -> Select[Any]:
    """Those of all queues but these, of each the most urgent. One that is about to end is nobody's
    any more."""
    waits = case((_conversation.awaiting == "agent", _conversation.awaiting_since), else_=0)
    since = case((waits > 0, waits), else_=_handoff.opened_at)
    rank = case(RANKS, value=_handoff.priority)
    language = case((_conversation.locale != "", _conversation.locale), else_=_contact.locale)
    columns = (
        *(_handoff.id, _handoff.conversation_id, _handoff.queue, since.label("since")),
        *(_handoff.priority, language.label("language"), _handoff.labels),
        *(_handoff.given_back_by, _handoff.version),
    )
    nth = func.row_number().over(partition_by=_handoff.queue, order_by=(rank, since)).label("nth")
    waiting = (
        select(*columns, nth)
        .join(metadata.tables["conversation"], _conversation.id == _handoff.conversation_id)
        .join(metadata.tables["contact"], _contact.id == _conversation.contact_id)
        .where(
            _handoff.workspace_id == bindparam("workspace"),
            _handoff.status == "queued",
            _handoff.ends_at == 0,
            _handoff.queue.not_in(manual),
        )
        .subquery()
    )
    *found, nth_of_queue = waiting.c
    return select(*found).where(nth_of_queue <= MOST)


def _had(conversations: Sequence[str], since: Micros) -> Select[Any]:
    """The later ones last."""
    return (
        select(_handoff.conversation_id, _handoff.assignee, _handoff.closed_at)
        .where(
            _handoff.conversation_id.in_(conversations),
            _handoff.assignee.is_not(None),
            _handoff.closed_at >= since,
        )
        .order_by(_handoff.closed_at)
    )


def _waits(row: Row, last: tuple[AgentId | None, Micros]) -> Waiting:
    handoff, _, queue, since, priority, language, labels, given_back_by, version = row
    return Waiting(
        HandoffId(handoff),
        queue,
        since,
        Priority(priority),
        language,
        tuple(orjson.loads(labels)),
        *last,
        given_back_by,
        version,
    )
