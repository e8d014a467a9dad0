"""The newest thread of a handoff: the one of the highest generation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true

from bridge.commands import Command, ThreadLost, Transfer
from bridge.model import Handoff, HandoffId, Thread
from storage.dialects import among, ids
from storage.driver import Driver
from storage.mapping import THREAD
from storage.tables import metadata

_TABLE = metadata.tables["thread"]
_thread = _TABLE.c


def joined(dialect: str, handoff: ColumnElement[str]) -> tuple[Any, ColumnElement[bool]]:
    """What to join, and on what. PostgreSQL looks for that of each handoff by the key, though it
    planned the statement when there were so few that it would read them all; SQLite, which always
    does, has no lateral join."""
    if dialect == "sqlite":
        other = _TABLE.alias()
        last = select(func.max(other.c.generation)).where(other.c.handoff_id == handoff)
        is_last = _thread.generation == last.scalar_subquery()
        return _TABLE, (_thread.handoff_id == handoff) & is_last
    of = select(_TABLE).where(_thread.handoff_id == handoff)
    return of.order_by(_thread.generation.desc()).limit(1).lateral("newest"), true()


@lru_cache
def newest_threads(dialect: str) -> Select[Any]:
    """In the order of their generations: the last of a handoff is its newest."""
    of = among(dialect, _thread.handoff_id, "ids")
    return select(*THREAD.columns(_TABLE)).where(of).order_by(_thread.generation)


def asked_for(
    driver: Driver,
    command: Command,
    handoff: Handoff | None,
    known: Mapping[HandoffId, Thread],
) -> Thread | None:
    """For a command that wants to know. `known`: those that the transaction has in hand."""
    if handoff is None or not isinstance(command, ThreadLost | Transfer):
        return None
    if handoff.id in known:
        return known[handoff.id]
    given = {"ids": ids(driver.dialect, [handoff.id])}
    rows = driver.rows(newest_threads(driver.dialect), given)
    return THREAD.read(rows[-1]) if rows else None
