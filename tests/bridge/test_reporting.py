"""What a report is made of is read a slice at a time."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

from bridge.lists import Lists, Wanted
from bridge.model import SECOND
from bridge.oversight import Draft, Firing
from bridge.reporting import FEW, SLICE, place_of, reported, today
from bridge.reports import By, Past, Period


class Shelf:
    """One handoff in each hour of its first three weeks, and none after that."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    async def past(self, workspace: str, wanted: Wanted) -> list[Past]:
        self.asked.append((wanted.since, wanted.until))
        rest = ("queued", wanted.queue, "", "", "webchat", (), 0, 0, 0)
        every = (Past(at, *rest, asked=False, score=0) for at in range(0, 3 * SLICE, SLICE // FEW))
        return [row for row in every if wanted.since <= row.opened_at < wanted.until]

    async def missed(self, workspace: str, since: int) -> dict[str, Any]:
        return {}

    async def drafts(self, workspace: str, since: int, until: int) -> list[Draft]:
        return [Draft("", "approved", since, until)]

    async def firings(self, workspace: str, since: int, until: int) -> list[Firing]:
        return []


async def test_each_handoff_is_read_once_and_empty_years_in_few_slices() -> None:
    shelf, years = Shelf(), Period(0, 520 * SLICE, UTC)
    made = await reported(cast(Lists, shelf), Wanted(queue="orders"), years)
    assert made.total.opened == 3 * FEW
    assert [group.key for group in made.by[By.QUEUE]] == ["orders"]
    assert shelf.asked[:3] == [(n * SLICE, (n + 1) * SLICE) for n in range(3)]
    assert all(one[1] == other[0] for one, other in pairwise(shelf.asked))
    assert (shelf.asked[-1][1], len(shelf.asked) < 15) == (years.until, True)


async def test_approvals_and_rules_are_of_the_whole_desk_alone() -> None:
    shelf, day = cast(Lists, Shelf()), Period(0, SLICE, UTC)
    made = (await reported(shelf, Wanted(), day)).oversight
    assert made is not None
    assert (made.approvals.acceptance, made.approvals.deciding.p50) == (1.0, SLICE // SECOND)
    assert (await reported(shelf, Wanted(channel="webchat"), day)).oversight is None


def test_today_begins_at_the_desks_midnight() -> None:
    berlin = place_of("Europe/Berlin")
    now = int(datetime(2026, 3, 30, 1, 30, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()) * SECOND
    assert today(now, berlin) == Period(now - 5_400 * SECOND, now + 1, berlin)
    assert place_of("") is UTC
