"""What is known of a customer beside name and address, as `[profile]` wishes to see it: which of
their attributes, by which name, in which form. Pure.

>>> from bridge.settings_sections import Attribute
>>> [fact.plain for fact in facts({"a": {"b": 5}}, [Attribute(path="a.b", label="B")])]
['5']
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from adapters.slack.blocks import Block, cut, moment, words
from adapters.slack.card import utc
from bridge.model import LATEST, SECOND, Micros
from bridge.settings_sections import Attribute

MAX_VALUE = 300
MILLISECONDS = 100_000_000_000
"""From here on a number counts milliseconds: as seconds it would be after the year 5000."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`elements`: its value as rich text; `plain`: where there are only words, and no clock."""

    label: str
    elements: list[Block]
    plain: str


def facts(attributes: Mapping[str, Any], wished: Sequence[Attribute]) -> list[Fact]:
    """In the order of the settings. What is not known is its default, and without one left out."""
    return [
        _fact(each, value)
        for each in wished
        if (value := _at(attributes, each.path, each.default)) not in ("", None)
    ]


def text_of(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _at(attributes: Mapping[str, Any], path: str, default: str) -> Any:
    """A name with dots in it goes before the path."""
    if path in attributes:
        return attributes[path]
    found: Any = attributes
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return default if found in ("", None) else found


def _fact(wished: Attribute, value: Any) -> Fact:
    at = _moment(value) if wished.format else None
    if at is None:
        text = cut(text_of(value), MAX_VALUE)
        return Fact(wished.label, words(text), text)
    day = datetime.fromtimestamp(at / SECOND, UTC).strftime("%d %b %Y").lstrip("0")
    if wished.format == "date":
        return Fact(wished.label, words(day), day)
    form = "{ago}" if wished.format == "from_now" else "{date_short_pretty} {time}"
    shown = moment(at // SECOND, form, f"{day} {utc(at)}")
    return Fact(wished.label, [shown], day if wished.format == "from_now" else f"{day} {utc(at)}")


def _moment(value: Any) -> Micros | None:
    """ISO 8601, without a zone in UTC, or seconds or milliseconds since 1970; None: it is none."""
    try:
        if isinstance(value, str) and not value.strip().lstrip("-").isdigit():
            found = datetime.fromisoformat(value.strip())
            at = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        else:
            at = math.nan if isinstance(value, bool) else float(value)
            at = at / 1_000 if abs(at) >= MILLISECONDS else at
    except (TypeError, ValueError, OverflowError):
        return None
    return int(at * SECOND) if 0 < at * SECOND < LATEST else None
