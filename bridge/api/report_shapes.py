"""What `/v1/reports` is asked and answers, as Pydantic models."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bridge.api.answers import Out, Time
from bridge.api.queries import Query, When
from bridge.api.shapes import Request
from bridge.reporting import DEFAULT_SINCE
from bridge.reports import Group, Lengths, Report, Step
from bridge.webhooks import iso

Seconds = Annotated[int | None, Field(description="Whole seconds; null: it never happened.")]


class ReportQuery(Request):
    since: Annotated[
        str,
        Field(
            max_length=40,
            description=(
                "`30d` or `4w`: so many days or weeks of the desk up to `until`; or a date, or "
                "a moment as `2026-11-21T14:02:00Z`. Opened then or later."
            ),
        ),
    ] = DEFAULT_SINCE
    until: Annotated[When, Field(description="Opened before then; left out: until now.")] = None
    queue: Query = ""
    agent: Annotated[Query, Field(description="Their id, or `none`: nobody has it.")] = ""
    label: Query = ""
    channel: Query = ""


class LengthsOut(Out):
    """Percentiles are nearest ranks: each is a length that was measured."""

    number: int
    mean: Seconds
    p50: Seconds
    p90: Seconds
    p95: Seconds
    longest: Seconds


class GroupOut(Out):
    key: str
    name: str
    opened: int
    statuses: dict[str, int]
    """How many are in each now."""
    waiting: LengthsOut
    """From the opening until an agent first had it."""
    first_response: LengthsOut
    """From the opening until an agent's first answer."""
    resolution: LengthsOut
    """From the opening until the end, of those that are resolved."""
    rating: float | None
    """The mean; null: nobody gave one."""
    scores: list[int]
    """How many gave one star, two, and so on."""
    asked: int
    """How many were asked for a rating."""
    goals_missed: dict[str, int]
    """How many missed each goal once or more."""
    late: int
    """How many missed any goal."""


class ReportOut(Out):
    since: Time
    until: Time
    timezone: str
    """Of the desk: its weekdays, hours and dates are those of this place."""
    step: Step
    """What a date stands for: its day, or the week or the month that begins then."""
    total: GroupOut
    by: dict[str, list[GroupOut]]
    """`queue`, `agent`, `label` and `channel`, the largest first; `weekday` (0 is Monday), `hour`
    and `date`, in order, each there is."""
    opened_by_weekday_and_hour: list[list[int]]


def told(report: Report) -> ReportOut:
    period = report.period
    return ReportOut(
        since=iso(period.since),
        until=iso(period.until),
        timezone=str(period.zone),
        step=period.step,
        total=_group(report.total),
        by={str(by): [_group(group) for group in groups] for by, groups in report.by.items()},
        opened_by_weekday_and_hour=[list(hours) for hours in report.week],
    )


def _group(group: Group) -> GroupOut:
    return GroupOut(
        key=group.key,
        name=group.name,
        opened=group.opened,
        statuses=dict(group.statuses),
        waiting=_lengths(group.waiting),
        first_response=_lengths(group.first_response),
        resolution=_lengths(group.resolution),
        rating=group.rating,
        scores=list(group.scores),
        asked=group.asked,
        goals_missed=dict(group.missed),
        late=group.late,
    )


def _lengths(of: Lengths) -> LengthsOut:
    if not of.number:
        return LengthsOut(number=0, mean=None, p50=None, p90=None, p95=None, longest=None)
    return LengthsOut(
        number=of.number, mean=of.mean, p50=of.p50, p90=of.p90, p95=of.p95, longest=of.longest
    )
