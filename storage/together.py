"""Looking up one thing by its key, in one question with all others that are looked up meanwhile.

A commit sets many workers to work at once, and each looks for its thread and its message: as a
question each, these cost more than the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=str)
V = TypeVar("V")


class Together(Generic[K, V]):
    """`find` gives those that there are, by key."""

    def __init__(self, find: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._find = find
        self._keys: set[K] = set()
        self._next: asyncio.Task[Mapping[K, V]] | None = None

    async def one(self, key: K) -> V | None:
        """As it is after this was called. A caller that goes away takes nothing from the others."""
        if self._next is None:
            self._next = asyncio.create_task(self._ask())
        self._keys.add(key)
        return (await asyncio.shield(self._next)).get(key)

    async def _ask(self) -> Mapping[K, V]:
        """Begins in the next turn of the event loop: who asks until then is in."""
        keys, self._keys, self._next = sorted(self._keys), set(), None
        return await self._find(keys)
