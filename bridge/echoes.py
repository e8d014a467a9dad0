"""What a channel tells of our own sends: a step of the table in `lifecycle.py`.

Some platforms tell an app of every message that they took from it. Usually that is no news. Of a
send whose answer was lost it is the only word there may ever be, and settles the doubt.
"""

from __future__ import annotations

from bridge.commands import Echoed
from bridge.effects import Mark
from bridge.filing import parts
from bridge.model import Standing, replace
from bridge.turn import Turn

IN_DOUBT = "unknown_outcome"
"""Why a message failed of which nobody knew what came of it."""


def echoed(turn: Turn, command: Echoed) -> None:
    subject = turn.subject
    if subject.conversation_id != command.conversation:
        return turn.reject("unknown_message")
    doubted = subject.standing is Standing.FAILED and subject.held_for == IN_DOUBT
    if command.part < subject.sent_parts or not (doubted or subject.standing is Standing.PENDING):
        return turn.reject("known")
    taken = command.part + 1
    message = replace(subject, sent_parts=taken)
    turn.messages[message.id] = message
    if taken >= len(parts(message, turn.policy.traits(turn.conversation.channel).max_text)):
        turn.messages[message.id] = replace(message, standing=Standing.SENT, held_for="")
        turn.mark_message(message, Mark.TAKEN)
    turn.data = {"id": message.id, "part": command.part}
    return None
