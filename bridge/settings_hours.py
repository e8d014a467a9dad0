"""When the desk and its queues are open, as the settings say it."""

from __future__ import annotations

import re
from datetime import UTC, date
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from bridge.hours import Hours, Interval, zone
from bridge.settings_types import words

HOUR = 60
DAY = 24 * HOUR
"""In minutes."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")


def _interval(value: Any) -> Any:
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be as 9:00-17:30")
    first, last = (int(found[n]) * HOUR + int(found[n + 1]) for n in (1, 3))
    if int(found[2]) >= HOUR or int(found[4]) >= HOUR or last > DAY:
        raise ValueError("has a time that no clock shows")
    if first >= last:
        raise ValueError("must end after it begins; what goes past midnight is two, of two days")
    return first, last


def _in_order(spans: tuple[Interval, ...]) -> tuple[Interval, ...]:
    ordered = tuple(sorted(spans))
    if any(second[0] < first[1] for first, second in pairwise(ordered)):
        raise ValueError("has two that overlap")
    return ordered


def _zone(name: str) -> str:
    if name and not zone(name):
        raise ValueError("must be a time zone such as Europe/Berlin")
    return name


Place = Annotated[str, AfterValidator(_zone)]
Span = Annotated[Interval, BeforeValidator(_interval)]
Weekday = Annotated[tuple[Span, ...], BeforeValidator(words), AfterValidator(_in_order)]


class HoursSettings(BaseModel):
    """`[hours]`, and `[queues.hours]` in its place. A weekday that is not named is closed where any
    is; where none is the desk is always open, but on holidays."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    timezone: Place = ""
    """Empty: UTC; of a queue: the desk's."""
    mon: Weekday = ()
    tue: Weekday = ()
    wed: Weekday = ()
    thu: Weekday = ()
    fri: Weekday = ()
    sat: Weekday = ()
    sun: Weekday = ()
    holidays: tuple[date, ...] = ()
    """Closed all day; of a queue that names none: the desk's."""

    @property
    def week(self) -> tuple[tuple[Interval, ...], ...]:
        """Empty: no weekday is named."""
        week = tuple(getattr(self, day) for day in WEEKDAYS)
        return week if any(week) else ()


def hours_of(own: HoursSettings | None, desk: HoursSettings) -> Hours:
    """What a queue does not say for itself is as the desk says."""
    own = own or desk
    place, holidays = own.timezone or desk.timezone, own.holidays or desk.holidays
    week = own.week or desk.week
    if holidays and not week:
        week = (((0, DAY),),) * len(WEEKDAYS)
    return Hours(zone(place) or UTC, week, frozenset(holidays))
