"""What is to happen by itself, and does: no timer stays undone after its time, each kind of them
does something in a whole day, and a resolve that could be taken back is one when nobody did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text as sql

from bridge.events import Event, Kind
from bridge.model import SECOND, Role
from bridge.policy import Policy
from tests.replay.check import ENDS
from tests.virtual.office import Office, Pressed

LOOK = 5.0
"""Seconds between two looks at what is due."""
LATE = 10 * SECOND
LATE_NOW = sql("SELECT key, due_at FROM lane WHERE key LIKE 'timer:%' AND due_at < :then")
KEEPS_OPEN = (
    *(Kind.USER_SPOKE, Kind.AGENT_SPOKE, Kind.HANDOFF_ASSIGNED, Kind.HANDOFF_TRANSFERRED),
    *(Kind.HANDOFF_RELEASED, Kind.HANDOFF_SNOOZED),
)
"""Whoever has more to say or to do has not resolved it."""


def _by_desk(event: Event, kind: Kind, **body: str) -> bool:
    """Done by nobody, with what it says of why."""
    says = all(event.body.get(name) == value for name, value in body.items())
    return event.kind is kind and event.actor.role is Role.SYSTEM and says


FIRED: Mapping[str, Callable[[Event], bool]] = {
    "assignment timeout": lambda e: _by_desk(e, Kind.HANDOFF_EXPIRED, reason="nobody_took_it"),
    "back from who is away": lambda e: _by_desk(e, Kind.HANDOFF_RELEASED),
    "idle agent": lambda e: _by_desk(e, Kind.AGENT_AWAY, why="idle"),
    "idle conversation": lambda e: _by_desk(e, Kind.HANDOFF_RESOLVED, reason="idle"),
    "snooze": lambda e: _by_desk(e, Kind.HANDOFF_WOKEN),
    "goal of the first reply": lambda e: _by_desk(e, Kind.GOAL_MISSED, goal="first_reply"),
    "goal of the next reply": lambda e: _by_desk(e, Kind.GOAL_MISSED, goal="next_reply"),
    "goal of the end": lambda e: _by_desk(e, Kind.GOAL_MISSED, goal="resolution"),
}


def never_fired(events: Sequence[Event]) -> list[str]:
    return [name for name, is_it in FIRED.items() if not any(map(is_it, events))]


def undone(presses: Sequence[Pressed], events: Sequence[Event], policy: Policy) -> list[Pressed]:
    """Those of *Resolve* that did not resolve it in time though nothing kept it open."""
    return [each for each in presses if not _came_of(each, events, policy.undo_window)]


def _came_of(pressed: Pressed, events: Sequence[Event], window: int) -> bool:
    due = pressed.at + window
    mine = [event for event in events if event.conversation_id == pressed.conversation]
    ended = any(e.kind in ENDS and e.handoff_id == pressed.id and e.at <= due + LATE for e in mine)
    until = due + SECOND  # the click came a little later than it was noted
    return ended or any(e.kind in KEEPS_OPEN and pressed.at <= e.at <= until for e in mine)


@dataclass(slots=True)
class Watch:
    """Sees the timers that nobody took when they were due."""

    office: Office
    late: set[str] = field(default_factory=set)

    async def all_day(self) -> None:
        while not self.office.over:
            await asyncio.sleep(LOOK)
            then = self.office.wall() - LATE
            rows = await self.office.rows(LATE_NOW.bindparams(then=then))
            self.late |= {f"{key}, due at {due}, at {then + LATE}" for key, due in rows}
