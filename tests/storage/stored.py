"""A store over a real database, with a clock that stands still, for the tests of the storage."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bridge.audit import Chain
from bridge.commands import (
    Accepted,
    AgentSaid,
    Answer,
    Command,
    Delivered,
    Escalation,
    OpenHandoff,
    ToThread,
    ToUser,
    UserSaid,
)
from bridge.lifecycle import decide
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Author,
    Handoff,
    HandoffId,
    Message,
    Role,
    contact_id,
    conversation_id,
)
from bridge.policy import Policy
from bridge.stores import Committed, Work
from storage.database import Database, connect
from storage.leases import Leases
from storage.migrate import upgrade
from storage.queries import SqlReads
from storage.store import SqlStore
from storage.tables import metadata
from tests.bridge.driver import ANA, NO_BOT, SAM, START

CHAIN = Chain([b"a key of thirty-two characters and more"])
API = Author(Role.SYSTEM, "key_1", "crm")
THREAD = ToThread("T1", "C1", "1.0")


@dataclass
class HandClock:
    """Microseconds; it moves when told to."""

    now: int = START

    def __call__(self) -> int:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


def user(address: str) -> ToUser:
    return ToUser(
        DEFAULT_WORKSPACE,
        conversation_id(DEFAULT_WORKSPACE, "webchat", address),
        contact_id(DEFAULT_WORKSPACE, "webchat", address),
        "webchat",
        address,
        address.title(),
    )


@dataclass
class Stored:
    """One process's store. `room` is how many lanes its workers could take; `chain`: what events
    are sealed with at once."""

    database: Database
    policy: Policy = NO_BOT
    name: str = "p1"
    clock: HandClock = field(default_factory=HandClock)
    room: int = 0
    chain: Chain | None = None

    def __post_init__(self) -> None:
        self.leases = Leases(self.name, room=lambda lanes=(): self.room - len(lanes))
        self.reads = SqlReads(self.database, lambda channel: True)
        self.store = SqlStore(
            self.database,
            lambda case, command, effect: decide(case, command, self.policy, effect),
            self.clock,
            self.leases,
            self.chain,
        )

    def other(self, name: str, room: int = 0) -> Stored:
        """Another process at the same database, by the same clock."""
        return Stored(self.database, self.policy, name, self.clock, room, self.chain)

    # --- doing -----------------------------------------------------------------------------------

    async def commit(self, *commands: Command) -> Committed:
        return await self.store.commit(commands)

    async def do(self, *commands: Command) -> tuple[Answer, ...]:
        return (await self.commit(*commands)).answers

    def says(self, key: str, text: str = "hello", to: ToUser = SAM, digest: str = "") -> UserSaid:
        return UserSaid(key, self.clock.now, to, text, digest=digest)

    def opens(self, key: str, to: ToUser = SAM, **wish: Any) -> OpenHandoff:
        return OpenHandoff(key, self.clock.now, to, API, Escalation("help", **wish))

    def replies(
        self, source: str, text: str, to: ToThread = THREAD, order: str = "1.1"
    ) -> AgentSaid:
        return AgentSaid(f"slack:{source}", self.clock.now, to, ANA, text, source, order)

    def delivered(self, work: Work, to: ToThread | None = None) -> Delivered:
        place = (to.team, to.channel, to.ts) if to else None
        return Delivered(work.claim, self.clock.now, place, shown=1)

    async def hands_over(self, to: ToUser = SAM, thread: ToThread = THREAD) -> HandoffId:
        """An open handoff of this user whose thread is there; nothing is left to be done."""
        room, self.room = self.room, 100
        committed = await self.commit(self.opens(f"open:{to.address}", to))
        (answer,) = committed.answers
        assert isinstance(answer, Accepted), answer
        work = committed.work
        while work:
            committed = await self.commit(*(self.delivered(each, thread) for each in work))
            work = committed.work
        self.room = room
        return HandoffId(answer.data["id"])

    # --- looking ---------------------------------------------------------------------------------

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """All of it, in the order of the key."""
        source = metadata.tables[table]
        statement = select(source).order_by(*source.primary_key.columns)
        return await self.database.read(
            lambda connection: [dict(row) for row in connection.execute(statement).mappings()]
        )

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        return {table: await self.rows(table) for table in metadata.tables}

    async def lane(self, key: str) -> dict[str, Any]:
        return next(row for row in await self.rows("lane") if row["key"] == key)

    async def waiting(self, lane: str) -> list[str]:
        """The kinds of the effects in the lane, in order."""
        return [row["kind"] for row in await self.rows("effect") if row["lane"] == lane]

    async def handoff(self, id: HandoffId) -> Handoff:
        view = await self.reads.view(id)
        assert view is not None
        return view.handoff

    async def by_source(self, source: str) -> Message:
        message = await self.reads.by_message(source)
        assert message is not None
        return message


def kinds(works: Sequence[Work]) -> list[str]:
    return [type(work.effect).__name__ for work in works]


def told(answer: Answer) -> dict[str, Any]:
    """What an accepted command was told."""
    assert isinstance(answer, Accepted), answer
    return answer.data


def body(row: dict[str, Any]) -> Any:
    return json.loads(row["body"])


@asynccontextmanager
async def stored(url: str, policy: Policy = NO_BOT, room: int = 0) -> AsyncIterator[Stored]:
    """A store over a database of the newest schema."""
    database = connect(url)
    try:
        await upgrade(database)
        yield Stored(database, policy, room=room)
    finally:
        await database.close()
