"""Where a waiting handoff stands in its queue."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.model import Handoff, Status
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
