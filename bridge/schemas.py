"""JSON Schemas by which actions are edited: what is wrong with one, and with a value. Pure: nothing
that a schema names is ever fetched.

Whoever may ask for a decision brings a schema, and what is looked at by it is somebody's words. A
few lines of one can make work for years (`allOf` of two that are each `allOf` of two …, a pattern),
so each look takes a number of steps at most, and patterns have their time (`patterns.Patience`).
What fits into neither is refused, as is what does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from bridge import patterns
from bridge.patterns import Patience

NOWHERE: Registry[Any] = Registry()
MOST = 10
"""Faults that are told at once."""
STEPS = 20_000
"""Of one look: a step is a keyword that is looked at, or some of what is in it or in the value."""
SHARE = 8
"""What is in a list, an object or a text goes with so many to a step."""
DEEPEST = 50
"""Levels of a schema."""
LONGEST, MOST_PATTERNS = 1_000, 50
"""Characters of a pattern, and patterns of a schema: to make one takes some time."""
TOO_MUCH = "the schema makes too much work of it"
TOO_DEEP = "is nested too deeply"
NOT_HERE = frozenset(
    {"patternProperties", "unevaluatedItems", "unevaluatedProperties", "$dynamicRef"}
)
"""Keywords that look on their own at more than they are given."""
Check = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]
_CHECKS: Mapping[str, Check] = Draft202012Validator.VALIDATORS


class TooMuch(Exception):
    """There are no steps left."""


@dataclass(slots=True)
class _Steps:
    left: int = STEPS

    def take(self, number: int) -> None:
        self.left -= number
        if self.left < 0:
            raise TooMuch


def fault_in(schema: Any) -> str:
    """Why it is no schema, or none that is taken here; empty: it is one."""
    if found := next(_misfits(schema), ""):
        return found
    try:
        for error in _validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
            told = SchemaError.create_from(error)
            return ": ".join(filter(None, (_path(told), told.message)))[:300]
    except TooMuch:
        return TOO_MUCH
    return ""


def faults(schema: Any, value: Any) -> dict[str, str]:
    """What does not fit, by its path; empty: it fits, or there is no schema."""
    if schema is None:
        return {}
    try:
        found = list(_validator(schema, NOWHERE).iter_errors(value))
    except Unresolvable as error:
        return {"value": f"the schema names what it does not hold: {error.ref}"[:300]}
    except TooMuch:
        return {"value": TOO_MUCH}
    except RecursionError:
        return {"value": f"{TOO_DEEP}, or its schema is endless"}
    return {_path(each) or "value": each.message[:300] for each in found[:MOST]}


def _path(error: ValidationError | SchemaError) -> str:
    return ".".join(str(part) for part in error.absolute_path)


# --- what is taken -------------------------------------------------------------------------------


def _misfits(schema: Any) -> Iterator[str]:
    level: list[Any] = [schema] if isinstance(schema, dict) else []
    depth = given = 0
    while level and depth <= DEEPEST:
        for each in level:
            if isinstance(each, dict):
                given += isinstance(each.get("pattern"), str)
                if given > MOST_PATTERNS:
                    yield f"has more than {MOST_PATTERNS} patterns"
                yield from _misfit(each)
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [one for values in inner for one in values if isinstance(one, dict | list)]
        depth += 1
    if level:
        yield TOO_DEEP


def _misfit(schema: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(NOT_HERE & schema.keys()):
        yield f"{name} is not taken here"
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and (wrong := patterns.fault(pattern, longest=LONGEST, slow=True)):
        yield f"a pattern {wrong}"


# --- with an end ---------------------------------------------------------------------------------


def _validator(schema: Any, *registry: Registry[Any]) -> Any:
    """With steps of its own, which all that it makes for what is within share."""
    steps, patience = _Steps(), Patience()
    checks = {**_CHECKS, "pattern": _pattern(patience)}
    counted = {name: _counted(name, check, steps) for name, check in checks.items()}
    extend: Any = validators.extend
    limited = extend(Draft202012Validator, counted)
    limited.evolve = _evolved
    return limited(schema, registry=registry[0]) if registry else limited(schema)


def _evolved(self: Any, **changes: Any) -> Any:
    """Of the same kind for what is within, which would else be of the one that its `$schema` names,
    and count no steps."""
    for each in self.__attrs_attrs__:
        if each.init:
            changes.setdefault(each.alias, getattr(self, each.name))
    return type(self)(**changes)


def _counted(name: str, check: Check, steps: _Steps) -> Check:
    def look(validator: Any, wanted: Any, value: Any, schema: Any) -> Any:
        steps.take(1 + (_size(wanted) + _size(value)) // SHARE)
        if name == "uniqueItems":  # each is compared with each
            steps.take(_size(value) ** 2 // 2)
        return check(validator, wanted, value, schema)

    return look


def _size(value: Any) -> int:
    return len(value) if isinstance(value, dict | list | str) else 0


def _pattern(patience: Patience) -> Check:
    def look(_validator: Any, wanted: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
        if not isinstance(value, str):
            return
        try:
            if not patience.finds(patterns.made(wanted, exactly=True), value):
                yield ValidationError(f"{value!r} does not match {wanted!r}")
        except TimeoutError:
            yield ValidationError(f"{wanted!r} {patterns.TOO_LONG}")

    return look
