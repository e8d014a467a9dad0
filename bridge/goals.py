"""Goals: how soon a user is to be answered, and a handoff resolved. Pure.

The goals of a reply run while the user waits, and all of them only while the queue is open. What is
missed stands out on the card and is told as an event. Who is called while a user waits is
`notice.py`'s; a handoff that stays unresolved calls its assignee before, and the lead after.
"""

from __future__ import annotations

from typing import Protocol

from bridge.effects import Line, RefreshCard, SetTimer, TimerKind
from bridge.events import Kind
from bridge.hours import Hours, after
from bridge.model import Awaiting, Handoff, Micros
from bridge.queues import Goals, Queue
from bridge.turn import DESKBRIDGE, Turn

WARNED_AT = 0.75
"""Of the time in which a handoff is to be resolved."""
FIRST, NEXT, RESOLUTION = "first_reply", "next_reply", "resolution"


class Measured(Protocol):
    """A queue, as far as goals go."""

    @property
    def goals(self) -> Goals: ...
    @property
    def hours(self) -> Hours: ...


class Answered(Protocol):
    """A handoff, as far as it is known whether anybody has answered in it."""

    @property
    def first_reply_at(self) -> Micros: ...


def reply_goal(queue: Measured, handoff: Answered) -> Micros:
    """From when the user began to wait; zero: none."""
    return queue.goals.next_reply if handoff.first_reply_at else queue.goals.first_reply


def missed(queue: Measured, handoff: Handoff, since: Micros, now: Micros) -> Micros:
    """The goal of the reply for which the user waits since then, if it is past; else zero."""
    goal = reply_goal(queue, handoff)
    return goal if goal and after(queue.hours, since, goal) <= now else 0


def begun(turn: Turn) -> None:
    """The handoff is opened."""
    _watch_resolution(turn, 0)


def waits(turn: Turn) -> None:
    """The user begins to wait."""
    queue, since = _queue(turn), turn.conversation.awaiting_since
    if goal := reply_goal(queue, turn.open_handoff):
        due, epoch = after(queue.hours, since, goal), turn.conversation.epoch
        turn.do(SetTimer(TimerKind.GOAL, due, epoch, str(since)))


def fired(turn: Turn, timer: SetTimer) -> None:
    """If the user still waits since then; it may be in a queue with another goal by now."""
    conversation, handoff = turn.conversation, turn.handoff
    since = conversation.awaiting_since
    here = handoff is not None and handoff.is_open and conversation.awaiting is Awaiting.AGENT
    if handoff is None or not here or timer.about != str(since):
        return None
    if not missed(_queue(turn), handoff, since, turn.at):
        return waits(turn)
    _note(turn, NEXT if handoff.first_reply_at else FIRST)
    return turn.do(RefreshCard(handoff.id))


def resolution_due(turn: Turn, timer: SetTimer) -> None:
    """The warning, and the goal itself, if it is still open."""
    number, _, about = timer.about.partition(":")
    handoff = turn.handoff
    if handoff is None or not handoff.is_open or handoff.id != about:
        return None
    if number == "0":
        turn.line(Line.GOAL, who=handoff.assignee or "", name=handoff.assignee_name)
        return _watch_resolution(turn, 1)
    _note(turn, RESOLUTION)
    lead = turn.policy.alerts.lead or handoff.assignee or ""
    return turn.line(Line.GOAL, who=lead, name=handoff.assignee_name, detail="missed")


def _watch_resolution(turn: Turn, number: int) -> None:
    queue, handoff = _queue(turn), turn.open_handoff
    goal = queue.goals.resolution
    if goal:
        length = goal if number else int(goal * WARNED_AT)
        due = after(queue.hours, handoff.opened_at, length)
        about = f"{number}:{handoff.id}"
        turn.do(SetTimer(TimerKind.RESOLUTION, due, turn.conversation.epoch, about))


def _note(turn: Turn, goal: str) -> None:
    handoff = turn.open_handoff
    turn.note(Kind.GOAL_MISSED, DESKBRIDGE, goal=goal, queue=handoff.queue, agent=handoff.assignee)


def _queue(turn: Turn) -> Queue:
    return turn.policy.queue(turn.open_handoff.queue)
