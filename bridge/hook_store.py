"""How endpoints of tools are kept, and how events are numbered and read again.

`storage/` implements both, over both databases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.circuit import Circuit
from bridge.events import Event
from bridge.hooks import Endpoint
from bridge.model import Author, Micros, WorkspaceId

TOPIC_HOOKS = "webhooks"
"""Rung when an endpoint was changed."""
TOPIC_SEALED = "sealed"
"""Rung when events were given their positions."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event with its place among all events; positions have no gaps."""

    position: int
    event: Event


@dataclass(frozen=True, slots=True)
class Replayed:
    """`events`: how many are sent again; `next`: the position to go on after, None: all are."""

    events: int
    next: int | None = None


class Hooks(Protocol):
    """All raise StoreUnavailable."""

    async def endpoints(self, workspace: WorkspaceId) -> list[Endpoint]: ...
    async def endpoint(self, id: str) -> Endpoint | None: ...
    async def add(self, endpoint: Endpoint, by: Author, most: int) -> bool:
        """False when there are so many already."""
        ...

    async def change(self, id: str, by: Author, at: Micros, **fields: Any) -> Endpoint | None: ...
    async def remove(self, id: str, by: Author, at: Micros) -> bool: ...
    async def failed(
        self, id: str, lane: str, error: str, now: Micros, asked: Micros = 0
    ) -> Circuit:
        """As it is after one more failure."""
        ...

    async def answered(self, id: str, now: Micros) -> Circuit:
        """An open circuit is closed, and what waited for that is due."""
        ...

    async def take_probe(self, id: str, now: Micros) -> bool:
        """Whether this minute's probe is the caller's."""
        ...

    async def disable(self, id: str, reason: str, now: Micros) -> None: ...
    async def release(self, id: str) -> None:
        """All that waits for the endpoint is due."""
        ...

    async def replay(
        self, endpoint: Endpoint, since: Micros, after: int, most: int
    ) -> Replayed: ...


class Feed(Protocol):
    async def seal(self, most: int) -> int:
        """Gives the next positions to events that have none; how many it were. 0 too where another
        process is at it."""
        ...

    async def last(self) -> int:
        """The greatest position that was given."""
        ...

    async def after(self, position: int, limit: int) -> Sequence[Sealed]: ...
