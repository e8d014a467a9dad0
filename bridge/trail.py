"""How the audit trail is read and checked, and its heads given out; `storage/audit.py` does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.audit import Entry, Fault, Head
from bridge.events import Kind
from bridge.model import Author, Micros

MOST_FAULTS = 100
"""Are told; whoever has more needs no list."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which rows; what is empty does not matter. `actor`: by id or name; `agent`: the same, of
    agents alone. At `since` or later, and before `until`."""

    conversation: str = ""
    handoff: str = ""
    actor: str = ""
    agent: str = ""
    since: Micros = 0
    until: Micros = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: of how many rows, how many of them erased; `waiting`: rows that are not
    sealed yet, of which nothing can be said; `older`: rows that were there before the chain;
    `newest`: the head that it went up to; `more`: faults beyond those that are told."""

    rows: int
    erased: int
    waiting: int
    older: int
    newest: Head | None
    faults: Sequence[Fault]
    more: int = 0

    @property
    def is_whole(self) -> bool:
        return not self.faults


class Trail(Protocol):
    """All raise StoreUnavailable."""

    async def rows(self, sought: Sought, after: int, limit: int) -> list[Entry]:
        """Sealed rows that come after the position, in their order."""
        ...

    async def check(self, known: Sequence[Head] = ()) -> Checked:
        """The whole chain, and whether it goes by the heads that are known from outside."""
        ...

    async def note(self, kind: Kind, by: Author, at: Micros, cause: str, **body: Any) -> None:
        """An event of no conversation."""
        ...

    async def seal(self) -> None:
        """All that is committed, as far as no other process is at it."""
        ...

    async def close_day(self, day: str, ended: Micros, by: Author, at: Micros) -> None:
        """Keeps the head as it is, by the name of the day, unless that was done, or nothing had
        happened yet when it ended."""
        ...

    async def untold(self) -> list[Head]:
        """Heads of days that were not given out yet."""
        ...

    async def told(self, head: Head) -> None: ...
