"""Steps of the table in `lifecycle.py`: an action of one's own is set off, and what came of it. The
answer is a note; nothing of it goes to the user."""

from __future__ import annotations

from bridge.commands import ActionAnswered, Result, RunAction
from bridge.effects import Line, Mark
from bridge.events import Kind
from bridge.favours import CallAction
from bridge.model import Author, Role, Visibility, derive_id
from bridge.turn import DESKBRIDGE, Turn

UNKNOWN = "unknown_action"
"""A code of a refusal; behind line breaks stand those that may have been meant."""
LONGEST = 10_000
"""Characters of an answer that are kept."""


def run(turn: Turn, command: RunAction) -> None:
    """Once for each click and each word: the other system knows it by its id."""
    action = turn.policy.actions.get(command.name)
    if action is None:
        return turn.reject("\n".join([UNKNOWN, *turn.policy.actions.near(command.name)]))
    fields, fault = action.filled(command.text)
    if fault:
        return turn.reject(fault)
    named, by = derive_id("act", turn.key), command.by
    turn.note(Kind.ACTION_RUN, by.as_author(), action=action.name, id=named)
    turn.mark(command.said, Mark.NOTE)
    what = (turn.open_handoff.id, action.name, action.label, named)
    turn.do(CallAction(*what, turn.at, by.id, by.name, fields, command.said))
    turn.data = {"id": named}
    return None


def came(turn: Turn, effect: CallAction, result: Result) -> None:
    """What the other system said, or why nobody knows."""
    if isinstance(result, ActionAnswered):
        return _answered(turn, effect, result.text.strip()[:LONGEST])
    reason = str(getattr(result, "reason", ""))
    turn.note(Kind.DELIVERY_FAILED, DESKBRIDGE, reason=reason, action=effect.action)
    turn.mark(effect.said, Mark.FAILED)
    detail = f"{reason}\n{effect.label}"
    return turn.line(Line.ACTION_FAILED, who=effect.agent, name=effect.name, detail=detail)


def _answered(turn: Turn, effect: CallAction, text: str) -> None:
    if not text:
        who, name = effect.agent, effect.name
        return turn.line(Line.ACTION_DONE, who=who, name=name, detail=effect.label)
    author = Author(Role.SYSTEM, f"action:{effect.action}", effect.label)
    inside, handoff = Visibility.INTERNAL, effect.handoff_id
    message = turn.say(author, text, visibility=inside, handoff_id=handoff)
    turn.note(Kind.NOTE_ADDED, author, message=message.id)
    return turn.post(message)
