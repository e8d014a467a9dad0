"""How long one waits in a queue, as it was measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from bridge.model import SECOND, Micros

FEWEST = 5
"""Of fewer nothing can be told."""
MEASURED_OVER: Micros = 7 * 86_400 * SECOND


def usual(waits: Sequence[Micros]) -> float | None:
    """The median in seconds; None: nobody knows."""
    return statistics.median(waits) / SECOND if len(waits) >= FEWEST else None
