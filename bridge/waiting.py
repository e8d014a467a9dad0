"""Where a waiting handoff stands in its queue, and how long one waits there."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from bridge.model import SECOND, Handoff, Micros, Status
from bridge.views import View


def people_ahead(handoff: Handoff, waiting: Sequence[View]) -> int | None:
    """How many of `waiting` come before it in its queue; None when it does not wait."""
    if handoff.status is not Status.QUEUED:
        return None
    return sum(
        other.handoff.status is Status.QUEUED
        and other.handoff.queue == handoff.queue
        and other.handoff.number < handoff.number
        and other.handoff.id != handoff.id
        for other in waiting
    )


FEWEST = 5
"""Of fewer nothing can be told."""
MEASURED_OVER: Micros = 7 * 86_400 * SECOND


def usual(waits: Sequence[Micros]) -> float | None:
    """The median in seconds; None: nobody knows."""
    return statistics.median(waits) / SECOND if len(waits) >= FEWEST else None
