"""`/desk stats`: today in a few lines. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from adapters.slack.blocks import (
    Block,
    Body,
    cut,
    escape,
    neutral,
    rich,
    section,
    small,
    stacked,
    words,
)
from adapters.slack.names import isolated
from adapters.slack.rated import average
from bridge.gates import Stand
from bridge.model import SECOND
from bridge.oversight import Oversight, Rule
from bridge.reports import By, Group, Report
from bridge.spans import span
from bridge.views import Figures

TITLE = "The desk in figures"
LEVELS = "▁▂▃▄▅▆▇█"
NONE = "·"
BAR, FULL = 14, "█"
"""Characters of the longest bar."""
QUEUES = 6
"""The queues with the most new handoffs."""
NAME = 14
RULES = 6
"""The rules that fired most."""
STANDS: Mapping[str, str] = {
    Stand.PENDING: "waiting",
    Stand.APPROVED: "approved",
    Stand.EDITED: "approved after an edit",
    Stand.RESPONDED: "answered instead",
    Stand.REJECTED: "rejected",
    Stand.EXPIRED: "not decided",
}
"""How approvals stand now, of those that were asked for today."""
HOURS = "0     6     12    18"


def stats(team: Figures, mine: Figures, today: Report | None, zone: str) -> Body:
    """`today`: what was opened today by everybody, for who may see what others do."""
    yours = f"Yours: {mine.open} open · {mine.resolved} resolved · {_told(mine)}"
    lines = [f"Waiting {team.waiting} · open {team.open}"]
    if today:
        lines += [f"Today: {team.opened} new · {team.resolved} resolved · {_told(team)}"]
        lines += _lengths(today.total)
        lines += _watched(today.oversight)
    lines.append(yours)
    note = f"Days begin at 0:00 in {zone}; the first reply is the median of today's handoffs, "
    note += "yours of those that you answered first, whoever had them next."
    if today and today.total.opened:
        note += " p90: nine of ten took no longer. The bars: what is new, by hour and by queue."
    if today and today.oversight and any(rule.false_alarms for rule in today.oversight.rules):
        note += " 1 false: one of them was called a false alarm."
    parts = [section(words(TITLE, bold=True)), *(section(words(line)) for line in lines)]
    body = [stacked(parts), *_picture(today), small(note)]
    return Body(escape(f"{TITLE}. {' '.join(lines)}"), body)


def _told(of: Figures) -> str:
    first = "none yet" if of.first_reply is None else span(of.first_reply)
    return " · ".join(filter(None, [f"first reply {first}", average(of)]))


def _lengths(total: Group) -> list[str]:
    """Of today's handoffs."""
    told = (
        ("waited", total.waiting),
        ("first reply", total.first_response),
        ("resolved", total.resolution),
    )
    found = [f"{what} {_span(of.p50)}, p90 {_span(of.p90)}" for what, of in told if of.number]
    if total.late:
        found.append(f"{total.late} missed a goal")
    return [f"Of today's: {' · '.join(found)}"] if found else []


def _watched(of: Oversight | None) -> list[str]:
    """Approvals that were asked for today, and rules that fired; nothing of what there was not."""
    if of is None:
        return []
    asked, lines = of.approvals, []
    if asked.asked:
        counted = ((asked.statuses.get(status, 0), word) for status, word in STANDS.items())
        told = [f"{number} {word}" for number, word in counted if number]
        took = asked.deciding
        if took.number:
            told.append(f"decided in {_span(took.p50)}, p90 {_span(took.p90)}")
        lines.append(f"Approvals: {' · '.join(told)}")
    if of.rules:
        more = [f"{len(of.rules) - RULES} more rules"] if len(of.rules) > RULES else []
        lines.append(f"Rules fired: {' · '.join([*map(_rule, of.rules[:RULES]), *more])}")
    return lines


def _rule(rule: Rule) -> str:
    """`angry 3, 1 false`"""
    false = f", {rule.false_alarms} false" if rule.false_alarms else ""
    return f"{cut(neutral(rule.name), NAME)} {rule.fired}{false}"


def _span(seconds: int) -> str:
    return span(seconds * SECOND)


def _picture(today: Report | None) -> list[Block]:
    """New handoffs by hour, and by queue, in letters of the same width."""
    if not today or not today.total.opened:
        return []
    hours = _levels([group.opened for group in today.by[By.HOUR]])
    queues = today.by[By.QUEUE][:QUEUES]
    names = [cut(neutral(group.name), NAME) for group in queues]
    width = max(len(name) for name in (*names, "by hour"))
    rows = [f"{'by hour':<{width}} {hours}", f"{'':<{width}} {HOURS}"]
    most = queues[0].opened
    for name, group in zip(names, queues, strict=True):
        bar = FULL * max(round(BAR * group.opened / most), 1)
        rows.append(f"{isolated(f'{name:<{width}}')} {bar} {group.opened}")
    text = {"type": "text", "text": "\n".join(rows)}
    return [rich({"type": "rich_text_preformatted", "elements": [text]})]


def _levels(numbers: Sequence[int]) -> str:
    most = max(numbers)
    return "".join(
        LEVELS[math.ceil(number / most * len(LEVELS)) - 1] if number else NONE for number in numbers
    )
