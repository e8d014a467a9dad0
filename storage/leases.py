"""Who may perform what for how long.

An owner is `<process>.<n>`, new for each claim, so that a worker which lost its lane can never be
taken for one that has it now.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.model import SECOND, Micros, Thread


def _no_room(lanes: Sequence[str] = ()) -> int:
    return -len(lanes)


def _ignored(thread: Thread) -> None:
    del thread


@dataclass(slots=True)
class Leases:
    """`length` is how long a claim holds, at least three times a send's time-out; `room` is how
    many lanes this process could take just now beside those that it is given, negative when it
    could not take those; a process without workers has none."""

    process: str
    length: Micros = 30 * SECOND
    quarantine: Micros = 15 * SECOND
    room: Callable[..., int] = _no_room
    expect: Callable[[Thread], None] = _ignored
    """Told of the thread into which a post is about to be this process's."""
    _count: Any = field(default_factory=lambda: itertools.count(1))

    def begin_by(self) -> float:
        """Until when a call may begin under a lease taken now: a third of it must be left."""
        return time.monotonic() + self.length * 2 / 3 / SECOND

    def token(self) -> str:
        return f"{self.process}.{next(self._count)}"
