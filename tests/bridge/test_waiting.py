"""How long one usually waits."""

from __future__ import annotations

import pytest

from bridge.model import SECOND
from bridge.waiting import usual


@pytest.mark.parametrize(
    ("seconds", "told"), [((), None), ((1, 2, 3, 4), None), ((9, 1, 2, 3, 30), 3.0)]
)
def test_the_usual_wait_is_the_median_and_of_few_nobody_knows(
    seconds: tuple[int, ...], told: float | None
) -> None:
    assert usual([each * SECOND for each in seconds]) == told
