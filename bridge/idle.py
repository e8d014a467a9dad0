"""Users who were answered and say nothing more: their handoff closes by itself. Pure.

Never while the user waits for us, nor while it is snoozed. A timer runs from the first answer; what
the agent says later moves it only when it fires, so that an answer costs no timer.
"""

from __future__ import annotations

from bridge.effects import SetTimer, TimerKind
from bridge.model import Awaiting, Micros
from bridge.turn import Turn


def watch(turn: Turn) -> None:
    """The user is answered and has the word."""
    if close_after := _close_after(turn):
        _set_timer(turn, turn.at + close_after)


def is_over(turn: Turn) -> bool:
    """Whether the time is up when the timer fires; it is set again where it is not."""
    conversation, handoff, close_after = turn.conversation, turn.handoff, _close_after(turn)
    silent = conversation.awaiting is Awaiting.CUSTOMER
    if handoff is None or not (handoff.is_open and silent and close_after):
        return False
    moments = conversation.awaiting_since, conversation.agent_at, handoff.snoozed_until
    last = max(*moments, handoff.ends_at)  # a resolve that may yet be taken back
    if last + close_after > turn.at:
        _set_timer(turn, last + close_after)
        return False
    return True


def _set_timer(turn: Turn, due: Micros) -> None:
    turn.do(SetTimer(TimerKind.IDLE, due, turn.conversation.epoch))


def _close_after(turn: Turn) -> Micros:
    return turn.policy.idle_close.get(turn.conversation.channel, 0)
