"""The bot silent without a handoff: steps of the table in `lifecycle.py`."""

from __future__ import annotations

from bridge.commands import (
    Pause,
    Resume,
    UserEnded,
)
from bridge.effects import CancelTimer, Line, Mark, TimerKind
from bridge.endings import another_is_open
from bridge.events import Kind
from bridge.model import (
    Author,
    Mode,
    Role,
    replace,
)
from bridge.turn import Turn


def pause(turn: Turn, command: Pause) -> None:
    turn.own(Mode.HUMAN)
    turn.conversation = replace(
        turn.conversation, paused_by=command.by.name or command.by.id or "somebody"
    )
    turn.mark(command.said, Mark.NOTE)
    turn.do(CancelTimer(TimerKind.PATIENCE))
    turn.note(Kind.PAUSED, command.by, reason=command.reason)
    if command.said:
        turn.line(Line.PAUSED, who=command.by.id, name=command.by.name)
    turn.data = {"paused": True}


def stay_paused(turn: Turn, command: Pause) -> None:
    """Paused already, or with a human anyway: the bot is silent as it is."""
    turn.mark(command.said, Mark.NOTE)
    turn.data = {"paused": True}


def resume(turn: Turn, command: Resume) -> None:
    """In the thread of an old handoff it may be asked while another one is open."""
    if another_is_open(turn):
        return turn.reject("handoff_open", id=turn.conversation.handoff_id)
    turn.own(Mode.BOT)
    turn.conversation = replace(turn.conversation, paused_by="")
    turn.mark(command.said, Mark.NOTE)
    turn.note(Kind.RESUMED, command.by)
    if command.said:
        turn.line(Line.RESUMED, who=command.by.id, name=command.by.name)
    turn.tell_bot("control.returned", outcome="resumed", reason="")
    turn.data = {"paused": False}
    return None


def leave_pause(turn: Turn, command: UserEnded) -> None:
    """The user wants the bot back, and may have it."""
    user = Author(Role.USER, turn.contact.id, turn.contact.name)
    resume(turn, Resume(command.key, command.at, command.to, user))


def stay_with_bot(turn: Turn, command: Resume) -> None:
    turn.mark(command.said, Mark.NOTE)
    turn.data = {"paused": False}


def resolve_first(turn: Turn, _command: Resume) -> None:
    handoff = turn.open_handoff
    turn.reject("handoff_open", id=handoff.id, number=handoff.number)
