"""What goes ahead of all that waits in a lane, and where a handoff's newest thread is.

The order of a lane is the order of its effects' ids, which the database counts; so what waits is
taken out and put in again behind what goes ahead. Whoever performs one of it just now has lost it:
the answer names an effect that is no more, and is stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bridge.commands import Command, ThreadLost, Transfer
from bridge.effects import Outward, PostMessage
from bridge.model import Handoff, MessageId, Thread
from storage.driver import Driver
from storage.mapping import THREAD, read_effect
from storage.tables import FAR, metadata

T = metadata.tables
_lane, _effect, _thread = (T[name].c for name in ("lane", "effect", "thread"))

_NEWEST = (
    select(*THREAD.columns(T["thread"]))
    .where(_thread.handoff_id == bindparam("handoff"))
    .order_by(_thread.generation.desc())
    .limit(1)
)
_FREE = (
    update(T["lane"])
    .where(_lane.key == bindparam("lane_"))
    .values(owner=None, due_at=FAR, failures=0)
)
"""As though it were empty; one that is parked stays so."""
_WAITING = (
    select(_effect.kind, _effect.body)
    .where(_effect.lane == bindparam("lane_"))
    .order_by(_effect.id)
)
_DROP = delete(T["effect"]).where(_effect.lane == bindparam("lane_"))
_UNPOSTED = _WAITING.where(_effect.kind == PostMessage.__name__)


def newest_thread(
    driver: Driver, command: Command, handoff: Handoff | None, here: Iterable[Thread]
) -> Thread | None:
    """For a command that asks for it. `here`: those that this transaction has opened."""
    if handoff is None or not isinstance(command, ThreadLost | Transfer):
        return None
    stored = [THREAD.read(row) for row in driver.rows(_NEWEST, {"handoff": handoff.id})]
    mine = [thread for thread in here if thread.handoff_id == handoff.id]
    return max([*stored, *mine], key=lambda thread: thread.generation, default=None)


def take_out(driver: Driver, lane: str, *, ours: bool) -> list[Outward]:
    """All that waits in the lane, in its order. `ours`: this transaction goes on with the lane;
    else it is free afterwards, whoever has had it."""
    given: dict[str, Any] = {"lane_": lane}
    if not ours:
        driver.count(_FREE, given)  # locks it before its effects, as claiming does
    waiting = [read_effect(kind, body) for kind, body in driver.rows(_WAITING, given)]
    driver.count(_DROP, given)
    return waiting


def unposted(driver: Driver, lane: str) -> frozenset[MessageId]:
    """The messages whose posts, or the first parts of them, wait in the lane."""
    found = (read_effect(kind, body) for kind, body in driver.rows(_UNPOSTED, {"lane_": lane}))
    return frozenset(each.message_id for each in found if isinstance(each, PostMessage))
