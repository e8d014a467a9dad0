"""New handoffs get the next numbers of their workspace, and callers their place in line."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.model import Handoff, HandoffId, Micros, Status, replace
from storage.lining import usual_wait
from storage.receipts import Receipts
from storage.runner import Runner


def number(
    run: Runner, handoffs: dict[HandoffId, Handoff], receipts: Receipts, now: Micros
) -> None:
    """`handoffs`: all that the transaction has in hand; changed in place, as the answers are."""
    new = [handoff for handoff in handoffs.values() if handoff.number == 0]
    for handoff in new:
        counted = run.count_up(handoff.workspace_id, "handoff")
        handoffs[handoff.id] = replace(handoff, number=counted)
    numbered = {handoff.id: handoffs[handoff.id] for handoff in new}
    for data in receipts.kept:
        opened = numbered.get(data.get("id", ""))
        if opened is None:
            continue
        data["number"] = opened.number
        if "position" in data:
            data["position"] = _ahead_of(run, opened, numbered.values())
            data["estimated_wait"] = usual_wait(run.driver, opened, now)


def _ahead_of(run: Runner, handoff: Handoff, new: Iterable[Handoff]) -> int:
    """How many wait before it: those that are stored, and those of this transaction."""
    before = [each for each in new if each.queue == handoff.queue and each.number < handoff.number]
    waiting = sum(each.status is Status.QUEUED for each in before)
    return waiting + run.queue_length(handoff.workspace_id, handoff.queue)
