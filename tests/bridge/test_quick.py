"""Frozen dataclasses, made faster: they are what they were."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from inspect import signature

import pytest

from bridge.model import replace as changed
from bridge.quick import quick


@dataclass(frozen=True, slots=True)
class Plain:
    name: str
    kind: int = 3
    parts: list[str] = field(default_factory=list)


@quick
@dataclass(frozen=True, slots=True)
class Quick:
    name: str
    kind: int = 3
    parts: list[str] = field(default_factory=list)


def test_it_is_made_by_place_and_by_name_with_the_defaults_of_its_fields() -> None:
    assert (Quick("a").name, Quick("a").kind, Quick("a").parts) == ("a", 3, [])
    assert Quick("a", 4, ["x"]) == Quick(parts=["x"], kind=4, name="a")
    assert Quick("a") != Quick("b")
    assert repr(Quick("a")) == "Quick(name='a', kind=3, parts=[])"


def test_each_has_a_default_of_its_own() -> None:
    Quick("a").parts.append("x")
    assert Quick("a").parts == []


def test_it_is_frozen_and_of_its_class() -> None:
    made = Quick("a")
    assert type(made) is Quick
    with pytest.raises(FrozenInstanceError):
        made.kind = 4  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del made.kind


def test_it_is_a_dataclass_like_any_other() -> None:
    assert signature(Quick) == signature(Plain)
    assert [each.name for each in fields(Quick)] == ["name", "kind", "parts"]
    assert replace(Quick("a"), kind=5) == Quick("a", 5)
    assert copy.copy(Quick("a")) == pickle.loads(pickle.dumps(Quick("a"))) == Quick("a")  # noqa: S301


def test_a_changed_one_is_another_that_is_frozen_and_of_its_class() -> None:
    made = Quick("a", parts=["x"])
    other = changed(made, kind=5)
    assert (made, other) == (Quick("a", 3, ["x"]), Quick("a", 5, ["x"]))
    assert type(other) is Quick
    with pytest.raises(FrozenInstanceError):
        other.kind = 4  # type: ignore[misc]
    assert changed(Plain("a"), kind=5) == Plain("a", 5)


def test_what_is_no_field_cannot_be_changed() -> None:
    for made in (Quick("a"), Plain("a")):
        with pytest.raises((AttributeError, TypeError), match="weight"):
            changed(made, weight=1)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        Quick()  # type: ignore[call-arg]
