"""JSON Schemas by which actions are edited: what is wrong with one, and with a value. Pure: nothing
that a schema names is ever fetched."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

NOWHERE: Registry[Any] = Registry()
MOST = 10
"""Faults that are told at once."""


def fault_in(schema: Any) -> str:
    """Why it is no schema; empty: it is one."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return ": ".join(filter(None, (_path(error), error.message)))[:300]
    return ""


def faults(schema: Any, value: Any) -> dict[str, str]:
    """What does not fit, by its path; empty: it fits, or there is no schema."""
    if schema is None:
        return {}
    try:
        found = list(Draft202012Validator(schema, registry=NOWHERE).iter_errors(value))
    except Unresolvable as error:
        return {"value": f"the schema names what it does not hold: {error.ref}"[:300]}
    return {_path(each) or "value": each.message[:300] for each in found[:MOST]}


def _path(error: ValidationError | SchemaError) -> str:
    return ".".join(str(part) for part in error.absolute_path)
