"""`[alerts]`: whom the desk calls, and who else is told of what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from bridge.alerts import Alert, Rule
from bridge.hours import ALWAYS, Hours, Interval, zone
from bridge.model import SECOND
from bridge.policy import Calling
from bridge.queues import DEFAULT
from bridge.reachable import fault_in
from bridge.settings_hours import DAY, HOUR, WEEKDAYS, HoursSettings, Place, hours_of
from bridge.settings_types import BotSecret, Called, HttpUrl, Name, Section

_QUIET = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")
_PLACES = ("slack", "email", "webhook")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _quiet(value: str) -> str:
    if value and not _span(value):
        raise ValueError("must be as 22:00-7:00, and not all day")
    return value


def _span(value: str) -> Interval | None:
    """Minutes after midnight; of one that goes past it the end comes before the begin."""
    found = _QUIET.fullmatch(value.strip())
    if not found or int(found[2]) >= HOUR or int(found[4]) >= HOUR:
        return None
    first, last = (int(found[n]) * HOUR + int(found[n + 1]) for n in (1, 3))
    return (first, last) if first != last % DAY and max(first, last) <= DAY else None


def _slack_place(value: str) -> str:
    if value and not re.fullmatch(r"[CGUW][A-Z0-9]{2,20}", value, re.ASCII):
        raise ValueError("must be the id of a channel (C…) or of a person (U…)")
    return value


def _address(value: str) -> str:
    if value and not re.fullmatch(r"[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>]+", value):
        raise ValueError("must be an e-mail address")
    return value


def _url(value: str) -> str:
    if value and (fault := fault_in(value)):
        raise ValueError(fault)
    return value


def _some(kinds: tuple[Alert, ...]) -> tuple[Alert, ...]:
    if not kinds:
        raise ValueError(f"must name some of {', '.join(Alert)}")
    return kinds


Quiet = Annotated[str, AfterValidator(_quiet)]


class AlertPlace(Section):
    """One `[[alerts.to]]`: a place, and what is told there."""

    name: Name
    slack: Annotated[str, AfterValidator(_slack_place)] = ""
    """A channel, or a person."""
    email: Annotated[str, AfterValidator(_address)] = ""
    webhook: Annotated[HttpUrl | Literal[""], AfterValidator(_url)] = ""
    secret: BotSecret | None = None
    """With which a webhook is signed."""
    kinds: Annotated[tuple[Alert, ...], AfterValidator(_some)]
    queues: tuple[Name, ...] = ()
    """None: all."""
    urgent: tuple[Alert, ...] = ()
    """Kinds that are told in quiet hours, too."""
    quiet: Quiet | None = None
    """None: as `[alerts]` says; empty: it is never quiet."""
    words: bool | None = None
    """Whether a customer's name and the title of a handoff are told; none: in Slack alone."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if sum(bool(getattr(self, place)) for place in _PLACES) != 1:
            raise ValueError(f"must name one of {', '.join(_PLACES)}")
        if bool(self.webhook) != bool(self.secret):
            raise ValueError("secret goes with webhook: whsec_ and the base64 of 24 random bytes")
        if others := set(self.urgent) - set(self.kinds):
            raise ValueError(f"urgent: {', '.join(sorted(others))} is not among kinds")
        return self


class AlertSettings(Section):
    """Whom the desk calls, and what is told elsewhere. Times in seconds; 0: never."""

    private: bool = False
    """Notifications without the customer's words."""
    mention: Calling = Calling.SMART
    """When a customer's message calls the assignee."""
    notify: Called = ""
    """Who is called when nobody takes a handoff."""
    lead: Called = ""
    """Who is called at last."""
    notify_after: Annotated[float, Field(ge=0)] = 120.0
    overdue_after: Annotated[float, Field(ge=0)] = 300.0
    lead_after: Annotated[float, Field(ge=0)] = 600.0
    held_after: Annotated[float, Field(ge=0)] = 120.0
    """Until the author of a held message is called."""
    present_for: Annotated[float, Field(ge=0)] = 120.0
    """Who wrote in the thread so lately is not called by the customer's next message."""
    window: Annotated[float, Field(ge=10)] = 300.0
    """Between two alerts of a kind at one place at least."""
    quiet: Quiet = ""
    """Hours in which no alert is sent; what came in them is told at their end."""
    quiet_days: tuple[Weekday, ...] = ()
    """Days on which none is sent."""
    timezone: Place = ""
    """Of these hours; empty: that of `[hours]`."""
    to: Annotated[tuple[AlertPlace, ...], Field(max_length=50)] = ()
    """Who is told of what, beside the desk."""

    @model_validator(mode="after")
    def _is_loud_sometimes(self) -> Self:
        if set(self.quiet_days) == set(WEEKDAYS):
            raise ValueError("quiet_days: it would never be anything else")
        return self

    def rules(self, desk: HoursSettings) -> tuple[Rule, ...]:
        """`desk`: whose time zone it is where none is named."""
        return tuple(self._rule(place, desk) for place in self.to)

    def _rule(self, place: AlertPlace, desk: HoursSettings) -> Rule:
        quiet = self.quiet if place.quiet is None else place.quiet
        days = self.quiet_days if place.quiet is None else ()
        return Rule(
            name=place.name,
            kinds=frozenset(place.kinds),
            by=next(by for by in _PLACES if getattr(place, by)),
            queues=frozenset(place.queues),
            urgent=frozenset(place.urgent),
            window=int(self.window * SECOND),
            loud=_loud(quiet, days, zone(self.timezone) or hours_of(None, desk).zone),
        )


def _loud(quiet: str, days: tuple[str, ...], clock: tzinfo) -> Hours:
    """The rest of each day; always, where nothing is quiet."""
    span = _span(quiet)
    if span is None and not days:
        return ALWAYS
    rest = tuple(_rest(span)) if span else ((0, DAY),)
    return Hours(clock, tuple(() if day in days else rest for day in WEEKDAYS))


def _rest(quiet: Interval) -> Iterator[Interval]:
    first, last = quiet
    spans = ((last, first),) if first > last else ((0, first), (last, DAY))
    return (span for span in spans if span[0] < span[1])


# --- with other settings -------------------------------------------------------------------------


def _fits(given: AlertSettings, info: ValidationInfo) -> AlertSettings:
    """Raises ValueError for what other settings do not have."""
    queues = (info.data or {}).get("queues")
    known = {DEFAULT, *(queue.name for queue in queues)} if queues is not None else None
    if faults := list(_faults(given, known)):
        raise ValueError("; ".join(faults))
    return given


def _faults(given: AlertSettings, known: set[str] | None) -> Iterator[str]:
    seen: set[str] = set()
    for place in given.to:
        if place.name in seen:
            yield f"to: there are two {place.name}"
        seen.add(place.name)
        for queue in place.queues:
            if known is not None and queue not in known:
                yield f"to {place.name}: there is no queue {queue}"
        late = {Alert.OVERDUE, Alert.UNANSWERED} & set(place.kinds)
        if late and not given.overdue_after:
            yield f"to {place.name}: {', '.join(sorted(late))} needs overdue_after, which is 0"


Alerts = Annotated[AlertSettings, AfterValidator(_fits)]


def alert_conflicts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a place needs that is not set."""
    section = values.get("alerts")
    listed = section.get("to") if isinstance(section, dict) else None
    places = [
        each for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict)
    ]
    for by, needs in (("email", "SMTP_URL"), ("slack", "SLACK_BOT_TOKEN")):
        if any(each.get(by) for each in places) and not values.get(needs.lower()):
            yield needs, f"is needed with {by} in [[alerts.to]]"
