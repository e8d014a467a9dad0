from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import ids

TS = st.builds(lambda s, m: f"{s}.{m:06d}", st.integers(0, 10**12 - 1), st.integers(0, 999_999))


@given(TS, TS)
def test_orders_sort_as_the_times_do(one: str, two: str) -> None:
    assert (ids.order_of(one) < ids.order_of(two)) == (ids.micros_of(one) < ids.micros_of(two))


@given(st.integers(0, 10**18 - 1))
def test_a_time_and_its_ts_are_the_same(at: int) -> None:
    assert ids.micros_of(ids.ts_of(at)) == at


@given(st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True), TS)
def test_a_source_is_read_back(name: str, ts: str) -> None:
    assert ids.read_source(ids.source_of(name, name, ts)) == (name, name, ts)


@pytest.mark.parametrize(
    "source", ["", "slack:T1:C1", "msg:T1:C1:1.2", "slack:T1:C1:x", "a:b:c:d:e"]
)
def test_a_foreign_source_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        ids.read_source(source)


def test_keys_name_the_thing() -> None:
    assert ids.message_key("T1", "C1", "1.2") == "slack:msg:T1:C1:1.2"
    assert ids.edit_key("T1", "C1", "1.2", "1.3") == "slack:msg:T1:C1:1.2:edit:1.3"
    assert ids.delete_key("T1", "C1", "1.2") == "slack:msg:T1:C1:1.2:deleted"
    assert ids.click_key("U1", "1.2", "resolve") == "slack:click:U1:1.2:resolve"
    assert ids.trigger_key("13.37.x") == "slack:trigger:13.37.x"


def test_a_link_leads_to_its_thread() -> None:
    root = "https://acme.slack.com/archives/C012AB3CD/p1763700000000100"
    assert ids.read_link(root) == ("C012AB3CD", "1763700000.000100")
    reply = f"<{root}?thread_ts=1763600000.000900&cid=C012AB3CD|here>"
    assert ids.read_link(reply) == ("C012AB3CD", "1763600000.000900")
    assert ids.permalink("https://acme.slack.com/", "C012AB3CD", "1763700000.000100") == root


@pytest.mark.parametrize(
    "text", ["", "42", "https://acme.slack.com/archives/C1", "p1763700000000100"]
)
def test_other_texts_are_no_link(text: str) -> None:
    assert ids.read_link(text) is None


@pytest.mark.parametrize("value", [None, 1.2, "", "1", "1.", ".1", "1.1234567", "１.2", "1.2\n"])
def test_what_is_no_ts_is_told_apart(value: object) -> None:
    assert not ids.is_ts(value)
