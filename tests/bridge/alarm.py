"""A house with alerts: what looks and what tells, put into a `House`, which looks when it is told
to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bridge.alert_words import Notice, plain
from bridge.alerting import addressees
from bridge.alerts import Rule, SendAlert
from bridge.errors import DeliveryError
from bridge.ports import Receipt
from bridge.settings_alerts import AlertSettings
from bridge.settings_hours import HoursSettings
from bridge.stores import Outage
from bridge.telling import Teller
from bridge.watching import Sources, Watch
from storage.alerts import SqlAlerts
from storage.feed import SqlFeed
from storage.lists import SqlLists
from tests.bridge.fakes import AbleDesk, Moods
from tests.bridge.house import House, house
from tests.bridge.tools import SECRET, Tool
from tests.storage.stored import CHAIN

SLACK = {"name": "desk", "slack": "C0ALERTS", "kinds": ["new_handoff", "overdue"]}
HOOK = {"name": "ops", "webhook": "https://ops.example/alert", "secret": SECRET}
MAIL = {"name": "lead", "email": "lead@shop.example"}


def alerts(*places: dict[str, Any], **more: Any) -> AlertSettings:
    return AlertSettings.model_validate({"to": places, **more})


@dataclass
class Board:
    """A place of the desk's network. Implements `bridge.telling.Announcer`."""

    moods: Moods = field(default_factory=Moods)
    shown: list[tuple[str, Notice]] = field(default_factory=list)
    blind: bool = False

    @property
    def texts(self) -> list[str]:
        return [plain(notice) for _, notice in self.shown]

    async def announce(self, place: str, notice: Notice) -> Receipt:
        error = self.moods.next()
        if error is None or self.moods.lost:
            self.shown.append((place, notice))
        if error:
            raise error
        return Receipt(("T1", place, str(len(self.shown))))

    def can_look(self, place: str) -> bool:
        return not self.blind

    async def link(self, place: tuple[str, ...]) -> str:
        if error := self.moods.next():
            raise error
        return f"https://acme.slack.com/{'/'.join(place)}"

    async def find(self, place: str, key: str, since: int) -> Receipt | None:
        keys = [notice.key for _, notice in self.shown]
        return Receipt(("T1", place, str(keys.index(key) + 1))) if key in keys else None


@dataclass
class Postbox:
    """Implements `bridge.telling.Notifies`."""

    taken: list[tuple[str, str, str, str]] = field(default_factory=list)
    error: DeliveryError | None = None

    async def notify(self, to: str, subject: str, text: str, key: str) -> None:
        if self.error:
            raise self.error
        self.taken.append((to, subject, text, key))


@dataclass
class BoardDesk(AbleDesk):
    announcer: Board = field(default_factory=Board)


@dataclass
class Trouble:
    """What does not work just now. `faults`: by adapter."""

    parked: list[Outage] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    async def outages(self) -> list[Outage]:
        return list(self.parked)


@dataclass
class Alarm:
    house: House
    board: Board
    postbox: Postbox
    tool: Tool
    store: SqlAlerts
    watch: Watch
    trouble: Trouble = field(default_factory=Trouble)

    def watched_by(self, owner: str, rules: Sequence[Rule], **more: Any) -> Watch:
        made = self.house

        async def fault() -> str:
            return self.trouble.faults.get("slack", "")

        checks = {"slack": fault, "desk": fault}
        sources = Sources(made.reads, self.trouble, checks, **more)
        rest: dict[str, Any] = {"bell": made.bell, "clock": made.clock, "owner": owner}
        return Watch(self.store, rules, sources, made.policy, **rest, every=0.01)

    async def look(self, seconds: float = 0) -> Sequence[SendAlert]:
        """After these, and when all that was told has gone."""
        self.house.clock.move(seconds)
        await SqlFeed(self.house.database, CHAIN).seal(1_000)
        told = await self.watch.look()
        await self.house.quiet()
        return told


@asynccontextmanager
async def alarm(
    url: str, given: AlertSettings, *, sources: dict[str, Any] | None = None, **more: Any
) -> AsyncIterator[Alarm]:
    desk = BoardDesk()
    async with house(url, desk, **more) as made:
        tool, postbox = Tool(made.clock), Postbox()
        store = SqlAlerts(made.database, made.clock)
        lists = SqlLists(made.database, made.reads)
        told = (desk, postbox, tool, made.clock)
        teller = Teller(addressees(given), made.reads, lists, made.store, *told)
        made.performer.alert = teller.tell
        unready: Any = None
        at = Alarm(made, desk.announcer, postbox, tool, store, unready)
        at.watch = at.watched_by("p1", given.rules(HoursSettings()), **(sources or {}))
        yield at
