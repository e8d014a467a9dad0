"""Plots as SVG, for people who see colours differently or none: one colour for what is counted,
marks of different shapes for what is compared, and a number or a name beside each. Colours and
sizes of letters are the page's (`report.css`). Pure.

All are `WIDTH` wide. On a phone, where that is about 350 px, letters are 17 units high (12 px), and
all that stands beside what is plotted has room for them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from bridge.model import SECOND
from bridge.spans import DAY, HOUR, MINUTE, span

WIDTH = 480
HEIGHT = 230
LEFT, RIGHT, TOP, BOTTOM = 92, 38, 18, 30
"""Room for what stands around what is plotted."""
ROW = 26
NAMES = 176
"""Room for names beside bars."""
VALUES = 96
"""Room for numbers behind bars."""
LONGEST_NAME = 17
LETTER = 17
"""As high as they are on a phone, where all is smaller and letters are not."""
MARKED = 31
"""Points of a line that have room for a mark each."""
DATES = 6
"""Dates that are named below an axis, at most."""
FEW = 8
"""Columns that have room for their numbers."""
_ROUND = (
    *(1, 2, 5, 10, 20, 30),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)),
)
"""Lengths of time that make good steps of an axis, in seconds."""
STEPS = 5
"""Of an axis, at most."""
Value = float | None
"""None: there is none, which is not the same as zero."""


@dataclass(frozen=True, slots=True)
class Point:
    """`shown` is what stands beside it."""

    name: str
    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class Line:
    """`mark`: the class of its line and the shape of its points."""

    name: str
    mark: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Axis:
    """Steps of the same width from zero, and what is written beside each."""

    step: float
    steps: int
    shown: Callable[[float], str]

    @property
    def top(self) -> float:
        return self.step * self.steps


def whole(value: float) -> str:
    return f"{int(value):,}"


def counted(most: float) -> Axis:
    """An axis for whole numbers."""
    rough = max(most, 1) / STEPS
    power = 10 ** math.floor(math.log10(rough))
    step = max(next(n * power for n in (1, 2, 5, 10) if n * power >= rough), 1)
    return Axis(step, max(math.ceil(most / step), 1), whole)


def timed(most: int) -> Axis:
    """An axis for lengths of time, in seconds."""
    step = next((each for each in _ROUND if each * STEPS >= most), _ROUND[-1])
    return Axis(step, max(math.ceil(most / step), 1), _in_unit_of(step))


def _in_unit_of(step: int) -> Callable[[float], str]:
    """No two steps say the same, as 60 s and 80 s, both a minute, or 48 h and 60 h would."""

    def shown(value: float) -> str:
        if value and step < MINUTE:
            return f"{int(value)} s"
        if value and HOUR <= step < DAY:
            return f"{int(value) // HOUR} h"
        if value >= HOUR and step < HOUR:  # "1 h 30 min" has no room beside an axis
            return f"{int(value) // HOUR}:{int(value) % HOUR // MINUTE:02} h"
        return span(int(value) * SECOND)

    return shown


# --- upright -------------------------------------------------------------------------------------


def columns(points: Sequence[Point], title: str) -> str:
    axis = counted(max((point.value for point in points), default=0))
    slot = (WIDTH - LEFT - RIGHT) / max(len(points), 1)
    width = min(max(slot * 0.78, 1.5), 44)
    parts = [_grid(axis)]
    for at, point in enumerate(points):
        x, y = LEFT + slot * (at + 0.5), _height(axis, point.value)
        parts.append(_box((x - width / 2, y, width, HEIGHT - BOTTOM - y), point))
        if len(points) <= FEW:
            parts.append(_text(x, y - 4, point.shown, "middle"))
    return _svg(HEIGHT, title, [*parts, _below([point.name for point in points], slot)])


def lines(names: Sequence[str], series: Sequence[Line], axis: Axis, title: str) -> str:
    """A line for each of the series, with its name at its end."""
    slot = (WIDTH - LEFT - RIGHT) / max(len(names), 1)
    parts, ends = [_grid(axis)], []
    for line in series:
        places = [
            None if value is None else (LEFT + slot * (at + 0.5), _height(axis, value))
            for at, value in enumerate(line.values)
        ]
        found = [place for place in places if place]
        parts += [_way(stretch, line.mark) for stretch in _stretches(places)]
        parts += [_mark(line.mark, x, y) for x, y in found if len(names) <= MARKED]
        ends += [(found[-1][1], line.name)] if found else []
    parts += [_text(WIDTH - RIGHT + 4, y + 4, name) for y, name in _apart(ends)]
    return _svg(HEIGHT, title, [*parts, _below(names, slot)])


def _height(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / axis.top


def _grid(axis: Axis) -> str:
    parts = []
    for number in range(axis.steps + 1):
        y = _height(axis, number * axis.step)
        kind = "rule" if number else "base"
        parts.append(f'<path class="{kind}" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(_text(LEFT - 6, y + 4, axis.shown(number * axis.step), "end"))
    return "".join(parts)


def _below(names: Sequence[str], slot: float) -> str:
    every = max(math.ceil(len(names) / DATES), 1)
    return "".join(
        _text(LEFT + slot * (at + 0.5), HEIGHT - 8, name, "middle")
        for at, name in enumerate(names)
        if at % every == 0
    )


Place = tuple[float, float]


def _stretches(places: Iterable[Place | None]) -> list[list[Place]]:
    """Where there is no value there is no line."""
    found: list[list[Place]] = [[]]
    for place in places:
        if place:
            found[-1].append(place)
        elif found[-1]:
            found.append([])
    return [stretch for stretch in found if len(stretch) > 1]


def _way(stretch: Iterable[Place], mark: str) -> str:
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in stretch)
    return f'<polyline class="line {mark}" points="{way}"/>'


def _apart(ends: Iterable[tuple[float, str]]) -> list[tuple[float, str]]:
    """From the bottom up, so far from each other that each can be read."""
    found: list[tuple[float, str]] = []
    for y, name in sorted(ends, reverse=True):
        found.append((min(y, found[-1][0] - LETTER) if found else y, name))
    return found


# --- lying ---------------------------------------------------------------------------------------


def bars(points: Sequence[Point], title: str) -> str:
    most = max((point.value for point in points), default=0) or 1
    parts = []
    for at, point in enumerate(points):
        y = at * ROW
        length = (WIDTH - NAMES - VALUES) * point.value / most
        parts += [_named(point.name, y), _box((NAMES, y + 4, length, ROW - 8), point)]
        parts.append(_text(NAMES + length + 6, y + ROW / 2 + 5, point.shown))
    return _svg(len(points) * ROW + 4, title, parts)


def ranges(rows: Sequence[tuple[str, Sequence[Value]]], marks: Sequence[Line], axis: Axis,
           title: str) -> str:  # fmt: skip
    """For each name a line from its least to its greatest value, with a mark at each."""
    bottom = len(rows) * ROW
    parts = [_scale(axis, bottom)]
    for at, (name, values) in enumerate(rows):
        y, known = (
            at * ROW + ROW / 2,
            [_right(axis, value) for value in values if value is not None],
        )
        parts.append(_named(name, at * ROW))
        if known:
            parts.append(f'<path class="range" d="M{min(known):.1f} {y}H{max(known):.1f}"/>')
        parts += [
            _mark(line.mark, _right(axis, value), y)
            for line, value in zip(marks, values, strict=True)
            if value is not None
        ]
    return _svg(bottom + BOTTOM, title, parts)


def _right(axis: Axis, value: float) -> float:
    return NAMES + (WIDTH - NAMES - RIGHT) * value / axis.top


def _scale(axis: Axis, bottom: int) -> str:
    parts = []
    for number in range(axis.steps + 1):
        x = _right(axis, number * axis.step)
        parts.append(f'<path class="rule" d="M{x:.1f} 0V{bottom}"/>')
        if number % math.ceil(axis.steps / 3) == 0:
            parts.append(_text(x, bottom + 18, axis.shown(number * axis.step), "middle"))
    return "".join(parts)


def _named(name: str, y: float) -> str:
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
    return _text(NAMES - 8, y + ROW / 2 + 5, short, "end")


# --- squares -------------------------------------------------------------------------------------

SHADES = 5
GUTTER = 62


def squares(table: Sequence[Sequence[int]], across: Sequence[str], down: Sequence[str],
            title: str) -> str:  # fmt: skip
    """A square for each number, with the number in it; what is more is darker."""
    most = max((number for row in table for number in row), default=0) or 1
    width, height = (WIDTH - GUTTER) / len(across), 20
    parts = [
        _text(GUTTER + width * (at + 0.5), 14, name, "middle") for at, name in enumerate(across)
    ]
    for at, (name, row) in enumerate(zip(down, table, strict=True)):
        y = 22 + at * height
        parts.append(_text(GUTTER - 8, y + 15, name, "end"))
        for place, number in enumerate(row):
            shade = math.ceil(number / most * SHADES)
            x = GUTTER + place * width
            parts.append(
                f'<rect class="shade s{shade}" x="{x:.1f}" y="{y}" width="{width - 2:.1f}" '
                f'height="{height - 2}"/>'
            )
            if number:
                kind = f"t{shade}"
                parts.append(_text(x + width / 2 - 1, y + 14, whole(number), "middle", kind))
    return _svg(22 + len(down) * height, title, parts)


# --- parts ---------------------------------------------------------------------------------------


def key(marks: Sequence[Line]) -> str:
    """What each mark stands for, as HTML."""
    parts = "".join(
        f'<li><svg class="sign" viewBox="0 0 34 14" aria-hidden="true">'
        f'<path class="line {line.mark}" d="M1 7H33"/>{_mark(line.mark, 17, 7)}</svg>'
        f"{escape(line.name)}</li>"
        for line in marks
    )
    return f'<ul class="key">{parts}</ul>'


def _mark(kind: str, x: float, y: float) -> str:
    shape = {
        "m1": f'<circle class="k1" cx="{x:.1f}" cy="{y:.1f}" r="3.6"/>',
        "m2": f'<rect class="k2" x="{x - 3.2:.1f}" y="{y - 3.2:.1f}" width="6.4" height="6.4"/>',
        "m3": f'<path class="k3" d="M{x:.1f} {y - 4.2:.1f}l4 7.2h-8z"/>',
    }
    return shape[kind]


def _box(at: tuple[float, float, float, float], point: Point) -> str:
    """`at`: x, y, width and height."""
    x, y, width, height = at
    told = escape(f"{point.name}: {point.shown}")
    return (
        f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">'
        f"<title>{told}</title></rect>"
    )


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(height: float, title: str, parts: Iterable[str]) -> str:
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {height:g}">'
        f"{''.join(parts)}</svg>"
    )
