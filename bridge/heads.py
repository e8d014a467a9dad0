"""The head of each day's audit chain, given to places outside the database: the log, webhooks that
ask for `audit.head`, and a channel of the desk where the settings name one. Whoever takes rows
away, the last ones too, cannot take it back there.

Once a minute every process that works looks whether a day (UTC) is over. One keeps the head, in
the transaction that notes it; giving it out is repeated until it is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from bridge.alert_words import Item, Notice
from bridge.audit import Head
from bridge.background import Background
from bridge.errors import DeliveryError, Refused, StoreError
from bridge.hooks import AUDIT_HEAD, Endpoint
from bridge.model import SECOND, Author, Micros, Role
from bridge.ports import Clock, TellWebhook
from bridge.telling import Announces
from bridge.trail import Trail
from bridge.webhooks import iso

EVERY = 60.0
"""Seconds between two looks."""
GIVE_UP: Micros = 2 * 86_400 * SECOND
"""After the day's last row nobody waits any longer for a webhook that does not take it."""
DESKBRIDGE = Author(Role.SYSTEM, "deskbridge", "")

log = structlog.get_logger("audit")


def day_before(now: Micros) -> tuple[str, Micros]:
    """The last day that is over, as 2026-11-21, and when it ended."""
    midnight = now - now % (86_400 * SECOND)
    return datetime.fromtimestamp(midnight / SECOND - 1, UTC).date().isoformat(), midnight


Post = Callable[[Head], Awaitable[None]]
"""Shows it in the desk's channel, where it is not shown yet. Raises DeliveryError."""


def to_desk(desk: object, channel: str) -> Post | None:
    """None: no channel gets it."""

    async def post(head: Head) -> None:
        if not isinstance(desk, Announces):
            raise Refused("no_desk")
        notice = shown(head)
        if await desk.announcer.find(channel, notice.key, head.at) is None:
            await desk.announcer.announce(channel, notice)

    return post if channel else None


def shown(head: Head) -> Notice:
    compare = Item(f"deskbridge audit verify --head {head.position}:{head.seal}")
    return Notice(f"audit:{head.name}", f"Head of the audit trail on {head.name}", (compare,))


class Heads:
    """Implements Runs of `bridge.ports`."""

    def __init__(
        self,
        trail: Trail,
        endpoints: Callable[[], Sequence[Endpoint]],
        tell: TellWebhook,
        clock: Clock,
        *,
        every: float = EVERY,
        post: Post | None = None,
    ) -> None:
        self._trail = trail
        self._endpoints = endpoints
        self._tell = tell
        self._clock = clock
        self._every = every
        self._post = post
        self._background = Background()
        self._logged: set[str] = set()

    async def start(self) -> None:
        self._background.start("audit heads", self._run())

    async def close(self) -> None:
        await self._background.close()

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.warning("cannot look after the audit", error=str(error))
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        """Raises StoreError."""
        now = self._clock()
        day, ended = day_before(now)
        await self._trail.close_day(day, ended, DESKBRIDGE, now)
        for head in await self._trail.untold():
            if await self._give_out(head) or now - head.at > GIVE_UP:
                await self._trail.told(head)

    async def _give_out(self, head: Head) -> bool:
        """Whether everybody has it who asks for it."""
        if head.name not in self._logged:
            self._logged.add(head.name)
            log.info("audit_head", day=head.name, position=head.position, seal=head.seal)
        body, done = _body(head), await self._posted(head)
        for endpoint in self._endpoints():
            if endpoint.wants(AUDIT_HEAD):
                try:
                    await self._tell(endpoint.id, f"evt_audit_{head.name}", body)
                except DeliveryError as error:
                    log.warning("audit_head_not_taken", webhook=endpoint.id, reason=error.reason)
                    done = False
        return done

    async def _posted(self, head: Head) -> bool:
        if self._post is None:
            return True
        try:
            await self._post(head)
        except DeliveryError as error:
            log.warning("audit_head_not_posted", reason=error.reason)
            return False
        return True


def _body(head: Head) -> Mapping[str, Any]:
    data = {"day": head.name, "position": head.position, "seal": head.seal}
    return {"type": AUDIT_HEAD, "timestamp": iso(head.at), "data": data}
