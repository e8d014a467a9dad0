"""How people watched over bots, as figures of the report page. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bridge import plots
from bridge import report_tables as tables
from bridge.gates import Stand
from bridge.oversight import Approvals, Oversight, Rule
from bridge.plots import Point

SHOWN = 12
"""Rules of a plot; the table has all."""
STANDS = (
    *(Stand.APPROVED, Stand.EDITED, Stand.RESPONDED, Stand.REJECTED),
    *(Stand.EXPIRED, Stand.PENDING),
)
_OUTCOMES = "What became of approvals"
_DECISION = "Time to decision"
_RULES = "Rules that fired"
_FALSE = "False alarms"


def parts(of: Oversight) -> list[str]:
    approvals = [_outcomes(of), _deciding(of)] if of.approvals.asked else []
    return [*approvals, *([_rules(of.rules), _false_alarms(of.rules)] if of.rules else [])]


def _outcomes(of: Oversight) -> str:
    total = of.approvals
    points = [
        Point(stand.capitalize(), number, f"{number:,}")
        for stand in STANDS
        if (number := total.statuses.get(stand, 0))
    ]
    heads = ["Bot", "Asked", *(stand.capitalize() for stand in STANDS), "Acceptance"]
    return tables.figure(
        _OUTCOMES,
        plots.bars(points, f"{_OUTCOMES}. The table below has the numbers."),
        f"Of the {total.asked:,} that bots asked for in this time, how they stand now. Approved: "
        "as it was. Edited: approved after a change. Responded: people wrote something else. "
        "Expired: nobody decided in time, or the conversation had moved on. Acceptance is the "
        f"share of those that people decided that was approved as it was: {_share(total)}.",
        tables.table(_OUTCOMES, heads, [(name, _counts(bot)) for name, bot in _bots(of)]),
    )


def _deciding(of: Oversight) -> str:
    found = of.approvals.deciding
    named = (("p50", found.p50), ("p90", found.p90), ("p95", found.p95))
    points = [Point(name, value, tables.took(value)) for name, value in named if found.number]
    rows = [(name, tables.cells(bot.deciding)) for name, bot in _bots(of)]
    return tables.figure(
        _DECISION,
        plots.bars(points, f"{_DECISION}: p50, p90 and p95. The table has all."),
        "From the asking until people had decided. Those that expired are not among them.",
        tables.table(f"{_DECISION} by bot", ["Bot", *tables.LENGTHS], rows),
    )


def _bots(of: Oversight) -> list[tuple[str, Approvals]]:
    return [*((bot.bot or "No bot", bot) for bot in of.bots), ("All", of.approvals)]


def _counts(of: Approvals) -> list[str]:
    counts = [of.asked, *(of.statuses.get(stand, 0) for stand in STANDS)]
    return [*(f"{number:,}" for number in counts), _share(of)]


def _share(of: Approvals) -> str:
    return "–" if of.acceptance is None else f"{100 * of.acceptance:.0f} %"


def _rules(rules: Sequence[Rule]) -> str:
    more = f" The {SHOWN} with the most; the table has all {len(rules)}." * (len(rules) > SHOWN)
    points = [Point(rule.name, rule.fired, f"{rule.fired:,}") for rule in rules[:SHOWN]]
    rows = [(rule.name, [rule.kind, f"{rule.fired:,}", f"{rule.handed_over:,}"]) for rule in rules]
    return tables.figure(
        _RULES,
        plots.bars(points, f"{_RULES}. The table below has the numbers."),
        f"How often each rule fired in this time, in whatever conversation.{more}",
        tables.table(_RULES, ["Rule", "Kind", "Fired", "Handed over"], rows),
    )


def _false_alarms(rules: Sequence[Rule]) -> str:
    found = sorted(rules, key=lambda rule: -rule.false_alarms)
    points = [Point(r.name, r.false_alarms, f"{r.false_alarms:,}") for r in found[:SHOWN]]
    rows = [(rule.name, _alarms(rule)) for rule in found]
    return tables.figure(
        _FALSE,
        plots.bars(points, f"{_FALSE} by rule. The table below has the numbers."),
        "Firings of this time of which an agent said that they were one, whenever it was said; "
        "who says nothing may not have looked.",
        tables.table(_FALSE, ["Rule", _FALSE, "Fired", "Share"], rows),
    )


def _alarms(rule: Rule) -> list[str]:
    share = f"{100 * rule.false_alarms / rule.fired:.0f} %"
    return [f"{rule.false_alarms:,}", f"{rule.fired:,}", share]
