"""The sending window: some channels take an answer only for so long after the user's last sign of
life. Pure.

The window itself is the channel's (`Traits.window`), when the user was last heard is the
conversation's (`user_at`); nothing else is stored. A timer warns agents while somebody waits for
them, and the card follows when it warns and when it shuts.
"""

from __future__ import annotations

from bridge.effects import Line, RefreshCard, SetTimer, TimerKind
from bridge.model import Awaiting, Micros, replace
from bridge.turn import Turn


def closes_at(turn: Turn) -> Micros:
    """Zero: never."""
    conversation = turn.conversation
    return turn.policy.traits(conversation.channel).answer_until(conversation.user_at)


def watch(turn: Turn) -> None:
    """The user was heard: from here on the window is open for its whole length again."""
    if closes := closes_at(turn):
        warning = turn.policy.traits(turn.conversation.channel).window_warning
        _set_timer(turn, closes - warning)


def begun(turn: Turn) -> None:
    """A handoff begins: the time to warn may have come before there was anybody to be warned."""
    warning = turn.policy.traits(turn.conversation.channel).window_warning
    if closes_at(turn) - warning <= turn.at < closes_at(turn):
        watch(turn)


def extend(turn: Turn, at: Micros) -> None:
    """A sign of life that is no message (a reaction) opens it, too."""
    if closes_at(turn) and at > turn.conversation.user_at:
        turn.conversation = replace(turn.conversation, user_at=at)
        watch(turn)


def fired(turn: Turn, timer: SetTimer) -> None:
    """It is about to shut, or has shut, if the user was not heard since."""
    handoff, closes = turn.handoff, closes_at(turn)
    if not closes or timer.about != str(turn.conversation.user_at):
        return
    is_open = handoff is not None and handoff.is_open
    if turn.at < closes:
        _set_timer(turn, closes)
        if is_open and turn.conversation.awaiting is Awaiting.AGENT:
            who = turn.open_handoff.assignee or ""
            name = turn.open_handoff.assignee_name
            turn.line(Line.WINDOW, who=who, name=name, detail=str(closes))
    if is_open:
        turn.do(RefreshCard(turn.open_handoff.id))


def _set_timer(turn: Turn, due: Micros) -> None:
    conversation = turn.conversation
    about = str(conversation.user_at)
    turn.do(SetTimer(TimerKind.WINDOW, due, conversation.epoch, about))
