"""What a user hears of the desk while nobody has taken their handoff. Pure.

At once: that somebody is being looked for or, outside the queue's hours, when somebody is back.
After a minute: how many are before them, and how long it usually takes, where that was measured.
Later only if they have come nearer, and not often. When the queue closes meanwhile they hear that,
once, and go on counting when it is open again. One timer for each conversation; what it has to
remember stands in it.
"""

from __future__ import annotations

from bridge.effects import SetTimer, TimerKind
from bridge.hours import Hours, after, closes_at, is_open, opens_at, when
from bridge.model import Micros, Status
from bridge.queues import InLine
from bridge.texts import Occasion
from bridge.turn import Turn

NOT_YET = -1
"""In the place of a number of people: none was told."""
IN_MINUTES = 90
"""Minutes; what is longer is told in hours."""


def begun(turn: Turn, *, told: bool = False) -> None:
    """Nobody has it now. `told`: they know already that somebody is being looked for."""
    if not turn.policy.staffed:
        return turn.tell_user(Occasion.WAITING)
    if not is_open(_hours(turn), turn.at):
        _away(turn)
    elif not told:
        turn.tell_user(Occasion.TRANSFER)
    return _set_timer(turn, 0, NOT_YET, turn.policy.still.after)


def fired(turn: Turn, timer: SetTimer) -> None:
    handoff, still = turn.handoff, turn.policy.still
    if handoff is None or handoff.status is not Status.QUEUED:
        return
    times, ahead = map(int, timer.about.split(":"))
    line = turn.case.line
    if not is_open(_hours(turn), turn.at):
        _away(turn)
    elif times < still.most and (ahead == NOT_YET or line.ahead < ahead):
        _tell(turn, line)
        times, ahead = times + 1, line.ahead
    _set_timer(turn, times, ahead, still.every)


def _tell(turn: Turn, line: InLine) -> None:
    if not line.ahead:
        return turn.tell_user(Occasion.WAITING)
    if line.usual is None:
        return turn.tell_user(Occasion.POSITION_NO_WAIT, position=str(line.ahead))
    return turn.tell_user(Occasion.POSITION, position=str(line.ahead), eta=span(line.usual))


def _away(turn: Turn) -> None:
    hours = _hours(turn)
    opens = opens_at(hours, turn.at)
    if not opens:
        return turn.tell_user(Occasion.WAITING)
    return turn.tell_user(Occasion.AWAY, opensAt=when(hours, opens, turn.at, turn.locale))


def _set_timer(turn: Turn, times: int, ahead: int, step: Micros) -> None:
    """For the next word to them, or for the moment when the queue closes."""
    hours, still, at = _hours(turn), turn.policy.still, turn.at
    more = [after(hours, at, step)] if times < still.most and opens_at(hours, at) else []
    if moments := [*more, *filter(None, [closes_at(hours, at)])]:
        about = f"{times}:{ahead}"
        turn.do(SetTimer(TimerKind.STILL, min(moments), turn.conversation.epoch, about))


def _hours(turn: Turn) -> Hours:
    return turn.policy.queue(turn.open_handoff.queue).hours


def span(seconds: float) -> str:
    """As all the languages that ship have it.

    >>> span(170), span(6_000)
    ('3 min', '2 h')
    """
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < IN_MINUTES else f"{round(minutes / 60)} h"
