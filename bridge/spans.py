"""How long something took, as agents read it. Pure."""

from __future__ import annotations

from bridge.model import SECOND, Micros

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def span(length: Micros) -> str:
    """`12 min`, `3 h 5 min`, `2 days`; what is under a minute in seconds."""
    seconds = max(length, 0) // SECOND
    if seconds < MINUTE:
        return f"{seconds} s"
    minutes, hours = seconds // MINUTE, seconds // HOUR
    if seconds < HOUR:
        return f"{minutes} min"
    if seconds < 2 * DAY:
        rest = minutes - hours * 60
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{seconds // DAY} days"
