"""A report as one page that needs nothing from elsewhere: no script, one sheet of style, plots as
SVG with a table behind each, light and dark. Pure.

What a page may load is said in it, too (Content-Security-Policy), so that a saved one is as safe as
one that is served.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from html import escape
from importlib.resources import files

from bridge import plots, report_oversight
from bridge import report_tables as tables
from bridge.lengths import Lengths
from bridge.model import Micros
from bridge.plots import Line, Point
from bridge.reports import By, Group, Period, Report, Step, local
from bridge.scores import SCORES, stars

SHOWN = 12
"""Bars of a plot; the table has all."""
P50, P90, P95 = (Line(f"p{n}", mark, ()) for n, mark in ((50, "m1"), (90, "m2"), (95, "m3")))
PERCENTILES = (P50, P90, P95)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_GOALS = {
    "first_reply": "First answer",
    "next_reply": "A later answer",
    "resolution": "Resolution",
}
_STATUSES = ("resolved", "rejected", "expired", "cancelled", "queued", "assigned", "snoozed")
_MEASURES: Mapping[str, tuple[str, Callable[[Group], Lengths], str]] = {
    "waiting": (
        tables.WAITING,
        lambda group: group.waiting,
        (
            "From the opening until an agent had it for the first time. Handoffs that no agent "
            "ever had are not among them."
        ),
    ),
    "response": (
        tables.RESPONSE,
        lambda group: group.first_response,
        (
            "From the opening until an agent's first answer to the customer. Handoffs without an "
            "answer are not among them."
        ),
    ),
    "resolution": (
        tables.RESOLUTION,
        lambda group: group.resolution,
        (
            "From the opening until the end, of handoffs that are resolved; of one that was opened "
            "again, until its last end. Time that it was put aside counts."
        ),
    ),
}
_RANKS = (
    "p50 is the length that half of them stayed within, p90 nine of ten, p95 nineteen of twenty; "
    "each is one that was measured (nearest rank)."
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the figures. `only`: what they are limited to, by what; `links`: other
    periods, by name; `here` is the name of this one."""

    made_at: Micros
    only: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    here: str = ""


@cache
def style() -> str:
    return files("bridge").joinpath("report.css").read_text("utf-8")


