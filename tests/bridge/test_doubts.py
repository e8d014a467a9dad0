"""Unusual shapes are told, and never with the value."""

import pytest

from bridge.doubts import SHAPES, doubts

USUAL = {
    "SLACK_BOT_TOKEN": "xoxb-1-2-abc",
    "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    "SLACK_CHANNEL": "C0123ABCD",
}


def test_usual_and_missing_settings_are_in_no_doubt() -> None:
    assert doubts(USUAL) == {}
    assert doubts({**USUAL, "SLACK_CHANNEL": "G0123ABCD"}) == {}
    assert doubts(dict.fromkeys(SHAPES, "")) == {}
    assert doubts({}) == {}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("value", ["#orders-42", "xoxp-secret-42", "0123456789ABCDEF42"])
def test_an_unusual_shape_is_told_without_the_value(name: str, value: str) -> None:
    told = doubts({**USUAL, name: value})
    assert list(told) == [name]
    assert value not in told[name]
