"""Whatever many agents and customers do at once, by the real inbox and its batches, the outbox and
routing, over real databases: what must never be is not."""

from __future__ import annotations

import asyncio
import itertools
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bridge.commands import (
    AddNote,
    AgentSaid,
    Assign,
    Attend,
    Command,
    Doing,
    KeepAsNote,
    Reject,
    Release,
    Reopen,
    Resolve,
    SendHeld,
    Snooze,
    TakeOver,
    ToAgent,
    ToConversation,
    ToMessage,
    Transfer,
    UserEnded,
    UserSaid,
    Wake,
)
from bridge.model import (
    DEFAULT_WORKSPACE,
    OPEN,
    SECOND,
    Agent,
    AgentId,
    MessageId,
    Standing,
    Visibility,
)
from bridge.policy import Staffing, Still, Talent
from bridge.queues import Queue, Routing
from storage.audit import SqlAudit
from storage.database import connect
from storage.feed import SqlFeed
from storage.tables import metadata
from tests.bridge.driver import MAIL
from tests.bridge.fakes import AbleDesk
from tests.bridge.house import House
from tests.replay.check import faults
from tests.replay.floor import Rules
from tests.reuse import EMPTY
from tests.storage.stored import CHAIN, user
from tests.storage.test_roster import Staff
from tests.thorough import THOROUGH

STEP = 20
"""Seconds of the longest pause between two rounds: nothing may be later than that."""
QUEUES = ("default", "billing", "calm")
POLICY = replace(
    MAIL,
    bots=(),
    reopen_within=30 * SECOND,
    still=Still(most=0),
    queues=(
        Queue(routing=Routing.LEAST_BUSY, capacity=2),
        Queue("billing", routing=Routing.ROUND_ROBIN, capacity=1, languages=("fr",)),
        Queue("calm"),
    ),
    staffing=Staffing(
        ask_after=60 * SECOND,
        away_after=90 * SECOND,
        hand_back_after=15 * SECOND,
        silent_after=40 * SECOND,
        talents={AgentId("U2"): Talent(languages=("fr",))},
    ),
)
AGENTS = (
    Agent(AgentId("U1"), "Ana"),
    Agent(AgentId("U2"), "Ben", queues=("default", "billing")),
    Agent(AgentId("U3"), "Chloe", queues=("billing", "calm")),
    Agent(AgentId("U9"), "Guest", member=False),
)
CUSTOMERS = tuple(user(f"c{number}") for number in range(5))
NAME = re.compile(r"#(\d+)\.")


@dataclass(frozen=True, slots=True)
class Act:
    """`who` does `what` with the conversation of `of`, as far as it needs one; `whom`: another
    agent, or a queue."""

    what: str
    who: int
    of: int
    whom: int


@dataclass(slots=True)
class Desk:
    """Turns acts into commands. Everything that is said has a number of its own."""

    house: House
    held: list[MessageId] = field(default_factory=list)
    count: int = 0

    def command(self, act: Act) -> Command:
        self.count += 1
        key, at, to = f"k{self.count}", self.house.clock.now, CUSTOMERS[act.of]
        by, whom = AGENTS[act.who], AGENTS[act.whom]
        here = (key, at, ToConversation(to.conversation_id), by)
        held = ToMessage(self.held[act.whom % len(self.held)] if self.held else MessageId("none"))
        source, order = f"s{self.count}", f"{at}.{self.count:06}"
        said = f"#{self.count}."
        mine = ToAgent(DEFAULT_WORKSPACE, by.id), by.as_author()
        every: dict[str, Callable[[], Command]] = {
            "asks": lambda: UserSaid(key, at, to, said),
            "leaves": lambda: UserEnded(key, at, ToConversation(to.conversation_id)),
            "says": lambda: AgentSaid(*here, said, source, order),
            "notes": lambda: AgentSaid(*here, f"!n {said}", source, order),
            "adds": lambda: AddNote(*here, said),
            "assigns": lambda: Assign(*here, whom),
            "takes": lambda: TakeOver(*here),
            "releases": lambda: Release(*here),
            "resolves": lambda: Resolve(*here, reason="done", undoable=act.whom > 1),
            "rejects": lambda: Reject(*here, "spam"),
            "snoozes": lambda: Snooze(*here, at + 30 * SECOND),
            "wakes": lambda: Wake(*here),
            "reopens": lambda: Reopen(*here, for_last=act.whom > 1),
            "hands on": lambda: Transfer(*here, whom, word=said),
            "moves": lambda: Transfer(*here, None, QUEUES[act.whom % 3], said),
            "sends held": lambda: SendHeld(key, at, held, by, act.of > 2, act.of < 2),
            "keeps held": lambda: KeepAsNote(key, at, held, by),
            "comes": lambda: Attend(key, at, *mine, Doing.ONLINE),
            "goes": lambda: Attend(key, at, *mine, Doing.AWAY),
        }
        return every[act.what]()

    async def do(self, acts: Sequence[Act]) -> None:
        """All of it at once."""
        commands = [self.command(act) for act in acts if self._may(act)]
        answers = await asyncio.gather(*map(self.house.inbox.handle, commands))
        for answer in answers:
            data = getattr(answer, "data", {})
            if "held" in data:
                self.held.append(MessageId(data["id"]))

    def _may(self, act: Act) -> bool:
        """A desk lets nobody sit down who is no member."""
        return AGENTS[act.who].member or act.what not in ("comes", "goes")


