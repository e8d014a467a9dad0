"""The bot silent without a handoff: steps of the table in `lifecycle.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.commands import (
    Pause,
    Resume,
    SwitchBot,
    UserEnded,
)
from bridge.effects import CancelTimer, Line, Mark, TimerKind
from bridge.endings import another_is_open
from bridge.events import Event, Kind, cause_of
from bridge.model import (
    Author,
    ConversationId,
    Mode,
    Role,
    derive_id,
    replace,
)
from bridge.ranks import Rank
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
    """Paused already, or with a human anyway: the bot is silent as it is. One that is silent only
    since all bots are stays so when they are not."""
    if turn.conversation.mode is Mode.BOT:
        return pause(turn, command)
    turn.mark(command.said, Mark.NOTE)
    if command.said and turn.handoff and turn.handoff.is_open:
        turn.line(Line.SILENT, who=command.by.id, name=command.by.name)
    turn.data = {"paused": True}
    return None


def resume(turn: Turn, command: Resume) -> None:
    """In the thread of an old handoff it may be asked while another one is open."""
    if another_is_open(turn):
        return turn.reject("handoff_open", id=turn.conversation.handoff_id)
    if turn.conversation.mode is Mode.BOT:
        return turn.reject("bot_paused", by=turn.silenced_by)
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


@dataclass(frozen=True, slots=True)
class Switched:
    """What a switch of a bot does. `paused_by`: who keeps it silent from now on; empty: nobody.
    `event` is None when it was so already; `refused`: why nothing was done."""

    paused_by: str
    data: dict[str, Any]
    event: Event | None = None
    refused: str = ""


def switch_bot(paused_by: str, command: SwitchBot) -> Switched:
    """A bot in all its conversations; `paused_by` is who keeps it silent now."""
    if command.asker and command.asker.rank is not Rank.ADMIN:
        return Switched(paused_by, {}, refused="not_allowed")
    by = command.by
    after = "" if command.on else paused_by or by.name or by.id or "somebody"
    data = {"bot": command.to.id, "paused": not command.on}
    if after == paused_by:
        return Switched(after, data)
    kind = Kind.BOT_RESUMED if command.on else Kind.BOT_PAUSED
    body = {"bot": command.to.id, "reason": command.reason}
    named, cause = derive_id("evt", command.key), cause_of(command, command.key)
    event = Event(kind, command.at, ConversationId(""), by, body=body, id=named, cause=cause)
    return Switched(after, data, event)


def resolve_first(turn: Turn, command: Resume) -> None:
    """The bot answers again when the handoff is over; in its thread that is asked about."""
    handoff = turn.open_handoff
    if command.said:
        turn.mark(command.said, Mark.NOTE)
        turn.line(Line.RESOLVE_FIRST, who=command.by.id, name=command.by.name)
        turn.data = {"paused": True}
        return
    turn.reject("handoff_open", id=handoff.id, number=handoff.number)
