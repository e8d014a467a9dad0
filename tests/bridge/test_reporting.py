"""What a report is made of is read a slice at a time."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

from bridge.lists import Lists, Wanted
from bridge.model import SECOND
from bridge.oversight import PastDrafts, PastFirings
from bridge.reporting import FIRST, MANY, place_of, reported, today
from bridge.reports import By, Past, Period
from tests.past import One, past

FEW = 500


class Shelf:
    """So many handoffs in a time as long as the first slice, twice, and none after that."""

    def __init__(self, each: int) -> None:
        self.moments = range(0, 2 * FIRST, FIRST // each)
        self.asked: list[tuple[int, int]] = []
        self.found: list[int] = []

    async def past(self, workspace: str, wanted: Wanted) -> Past:
        self.asked.append((wanted.since, wanted.until))
        rest = ("queued", wanted.queue, "", "", "webchat", (), 0, 0, 0)
        here = [at for at in self.moments if wanted.since <= at < wanted.until]
        self.found.append(len(here))
        return past([One(at, *rest, asked=False, score=0) for at in here])

    async def missed(self, workspace: str, since: int) -> dict[str, Any]:
        return {}

    async def drafts(self, workspace: str, since: int, until: int) -> PastDrafts:
        return PastDrafts([""], ["approved"], [since], [until])

    async def firings(self, workspace: str, since: int, until: int) -> PastFirings:
        return PastFirings(["1"], ["person"], ["human"], [False])

    async def false_alarms(self, workspace: str, since: int) -> set[str]:
        return {"1"}


async def test_each_handoff_is_read_once_and_empty_years_in_few_slices() -> None:
    shelf, years = Shelf(FEW), Period(0, 120 * FIRST, UTC)
    made = await reported(cast(Lists, shelf), Wanted(queue="orders"), years)
    assert made.total.opened == len(shelf.moments)
    assert [group.key for group in made.by[By.QUEUE]] == ["orders"]
    assert all(one[1] == other[0] for one, other in pairwise(shelf.asked))
    assert (shelf.asked[0][0], shelf.asked[-1][1]) == (0, years.until)
    assert len(shelf.asked) < 10


async def test_slices_are_as_long_as_the_desk_is_busy() -> None:
    busy, quiet = Shelf(MANY + MANY // 2), Shelf(MANY // 3)
    for shelf in (busy, quiet):
        await reported(cast(Lists, shelf), Wanted(queue="orders"), Period(0, 2 * FIRST, UTC))
        assert sum(shelf.found) == len(shelf.moments)
    assert [until - since for since, until in busy.asked] == [FIRST, FIRST // 2, FIRST // 2]
    assert [until - since for since, until in quiet.asked] == [FIRST, FIRST]
    idle = Shelf(FEW)
    await reported(cast(Lists, idle), Wanted(queue="orders"), Period(0, 7 * FIRST, UTC))
    assert [until - since for since, until in idle.asked] == [FIRST, 2 * FIRST, 4 * FIRST]


async def test_approvals_and_rules_are_of_the_whole_desk_alone() -> None:
    shelf, day = cast(Lists, Shelf(FEW)), Period(0, FIRST, UTC)
    made = (await reported(shelf, Wanted(), day)).oversight
    assert made is not None
    assert (made.approvals.acceptance, made.approvals.deciding.p50) == (1.0, FIRST // SECOND)
    assert [(rule.fired, rule.false_alarms) for rule in made.rules] == [(1, 1)]
    assert (await reported(shelf, Wanted(channel="webchat"), day)).oversight is None


def test_today_begins_at_the_desks_midnight() -> None:
    berlin = place_of("Europe/Berlin")
    now = int(datetime(2026, 3, 30, 1, 30, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()) * SECOND
    assert today(now, berlin) == Period(now - 5_400 * SECOND, now + 1, berlin)
    assert place_of("") is UTC
