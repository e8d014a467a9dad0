"""Lines that ask for something, once it is decided: what is to become of a held message or a
suggestion, and who takes a handoff that waits. Pure.

Such a line has buttons. Whoever decides, and by whatever way, every line about that message or that
handoff is then changed to say what was chosen, and has nothing more to press.
"""

from __future__ import annotations

from bridge.effects import Line, PostLine, SettleLine
from bridge.model import Handoff, Message, Standing, Status, Visibility
from bridge.notice import stages
from bridge.turn import Turn

OF_MESSAGES = frozenset({Line.HELD, Line.STILL_HELD, Line.SUGGESTED})
OF_HANDOFFS = frozenset({Line.WAITING, Line.OVERDUE})
SUGGESTION, USED, DISMISSED = "suggestion:", "used", "dismissed"
"""Of a suggestion, which waits like a held message: before what it is, and what became of it."""


def asked_about(effect: object) -> str:
    """The id of what the effect puts a question about; empty: it asks nothing."""
    if not isinstance(effect, PostLine):
        return ""
    if effect.line in OF_HANDOFFS:
        return effect.handoff_id
    return effect.message_id or "" if effect.line in OF_MESSAGES else ""


def decided(turn: Turn, by: object) -> None:
    """After each step: the message that it was about may have been held until now."""
    before = turn.case.subject
    if before is not None and _waits(before):
        _settle(turn, turn.messages.get(before.id, before), str(getattr(by, "name", "")))


def posted(turn: Turn, effect: PostLine) -> None:
    """A line that asks stands in the thread: somebody may have decided meanwhile."""
    if effect.line in OF_HANDOFFS:
        _say_who_has(turn)
    elif turn.case.subject is not None:
        _settle(turn, turn.case.subject, "")


def taken(turn: Turn) -> None:
    """After each step and each result: the handoff may have waited for somebody until now, and for
    so long that a line said so."""
    before = turn.case.handoff
    if before is None or turn.handoff is None or before.id != turn.handoff.id:
        return
    if _is_free(before) and not _is_free(turn.handoff):
        called = stages(Status.QUEUED, "", turn.policy.alerts_of(before.queue))
        if called and turn.at - before.opened_at >= called[0].after:
            _say_who_has(turn)


def _say_who_has(turn: Turn) -> None:
    handoff = turn.handoff
    if handoff is not None and not _is_free(handoff):
        how = "taken" if handoff.is_open else "ended"
        turn.do(SettleLine(handoff.id, None, how, handoff.assignee_name))


def _is_free(handoff: Handoff) -> bool:
    return handoff.is_open and handoff.assignee is None


def _settle(turn: Turn, message: Message, name: str) -> None:
    if message.handoff_id and not _waits(message):
        turn.do(SettleLine(message.handoff_id, message.id, how(message), name))


def _waits(message: Message) -> bool:
    return message.standing is Standing.HELD and not message.deleted


def how(message: Message) -> str:
    """What was chosen: `deleted`, `note` or `sent`; of a suggestion, `used` or `dismissed`."""
    if message.deleted:
        return "deleted"
    if message.held_for.startswith(SUGGESTION):
        return message.held_for.removeprefix(SUGGESTION)
    return "note" if message.visibility is Visibility.INTERNAL else "sent"
