"""What open Slack clients hear: a bounded list of changes with cursors.

A change holds a function that renders it when somebody listens, so a workspace that nobody
watches pays one tuple for each change.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.config import Json

Render = Callable[[], Json]


@dataclass(slots=True)
class Change:
    """One change; `user` limits it to that person, `channel` to that channel's members."""

    cursor: int
    render: Render
    user: str | None
    channel: str | None


class Feed:
    """Changes in order; listeners wake by event and read on from their cursor."""

    def __init__(self, limit: int = 5_000) -> None:
        self._changes: deque[Change] = deque(maxlen=limit)
        self._listeners: set[asyncio.Event] = set()
        self.cursor = 0

    def push(self, render: Render, *, user: str | None = None, channel: str | None = None) -> None:
        """Append a change and wake who listens."""
        self.cursor += 1
        self._changes.append(Change(self.cursor, render, user, channel))
        for listener in self._listeners:
            listener.set()

    def after(self, cursor: int) -> list[Change]:
        """The changes behind a cursor, oldest first, as far back as they are kept."""
        start = max(0, len(self._changes) - (self.cursor - cursor))
        return [self._changes[index] for index in range(start, len(self._changes))]

    def forget(self, cursor: int) -> None:
        """Drop all changes and go on from a new cursor: who listened has to load anew."""
        self._changes.clear()
        self.cursor = max(cursor, self.cursor) + 1
        for listener in self._listeners:
            listener.set()

    def lost(self, cursor: int) -> bool:
        """True when changes behind the cursor are forgotten, or the cursor is of another run."""
        oldest = self._changes[0].cursor if self._changes else self.cursor + 1
        return cursor + 1 < oldest or cursor > self.cursor

    def subscribe(self) -> asyncio.Event:
        """An event that is set at each change, until `unsubscribe`."""
        event = asyncio.Event()
        self._listeners.add(event)
        return event

    def unsubscribe(self, event: asyncio.Event) -> None:
        """Stop setting the event."""
        self._listeners.discard(event)
