"""Which places are the desk's. The app may sit in other channels, too, and what is said there is
nobody's business here: it is not looked at, its authors are not looked up, nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from adapters.slack.heard import Place
from bridge.stores import Reads


class Places:
    def __init__(self, channels: AbstractSet[str], reads: Reads) -> None:
        self._channels = channels
        self._reads = reads

    async def has(self, place: Place) -> bool:
        """The desk's channels, whose threads may not be known yet; elsewhere only the threads that
        are: a handoff goes on where it was opened when the desk has moved to another channel; and
        those below questions that were put there."""
        if place.channel in self._channels:
            return True
        if await self._reads.by_thread(place.team, place.channel, place.thread) is not None:
            return True
        below = place.ts != place.thread
        return below and bool(await self._reads.posted(place.team, place.channel, [place.thread]))
