"""Suggestions of bots and tools, for agents only: steps of the table in `lifecycle.py`.

A suggestion is a message that is INTERNAL and waits for an agent's word (`Standing.HELD`), so
nothing of it ever leaves. Sending it makes a reply of the agent's, which goes the way of any other.
What becomes of it is decided once, and stands in `held_for` beside what it is.
"""

from __future__ import annotations

from bridge import judging, words
from bridge.commands import (
    DismissSuggestion,
    Suggest,
    Suggested,
    ToHandoff,
    UseSuggestion,
)
from bridge.effects import Line
from bridge.events import Kind
from bridge.model import Message, Standing, Visibility, replace
from bridge.readymade import as_reply
from bridge.settling import DISMISSED, SUGGESTION, USED
from bridge.turn import Turn
from bridge.words import Sense


def suggest(turn: Turn, command: Suggest) -> None:
    author = replace(command.by, name=command.source or command.by.name)
    message = turn.say(
        author,
        command.text,
        visibility=Visibility.INTERNAL,
        standing=Standing.HELD,
        handoff_id=turn.open_handoff.id,
        held_for=f"{SUGGESTION}{command.kind}",
    )
    turn.note(Kind.SUGGESTION_MADE, command.by, message=message.id, suggested=str(command.kind))
    turn.line(Line.SUGGESTED, message, name=author.name)
    turn.data = {"id": message.id}


def use(turn: Turn, command: UseSuggestion) -> None:
    """What looks like a secret or a note is refused, and may be changed; what else holds a reply
    back holds this one."""
    subject = turn.subject
    if not _waits(subject):
        return turn.reject("already_decided")
    if subject.held_for == f"{SUGGESTION}{Suggested.SUMMARY}":
        return turn.reject("not_for_customers")
    said = words.read(command.text.strip() or subject.text)
    if said.sense is not Sense.REPLY:
        return turn.reject("not_a_reply")
    text = said.text
    if judging.leaks(turn.policy, text):
        return turn.reject("leaks")
    _settle(turn, USED)
    edited = text != subject.text
    by = command.by.as_author()
    turn.note(Kind.SUGGESTION_USED, by, message=subject.id, edited=edited)
    return as_reply(turn, command, ToHandoff(turn.open_handoff.id), text)


def dismiss(turn: Turn, command: DismissSuggestion) -> None:
    if not _waits(turn.subject):
        return turn.reject("already_decided")
    _settle(turn, DISMISSED)
    turn.note(Kind.SUGGESTION_DISMISSED, command.by.as_author(), message=turn.subject.id)
    turn.data = {"id": turn.subject.id}
    return None


def _waits(message: Message) -> bool:
    held = message.standing is Standing.HELD and not message.deleted
    return held and message.held_for.startswith(SUGGESTION)


def _settle(turn: Turn, how: str) -> None:
    kept = replace(turn.subject, standing=Standing.SENT, held_for=f"{SUGGESTION}{how}")
    turn.messages[kept.id] = kept
