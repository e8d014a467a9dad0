"""Sites that carry the widget without being allowed to: told to the operator, not too often."""

from __future__ import annotations

import structlog

from bridge.model import SECOND, Micros

HOUR: Micros = 3_600 * SECOND
KNOWN = 100
"""So many origins at most are remembered, and told of, in an hour: anybody can make them up."""
LONGEST = 200
log = structlog.get_logger("webchat")


class Strangers:
    """Once for each origin and hour, the log says who was turned away and what lets them in."""

    def __init__(self) -> None:
        self._told: dict[str, Micros] = {}

    def came(self, origin: str, now: Micros) -> None:
        self._told = {each: at for each, at in self._told.items() if now - at < HOUR}
        origin = origin[:LONGEST]
        if origin in self._told or len(self._told) >= KNOWN:
            return
        self._told[origin] = now
        remedy = "If this is your site, add it to WEBCHAT_ORIGINS and start again."
        log.warning("origin_not_allowed", origin=origin, remedy=remedy)
