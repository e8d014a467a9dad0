"""Where a handoff stands among those that wait in its queue, and how long one waits there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, func, select

from bridge.commands import Command, TimerFired
from bridge.effects import TimerKind
from bridge.model import Handoff, Micros
from bridge.queues import NO_LINE, InLine
from bridge.waiting import MEASURED_OVER, usual
from storage.driver import Driver
from storage.tables import metadata

STILL = f":{TimerKind.STILL}:"
MEASURED = 50
"""Of so many the wait is told, the last ones."""
_handoff = metadata.tables["handoff"].c
_OF_QUEUE = (_handoff.workspace_id == bindparam("workspace")) & (
    _handoff.queue == bindparam("queue")
)
WAITS: Select[Any] = (
    select(_handoff.assigned_at - _handoff.opened_at)
    .where(_OF_QUEUE, _handoff.closed_at >= bindparam("since"), _handoff.assigned_at > 0)
    .order_by(_handoff.closed_at.desc())
    .limit(MEASURED)
)
AHEAD: Select[Any] = select(func.count()).where(
    _OF_QUEUE, _handoff.status == "queued", _handoff.number < bindparam("number")
)


def in_line(driver: Driver, command: Command, handoff: Handoff | None, now: Micros) -> InLine:
    """For a user who is to hear of it, as it was when the transaction began."""
    if handoff is None or not isinstance(command, TimerFired) or STILL not in command.claim.lane:
        return NO_LINE
    [(ahead,)] = driver.rows(AHEAD, in_queue(handoff))
    return InLine(ahead, usual_wait(driver, handoff, now))


def in_queue(handoff: Handoff) -> dict[str, Any]:
    """What `AHEAD` is given."""
    queue = {"workspace": handoff.workspace_id, "queue": handoff.queue}
    return {**queue, "number": handoff.number}


def usual_wait(driver: Driver, handoff: Handoff, now: Micros) -> float | None:
    """In seconds, in its queue; None: nobody knows."""
    queue = {"workspace": handoff.workspace_id, "queue": handoff.queue}
    waits = driver.rows(WAITS, {**queue, "since": now - MEASURED_OVER})
    return usual([row[0] for row in waits])
