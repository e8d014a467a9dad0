"""What `/v1/reports` is asked and answers, as Pydantic models."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from bridge.api.answers import Out, Time
from bridge.api.queries import Query, When
from bridge.api.shapes import Request
from bridge.lengths import Lengths
from bridge.oversight import Approvals
from bridge.reporting import DEFAULT_SINCE
from bridge.reports import Group, Report, Step
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
    agent: Annotated[
        Query,
        Field(
            description=(
                "Their id: handoffs that they have, or had last, whoever answered first; or "
                "`none`: nobody has it."
            )
        ),
    ] = ""
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
    """From the opening until an agent's first answer. By `agent` it is of the answers that they
    gave, whoever had the handoff next; all else is of the handoffs that they have, or had last."""
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


class ApprovalsOut(Out):
    bot: str
    """Empty: of all of them."""
    asked: int
    statuses: dict[str, int]
    """How many stand so now."""
    acceptance: float | None
    """The share of those that people decided that was approved as it was; null: none was."""
    deciding: LengthsOut
    """From the asking until people had decided; without those that expired."""


class RuleOut(Out):
    name: str
    kind: str
    fired: int
    handed_over: int
    """How often the conversation went to the desk because of it."""
    false_alarms: int
    """How often an agent said that it was one."""


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
    approvals: ApprovalsOut | None
    """Of all that bots asked for in this time; null, as the next two are, where the report is
    limited: a bot asks, and most rules fire, before there is a handoff."""
    approvals_by_bot: list[ApprovalsOut] | None
    triggers: list[RuleOut] | None
    """Rules that fired in this time, the most frequent first."""


def told(report: Report) -> ReportOut:
    period, watched = report.period, report.oversight
    return ReportOut(
        since=iso(period.since),
        until=iso(period.until),
        timezone=str(period.zone),
        step=period.step,
        total=_group(report.total),
        by={str(by): [_group(group) for group in groups] for by, groups in report.by.items()},
        opened_by_weekday_and_hour=[list(hours) for hours in report.week],
        approvals=_approvals(watched.approvals) if watched else None,
        approvals_by_bot=[_approvals(bot) for bot in watched.bots] if watched else None,
        triggers=[RuleOut(**asdict(rule)) for rule in watched.rules] if watched else None,
    )


def _approvals(of: Approvals) -> ApprovalsOut:
    return ApprovalsOut(
        bot=of.bot,
        asked=of.asked,
        statuses=dict(of.statuses),
        acceptance=of.acceptance,
        deciding=_lengths(of.deciding),
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
