"""What is known of a user stays small, however often something is told."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.attributes import MAX_BYTES, fits, merged


def test_what_is_told_now_stands_over_what_was_known() -> None:
    assert merged({"plan": "free", "vip": True}, {"plan": "pro"}) == {"plan": "pro", "vip": True}


def test_what_has_not_been_changed_for_longest_falls_out_when_it_is_too_much() -> None:
    known: dict[str, Any] = {}
    for name, letter in (("a", "x"), ("b", "x"), ("a", "y"), ("c", "x")):
        known = merged(known, {name: letter * 900})
    assert list(known) == ["a", "c"]


@pytest.mark.parametrize("told", [{"plan": "pro", "more": "x" * 2_000}, {}])
def test_it_never_grows_over_its_bounds(told: dict[str, Any]) -> None:
    known: dict[str, Any] = {}
    for number in range(30):
        known = merged(known, {f"k{number}": "x" * 1_900} | told)
        assert fits(known)
        assert known


def test_its_bounds_are_bytes_as_json() -> None:
    assert fits({"a": "x" * (MAX_BYTES - len('{"a":""}'))})
    assert not fits({"a": "ü" * (MAX_BYTES // 2)})


def test_nothing_new_changes_nothing() -> None:
    known = {"plan": ["a", {"b": 1}]}
    assert merged(known, {"plan": ["a", {"b": 1}]}) is known
