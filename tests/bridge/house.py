"""A whole desk in one process: the real inbox, outbox and store, with recording adapters around it.

The clock stands still until a test moves it, so that every wait is chosen by the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import text as sql

from bridge.commands import (
    Accepted,
    AgentSaid,
    Answer,
    Assign,
    Command,
    Escalation,
    OpenHandoff,
    ToThread,
    UserSaid,
)
from bridge.inbox import Inbox
from bridge.letters import Mailer
from bridge.lifecycle import decide
from bridge.links import Links
from bridge.mailman import Mailman
from bridge.model import SECOND, Author, Handoff, HandoffId, Role
from bridge.outbox import Outbox, Pace
from bridge.parking import Parking
from bridge.perform import Performer
from bridge.policy import Policy
from bridge.ports import TOPIC_WORK, Desk, Staff
from bridge.router import Router
from bridge.showing import Showing
from bridge.stores import Work
from bridge.transfers import Transfers
from storage.database import Database, connect
from storage.files import Limits, SqlFiles
from storage.leases import Leases
from storage.memory import MemoryBell
from storage.migrate import upgrade
from storage.parked import SqlParked
from storage.queries import SqlReads
from storage.roster import SqlRoster
from storage.shelves import TableShelf
from storage.store import SqlStore
from tests.bridge.driver import ANA, MAIL, SAM, START
from tests.bridge.fakes import AbleDesk, FakeBot, FakeChannel
from tests.waiting import until

API = Author(Role.SYSTEM, "key_1", "crm")
POLICY = replace(MAIL, desk_max_text=100)


@dataclass
class HandClock:
    """Microseconds; it moves when told to."""

    now: int = START

    def __call__(self) -> int:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


@dataclass
class House:
    database: Database
    desk: Any
    policy: Policy = POLICY
    workers: int = 8
    name: str = "p1"
    clock: HandClock = field(default_factory=HandClock)
    channel: FakeChannel = field(default_factory=FakeChannel)
    bot: FakeBot = field(default_factory=FakeBot)
    bell: MemoryBell = field(default_factory=MemoryBell)
    mailer: Mailer | None = None
    staff: Staff | None = None
    """Whom routing may give something."""
    count: int = 0
    thread: ToThread = field(default_factory=lambda: ToThread("", "", ""))

    def __post_init__(self) -> None:
        self.reads = SqlReads(self.database, lambda channel: True)
        self.leases = Leases(self.name)
        self.store = SqlStore(
            self.database,
            lambda case, command, effect: decide(case, command, self.policy, effect),
            self.clock,
            self.leases,
        )
        limits = Limits(room=1_000_000)
        self.files = SqlFiles(self.database, TableShelf(self.database), self.clock, limits)
        self.inbox = Inbox(self.store, self.bell, self._take)
        channels = {"webchat": self.channel}
        transfers = Transfers(self.files, self.store, self.desk, channels, self.clock)
        showing = Showing(self.reads, self.store, self.desk, self.policy, self.clock, transfers)
        self.performer = Performer(
            self.reads,
            channels,
            {"robo": self.bot},
            self.clock,
            showing,
            transfers,
            Links([b"k" * 32], "https://desk.example"),
            Mailman(self.reads, channels, self.clock, self.mailer, self.policy.mail_after),
            route=Router(
                SqlRoster(self.database), self.inbox.handle, self.policy, self.clock, self.staff
            ).look,
        )
        pace = Pace(self.workers, poll=0.05, quarantine=15.0)
        # Whether things work again is looked at when a test wants it, and at the start.
        self.parked = SqlParked(self.database, self.clock)
        self.parking = Parking(self.parked, self.desk, self.bell, every=3_600.0)
        self.outbox = Outbox(
            self.store,
            self.performer,
            self.inbox.handle,
            self.bell,
            self.clock,
            pace,
            self.parking,
        )
        self.leases.room = self.outbox.room

    def _take(self, works: Sequence[Work]) -> None:
        self.outbox.take(works)

    # --- doing -----------------------------------------------------------------------------------

    def key(self) -> str:
        self.count += 1
        return f"{self.name}-{self.count}"

    async def do(self, command: Command) -> Answer:
        return await self.inbox.handle(command)

    async def hears(self, text: str) -> None:
        answer = await self.do(UserSaid(self.key(), self.clock.now, SAM, text))
        assert isinstance(answer, Accepted), answer

    async def replies(self, text: str) -> str:
        """Ana writes into the thread; the source of what she wrote."""
        source = self.key()
        order = f"{self.clock.now}.{self.count:05}"
        said = AgentSaid(source, self.clock.now, self.thread, ANA, text, source, order)
        answer = await self.do(said)
        assert isinstance(answer, Accepted), answer
        return source

    async def hands_over(self) -> Handoff:
        """A handoff with its thread, for Ana."""
        command = OpenHandoff(self.key(), self.clock.now, SAM, API, Escalation("help"))
        answer = await self.do(command)
        assert isinstance(answer, Accepted), answer
        handoff = HandoffId(answer.data["id"])
        await self.until(lambda: self.desk.opened)
        await self.quiet()
        thread = await self.reads.thread(handoff)
        assert thread is not None
        self.thread = ToThread(thread.team, thread.channel, thread.ts)
        await self.do(Assign(self.key(), self.clock.now, self.thread, ANA, ANA))
        await self.quiet()
        view = await self.reads.view(handoff)
        assert view is not None
        return view.handoff

    async def until(self, condition: Callable[[], Any]) -> None:
        """Lets the loop run until it holds; at each turn the workers look for what is due."""

        def holds() -> Any:
            if not (found := condition()):
                self.bell.ring([TOPIC_WORK])
            return found

        await until(holds, pause=0.002)

    async def quiet(self) -> None:
        """Until nothing is due and nobody works."""
        while True:
            await self.until(lambda: self.outbox.room() == self.workers)
            if not await self.due():
                return
            self.bell.ring([TOPIC_WORK])
            await asyncio.sleep(0.002)  # a read of SQLite lets nobody else run

    async def due(self) -> int:
        """How many lanes could be claimed now, or are being worked on by this process."""
        mine = f"{self.store.leases.process}.%"
        given = {"mine": mine, "now": self.clock.now}
        query = sql("SELECT count(*) FROM lane WHERE owner LIKE :mine OR due_at <= :now")
        return await self.database.read(
            lambda connection: int(connection.execute(query, given).scalar_one())
        )

    async def later(self, seconds: float) -> None:
        """Some seconds later, when all that is due by then has been done."""
        await self.quiet()
        self.clock.move(seconds)
        await self.quiet()


@asynccontextmanager
async def house(url: str, desk: Desk | None = None, **more: Any) -> AsyncIterator[House]:
    """Running; `desk` is one that can look up unless another is given."""
    database = connect(url)
    await upgrade(database)
    made = House(database, AbleDesk() if desk is None else desk, **more)
    made.outbox.start()
    try:
        yield made
    finally:
        await made.outbox.close()
        await made.inbox.close()
        await database.close()
