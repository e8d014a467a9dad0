"""Who waits for the same limit, so that each comes when it is its turn.

A platform that takes one post a second has at most one turn a second to give. Lanes that are told
to wait would all come again at the next turn, and all but one in vain. So they stand in a queue,
and each comes when those before it have had their turns. What a new handoff begins with goes before
all else: its thread, and the first that is said there; whoever comes at the same moment lets it
pass. Who finds its turn taken asks again, and still has its place.

One queue for each limit and process: where several share a limit, some turns are found taken, and
nothing worse. A lane that does not come again (another process has it now) loses its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.errors import Paced

LONGEST = 30.0
"""Seconds; whoever would have to wait longer asks again by then: the limit may have changed."""
HONOURED_FOR = 0.5
"""Seconds after its turn for which others let a lane pass that is urgent."""
LATE = 5.0
"""Seconds after its turn for which a lane keeps its place."""
OPENED_FOR = 60.0
"""Seconds after a thread was opened for which the first words in it go before all else."""


@dataclass(slots=True)
class Place:
    """`comes`: when the lane will ask again; `every`: seconds between two turns of the limit."""

    urgent: bool
    every: float
    comes: float


@dataclass(slots=True)
class Turns:
    """Times are seconds of one steady clock. Not shared between processes."""

    _queues: dict[str, dict[str, Place]] = field(default_factory=dict)
    """By limit, and by lane in the order of coming."""
    _opened: dict[str, float] = field(default_factory=dict)

    def next(
        self, limit: str, lane: str, first: float, every: float, now: float, *, urgent: bool
    ) -> float:
        """Seconds to wait. `first`: until the limit gives its next turn; `every`: between two."""
        self._forget(now)
        queue = self._queues.setdefault(limit, {})
        place = queue.setdefault(lane, Place(urgent or lane in self._opened, every, now))
        before = _before(queue, lane, urgent=place.urgent)
        wait = min(first + before * every, LONGEST)
        place.comes = now + wait
        return wait

    def let_pass(self, lane: str, now: float) -> None:
        """Raises Paced where the lane has a place, and one that is urgent comes just now."""
        for limit, queue in self._queues.items():
            place = queue.get(lane)
            if place is None or place.urgent:
                continue
            coming = [each.comes for each in queue.values() if each.urgent]
            soon = [at for at in coming if now - HONOURED_FOR < at < now + place.every]
            if soon:
                raise Paced(limit, max(min(soon) - now, 0.0), place.every)

    def done(self, lane: str, now: float, *, opened: bool) -> None:
        """The lane has had its turn; `opened`: with it a thread has begun."""
        for queue in self._queues.values():
            queue.pop(lane, None)
        self._opened.pop(lane, None)
        if opened:
            self._opened[lane] = now

    def _forget(self, now: float) -> None:
        for limit, queue in list(self._queues.items()):
            for lane in [lane for lane, place in queue.items() if place.comes < now - LATE]:
                del queue[lane]
            if not queue:
                del self._queues[limit]
        old = [lane for lane, at in self._opened.items() if at < now - OPENED_FOR]
        for lane in old:
            del self._opened[lane]


def _before(queue: dict[str, Place], lane: str, *, urgent: bool) -> int:
    """How many go first: who is urgent, and who is no less so and came earlier."""
    lanes = list(queue)
    mine = lanes.index(lane)
    return sum(
        place.urgent > urgent or (place.urgent == urgent and number < mine)
        for number, place in enumerate(queue.values())
    )