@cache
def policy() -> str:
    """The Content-Security-Policy of a page."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def page(report: Report, frame: Frame) -> str:
    total = report.total
    body = "".join(part(report) for part in _PARTS) if total.opened else _NOTHING + _watched(report)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy())}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
        f"<title>The desk in figures</title><style>{style()}</style></head><body>"
        f"{_header(report.period, frame)}<main>{body}</main>{_footer(report.period, frame)}"
        "</body></html>"
    )


_NOTHING = "<p>No handoff was opened in this time.</p>"


def _header(period: Period, frame: Frame) -> str:
    first, last = (local(at, period.zone).date() for at in (period.since, period.until - 1))
    only = "".join(f" · {escape(by)} {escape(what)}" for by, what in frame.only.items())
    links = "".join(_link(name, to, frame.here) for name, to in frame.links.items())
    nav = f'<nav aria-label="Period"><ul>{links}</ul></nav>' if links else ""
    return (
        f"<header><h1>The desk in figures</h1><p>Handoffs opened from {_day(first)} to "
        f"{_day(last)}{only}</p>{nav}</header>"
    )


def _link(name: str, to: str, here: str) -> str:
    current = ' aria-current="page"' if name == here else ""
    return f'<li><a href="{escape(to)}"{current}>{escape(name)}</a></li>'


def _footer(period: Period, frame: Frame) -> str:
    made = local(frame.made_at, period.zone)
    return (
        f"<footer><p>Made by Deskbridge on {_day(made.date())} at {made:%H:%M}. Days, weekdays and "
        f"hours are those of {escape(str(period.zone))}. Lengths are by the clock on the wall, "
        f"nights and holidays among them. {_RANKS}</p></footer>"
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# --- parts ---------------------------------------------------------------------------------------


def _tiles(report: Report) -> str:
    total = report.total
    rating = "–" if total.rating is None else f"★ {total.rating:.1f}"
    lines = [
        ("Opened", f"{total.opened:,}", f"{total.still_open:,} still open"),
        ("Resolved", f"{total.resolved:,}", _share(total.resolved, total.opened)),
        *(_measured_tile(name, of(total)) for name, of, _ in _MEASURES.values()),
        ("Rating", rating, f"{total.rated:,} rated, {total.asked:,} asked"),
        ("Missed a goal", f"{total.late:,}", _share(total.late, total.opened)),
    ]
    tiles = "".join(
        f"<div><dt>{name}</dt><dd>{value}</dd><dd>{more}</dd></div>" for name, value, more in lines
    )
    return f'<dl class="tiles">{tiles}</dl>'


def _measured_tile(name: str, of: Lengths) -> tuple[str, str, str]:
    if not of.number:
        return name, "–", "none yet"
    p50, p90, mean = (tables.took(length) for length in (of.p50, of.p90, of.mean))
    return f"{name}, p50", p50, f"p90 {p90} · mean {mean}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % of those opened"


def _over_time(report: Report) -> str:
    groups, step = report.by[By.DATE], report.period.step
    names = [_date(group.key, step) for group in groups]
    each = f"by {step}"
    points = [
        Point(name, group.opened, f"{group.opened:,}")
        for name, group in zip(names, groups, strict=True)
    ]
    volume = tables.figure(
        f"Volume {each}",
        plots.columns(points, f"Handoffs opened, {each}. The table below has the numbers."),
        f"Handoffs by the {step} of their opening.",
        tables.numbers(f"Volume {each}", step.capitalize(), points),
    )
    ends = _statuses(report.total)
    measured = "".join(_measured(report, key, names) for key in _MEASURES)
    return tables.section("Over time", f"{volume}{ends}{measured}")


def _date(key: str, step: Step) -> str:
    day = date.fromisoformat(key)
    return f"{day:%b %Y}" if step is Step.MONTH else f"{day.day} {day:%b}"


def _statuses(total: Group) -> str:
    points = [
        Point(status.capitalize(), number, f"{number:,}")
        for status in _STATUSES
        if (number := total.statuses.get(status, 0))
    ]
    return tables.figure(
        "What became of them",
        plots.bars(points, "Handoffs by what became of them. The table below has the numbers."),
        "Their state now. Resolved: an agent, a bot or a long silence ended it. Rejected: not one "
        "for the desk. Expired: nobody took it in time. Cancelled: by the bot or the customer. "
        "Queued, assigned and snoozed are still open.",
        tables.numbers("What became of them", "State", points),
    )


def _measured(report: Report, key: str, names: Sequence[str]) -> str:
    title, of, about = _MEASURES[key]
    groups = report.by[By.DATE]
    found = [of(group) for group in groups]
    series = [
        Line(
            each.name, each.mark, [getattr(one, each.name) if one.number else None for one in found]
        )
        for each in (P50, P90)
    ]
    axis = plots.timed(max(one.p90 for one in found))
    step = report.period.step
    svg = plots.lines(names, series, axis, f"{title}, p50 and p90 by {step}. The table has all.")
    rows = [(name, tables.cells(one)) for name, one in zip(names, found, strict=True)]
    rows.append(("All", tables.cells(of(report.total))))
    table = tables.table(f"{title} by {step}", [step.capitalize(), *tables.LENGTHS], rows)
    return tables.figure(title, plots.key((P50, P90)) + svg, about, table)


def _quality(report: Report) -> str:
    total = report.total
    rated = [
        Point(f"{stars(score)} {SCORES[score - 1]['en']}", number, f"{number:,}")
        for score, number in enumerate(total.scores, 1)
    ][::-1]
    ratings = tables.figure(
        "Ratings",
        plots.bars(rated, "Ratings, from five stars to one. The table below has the numbers."),
        f"What customers answered at the end of a handoff: {total.rated:,} of the "
        f"{total.opened:,}, {total.asked:,} of whom were asked.",
        tables.numbers("Ratings", "Rating", rated),
    )
    missed = [Point(_GOALS[goal], number, f"{number:,}") for goal, number in total.missed.items()]
    goals = tables.figure(
        "Goals missed",
        plots.bars(missed, "Handoffs that missed a goal. The table below has the numbers."),
        "Handoffs in which the goal of their queue was missed once or more; a goal runs only while "
        "the queue is open. Queues without goals miss none.",
        tables.numbers("Goals missed", "Goal", missed),
    )
    return tables.section("Ratings and goals", ratings + goals)


def _by(by: By) -> Callable[[Report], str]:
    def part(report: Report) -> str:
        groups = report.by[by]
        return tables.section(f"By {by}", _compared(by, groups)) if groups else ""

    return part


def _compared(by: By, groups: Sequence[Group]) -> str:
    first = groups[:SHOWN]
    more = f" The {SHOWN} with the most; the table has all {len(groups)}." * (len(groups) > SHOWN)
    points = [Point(group.name, group.opened, f"{group.opened:,}") for group in first]
    volume = plots.bars(points, f"Handoffs opened by {by}. The table below has the numbers.")
    return tables.figure(
        f"Volume by {by}", volume, _ABOUT[by] + more, tables.measures(f"By {by}", by, groups)
    ) + _response(by, [(group.name, group) for group in first])


def _response(by: By, groups: Sequence[tuple[str, Group]]) -> str:
    title = f"First response by {by}"
    rows = [(name, _marks(group.first_response)) for name, group in groups]
    most = max((group.first_response.p95 for _, group in groups), default=0)
    axis = plots.timed(most)
    svg = plots.ranges(rows, PERCENTILES, axis, f"{title}: p50, p90 and p95.")
    cells = [(name, tables.cells(group.first_response)) for name, group in groups]
    table = tables.table(title, [by.capitalize(), *tables.LENGTHS], cells)
    about = _MEASURES["response"][2] + _WHOSE * (by is By.AGENT)
    return tables.figure(title, plots.key(PERCENTILES) + svg, about, table)


def _marks(of: Lengths) -> list[plots.Value]:
    return [of.p50, of.p90, of.p95] if of.number else [None] * len(PERCENTILES)


_WHOSE = " Each counts for the agent who gave it, whoever had the handoff next."
_ABOUT: Mapping[By, str] = {
    By.QUEUE: "Each handoff counts for the queue that it is in, or was in at its end.",
    By.AGENT: "Each handoff counts for who has it, or had it at its end, with its "
    "waiting, resolution, rating and missed goals; its first response counts for who gave it.",
    By.LABEL: "A handoff with two labels counts for both.",
    By.CHANNEL: "The channel that the customer wrote in.",
}


def _clock(report: Report) -> str:
    across, down = WEEKDAYS, [f"{hour}:00" for hour in range(len(report.by[By.HOUR]))]
    turned = list(zip(*report.week, strict=True))
    title = "Weekday and hour"
    square = plots.squares(turned, across, down, f"Handoffs opened by {title.lower()}.")
    rows = [(hour, [f"{n:,}" for n in row]) for hour, row in zip(down, turned, strict=True)]
    about = "Handoffs by the weekday and the hour of their opening, by the desk's clock."
    hours = [(f"{group.key}:00", group) for group in report.by[By.HOUR]]
    weekdays = [(WEEKDAYS[int(group.key)], group) for group in report.by[By.WEEKDAY]]
    parts = (
        tables.figure(title, square, about, tables.table(title, ["Hour", *across], rows)),
        _response(By.HOUR, hours),
        _response(By.WEEKDAY, weekdays),
        _wide(By.WEEKDAY, weekdays),
        _wide(By.HOUR, hours),
    )
    return tables.section("By weekday and hour", "".join(parts))


def _wide(by: By, groups: Sequence[tuple[str, Group]]) -> str:
    points = [Point(name, group.opened, f"{group.opened:,}") for name, group in groups]
    svg = plots.columns(points, f"Handoffs opened by {by}. The table below has the numbers.")
    about = f"Handoffs by the {by} of their opening, by the desk's clock."
    named = [_called(group, name) for name, group in groups]
    return tables.figure(f"Volume by {by}", svg, about, tables.measures(f"By {by}", by, named))


def _called(group: Group, name: str) -> Group:
    return Group(**{**{f: getattr(group, f) for f in Group.__slots__}, "name": name})


def _watched(report: Report) -> str:
    found = report.oversight and report_oversight.parts(report.oversight)
    return tables.section("Approvals and rules", "".join(found)) if found else ""


_PARTS: Sequence[Callable[[Report], str]] = (
    *(_tiles, _over_time, _quality, _watched),
    *(_by(by) for by in (By.QUEUE, By.AGENT, By.LABEL, By.CHANNEL)),
    _clock,
)
