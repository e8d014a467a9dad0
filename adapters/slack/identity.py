"""Who we are in Slack: asked once, kept for ever, and asked again only while it is not known."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from adapters.slack.client import Client


@dataclass(frozen=True, slots=True)
class Identity:
    """As auth.test tells; `url` is the workspace's address, `https://acme.slack.com/`."""

    team: str
    user: str = ""
    bot: str = ""
    url: str = ""


class Self:
    """Slack may be down when the process starts, so whoever needs the answer asks for it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: Identity | None = None
        self._lock = asyncio.Lock()

    @property
    def known(self) -> Identity | None:
        return self._known

    async def get(self) -> Identity:
        """Raises DeliveryError."""
        if self._known:
            return self._known
        async with self._lock:
            if self._known is None:
                answer = await self._client.call("auth.test")
                fields = ("team_id", "user_id", "bot_id", "url")
                self._known = Identity(*(str(answer.get(name) or "") for name in fields))
        return self._known
