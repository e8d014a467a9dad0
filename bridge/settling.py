"""Lines that ask what is to become of a held message, once somebody has said it. Pure.

Such a line has buttons. Whoever decides, and by whatever way, every line about that message is then
changed to say what was chosen, and has nothing more to press.
"""

from __future__ import annotations

from bridge.effects import Line, PostLine, SettleLine
from bridge.model import Message, Standing, Visibility
from bridge.turn import Turn

ASKING = frozenset({Line.HELD, Line.STILL_HELD})


def is_asking(effect: object) -> bool:
    return isinstance(effect, PostLine) and effect.line in ASKING


def decided(turn: Turn, by: object) -> None:
    """After each step: the message that it was about may have been held until now."""
    before = turn.case.subject
    if before is not None and _waits(before):
        _settle(turn, turn.messages.get(before.id, before), str(getattr(by, "name", "")))


def posted(turn: Turn) -> None:
    """A line that asks stands in the thread: somebody may have decided meanwhile."""
    if turn.case.subject is not None:
        _settle(turn, turn.case.subject, "")


def _settle(turn: Turn, message: Message, name: str) -> None:
    if message.handoff_id and not _waits(message):
        turn.do(SettleLine(message.handoff_id, message.id, how(message), name))


def _waits(message: Message) -> bool:
    return message.standing is Standing.HELD and not message.deleted


def how(message: Message) -> str:
    """What was chosen: `deleted`, `note` or `sent`."""
    if message.deleted:
        return "deleted"
    return "note" if message.visibility is Visibility.INTERNAL else "sent"
