"""JSON Schemas by which actions are edited: what is told, and that each look has an end."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import patterns, schemas
from bridge.schemas import TOO_DEEP, TOO_MUCH

LAYERS = 40
DOUBLED = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(LAYERS)}
"""A million million steps, in a few lines."""
SLOW = "(a|a)" * 30 + "b"


def nested(levels: int) -> Any:
    found: Any = {}
    for _ in range(levels):
        found = {"not": found}
    return found


def test_what_is_no_schema_is_told() -> None:
    assert schemas.fault_in({"type": "number"}) == ""
    assert schemas.fault_in(True) == ""
    odd = schemas.fault_in({"properties": {"a": {"type": "nothing"}}})
    assert odd.startswith("properties.a.type: 'nothing' is not")


def test_what_does_not_fit_is_told_by_its_path() -> None:
    schema = {"properties": {"a": {"items": {"type": "number"}}}, "required": ["b"]}
    assert schemas.faults(schema, {"a": [1], "b": 1}) == {}
    assert [*schemas.faults(schema, {"a": [1, "x"]})] == ["a.1", "value"]
    assert schemas.faults(None, object()) == {}
    assert schemas.faults(False, 1) != {}


def test_nothing_that_a_schema_names_is_fetched() -> None:
    found = schemas.faults({"$ref": "https://shop.example/schema"}, 1)
    assert "https://shop.example/schema" in found["value"]


def test_a_pattern_means_what_it_says() -> None:
    schema = {"properties": {"id": {"pattern": "^PRJ-[0-9]+$"}}}
    assert schemas.fault_in(schema) == ""
    assert schemas.faults(schema, {"id": "PRJ-12"}) == {}
    assert schemas.faults(schema, {"id": 5}) == {}
    assert schemas.faults(schema, {"id": "prj-12"}) == {
        "id": "'prj-12' does not match '^PRJ-[0-9]+$'"
    }


# --- an end --------------------------------------------------------------------------------------


def test_a_pattern_that_takes_too_long_fits_nothing() -> None:
    assert schemas.fault_in({"pattern": SLOW}) == ""
    told = schemas.faults({"pattern": SLOW}, "a" * 500)
    assert told == {"value": f"{SLOW!r} {patterns.TOO_LONG}"[:300]}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"$defs": {**DOUBLED, f"d{LAYERS}": {}}, "$ref": "#/$defs/d0"}, 1),
        ({"uniqueItems": True}, [{"a": n} for n in range(300)]),
        ({"items": {"enum": [*range(8_000)]}}, [*range(8_000)]),
    ],
)
def test_what_would_take_years_is_too_much(schema: Any, value: Any) -> None:
    assert schemas.fault_in(schema) == ""
    assert schemas.faults(schema, value) == {"value": TOO_MUCH}


def test_a_schema_that_is_only_itself_is_endless() -> None:
    assert schemas.faults({"$ref": "#"}, 1) == {"value": f"{TOO_DEEP}, or its schema is endless"}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"patternProperties": {"a": {}}}, "patternProperties is not taken here"),
        ({"items": [{"unevaluatedItems": {}}]}, "unevaluatedItems is not taken here"),
        ({"pattern": "("}, "a pattern is no regular expression: missing ) at position 1"),
        ({"pattern": "a" * 1_001}, "a pattern has at most 1000 characters"),
        ({"anyOf": [{"pattern": "a"}] * 51}, "has more than 50 patterns"),
        (nested(60), TOO_DEEP),
        ({"required": [f"field {n}" for n in range(300)]}, TOO_MUCH),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_at_in_time_is_not_taken(schema: Any, why: str) -> None:
    assert schemas.fault_in(schema).startswith(why)


def test_whichever_schema_it_says_that_it_is_it_has_an_end() -> None:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "number"}
    assert schemas.fault_in(schema) == ""
    assert schemas.faults(schema, "x") == {"value": "'x' is not of type 'number'"}
    doubled = {name: {**each, **schema} for name, each in DOUBLED.items()}
    whole = {"$defs": {**doubled, f"d{LAYERS}": {}}, "$ref": "#/$defs/d0"}
    assert schemas.faults(whole, 1) == {"value": TOO_MUCH}


def test_a_form_of_many_fields_is_taken() -> None:
    fields = {f"field {n}": {"type": "number", "title": "Amount"} for n in range(100)}
    assert schemas.fault_in({"type": "object", "properties": fields}) == ""
