"""Lengths of time in few words."""

import pytest

from bridge.model import SECOND
from bridge.spans import span


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (3_600, "1 h"), (11_100, "3 h 5 min"),
     (172_800, "2 days")],
)  # fmt: skip
def test_spans_are_told_briefly(seconds: int, expected: str) -> None:
    assert span(seconds * SECOND) == expected
