"""Keeps App Homes fresh: at once for who acted and who has the handoff, for others at most every
quarter of a minute, and only for those who opened theirs within the hour."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import structlog

from adapters.slack import home, replies
from adapters.slack.asks import DAY, LIVE_FOR, Asks
from adapters.slack.client import Client
from adapters.slack.config import SlackConfig
from adapters.slack.home import MOST_OWN
from adapters.slack.members import Members, MembershipUnknown
from bridge.attending import Seat
from bridge.errors import DeliveryError, StoreError
from bridge.model import DEFAULT_WORKSPACE, Agent, Status, given
from bridge.ports import Deps
from bridge.ranks import Rank
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
        config: SlackConfig,
        deps: Deps,
        members: Members,
    ) -> None:
        self._config = config
        self._client = client
        self._asks = asks
        self._reads = deps.reads
        self._lists = deps.lists
        self._members = members
        self._presence = deps.presence
        self._clock = deps.clock
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
        now, reads, workspace = self._clock(), self._reads, DEFAULT_WORKSPACE
        seats = await reads.seats(workspace)
        own, everything = await reads.open_of(workspace, by.id), await reads.open_all(workspace)
        stuck = await reads.stuck(workspace, by.id)
        return home.Glance(
            own=own,
            waiting=[view for view in everything if self._is_for(by, view)],
            figures=await reads.figures(workspace, now - now % DAY, by.id),
            stuck=stuck,
            live=len(await reads.live(workspace, now - LIVE_FOR)),
            links={str(view.handoff.id): await self._asks.link(view) for view in own[:MOST_OWN]},
            seat=next((seat for seat in seats if seat.id == by.id), None),
            queues=by.queues or (),
            room=self._config.room_of(by),
            channels=self._config.channels_of(by),
            late={v.handoff.id: late for v in everything if (late := self._config.missed(v, now))},
            team=await self._team(seats) if by.rank >= Rank.SUPERVISOR else (),
        )

    async def _team(self, seats: Sequence[Seat]) -> list[home.Load]:
        """Everybody who may have something. Raises MembershipUnknown."""
        online = {seat.id for seat in seats if seat.online}
        loads = await given(self._lists).loads(DEFAULT_WORKSPACE)
        return [
            home.Load(
                each.name, each.id in online, loads.get(each.id, 0), self._config.room_of(each)
            )
            for each in await self._members.agents()
        ]

    def _is_for(self, by: Agent, view: View) -> bool:
        handoff = view.handoff
        return handoff.status is Status.QUEUED and self._members.serves(by, handoff.queue)


def _key(user: str) -> str:
    return f"slack:home:{user}"
