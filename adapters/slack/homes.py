"""Keeps App Homes fresh: at once for who acted and who has the handoff, for others at most every
quarter of a minute, and only for those who opened theirs within the hour."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog

from adapters.slack import home, replies
from adapters.slack.asks import DAY, LIVE_FOR, Asks
from adapters.slack.client import Client
from adapters.slack.members import Members, MembershipUnknown
from bridge.errors import DeliveryError, StoreError
from bridge.model import DEFAULT_WORKSPACE, Agent, Status
from bridge.ports import Clock, Presence
from bridge.stores import Reads
from bridge.views import View

OPENED_FOR = 3_600.0
EVERY = 15.0
"""Seconds."""


class Homes:
    def __init__(
        self,
        client: Client,
        asks: Asks,
        *,
        reads: Reads,
        members: Members,
        presence: Presence,
        clock: Clock,
    ) -> None:
        self._client = client
        self._asks = asks
        self._reads = reads
        self._members = members
        self._presence = presence
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._later: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("slack")

    def opened(self, user: str) -> None:
        self._start(self._open(user))

    def changed(self, actor: str, view: View | None = None) -> None:
        """Somebody (or, without an actor, something) has changed the handoff."""
        assignee = str((view and view.handoff.assignee) or "")
        if now := {actor, assignee} - {""}:
            self._start(self._refresh(now))
        if self._later is None:
            self._later = self._start(self._refresh_all())

    async def finish(self) -> None:
        """Until what is to be done at once is done."""
        while waiting := {task for task in self._tasks if task is not self._later}:
            await asyncio.wait(waiting)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, doing: Any) -> asyncio.Task[None]:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- whom ----------------------------------------------------------------------------------

    async def _open(self, user: str) -> None:
        await self._presence.touch(_key(user), OPENED_FOR)
        await self._publish(user)

    async def _refresh(self, users: Iterable[str]) -> None:
        named = {_key(user): user for user in users}
        for key in await self._presence.present(list(named)):
            await self._publish(named[key])

    async def _refresh_all(self) -> None:
        await asyncio.sleep(EVERY)
        self._later = None  # what changes from here on may come too late for this round
        await self._refresh(self._members.inside())

    # --- what ----------------------------------------------------------------------------------

    async def _publish(self, user: str) -> None:
        """A hint that only helps: the next change makes up for one that failed."""
        try:
            view = await self._view(await self._members.agent(user))
            await self._client.call("views.publish", user_id=user, view=view)
        except (DeliveryError, StoreError, MembershipUnknown) as error:
            self._log.info("home_not_published", reason=str(error))

    async def _view(self, by: Agent) -> Any:
        if not by.member:
            return home.nobody(replies.NOT_MEMBER)
        return home.home(await self._glance(by))

    async def _glance(self, by: Agent) -> home.Glance:
        agent, seats = by.id, await self._reads.seats(DEFAULT_WORKSPACE)
        now, reads, workspace = self._clock(), self._reads, DEFAULT_WORKSPACE
        everything = await reads.open_all(workspace)
        own = [view for view in everything if view.handoff.assignee == agent]
        stuck = await reads.stuck(workspace, agent)
        named = {str(message.handoff_id) for message in stuck}
        linked = [view for view in everything if view in own or view.handoff.id in named]
        return home.Glance(
            own=own,
            waiting=[view for view in everything if self._is_for(by, view)],
            figures=await reads.figures(workspace, now - now % DAY, agent),
            stuck=stuck,
            live=len(await reads.live(workspace, now - LIVE_FOR)),
            links={str(view.handoff.id): await self._asks.link(view) for view in linked},
            seat=next((seat for seat in seats if seat.id == agent), None),
            queues=by.queues or (),
        )

    def _is_for(self, by: Agent, view: View) -> bool:
        handoff = view.handoff
        return handoff.status is Status.QUEUED and self._members.serves(by, handoff.queue)


def _key(user: str) -> str:
    return f"slack:home:{user}"
