"""Figures and how they are told: a table for people, JSON for comparing one run with the next.

Absolute figures of a shared machine wander by a third. So every figure is a ratio to a baseline
that ran in the same minutes: the subjects take turns, the ratio is taken in each round, and the
median of those ratios is the figure.
"""

import json
import math
import platform
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

LIBRARIES = ("uvicorn", "starlette", "sqlalchemy", "asyncpg", "redis", "slack-bolt", "aiohttp")
BASELINE = "baseline"


@dataclass(slots=True)
class Figures:
    """By benchmark, measure and subject: one value for each round."""

    values: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)

    def add(self, benchmark: str, measure: str, subject: str, value: float) -> None:
        self.values.setdefault((benchmark, measure, subject), []).append(value)

    def rows(self) -> Iterator[tuple[str, str, str, float, float]]:
        """Benchmark, measure, subject, median value, median ratio to the baseline."""
        for (benchmark, measure, subject), values in self.values.items():
            base = self.values.get((benchmark, measure, BASELINE), [])
            yield benchmark, measure, subject, median(values), ratio(values, base)


def median(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return statistics.median(known) if known else math.nan


def ratio(values: list[float], base: list[float]) -> float:
    return median([one / other for one, other in zip(values, base, strict=False) if other])


def table(figures: Figures) -> Table:
    view = Table(title="Ratios to a baseline in the same minutes; medians of rounds")
    for heading in ("benchmark", "measure", "subject"):
        view.add_column(heading)
    for heading in ("value", "ratio"):
        view.add_column(heading, justify="right")
    before = ""
    for benchmark, measure, subject, value, times in figures.rows():
        if before and before != benchmark:
            view.add_section()
        view.add_row(benchmark, measure, subject, short(value), short(times))
        before = benchmark
    return view


def short(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def as_json(figures: Figures) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "system": platform.platform()},
        "versions": {name: metadata.version(name) for name in LIBRARIES},
        "figures": [
            {
                "benchmark": benchmark,
                "measure": measure,
                "subject": subject,
                "value": _number(value),
                "ratio": _number(times),
                "rounds": [_number(one) for one in figures.values[benchmark, measure, subject]],
            }
            for benchmark, measure, subject, value, times in figures.rows()
        ],
    }


def publish(figures: Figures, out: Path) -> None:
    Console(width=110 if not sys.stdout.isatty() else None).print(table(figures))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(as_json(figures), indent=2, allow_nan=False) + "\n")


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
