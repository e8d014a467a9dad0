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
        are: a handoff goes on where it was opened when the desk has moved to another channel."""
        if place.channel in self._channels:
            return True
        known = await self._reads.by_thread(place.team, place.channel, place.thread)
        return known is not None
