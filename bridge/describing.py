"""What is newly known of a user, told by a bot, a tool or the channel: a step of the table in
`lifecycle.py`."""

from __future__ import annotations

from bridge import attributes, mailing, window
from bridge.commands import Describe
from bridge.effects import RefreshCard
from bridge.events import Kind
from bridge.model import replace
from bridge.turn import Turn


def describe(turn: Turn, command: Describe) -> None:
    """What is not among the fields stays as it is, and so do attributes that are not named; one
    that is told to be null is known no more. The card follows."""
    if command.heard_at:
        window.extend(turn, command.heard_at)
    fields = dict(command.fields)
    merged = attributes.merged(turn.contact.attributes, fields.pop("attributes", {}))
    fields["attributes"] = {name: value for name, value in merged.items() if value is not None}
    turn.data = {"conversation_id": turn.conversation.id}
    changed = sorted(name for name, new in fields.items() if getattr(turn.contact, name) != new)
    if not changed:
        return
    turn.contact = replace(turn.contact, **fields, updated_at=turn.at)
    if "locale" in changed:
        turn.conversation = replace(turn.conversation, locale=turn.contact.locale)
    turn.note(Kind.USER_DESCRIBED, command.by, fields=changed)
    if "email" in changed:
        mailing.watch(turn)
    if turn.handoff:
        turn.do(RefreshCard(turn.handoff.id))
