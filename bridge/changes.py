"""What a decision changed, for the audit: before and after, by field. Pure.

Codes, ids and times stand there as they are; of what somebody wrote, or of who they are, only how
long it is, since events hold nobody's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from bridge.events import Event
from bridge.model import Contact, Conversation, Handoff, Message, replace

CONVERSATION = ("mode", "paused_by")
HANDOFF = (
    *("status", "queue", "priority", "labels", "reason", "assignee", "collaborators"),
    *("snoozed_until", "ends_at", "closed_by"),
)
HANDOFF_WORDS = ("title", "description", "summary", "reason_text", "context", "outcome")
USER = ("blocked_at", "blocked_by", "person_id")
USER_WORDS = ("name", "email", "avatar_url", "locale", "attributes", "blocked_for")
MESSAGE = ("visibility", "standing", "held_for", "deleted")
MESSAGE_WORDS = ("text",)
Changes = dict[str, dict[str, list[Any]]]
"""Of which thing, which field: before and after."""
_of_conversation = attrgetter(*CONVERSATION)


def changes_of(
    conversation: tuple[Conversation, Conversation],
    contact: tuple[Contact, Contact],
    handoff: tuple[Handoff | None, Handoff | None],
    message: tuple[Message | None, Message | None],
) -> Changes:
    """What one decision changed, each before and after."""
    found: Changes = {}
    if handoff[0] is not handoff[1] and handoff[1]:
        before = handoff[0] if handoff[0] and handoff[0].id == handoff[1].id else None
        found["handoff"] = _changed(before, handoff[1], HANDOFF, HANDOFF_WORDS)
    if _of_conversation(conversation[0]) != _of_conversation(conversation[1]):
        found["conversation"] = _changed(*conversation, CONVERSATION)
    if contact[0] is not contact[1]:
        found["user"] = _changed(*contact, USER, USER_WORDS)
    if message[0] is not message[1] and message[1]:
        found["message"] = _changed(*message, MESSAGE, MESSAGE_WORDS)
    return {thing: fields for thing, fields in found.items() if fields}


def audited(events: Sequence[Event], changes: Changes) -> tuple[Event, ...]:
    """The events of the decision with its changes: those of the handoff at the last event about it,
    of the user likewise; what none is about at the last of all."""
    if not changes:
        return tuple(events)
    at: dict[int, Changes] = {}
    for thing, fields in changes.items():
        about = [n for n, event in enumerate(events) if event.kind.startswith(f"{thing}.")]
        at.setdefault(about[-1] if about else len(events) - 1, {})[thing] = fields
    return tuple(
        replace(event, changes=at[n]) if n in at else event for n, event in enumerate(events)
    )


def _changed(
    before: object | None, after: object, plain: Sequence[str], words: Sequence[str] = ()
) -> dict[str, list[Any]]:
    """By field; of what was not there before, whatever is not empty."""
    found: dict[str, list[Any]] = {}
    for name in (*plain, *words):
        then, now = getattr(before, name, None), getattr(after, name)
        if then != now and (before is not None or now):
            told = [then, now]
            found[name] = [_length(each) for each in told] if name in words else told
    return found


def _length(words: object) -> int:
    """In characters, or entries."""
    return len(words) if isinstance(words, str | dict) else len(str(words or ""))
