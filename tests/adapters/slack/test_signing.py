from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.signing import is_genuine, signature

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
AT = 1_531_420_618
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmib"
    b"IGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
GOLDEN = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_slacks_own_example_is_genuine() -> None:
    assert signature(SECRET, str(AT), BODY) == GOLDEN
    assert is_genuine(SECRET, str(AT), GOLDEN, BODY, AT + 1)


@pytest.mark.parametrize("late", [301, -301, 86_400])
def test_an_old_or_future_signature_is_not(late: int) -> None:
    assert not is_genuine(SECRET, str(AT), GOLDEN, BODY, AT + late)


@pytest.mark.parametrize(
    "stamp", ["", "x", "-1", "1531420618.0", "１５３１４２０６１８", "9" * 400]
)
def test_an_odd_timestamp_is_not(stamp: str) -> None:
    assert not is_genuine(SECRET, stamp, GOLDEN, BODY, AT)


@given(st.text())
def test_another_signature_is_not(given_: str) -> None:
    assert not is_genuine(SECRET, str(AT), given_.replace(GOLDEN, ""), BODY, AT)


@given(st.binary())
def test_another_body_is_not(body: bytes) -> None:
    assert is_genuine(SECRET, str(AT), GOLDEN, body, AT) == (body == BODY)
