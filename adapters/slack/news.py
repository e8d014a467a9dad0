"""What one process is told about people, all are told.

Slack gives an event to one process, over whichever connection it likes; each process remembers for
itself who is a member (`members.py`). So what has changed is applied here and published over the
bell. The bell may lose it; then the others learn it when what they remember is a minute old.
"""

from __future__ import annotations

import orjson

from adapters.slack.members import Members
from bridge.background import Background
from bridge.ports import Bell

TOPIC = "slack:people"


class News:
    """Hears from `start` to `close`. Its own news are applied twice: no harm."""

    def __init__(self, members: Members, bell: Bell) -> None:
        self._members = members
        self._bell = bell
        self._background = Background()

    def start(self) -> None:
        self._background.start("slack-news", self._hear())

    async def close(self) -> None:
        await self._background.close()

    def joined(self, channel: str) -> None:
        self._tell("joined", channel)

    def left(self, channel: str, user: str) -> None:
        self._tell("left", channel, user)

    def changed(self, user: str) -> None:
        self._tell("changed", user)

    def _tell(self, what: str, *about: str) -> None:
        self._apply(what, *about)
        self._bell.publish(TOPIC, orjson.dumps([what, *about]))

    def _apply(self, what: str, *about: str) -> None:
        match what, *about:
            case "joined", channel:
                self._members.joined(channel)
            case "left", channel, user:
                self._members.left(channel, user)
            case _, user:
                self._members.forget_person(user)

    async def _hear(self) -> None:
        heard = self._bell.subscribe(TOPIC)
        try:
            async for payload in heard:
                self._apply(*orjson.loads(payload))
        finally:
            heard.close()
