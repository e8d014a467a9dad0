"""When a queue is open, by the clock of its place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.hours import ALWAYS, Hours, after, closes_at, is_open, opens_at, when
from bridge.model import SECOND, Micros

BERLIN = ZoneInfo("Europe/Berlin")
NINE_TO_FIVE = ((9 * 60, 17 * 60),)
WEEK = Hours(
    BERLIN,
    ((((9 * 60, 12 * 60), (13 * 60, 17 * 60)),) + (NINE_TO_FIVE,) * 4 + ((), ())),
    frozenset({date(2026, 12, 25)}),
)
ROUND_THE_CLOCK = Hours(UTC, (((0, 1440),),) * 7, frozenset({date(2026, 12, 25)}))
NEVER = Hours(UTC, ((),) * 7)
HOUR = 3_600 * SECOND


def at(text: str) -> Micros:
    """By Berlin's clock."""
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()) * SECOND


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("2026-11-23T08:59:59", "2026-11-23T09:00", None),
        ("2026-11-23T09:00", "2026-11-23T09:00", "2026-11-23T12:00"),
        ("2026-11-23T12:00", "2026-11-23T13:00", None),
        ("2026-11-27T17:00", "2026-11-30T09:00", None),
        ("2026-12-24T18:00", "2026-12-28T09:00", None),
        ("2026-03-27T18:00", "2026-03-30T09:00", None),
        ("2026-10-23T18:00", "2026-10-26T09:00", None),
    ],
)
def test_it_opens_by_the_clock_of_its_place_and_not_on_holidays(
    now: str, opens: str, closes: str | None
) -> None:
    assert opens_at(WEEK, at(now)) == at(opens)
    assert is_open(WEEK, at(now)) is (now == opens)
    assert closes_at(WEEK, at(now)) == (at(closes) if closes else 0)


def test_nights_between_whole_days_are_no_closing() -> None:
    noon = int(datetime(2026, 12, 20, 12, tzinfo=UTC).timestamp()) * SECOND
    christmas = int(datetime(2026, 12, 25, tzinfo=UTC).timestamp()) * SECOND
    assert closes_at(ROUND_THE_CLOCK, noon) == christmas
    without = Hours(UTC, ROUND_THE_CLOCK.week)
    assert closes_at(without, noon) == 0


def test_an_interval_that_the_clock_skips_in_spring_is_no_time_at_all() -> None:
    nights = Hours(BERLIN, ((), (), (), (), (), (), ((2 * 60 + 30, 3 * 60), (4 * 60, 5 * 60))))
    evening = at("2026-03-28T22:00")
    assert opens_at(nights, evening) == at("2026-03-29T04:00")
    assert after(nights, evening, HOUR) == at("2026-03-29T05:00")


def test_without_hours_it_is_always_open_and_one_without_a_day_never() -> None:
    assert is_open(ALWAYS, 5)
    assert (closes_at(ALWAYS, 5), after(ALWAYS, 5, 7)) == (0, 12)
    assert (opens_at(NEVER, 5), is_open(NEVER, 5), closes_at(NEVER, 5)) == (0, False, 0)
    assert after(NEVER, 5, 7) == 12


def test_only_open_time_counts() -> None:
    assert after(WEEK, at("2026-11-23T11:30"), HOUR) == at("2026-11-23T13:30")
    assert after(WEEK, at("2026-11-27T16:30"), HOUR) == at("2026-11-30T09:30")
    assert after(WEEK, at("2026-11-23T10:00"), 2 * HOUR) == at("2026-11-23T12:00")


@given(st.integers(1_790_000_000, 1_830_000_000), st.integers(1, 500_000))
def test_a_moment_is_open_or_comes_before_one_that_is(seconds: int, length: int) -> None:
    now = seconds * SECOND
    opens, due = opens_at(WEEK, now), after(WEEK, now, length * SECOND)
    assert opens >= now
    assert is_open(WEEK, opens)
    assert is_open(WEEK, due - 1)
    assert due >= now + length * SECOND
    assert (closes_at(WEEK, now) > now) is is_open(WEEK, now)


@pytest.mark.parametrize(
    ("then", "locale", "words"),
    [
        ("2026-11-21T17:05", "en-GB", "today at 17:05 (CET)"),
        ("2026-11-22T09:00", "fr", "demain à 9:00 (CET)"),
        ("2026-11-23T09:00", "de", "am Montag um 9:00 Uhr (CET)"),
        ("2026-11-23T13:00", "es", "el lunes a las 13:00 (CET)"),
        ("2026-11-23T01:00", "es", "el lunes a la 1:00 (CET)"),
        ("2027-01-04T09:00", "nl", "on Monday 4 January at 9:00 (CET)"),
        ("2026-12-01T09:00", "fr-CA", "mardi 1er décembre à 9:00 (CET)"),
        ("2026-12-01T09:00", "de-AT", "am Dienstag, 1. Dezember um 9:00 Uhr (CET)"),
        ("2026-12-01T13:00", "es-MX", "el martes 1 de diciembre a las 13:00 (CET)"),
    ],
)
def test_a_moment_is_told_so_that_everybody_knows_which_clock_is_meant(
    then: str, locale: str, words: str
) -> None:
    assert when(WEEK, at(then), at("2026-11-21T12:00"), locale) == words