ACTS = ("asks", "asks", "asks", "says", "says", "comes", "comes", "takes", "resolves", "notes",
        "adds", "leaves", "assigns", "releases", "rejects", "snoozes", "wakes", "reopens",
        "hands on", "moves", "sends held", "keeps held", "goes")  # fmt: skip
acts = st.builds(
    Act,
    st.sampled_from(ACTS),
    st.sampled_from((0, 0, 1, 1, 2, 2, 3)),
    st.integers(0, len(CUSTOMERS) - 1),
    st.integers(0, len(AGENTS) - 1),
)
rounds = st.lists(
    st.tuples(st.lists(acts, min_size=1, max_size=8), st.sampled_from((0, 0, 1, 5, STEP))),
    min_size=1,
    max_size=12,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where each example begins anew."""

    url: str
    newest: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def fresh(self) -> str:
        """The URL of an empty database."""
        if self.url.startswith("sqlite"):
            path = Path(f"{self.url.removeprefix('sqlite:///')}.{next(self.numbers)}")
            shutil.copyfile(self.newest, path)
            return f"sqlite:///{path}"
        connection = await asyncpg.connect(self.url)
        await connection.execute(EMPTY)
        await connection.close()
        return self.url


@pytest.fixture
def place(database_url: str, newest_sqlite: Path) -> Place:
    return Place(database_url, newest_sqlite)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[House]:
    """As `house`, over a database whose schema is there."""
    database = connect(url)
    staff = Staff({agent.id: agent for agent in AGENTS if agent.member})
    made = House(database, AbleDesk(), POLICY, staff=staff)
    made.outbox.start()
    try:
        yield made
    finally:
        await made.outbox.close()
        await made.inbox.close()
        await database.close()


@pytest.mark.timeout(7_200 if THOROUGH else 120)
@settings(
    max_examples=2_000 if THOROUGH else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(script=rounds)
def test_whatever_is_done_at_once_what_must_not_be_is_not(
    place: Place, script: list[tuple[list[Act], int]]
) -> None:
    asyncio.run(_lived(place, script))


async def _lived(place: Place, script: list[tuple[list[Act], int]]) -> None:
    async with opened(await place.fresh()) as house:
        desk = Desk(house)
        for at_once, pause in script:
            await desk.do(at_once)
            await trail(house).seal()
            if pause:
                await house.later(pause)
        await house.later(STEP)
        await _rules_were_kept(house)
        await _only_what_is_for_customers_reached_them(house)


def trail(house: House) -> SqlAudit:
    return SqlAudit(house.database, CHAIN)


async def _rules_were_kept(house: House) -> None:
    feed, whole = SqlFeed(house.database, CHAIN), trail(house)
    await whole.seal()
    assert (await whole.check()).faults == []
    rules = Rules(
        policy=POLICY,
        serves={a.id: frozenset(a.queues or QUEUES) for a in AGENTS if a.member},
        slack=(STEP + 5) * SECOND,
    )
    assert faults(await feed.after(0, 100_000), rules) == []
    handoffs = await rows(house, "handoff")
    still_open = Counter(row["conversation_id"] for row in handoffs if row["status"] in OPEN)
    assert max(still_open.values(), default=0) <= 1
    for row in handoffs:
        assert row["status"] in OPEN or (row["outcome"] and row["closed_by"]), row


async def _only_what_is_for_customers_reached_them(house: House) -> None:
    """What agents said to them and what the desk did, each once and in order; and no note."""
    sent = [int(number) for _, text in house.channel.sent for number in NAME.findall(text)]
    assert max(Counter(sent).values(), default=0) <= 1
    for row in await rows(house, "message"):
        for number in map(int, NAME.findall(row["text"]) if row["author_role"] == "agent" else ()):
            leaves = row["visibility"] == Visibility.PUBLIC and row["standing"] == Standing.SENT
            assert (number in sent) == leaves, row
            member = next(agent for agent in AGENTS if agent.id == row["author_id"]).member
            assert member or not leaves or row["held_for"] == "", row


async def rows(house: House, table: str) -> list[dict[str, Any]]:
    return await house.database.read(
        lambda to: [dict(row) for row in to.execute(select(metadata.tables[table])).mappings()]
    )
