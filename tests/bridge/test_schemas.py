"""JSON Schemas by which actions are edited."""

from bridge import schemas


def test_what_is_no_schema_is_told() -> None:
    assert schemas.fault_in({"type": "number"}) == ""
    odd = schemas.fault_in({"properties": {"a": {"type": "nothing"}}})
    assert odd.startswith("properties.a.type: 'nothing' is not")


def test_what_does_not_fit_is_told_by_its_path() -> None:
    schema = {"properties": {"a": {"items": {"type": "number"}}}, "required": ["b"]}
    assert schemas.faults(schema, {"a": [1], "b": 1}) == {}
    assert [*schemas.faults(schema, {"a": [1, "x"]})] == ["a.1", "value"]
    assert schemas.faults(None, object()) == {}


def test_nothing_that_a_schema_names_is_fetched() -> None:
    found = schemas.faults({"$ref": "https://shop.example/schema"}, 1)
    assert "https://shop.example/schema" in found["value"]
