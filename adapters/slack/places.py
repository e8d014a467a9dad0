"""Which places are the desk's. The app may sit in other channels, too, and what is said there is
nobody's business here: it is not looked at, its authors are not looked up, nothing of it is kept.
"""

from __future__ import annotations

from adapters.slack.heard import Place
from bridge.stores import Reads


class Places:
    def __init__(self, channel: str, reads: Reads) -> None:
        self._channel = channel
        self._reads = reads

    async def has(self, place: Place) -> bool:
        """The desk's channel, whose threads may not be known yet; elsewhere only the threads that
        are: a handoff goes on where it was opened when the desk has moved to another channel."""
        if place.channel == self._channel:
            return True
        known = await self._reads.by_thread(place.team, place.channel, place.thread)
        return known is not None
