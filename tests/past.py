"""Handoffs, approvals and rules that fired, one by one, as tests make them up for reports."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bridge.columns import Handoffs
from bridge.model import Micros
from bridge.oversight import Oversight, PastDrafts, PastFirings
from bridge.oversight import oversight as watched
from bridge.reckoning import report as reckoned
from bridge.reports import Past, Period, Report


class One(NamedTuple):
    """A row of `Past`."""

    opened_at: Micros
    status: str
    queue: str
    agent: str
    agent_name: str
    channel: str
    labels: tuple[str, ...]
    assigned_at: Micros
    first_reply_at: Micros
    closed_at: Micros
    asked: bool
    score: int
    replier: str = ""
    replier_name: str = ""
    id: str = ""


def past(rows: Sequence[One]) -> Past:
    columns = zip(*rows, strict=True) if rows else ([] for _ in Past._fields)
    return Past(*map(list, columns))


def report(rows: Sequence[One], missed: Mapping[str, frozenset[str]], period: Period) -> Report:
    handoffs = Handoffs(missed)
    handoffs.add(past(rows))
    return reckoned(handoffs, period)


class Draft(NamedTuple):
    """A row of `PastDrafts`."""

    bot: str
    status: str
    asked_at: Micros
    decided_at: Micros


class Firing(NamedTuple):
    rule: str
    kind: str
    handed_over: bool
    false_alarm: bool


def oversight(drafts: Sequence[Draft], firings: Sequence[Firing]) -> Oversight:
    """Each in a slice of its own."""
    asked = [PastDrafts([it.bot], [it.status], [it.asked_at], [it.decided_at]) for it in drafts]
    fired = [
        PastFirings([str(n)], [it.rule], [it.kind], [it.handed_over])
        for n, it in enumerate(firings)
    ]
    return watched(asked, fired, {str(n) for n, it in enumerate(firings) if it.false_alarm})
