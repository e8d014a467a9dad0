"""What figures are made of: a row for each handoff, and those that missed a goal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, func, literal_column, select

from bridge.events import Kind
from bridge.reports import Missed, Past
from storage.mapping import Row
from storage.tables import metadata

T = metadata.tables
_handoff, _conversation, _event = (T[name].c for name in ("handoff", "conversation", "event"))
_GOAL_MISSED: ColumnElement[str] = literal_column(f"'{Kind.GOAL_MISSED}'")
"""No parameter, so that the databases see that an index holds only these (migration 0016)."""
_COLUMNS = (
    *(_handoff.opened_at, _handoff.status, _handoff.queue, func.coalesce(_handoff.assignee, "")),
    *(_handoff.assignee_name, _conversation.channel, _handoff.labels),
    *(_handoff.assigned_at, _handoff.first_reply_at, _handoff.closed_at, _handoff.rating),
    _handoff.id,
)
"""As a `Past` has them."""
_OF_IT = _conversation.id == _handoff.conversation_id
PAST = select(*_COLUMNS).join(T["conversation"], _OF_IT)


def read(rows: Sequence[Row]) -> list[Past]:
    """Made as tuples are: what a named one does beside that costs more than all else here."""
    new = tuple.__new__
    return [
        new(Past, (*before, _labels(labels), assigned, replied, closed, *_rated(rating), handoff))
        for *before, labels, assigned, replied, closed, rating, handoff in rows
    ]


@lru_cache(maxsize=1_000)
def _rated(text: str) -> tuple[bool, int]:
    """Whether they were asked, and the score."""
    if text == "{}":
        return False, 0
    rating = orjson.loads(text)
    return bool(rating.get("question")), rating.get("score", 0)


@lru_cache(maxsize=1_000)
def _labels(text: str) -> tuple[str, ...]:
    return tuple(orjson.loads(text))


def missed(workspace: str, since: int) -> Select[Any]:
    """A handoff, and a goal that it missed since then."""
    here = (_event.workspace_id == workspace) & (_event.at >= since)
    there = (_event.kind == _GOAL_MISSED) & (_event.body != "{}")
    return select(_event.handoff_id, _event.body).where(here, there)


def read_missed(rows: Sequence[Row]) -> Missed:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for handoff, body in rows:
        found[handoff].add(_goal(body))
    return {handoff: frozenset(goals) for handoff, goals in found.items()}


@lru_cache(maxsize=1_000)
def _goal(text: str) -> str:
    return str(orjson.loads(text)["goal"])
