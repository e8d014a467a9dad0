"""What goes ahead of all that waits in a lane.

The order of a lane is the order of its effects' ids, which the database counts; so what waits is
taken out and put in again behind what goes ahead. Whoever performs one of it just now has lost it:
the answer names an effect that is no more, and is stale.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bridge.effects import Outward, PostMessage
from bridge.model import MessageId
from storage.driver import Driver
from storage.mapping import read_effect
from storage.tables import FAR, metadata

T = metadata.tables
_lane, _effect = (T[name].c for name in ("lane", "effect"))

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
