"""What figures are made of: a row for each handoff, and those that missed a goal.

There may be a hundred thousand. So the database hands over columns and not rows (`gathered`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, case, func, literal_column, select

from bridge.events import Kind
from bridge.reports import Missed, Past
from storage.dialects import gathered, gathered_json, scattered
from storage.mapping import Row
from storage.tables import metadata

T = metadata.tables
_handoff, _event = (T[name].c for name in ("handoff", "event"))
_GOAL_MISSED: ColumnElement[str] = literal_column(f"'{Kind.GOAL_MISSED}'")
"""No parameter, so that the databases see that an index holds only these (migration 0016)."""
_NOT_ASKED = -1
_RATED = case((_handoff.rating == "{}", _NOT_ASKED), else_=_handoff.score)
"""The score; zero: the user gave none."""
_COLUMNS = (
    *(_handoff.opened_at, _handoff.status, _handoff.queue, func.coalesce(_handoff.assignee, "")),
    *(_handoff.assignee_name, _handoff.channel, _handoff.labels),
    *(_handoff.assigned_at, _handoff.first_reply_at, _handoff.closed_at, _RATED),
    *(_handoff.first_reply_by, _handoff.first_reply_name),
    _handoff.id,
)
"""As a `Past` has them."""


def columns(dialect: str, of: Sequence[ColumnElement[Any]]) -> Select[Any]:
    found: list[Any] = [gathered(dialect, column) for column in of]
    return select(*found)


def lists(row: Row) -> Iterator[Any]:
    """The columns, each as a sequence."""
    return (scattered(values) for values in row)


def past(dialect: str) -> Select[Any]:
    return columns(dialect, _COLUMNS)


def read(row: Row) -> Past:
    opened, *words, labels, assigned, replied, closed, rated, replier, called, ids = lists(row)
    status, queue, agent, name, channel = words
    asked = [score != _NOT_ASKED for score in rated]
    scores = [max(score, 0) for score in rated]
    whose = (opened, status, queue, agent, name, channel, list(map(_labels, labels)))
    return Past(*whose, assigned, replied, closed, asked, scores, replier, called, ids)


@lru_cache(maxsize=1_000)
def _labels(text: str) -> tuple[str, ...]:
    return tuple(orjson.loads(text))


def missed(dialect: str, workspace: str, since: int) -> Select[Any]:
    """Handoffs, and goals that they missed since then."""
    here = (_event.workspace_id == workspace) & (_event.at >= since)
    there = _event.kind == _GOAL_MISSED
    return told(dialect, _event.handoff_id).where(here, there)


def told(dialect: str, column: ColumnElement[Any]) -> Select[Any]:
    """Of events: this, and what each says."""
    found: ColumnElement[Any] = gathered(dialect, column)
    return select(found, gathered_json(dialect, _event.body)).where(_event.body != "{}")


def read_missed(row: Row) -> Missed:
    found: dict[str, frozenset[str]] = {}
    for handoff, body in zip(*lists(row), strict=True):
        found[handoff] = _and(found.get(handoff, _NONE), body["goal"])
    return found


_NONE: frozenset[str] = frozenset()


@lru_cache(maxsize=1_000)
def _and(goals: frozenset[str], goal: str) -> frozenset[str]:
    """The same object each time."""
    return goals | {goal}
