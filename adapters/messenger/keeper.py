"""Looks that the page still tells us: Meta ends an app's subscription to a page after an hour in
which its webhook did not answer, and never begins again by itself (Messenger Platform: Webhooks).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import structlog

from adapters.messenger.client import Graph
from bridge.background import Background
from bridge.errors import DeliveryError
from bridge.ports import Limiter

FIELDS = (
    "messages",
    "messaging_postbacks",
    "message_echoes",
    "message_reads",
    "message_reactions",
    "message_edits",
    "messaging_referrals",
    "messaging_handovers",
    "messaging_policy_enforcement",
    "standby",
)
"""What is subscribed to. Not `message_deliveries`: they name Meta's id of a message and never ours,
so they settle no doubtful send, which the echo does; that Meta took a message its answer says."""
NEEDED = frozenset({"messages", "messaging_postbacks", "message_echoes"})
"""Without these the desk is deaf, or does not know what became of a lost send."""

log = structlog.get_logger("messenger")


class Keeper:
    """Implements `bridge.ports.Runs`. Of several processes one looks at a time. `every`: seconds,
    zero: never."""

    def __init__(
        self, graph: Graph, limiter: Limiter, pages: Collection[str], every: float
    ) -> None:
        self._graph = graph
        self._limiter = limiter
        self._pages = pages
        self._every = every
        self._background = Background()

    async def start(self) -> None:
        if self._every:
            self._background.start("messenger keeper", self._run())

    async def close(self) -> None:
        await self._background.close()

    async def _run(self) -> None:
        while True:
            for page in self._pages:
                await self._guarded(page)
            await asyncio.sleep(self._every)

    async def _guarded(self, page: str) -> None:
        try:
            await self.look(page)
        except DeliveryError as error:
            log.warning("cannot_look_at_subscription", page=page, reason=error.reason)
        except Exception:  # whatever it was, the next look may work
            log.exception("cannot_look_at_subscription", page=page)

    async def look(self, page: str) -> bool:
        """Whether it had to subscribe again. Raises DeliveryError."""
        if await self._limiter.take(f"messenger:{page}:keeper", 1 / max(self._every, 1.0), 1):
            return False  # another process has just looked
        if is_subscribed(await self._graph.get(page, "subscribed_apps")):
            return False
        await self._graph.post(page, "subscribed_apps", subscribed_fields=",".join(FIELDS))
        log.warning("subscribed_again", page=page)
        return True


def is_subscribed(told: Mapping[str, Any]) -> bool:
    """Whether one of the apps that are told of the page's messages is told all that is needed. A
    page's token sees its own app only."""
    data = told.get("data")
    return any(_fields(app) >= NEEDED for app in data) if isinstance(data, list) else False


def _fields(app: object) -> set[str]:
    """Their names: plain, or with the version beside them."""
    listed = app.get("subscribed_fields") if isinstance(app, dict) else None
    found = listed if isinstance(listed, list) else []
    return {str(each.get("name") if isinstance(each, dict) else each) for each in found}
