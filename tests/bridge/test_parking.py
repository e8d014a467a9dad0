"""What nobody can deliver until somebody mends it rests as a whole, and goes on as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.commands import Escalation, OpenHandoff, UserSaid, lost
from bridge.effects import Line
from bridge.errors import Broken, Retry, Scope, StoreUnavailable
from bridge.parking import LONGEST, Parking, Rest
from bridge.stores import Outage
from storage.memory import MemoryBell
from tests.bridge.fakes import MortalDesk, PlainDesk
from tests.bridge.house import API, House, house
from tests.bridge.test_healing import mid_talk, shown
from tests.storage.stored import user
from tests.waiting import until

REVOKED = Broken("token_revoked", Scope.TOKEN)
ARCHIVED = Broken("is_archived", Scope.CHANNEL, "C1")
TOKEN, CHANNEL = (Scope.TOKEN, ""), (Scope.CHANNEL, "C1")
KIM = user("kim")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(f"sqlite:///{tmp_path}/desk.db", MortalDesk()) as made:
        yield made


async def kim_opens(home: House) -> None:
    await home.do(OpenHandoff(home.key(), home.clock.now, KIM, API, Escalation("help")))
    await home.quiet()


async def kim_says(home: House, text: str) -> None:
    await home.do(UserSaid(home.key(), home.clock.now, KIM, text))


def alerts(logs: list[Any]) -> list[tuple[str, str]]:
    return [(log["reason"], log["remedy"]) for log in logs if log["event"] == "desk_broken"]


@pytest.mark.parametrize("error", [REVOKED, ARCHIVED], ids=["token", "channel"])
async def test_all_that_is_broken_rests_until_one_look_says_that_it_works(
    home: House, error: Broken
) -> None:
    await mid_talk(home)
    await kim_opens(home)
    home.desk.closed = error
    with capture_logs() as logs:
        for text in ("one", "two"):
            await home.hears(text)
            await kim_says(home, text)
        await home.later(24 * 3600 * 3)
        await home.parking.look()
        await home.later(60)
        assert home.desk.probed == [(error.scope, error.about)]
        assert alerts(logs) == [(error.reason, f"mend {error.reason}")]
        assert await home.parking.fault() == error.reason
        home.desk.closed = None
        home.desk.posting.say(
            Retry("http_503")
        )  # what has waited so long is given time all the same
        await home.parking.look()
        await home.later(1.0)
    assert home.desk.texts("1.0") == ["where is my parcel?", "one", "two"]
    assert home.desk.texts("2.0") == ["one", "two"]
    assert await home.parking.fault() == ""
    assert Line.FAILED not in shown(home.desk, "1.0")


async def test_a_thread_may_be_lost_while_its_lane_is_parked(home: House) -> None:
    await mid_talk(home)
    home.desk.closed = REVOKED
    await home.hears("one")
    await home.quiet()
    await home.do(lost(home.thread, home.clock.now, "thread_deleted"))
    await home.later(60)
    assert list(home.desk.shown) == ["1.0"]
    home.desk.closed = None
    await home.parking.look()
    await home.quiet()
    assert shown(home.desk, "2.0")[1:] == [Line.MOVED, "one"]


@pytest.mark.parametrize("lane", ["user:cnv_1", "bot:cnv_1"])
async def test_only_what_is_for_the_desk_is_parked(lane: str) -> None:
    parking = Parking(NoLanes(), MortalDesk(), MemoryBell())
    assert not await parking.keep(claimed(lane), REVOKED)


async def test_a_desk_that_cannot_say_whether_it_works_is_asked_again_and_again() -> None:
    parking = Parking(NoLanes(), PlainDesk(), MemoryBell())
    assert not await parking.keep(claimed("desk:cnv_1"), REVOKED)
    await parking.look()


async def test_what_is_the_messages_own_trouble_is_not_parked() -> None:
    parking = Parking(NoLanes(), MortalDesk(), MemoryBell())
    assert not await parking.keep(claimed("desk:cnv_1"), Broken("odd"))


def claimed(lane: str) -> Any:
    return SimpleNamespace(claim=SimpleNamespace(lane=lane))


class NoLanes:
    """Lanes of which some are parked."""

    def __init__(self, *outages: Outage) -> None:
        self.parked = list(outages)
        self.errors: list[Exception] = []
        self.looks = 0

    async def park_all(self, work: Any, outage: Outage) -> None:
        self.parked.append(outage)

    async def outages(self) -> list[Outage]:
        self.looks += 1
        if self.errors:
            raise self.errors.pop(0)
        return list(self.parked)

    async def release(self, outage: Outage) -> int:
        self.parked.remove(outage)
        return 1


async def test_what_fails_again_at_once_is_looked_at_ever_more_seldom_and_told_once() -> None:
    """As with a right that is missing, which no look can see."""
    lanes = NoLanes()
    parking = Parking(lanes, MortalDesk(), MemoryBell(), every=100.0)
    with capture_logs() as logs:
        for _ in range(4):
            await parking.keep(claimed("desk:x"), REVOKED)
            parking._rests.get(TOKEN, Rest(1.0)).look_at = 0.0
            await parking.look()
            assert lanes.parked == []
        await parking.keep(claimed("desk:x"), REVOKED)
        await parking.look()
    assert len(lanes.parked) == 1  # its time has not come
    assert parking._rests[TOKEN].every == LONGEST
    assert len(alerts(logs)) == 1


async def test_what_breaks_another_day_is_told_again() -> None:
    parking = Parking(NoLanes(), MortalDesk(), MemoryBell(), every=0.0)
    with capture_logs() as logs:
        for _ in range(2):
            await parking.keep(claimed("desk:x"), REVOKED)
            await parking.look()
    assert len(alerts(logs)) == 2


async def test_one_that_was_never_started_is_closed_as_well() -> None:
    lanes = NoLanes(Outage(Scope.TOKEN, "", "invalid_auth"))
    await Parking(lanes, MortalDesk(), MemoryBell()).close()
    assert lanes.looks == 0


async def test_a_desk_that_does_not_answer_is_asked_again_later() -> None:
    desk, lanes = MortalDesk(), NoLanes(Outage(Scope.CHANNEL, "C1", "is_archived"))
    parking = Parking(lanes, desk, MemoryBell())
    desk.closed = Retry("unreachable")  # type: ignore[assignment]
    await parking.look()
    assert lanes.parked


async def test_it_looks_at_the_start_and_whatever_fails_it_goes_on() -> None:
    outage = Outage(Scope.TOKEN, "", "invalid_auth")
    lanes, desk = NoLanes(outage), MortalDesk()
    lanes.errors = [StoreUnavailable("away"), RuntimeError("a mistake")]
    parking = Parking(lanes, desk, MemoryBell(), every=0.001)
    assert await parking.fault() == ""
    lanes.errors.insert(0, StoreUnavailable("away"))
    parking.start()
    await until(lambda: not lanes.parked)
    await parking.close()
    assert desk.probed == [TOKEN]
