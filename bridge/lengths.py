"""How long things took, in whole seconds: the mean and percentiles. Pure.

A percentile is the nearest rank: p of n values is the value at place ⌈p·n/100⌉ of them in order, so
that it is always one that was measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge.model import SECOND, Micros


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long something took, in whole seconds; all zero where it never happened."""

    number: int = 0
    mean: int = 0
    p50: int = 0
    p90: int = 0
    p95: int = 0
    longest: int = 0


def length(since: Micros, until: Micros) -> int:
    """In seconds; less than zero: it did not happen. A clock that was set back made it zero."""
    return (until - since) // SECOND if until > since else 0 if until else -1


def nearest_rank(ordered: Sequence[int], percent: int) -> int:
    """Of one value or more, in order."""
    return ordered[-(-percent * len(ordered) // 100) - 1]


def measured(ordered: Sequence[int], total: int) -> Lengths:
    """Of values in order, and their sum."""
    if len(ordered) == 0:
        return Lengths()
    p50, p90, p95 = (int(nearest_rank(ordered, percent)) for percent in (50, 90, 95))
    return Lengths(len(ordered), total // len(ordered), p50, p90, p95, int(ordered[-1]))


def lengths(values: Iterable[int]) -> Lengths:
    """Of those that are not less than zero."""
    ordered = sorted(value for value in values if value >= 0)
    return measured(ordered, sum(ordered))
