"""A report as a page, and its plots: whole and well-formed, whatever there is to show."""

from __future__ import annotations

import re
from datetime import UTC
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import plots
from bridge.model import SECOND
from bridge.plots import Line, Point
from bridge.report_page import Frame, page, policy, style
from bridge.reports import GOALS, Period
from tests.past import One, report

DAY = 86_400 * SECOND
Row = tuple[str, int | None, int | None, int | None]
EVIL = '<script>alert("&")</script>'
NAMES = st.text(max_size=40).map(
    lambda text: re.sub("[\x00-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
)
COUNTS = st.integers(0, 10**7)
MARKS = (Line("p50", "m1", ()), Line("p90", "m2", ()), Line("p95", "m3", ()))
MAYBE = st.one_of(st.none(), st.integers(0, 10**9))


PLAIN = Frame(0)


def handoff(n: int) -> One:
    at = n * DAY // 7
    return One(
        *(at, "resolved" if n % 3 else "queued", f"{EVIL} {n % 20}", f"U{n % 4}", EVIL, "webchat"),
        *((EVIL,), at + n * SECOND, at + n * 60 * SECOND, at + n * 900 * SECOND),
        asked=True,
        score=n % 6,
        id=str(n),
    )


def drawn(days: int, *rows: One, frame: Frame = PLAIN) -> str:
    missed = {row.id: frozenset(GOALS) for row in rows[:3]}
    return page(report(rows, missed, Period(0, days * DAY, UTC)), frame)


@pytest.mark.parametrize("days", [1, 30, 200, 800])
def test_every_figure_has_its_definition_and_its_table(days: int) -> None:
    told = drawn(days, *(handoff(n) for n in range(1, 7 * days, 3)))
    figures = re.findall("<figure>.*?</figure>", told)
    assert len(figures) == 20
    for figure in figures:
        assert all(part in figure for part in ("<h3>", 'role="img"', 'class="about"', "<table>"))
        ET.fromstring(figure.replace(" hidden", ""))  # noqa: S314 - our own
    assert "First response" in told


def test_the_style_is_what_the_policy_allows() -> None:
    assert style.__wrapped__() == style()  # read anew: what is kept may be from another test
    assert policy() == policy.__wrapped__()


def test_what_people_wrote_is_text() -> None:
    frame = Frame(0, {"queue": EVIL}, {"30 days": '/report?"'}, "30 days")
    told = drawn(3, *(handoff(n) for n in range(1, 20)), frame=frame)
    assert "<script" not in told
    assert "&lt;script&gt;" in told
    assert "style=" not in told  # the policy allows the one sheet alone
    assert policy().startswith("default-src 'none'; style-src 'sha256-")


def test_of_nothing_there_is_no_plot() -> None:
    told = drawn(3)
    assert "No handoff was opened" in told
    assert "<figure" not in told


def test_a_lone_handoff_that_waits_is_shown() -> None:
    alone = handoff(3)._replace(assigned_at=0, first_reply_at=0, agent="", labels=(), score=0)
    told = drawn(1, alone)
    assert "By agent" not in told
    assert "none yet" in told


@given(st.lists(st.tuples(NAMES, COUNTS), min_size=1, max_size=60))
def test_bars_and_columns_are_as_long_as_what_they_count(given_: list[tuple[str, int]]) -> None:
    points = [Point(name, number, str(number)) for name, number in given_]
    for draw, side in ((plots.bars, "width"), (plots.columns, "height")):
        found = ET.fromstring(draw(points, "A & B"))  # noqa: S314
        sizes = [float(bar.get(side) or -1) for bar in found.iter("rect")]
        most = max(number for _, number in given_)
        assert len(sizes) == len(points)
        for (_, number), size in zip(given_, sizes, strict=True):
            assert size == pytest.approx(max(sizes) * number / (most or 1), abs=0.11)


@given(st.lists(st.tuples(NAMES, MAYBE, MAYBE, MAYBE), min_size=1, max_size=40))
def test_marks_stand_within_the_plot(
    rows: list[tuple[str, int | None, int | None, int | None]],
) -> None:
    axis = plots.timed(max((n for _, *of in rows for n in of if n is not None), default=0))
    names = [name for name, *_ in rows]
    series = [Line(m.name, m.mark, [row[at + 1] for row in rows]) for at, m in enumerate(MARKS)]  # type: ignore[misc]
    found = (
        plots.lines(names, series, axis, "Lines"),
        plots.ranges([(name, of) for name, *of in rows], MARKS, axis, "Ranges"),
    )
    known = sum(n is not None for _, *of in rows for n in of)
    for svg in found:
        circles = [float(c.get("cx") or -1) for c in ET.fromstring(svg).iter("circle")]  # noqa: S314
        assert all(0 <= x <= plots.WIDTH for x in circles)
    assert found[1].count('class="k') == known


@given(st.integers(0, 10**12))
def test_an_axis_reaches_as_far_as_it_must_in_few_steps(most: int) -> None:
    for axis in (plots.counted(most), plots.timed(min(most, 10**8))):
        assert axis.top >= min(most, 10**8) if axis.shown(0) == "0 s" else axis.top >= most
        assert 1 <= axis.steps <= 6 or axis.shown(0) == "0 s"


def test_the_names_of_lines_do_not_cover_each_other() -> None:
    series = [Line(name, "m1", [5, 5]) for name in ("a", "b", "c")]
    svg = plots.lines(["x", "y"], series, plots.counted(10), "Same")
    heights = re.findall(rf'x="{plots.WIDTH - plots.RIGHT + 4:.1f}" y="([\d.]+)"', svg)
    apart = sorted(map(float, heights))
    assert [b - a for a, b in pairwise(apart)] == [plots.LETTER] * 2


def test_squares_are_darker_where_there_is_more() -> None:
    svg = plots.squares([[0, 1], [5, 10]], ["Mon", "Tue"], ["0:00", "1:00"], "Week")
    assert re.findall(r'class="shade s(\d)"', svg) == ["0", "1", "3", "5"]


# --- colours -------------------------------------------------------------------------------------

THEMES = [dict(re.findall(r"--(\w+):(#\w+)", part)) for part in style().split(":root{")[1:]]
"""Light, dark and print."""
ON_DARKEST = re.findall(r"svg \.t5{fill:(#\w+)}", style())
"""Of numbers in the squares that have the most."""


def light(colour: str) -> float:
    """As WCAG 2 defines it (relative luminance)."""
    full = colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
    parts = [int(full[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("at", range(3))
def test_all_that_is_written_or_drawn_stands_out(at: int) -> None:
    theme = THEMES[at]
    for ground in ("page", "panel"):
        assert all(contrast(theme[ink], theme[ground]) >= 4.5 for ink in ("ink", "soft", "link"))
    assert all(contrast(theme[mark], theme["page"]) >= 3 for mark in ("bar", "one", "two", "three"))
    shades = [theme[f"s{shade}"] for shade in range(6)]
    assert all(contrast(theme["ink"], shade) >= 4.5 for shade in shades[:4])
    assert all(contrast(ON_DARKEST[at], shade) >= 4.5 for shade in shades[4:])
    steps = [light(shade) for shade in shades]
    assert steps in (sorted(steps), sorted(steps, reverse=True))


def test_an_axis_of_time_never_says_the_same_of_two_steps() -> None:
    for most in (*range(0, 400, 7), 3_600, 5_400, 86_400, 200_000, 10**8):
        axis = plots.timed(most)
        told = [axis.shown(number * axis.step) for number in range(axis.steps + 1)]
        assert len({*told}) == len(told), told
        assert all(len(each) <= len("1500 days") for each in told), (
            "there is no room for more beside an axis"
        )
