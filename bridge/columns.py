"""The handoffs of a report, gathered a slice at a time into columns of numbers: eight bytes for a
moment, four for whatever handoffs may have in common. So 100,000 of them are some five MB; as
objects they would be a hundred. Pure.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterable
from itertools import count, repeat
from typing import Generic, TypeVar

from bridge.model import Micros
from bridge.reports import Missed, Past

Key = TypeVar("Key", bound=Hashable)
Kind = tuple[str, int, bool, frozenset[str]]
"""All that is counted of a handoff: its status, its score, whether they were asked for one, and the
goals that it missed."""
_NONE: frozenset[str] = frozenset()


class Coded(Generic[Key]):
    """A column in which few values come again and again. `codes`: of each its place in `keys`,
    which are those of the column `like` which it is, too."""

    _places: defaultdict[Key, int]

    def __init__(self, like: Coded[Key] | None = None) -> None:
        self.codes = array("i")
        self._places = like._places if like else defaultdict(count().__next__)

    @property
    def keys(self) -> list[Key]:
        return list(self._places)

    def add(self, values: Iterable[Key]) -> None:
        self.codes.extend(map(self._places.__getitem__, values))


def _moments() -> array[Micros]:
    return array("q")


class Handoffs:
    """`names`: of agents, as they are called. `repliers`: who answered first. `labels`: all that
    a handoff has."""

    def __init__(self, missed: Missed) -> None:
        self._missed = missed
        self.opened_at, self.assigned_at = _moments(), _moments()
        self.first_reply_at, self.closed_at = _moments(), _moments()
        self.kinds: Coded[Kind] = Coded()
        self.queues: Coded[str] = Coded()
        self.agents: Coded[str] = Coded()
        self.repliers: Coded[str] = Coded(self.agents)
        self.channels: Coded[str] = Coded()
        self.labels: Coded[tuple[str, ...]] = Coded()
        self.names: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.opened_at)

    def add(self, past: Past) -> None:
        goals = map(self._missed.get, past.id, repeat(_NONE))
        self.kinds.add(zip(past.status, past.score, past.asked, goals, strict=True))
        self.queues.add(past.queue)
        self.agents.add(past.agent)
        self.repliers.add(past.replier)
        self.channels.add(past.channel)
        self.labels.add(past.labels)
        self.names.update(zip(past.replier, past.replier_name, strict=True))
        self.names.update(zip(past.agent, past.agent_name, strict=True))
        self.opened_at.extend(past.opened_at)
        self.assigned_at.extend(past.assigned_at)
        self.first_reply_at.extend(past.first_reply_at)
        self.closed_at.extend(past.closed_at)
