"""Figures of a report, against the same reckoned in the plainest way."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.lengths import Lengths, lengths, nearest_rank
from bridge.model import SECOND
from bridge.reports import (
    GOALS,
    By,
    Group,
    Period,
    Step,
    begin,
)
from tests.past import One, report

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 86_400 * SECOND


def micros(*when: int, zone: ZoneInfo = BERLIN) -> int:
    return int(datetime(*when, tzinfo=zone).timestamp()) * SECOND  # type: ignore[misc,arg-type]


SINCE, UNTIL = micros(2026, 3, 23), micros(2026, 4, 6)
"""With the night in which the clocks go forward."""
MOMENTS = st.integers(0, 40 * DAY)


@st.composite
def handoffs(draw: st.DrawFn) -> One:
    at = draw(st.integers(SINCE, UNTIL - 1))

    def later() -> int:
        return draw(st.one_of(st.just(0), MOMENTS.map(lambda length: at + length - DAY)))

    agent = draw(st.sampled_from(["", "U1", "U2"]))
    return One(
        opened_at=at,
        status=draw(st.sampled_from(["resolved", "rejected", "queued", "assigned", "expired"])),
        queue=draw(st.sampled_from(["orders", "returns", "ünïcode"])),
        agent=agent,
        agent_name=agent and f"Ana {agent}",
        channel=draw(st.sampled_from(["webchat", "messenger"])),
        labels=tuple(draw(st.sets(st.sampled_from(["vip", "bug", "spam"])))),
        assigned_at=later(),
        first_reply_at=later(),
        closed_at=later(),
        asked=draw(st.booleans()),
        score=draw(st.integers(0, 5)),
        replier=(replier := draw(st.sampled_from(["", "U1", "U2", "U3"]))),
        replier_name=replier and f"Ana {replier}",
    )


def plainly(ages: Iterable[tuple[int, int]]) -> Lengths:
    """The definition, word for word."""
    ordered = sorted(max(until - since, 0) // SECOND for since, until in ages if until)
    if not ordered:
        return Lengths()
    p50, p90, p95 = (ordered[math.ceil(n * len(ordered) / 100) - 1] for n in (50, 90, 95))
    return Lengths(len(ordered), sum(ordered) // len(ordered), p50, p90, p95, max(ordered))


def same(
    found: Group,
    rows: list[One],
    late: list[tuple[One, frozenset[str]]],
    replied: list[One] | None = None,
) -> None:
    """`replied`: those whose first response counts here, where these are others."""
    assert found.opened == len(rows)
    assert found.statuses == Counter(row.status for row in rows)
    assert found.resolved == sum(row.status == "resolved" for row in rows)
    assert found.still_open == sum(row.status in ("queued", "assigned") for row in rows)
    assert found.waiting == plainly((r.opened_at, r.assigned_at) for r in rows)
    assert found.first_response == plainly(
        (r.opened_at, r.first_reply_at) for r in (rows if replied is None else replied)
    )
    ended = [row for row in rows if row.status == "resolved"]
    assert found.resolution == plainly((r.opened_at, r.closed_at) for r in ended)
    given_ = [row.score for row in rows if row.score]
    assert found.rated == len(given_)
    assert found.rating == (pytest.approx(statistics.fmean(given_)) if given_ else None)
    assert found.asked == sum(row.asked for row in rows)
    assert found.late == len(late)
    assert found.missed == {goal: sum(goal in goals for _, goals in late) for goal in GOALS}


KEYS: dict[By, Callable[[One], Iterable[str]]] = {
    By.QUEUE: lambda row: [row.queue],
    By.AGENT: lambda row: [row.agent] if row.agent else [],
    By.LABEL: lambda row: row.labels,
    By.CHANNEL: lambda row: [row.channel],
    By.WEEKDAY: lambda row: [str(clock(row).weekday())],
    By.HOUR: lambda row: [str(clock(row).hour)],
    By.DATE: lambda row: [clock(row).date().isoformat()],
}


def clock(row: One) -> datetime:
    return datetime.fromtimestamp(row.opened_at / SECOND, UTC).astimezone(BERLIN)


@given(st.lists(handoffs(), max_size=8), st.data())
def test_every_figure_is_what_its_definition_says(found: list[One], data: st.DataObject) -> None:
    goals = st.frozensets(st.sampled_from(GOALS), min_size=1)
    rows = [row._replace(id=f"hnd_{n}") for n, row in enumerate(found)]
    late = [(row, data.draw(goals)) for row in rows if data.draw(st.booleans())]
    missed = {row.id: goals for row, goals in late} | {"hnd_of_another_time": frozenset(GOALS)}
    made = report(rows, missed, Period(SINCE, UNTIL, BERLIN))
    same(made.total, rows, late)
    for by, keys in KEYS.items():
        here = {each.key: each for each in made.by[by]}
        assert set(here) >= {key for row in rows for key in keys(row)}
        for key, group in here.items():
            within = [row for row in rows if key in keys(row)]
            replied = [row for row in rows if row.replier == key] if by is By.AGENT else None
            same(group, within, [(row, m) for row, m in late if key in keys(row)], replied)
    week = Counter((clock(row).weekday(), clock(row).hour) for row in rows)
    assert {(w, h): n for w, day in enumerate(made.week) for h, n in enumerate(day) if n} == week


def test_groups_are_all_there_by_the_clock_and_else_the_largest_first() -> None:
    one = One(SINCE, "queued", "b", "U1", "Ana", "webchat", ("x",), 0, 0, 0, asked=False, score=0)
    rows = [
        one,
        one._replace(queue="c", agent=""),
        one._replace(queue="c"),
        one._replace(queue="a"),
    ]
    made = report(rows, {}, Period(SINCE, UNTIL, BERLIN))
    assert [(each.key, each.opened) for each in made.by[By.QUEUE]] == [("c", 2), ("a", 1), ("b", 1)]
    assert [(each.key, each.name) for each in made.by[By.AGENT]] == [("U1", "Ana")]
    assert [each.key for each in made.by[By.HOUR]] == [str(hour) for hour in range(24)]
    assert [each.key for each in made.by[By.WEEKDAY]] == [str(day) for day in range(7)]
    days = [each.key for each in made.by[By.DATE]]
    assert (len(days), days[0], days[-1]) == (14, "2026-03-23", "2026-04-05")


def test_a_first_response_counts_for_who_gave_it_and_the_end_for_who_had_it_last() -> None:
    times = (SINCE, SINCE + 43 * SECOND, SINCE + 90 * SECOND)
    moved = One(SINCE, "resolved", "billing", "U2", "Chloé", "webchat", (), *times, True, 5)
    made = report(
        [moved._replace(replier="U1", replier_name="Ana")], {}, Period(SINCE, UNTIL, BERLIN)
    )
    chloe, ana = made.by[By.AGENT]
    assert (ana.name, ana.opened, ana.first_response.p50) == ("Ana", 0, 43)
    assert ana.resolution.number == 0
    assert (chloe.name, chloe.opened, chloe.resolution.p50) == ("Chloé", 1, 90)
    assert (chloe.first_response.number, chloe.rating) == (0, 5)
    assert made.total.first_response.p50 == 43


def test_a_clock_that_is_off_by_half_an_hour_shows_its_own_hour() -> None:
    india = ZoneInfo("Asia/Kolkata")
    at = micros(2026, 3, 23, 9, 40, zone=india)
    row = One(at, "queued", "a", "", "", "webchat", (), 0, 0, 0, asked=False, score=0)
    made = report([row], {}, Period(at - DAY, at + DAY, india))
    assert [each.key for each in made.by[By.HOUR] if each.opened] == ["9"]


@pytest.mark.parametrize(
    ("days", "step", "first", "number"),
    [(1, Step.DAY, "2026-03-23", 1), (45, Step.DAY, "2026-03-23", 45),
     (46, Step.WEEK, "2026-03-23", 7), (420, Step.WEEK, "2026-03-23", 60),
     (421, Step.MONTH, "2026-03-01", 15)],
)  # fmt: skip
def test_long_reports_have_longer_steps(days: int, step: Step, first: str, number: int) -> None:
    end = datetime.fromtimestamp(SINCE // SECOND, BERLIN) + timedelta(days)
    period = Period(SINCE, int(end.timestamp()) * SECOND, BERLIN)
    dates = report([], {}, period).by[By.DATE]
    assert (period.step, dates[0].key, len(dates)) == (step, first, number)


@given(st.lists(st.integers(0, 100), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_so_many_stay_within(
    values: list[int], percent: int
) -> None:
    ordered = sorted(values)
    found = nearest_rank(ordered, percent)
    within = [value for value in ordered if value <= found]
    below = [value for value in ordered if value < found]
    assert 100 * len(within) >= percent * len(ordered) > 100 * len(below)


def test_of_nothing_there_are_no_lengths() -> None:
    assert lengths([-1, -1]) == Lengths()


NOW = micros(2026, 3, 30, 15, 0)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1d", micros(2026, 3, 30)),
        ("2d", micros(2026, 3, 29)),  # a day of 23 hours
        ("2w", micros(2026, 3, 17)),
        ("2026-03-29", micros(2026, 3, 29)),
        ("2026-03-30", micros(2026, 3, 30)),
        *(
            (said, None)
            for said in (
                *("", "30", "d", "0d", "-1d", "9999d", "1h", "１d", "2026-03-31", "2026-02-30"),
                *("1960-01-01", "20260329", "2026-03-29T00:00:00Z"),
            )
        ),
    ],
)
def test_a_length_or_a_date_says_since_when(said: str, expected: int | None) -> None:
    assert begin(said, NOW, BERLIN) == expected
