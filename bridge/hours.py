"""When a queue is open: intervals of the weekdays by the clock of one place. Pure.

Times of day are the place's own, so that nine o'clock stays nine o'clock when its clocks change. A
queue without hours is always open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bridge.model import SECOND, Micros

Interval: TypeAlias = tuple[int, int]
"""Minutes after midnight; the end is not part of it, and may be 1440."""
DAYS = 400
"""So many are looked at: who does not open within them does not open."""


@dataclass(frozen=True, slots=True)
class Hours:
    """`week`: seven days from Monday, each with its intervals in order; empty: always open."""

    zone: tzinfo = UTC
    week: tuple[tuple[Interval, ...], ...] = ()
    holidays: frozenset[date] = frozenset()


ALWAYS = Hours()


def zone(name: str) -> ZoneInfo | None:
    """The time zone with this name, such as Europe/Berlin; None: there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return None


def is_open(hours: Hours, at: Micros) -> bool:
    return opens_at(hours, at) == at


def opens_at(hours: Hours, at: Micros) -> Micros:
    """`at` itself while it is open; zero: it does not open any more."""
    if not hours.week:
        return at
    begin, _ = next(_spans(hours, at), (0, 0))
    return max(begin, at) if begin else 0


def closes_at(hours: Hours, at: Micros) -> Micros:
    """When it closes that is open at `at`; zero: it is closed, or does not close."""
    if not hours.week or not is_open(hours, at):
        return 0
    end = at
    for begin, until in _spans(hours, at):
        if begin > end:
            return end
        end = until
    return 0


def after(hours: Hours, since: Micros, length: Micros) -> Micros:
    """When it has been open for so long since then; of one that does not open, as if it were."""
    if not hours.week:
        return since + length
    left = length
    for begin, end in _spans(hours, since):
        begins = max(begin, since)
        if left <= end - begins:
            return begins + left
        left -= end - begins
    return since + length


def local(hours: Hours, at: Micros) -> datetime:
    """What the place's clock shows then."""
    return datetime.fromtimestamp(at // SECOND, hours.zone)


def _spans(hours: Hours, at: Micros) -> Iterator[tuple[Micros, Micros]]:
    """When it is open, in order, from the interval that ends after `at`."""
    today = local(hours, at).date()
    for n in range(DAYS):
        day = today + timedelta(days=n)
        if day not in hours.holidays:
            for first, last in hours.week[day.weekday()]:
                begin, end = _moment(hours.zone, day, first), _moment(hours.zone, day, last)
                if at < end and begin < end:  # what a clock skips in spring is no time at all
                    yield begin, end


def _moment(zone: tzinfo, day: date, minutes: int) -> Micros:
    shown = datetime.combine(day, time.min, zone) + timedelta(minutes=minutes)
    return int(shown.timestamp()) * SECOND


# --- in words ------------------------------------------------------------------------------------

_TODAY = {"en": "today", "fr": "aujourd’hui", "de": "heute", "es": "hoy"}
_TOMORROW = {"en": "tomorrow", "fr": "demain", "de": "morgen", "es": "mañana"}
_SOON = (_TODAY, _TOMORROW)
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre",
}
_ON = {"en": "on {}", "fr": "{}", "de": "am {}", "es": "el {}"}
_DATE = {"en": "{} {} {}", "fr": "{} {} {}", "de": "{}, {}. {}", "es": "{} {} de {}"}
_AT = {"en": "at {}", "fr": "à {}", "de": "um {} Uhr", "es": "a las {}"}
_AT_ONE = _AT | {"es": "a la {}"}
NEAR = 6
"""Days within which the weekday is enough."""


def when(hours: Hours, at: Micros, now: Micros, locale: str) -> str:
    """When that is, by the place's clock, for a reader who may be elsewhere.

    >>> when(ALWAYS, 34_200_000_000 + 86_400_000_000, 0, "fr-CA")
    'demain à 9:30 (UTC)'
    """
    language = locale[:2].lower() if locale[:2].lower() in _AT else "en"
    there, here = local(hours, at), local(hours, now)
    days = (there.date() - here.date()).days
    day = _SOON[days][language] if days < len(_SOON) else _day(there, language, days > NEAR)
    told = (_AT_ONE if there.hour == 1 else _AT)[language]
    return f"{day} {told.format(f'{there.hour}:{there.minute:02}')} ({there.tzname()})"


def _day(there: datetime, language: str, far: bool) -> str:
    """`on Monday`, and of one that is far `on Monday 4 January`."""
    weekday = _WEEKDAYS[language][there.weekday()]
    first = "1er" if (language, there.day) == ("fr", 1) else there.day
    month = _MONTHS[language].split()[there.month - 1]
    return _ON[language].format(_DATE[language].format(weekday, first, month) if far else weekday)
