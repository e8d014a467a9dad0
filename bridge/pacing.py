"""Who waits for the same limit, so that each comes when it is its turn.

A platform that takes one post a second has at most one turn a second to give. Lanes that are told
to wait would all come again at the next turn, and all but one in vain. So each is given a turn of
its own, behind those that wait already; what is urgent comes at the very next one, and whoever
finds it taken is given another. One for each process: where several share a limit, some turns are
found taken, and nothing worse.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST = 30.0
"""Seconds; whoever would have to wait longer asks again by then: the limit may have changed."""


@dataclass(slots=True)
class Turns:
    """Times are seconds of one steady clock. Not shared between processes."""

    _last: dict[str, float] = field(default_factory=dict)

    def next(self, limit: str, first: float, every: float, now: float, *, urgent: bool) -> float:
        """Seconds to wait. `first`: until the limit gives its next turn; `every`: between two."""
        if urgent:
            return first
        self._forget(now)
        turn = max(now + first, self._last.get(limit, 0.0) + every)
        if turn > now + LONGEST:
            return LONGEST
        self._last[limit] = turn
        return turn - now

    def _forget(self, now: float) -> None:
        for limit in [limit for limit, last in self._last.items() if last < now]:
            del self._last[limit]
