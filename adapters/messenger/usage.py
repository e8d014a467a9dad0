"""How much of its rate limits an app has used, as every answer of the Graph API tells. Pure.

`X-Business-Use-Case-Usage` has percentages for each business object and the minutes until calls are
taken again; `X-App-Usage` is the same for the app (Graph API: Rate limiting).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

HEADERS = ("x-business-use-case-usage", "x-app-usage", "x-page-usage")
FIGURES = ("call_count", "total_cputime", "total_time")
FULL, NEARLY_FULL = 100, 90
"""Per cent."""
MINUTE = 60.0
SLOWLY = 1.0
"""Seconds between calls while a limit is nearly used up."""
AT_MOST = 3_600.0


def wait(headers: Mapping[str, str]) -> float:
    """Seconds for which nothing should be asked; zero: go on."""
    found = [_wait(told) for name in HEADERS for told in _told(headers.get(name, ""))]
    return min(max(found, default=0.0), AT_MOST)


def _wait(told: Mapping[str, Any]) -> float:
    used = max((_number(told.get(name)) for name in FIGURES), default=0.0)
    minutes = _number(told.get("estimated_time_to_regain_access"))
    if minutes > 0:
        return minutes * MINUTE
    if used >= FULL:
        return MINUTE
    return SLOWLY if used >= NEARLY_FULL else 0.0


def _told(header: str) -> Iterator[Mapping[str, Any]]:
    """The objects in a header of either shape; what is none is left out."""
    try:
        told = orjson.loads(header)
    except orjson.JSONDecodeError:
        return
    if not isinstance(told, dict):
        return
    yield told
    for value in told.values():
        if isinstance(value, list):
            yield from (each for each in value if isinstance(each, dict))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value)
