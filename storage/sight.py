"""Which conversations an agent may look at (`bridge.sight`), as a condition."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_

from bridge.sight import Sight
from storage.tables import metadata

_conversation = metadata.tables["conversation"].c
_had = metadata.tables["handoff"].alias("had")


def seen(sight: Sight) -> ColumnElement[bool]:
    """Of a conversation that the statement has."""
    theirs = [_had.c.queue.in_(sight.queues), _had.c.assignee == sight.agent]
    if sight.known:
        theirs.append(_had.c.queue.not_in(sight.known))
    here = _had.c.conversation_id == _conversation.id
    correlated = exists().where(here).correlate(metadata.tables["conversation"])
    return or_(~correlated, correlated.where(or_(*theirs)))
