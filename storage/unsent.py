"""Whether a message still waits for the user whole, so that other words may go in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select

from bridge.effects import Outward, SendToUser
from bridge.lanes import lane_of
from bridge.model import Message
from storage.mapping import read_effect
from storage.runner import Runner
from storage.tables import metadata

_effect = metadata.tables["effect"].c
_OF_LANE = (
    select(_effect.kind, _effect.body, _effect.state)
    .where(_effect.lane == bindparam("lane_"), _effect.kind == SendToUser.__name__)
    .order_by(_effect.id)
)


def unsent(run: Runner, message: Message, new: Mapping[str, Sequence[Outward]]) -> int:
    """In how many parts, while nobody has begun with any of them; else zero. `new`: what this
    transaction adds to lanes. Locks the lane before its effects, as claiming does, so that nobody
    begins before the commit."""
    lane = lane_of(SendToUser(message.id), message.conversation_id)
    run.owners([lane])
    stored = run.driver.rows(_OF_LANE, {"lane_": lane})
    waiting = [(read_effect(kind, body), state == "ready") for kind, body, state in stored]
    sends = [
        (effect.parts, is_ready)
        for effect, is_ready in (*waiting, *((effect, True) for effect in new.get(lane, ())))
        if isinstance(effect, SendToUser) and effect.message_id == message.id and not effect.change
    ]
    whole = bool(sends) and len(sends) == sends[0][0] and all(ready for _, ready in sends)
    return len(sends) if whole else 0
