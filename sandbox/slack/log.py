"""What happened, for the control URLs: bounded, and nothing at all when the limit is 0."""

import itertools
from collections import deque

from sandbox.slack.config import Json


class Log:
    """The last so many entries, numbered from 1."""

    def __init__(self, limit: int) -> None:
        self._entries: deque[Json] = deque(maxlen=limit)
        self._numbers = itertools.count(1)
        self.enabled = limit > 0

    def add(self, entry: Json) -> None:
        """Append an entry (its `n` is set here)."""
        if self.enabled:
            self._entries.append({"n": next(self._numbers), **entry})

    def entries(self) -> list[Json]:
        """All that is kept, oldest first."""
        return list(self._entries)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
