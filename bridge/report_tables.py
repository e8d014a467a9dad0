"""The tables behind the plots of a report, and what frames both. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bridge.lengths import Lengths
from bridge.model import SECOND
from bridge.plots import Point
from bridge.reports import By, Group
from bridge.spans import span

LENGTHS = ("Number", "Mean", "p50", "p90", "p95", "Longest")
"""What `cells` has."""
WAITING, RESPONSE, RESOLUTION = SPREAD = ("Waiting", "First response", "Resolution")


def took(seconds: int) -> str:
    return span(seconds * SECOND)


# --- tables --------------------------------------------------------------------------------------


def numbers(title: str, by: str, points: Sequence[Point]) -> str:
    return table(title, [by, "Handoffs"], [(point.name, [point.shown]) for point in points])


def table(title: str, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return _framed(title, f"<tr>{head}</tr>", rows)


def measures(title: str, by: By, groups: Sequence[Group]) -> str:
    """All figures of each group."""
    ranks = "".join(f'<th scope="col">{name}</th>' for name in ("Mean", "p50", "p90", "p95"))
    spread = "".join(f'<th scope="colgroup" colspan="4">{name}</th>' for name in SPREAD)
    one = '<th scope="col" rowspan="2">'
    head = (
        f"<tr>{one}{by.capitalize()}</th>{one}Opened</th>{one}Resolved</th>{spread}"
        f"{one}Rating</th>{one}Rated</th>{one}Missed a goal</th></tr>"
        f"<tr>{ranks * len(SPREAD)}</tr>"
    )
    return _framed(title, head, [(group.name, _all_of(group)) for group in groups])


def _all_of(group: Group) -> list[str]:
    spread = [
        took(value) if of.number else "–"
        for of in (group.waiting, group.first_response, group.resolution)
        for value in (of.mean, of.p50, of.p90, of.p95)
    ]
    rating = "–" if group.rating is None else f"{group.rating:.2f}"
    counts = [f"{group.opened:,}", f"{group.resolved:,}"]
    return [*counts, *spread, rating, f"{group.rated:,}", f"{group.late:,}"]


def _framed(title: str, head: str, rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f"{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for name, cells in rows
    )
    said = escape(title)
    return (
        f"<details><summary>Table: {said}</summary>"
        f'<div class="wide" role="region" tabindex="0" aria-label="{said}, as a table">'
        f"<table><caption>{said}</caption><thead>{head}</thead><tbody>{body}</tbody></table>"
        "</div></details>"
    )


def cells(of: Lengths) -> list[str]:
    values = (of.mean, of.p50, of.p90, of.p95, of.longest)
    return [f"{of.number:,}", *((took(value) if of.number else "–") for value in values)]


# --- frames --------------------------------------------------------------------------------------


def section(title: str, parts: str) -> str:
    return f'<section><h2>{escape(title)}</h2><div class="figures">{parts}</div></section>'


def figure(title: str, plot: str, about: str, behind: str) -> str:
    """`behind`: its table."""
    return (
        f"<figure><figcaption><h3>{escape(title)}</h3></figcaption>{plot}"
        f'<p class="about">{escape(about)}</p>{behind}</figure>'
    )
