"""How many people are ahead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.model import SECOND, Handoff, HandoffId, Status
from bridge.views import View
from bridge.waiting import people_ahead, usual
from tests.adapters.slack.things import view


def waiting(number: int, queue: str = "default", status: Status = Status.QUEUED) -> Handoff:
    handoff = view().handoff
    return replace(
        handoff, id=HandoffId(f"hnd_{number}"), number=number, queue=queue, status=status
    )


def seen(*handoffs: Handoff) -> list[View]:
    return [replace(view(), handoff=handoff) for handoff in handoffs]


def test_only_those_who_wait_in_the_same_queue_and_came_before_count() -> None:
    mine = waiting(5)
    others = seen(
        waiting(1),
        waiting(2, queue="billing"),
        waiting(3, status=Status.ASSIGNED),
        waiting(4),
        mine,
        waiting(6),
    )
    assert people_ahead(mine, others) == 2
    assert people_ahead(waiting(1), others) == 0


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.QUEUED])
def test_who_does_not_wait_has_no_place(status: Status) -> None:
    assert people_ahead(waiting(5, status=status), seen(waiting(1))) is None


@pytest.mark.parametrize(
    ("seconds", "told"), [((), None), ((1, 2, 3, 4), None), ((9, 1, 2, 3, 30), 3.0)]
)
def test_the_usual_wait_is_the_median_and_of_few_nobody_knows(
    seconds: tuple[int, ...], told: float | None
) -> None:
    assert usual([each * SECOND for each in seconds]) == told
