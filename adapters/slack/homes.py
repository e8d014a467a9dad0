"""Keeps App Homes fresh: at once for who acted, who has the handoff and who is online or away by
now, for others at most every quarter of a minute, and only for those who opened theirs within the
hour. Several processes share the work: a change that all hear of is shown by one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import structlog

from adapters.slack import home, replies
from adapters.slack.asks import LIVE_FOR, Asks
from adapters.slack.client import Client
from adapters.slack.config import SlackConfig
from adapters.slack.home import MOST_OWN
from adapters.slack.members import Members, MembershipUnknown
from adapters.slack.votes import Votes
from bridge.attending import TOPIC_SEATS, Seat
from bridge.errors import DeliveryError, StoreError
from bridge.model import DEFAULT_WORKSPACE, Agent, Status, given
from bridge.ports import Deps
from bridge.ranks import Rank
from bridge.reporting import place_of, today
from bridge.views import View

OPENED_FOR = 3_600.0
EVERY = 15.0
"""Seconds."""
RATE, BURST = 1.2, 20
"""Homes a second that are shown to who did nothing, and so many at once: Slack takes a hundred a
minute of one app (views.publish: Tier 4), and some are for those who did."""
Seats = AbstractSet[tuple[str, bool]]
"""Of each agent, whether they are online."""


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
        self._votes = Votes(client, asks, members, deps)
        self._presence = deps.presence
        self._limiter = deps.limiter
        self._bell = deps.bell
        self._clock = deps.clock
        self._zone = place_of(deps.settings.hours.timezone)
        self._hearing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._later: asyncio.Task[None] | None = None
        self._soon: set[str] = set()
        """Agents whose Home is about to be drawn."""
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

    def start(self) -> None:
        self._hearing = asyncio.create_task(self._hear(), name="slack-homes")

    async def finish(self) -> None:
        """Until what is to be done at once is done."""
        while waiting := {task for task in self._tasks if task is not self._later}:
            await asyncio.wait(waiting)

    async def close(self) -> None:
        self._votes.close()
        running = [*self._tasks, *filter(None, [self._hearing])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

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
        await self._show(self._members.inside())

    async def _show(self, users: Iterable[str]) -> None:
        """To many, each when it is their turn."""
        named = {_key(user): user for user in users}
        for key in await self._presence.present(list(named)):
            await self._turn_comes("slack:homes", RATE, BURST)
            await self._publish(named[key])

    async def _turn_comes(self, key: str, rate: float, burst: int) -> None:
        while True:
            wait = await self._limiter.take(key, rate, burst)
            if not wait:
                return
            await asyncio.sleep(wait)

    # --- who is there --------------------------------------------------------------------------

    async def _hear(self) -> None:
        """Also of what no agent did here: a tool, a time-out or Slack may say who is there."""
        with self._bell.listen(TOPIC_SEATS) as listener:
            known = await self._begin()
            while True:
                if await listener.wait(OPENED_FOR):
                    seats = await self._seats(known)
                    await self._turned({seat for seat, _ in seats ^ known})
                    known = seats

    async def _begin(self) -> Seats:
        """Settings may be others than before the start, and who has theirs open is forgotten where
        there is one process alone: whoever is online may."""
        seats = await self._seats()
        there = [user for user, online in seats if online]
        for user in there:
            await self._presence.touch(_key(user), OPENED_FOR)
        self._start(self._show(there))
        self.changed("")
        return seats

    async def _seats(self, known: Seats = frozenset()) -> Seats:
        """As they were known where the store cannot tell."""
        try:
            seats = await self._reads.seats(DEFAULT_WORKSPACE)
        except StoreError as error:
            self._log.info("seats_not_known", reason=str(error))
            return known
        return frozenset((str(seat.id), seat.online) for seat in seats)

    async def _turned(self, users: Iterable[str]) -> None:
        for user in set(users) - self._soon:
            self._soon.add(user)
            self._start(self._in_turn(user))
        if not await self._limiter.take("slack:homes:seats", 1 / EVERY, 1):
            self.changed("")

    async def _in_turn(self, user: str) -> None:
        """At once, or a moment after it was done: by another process for this change, or for one
        before, since which no round for all may come."""
        await self._turn_comes(_key(user), 1.0, 1)
        self._soon.discard(user)  # what changes from here on is not in it
        await self._refresh([user])

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
        votes, votes_in_all = await self._votes.of(by)
        return home.Glance(
            own=own,
            waiting=[view for view in everything if self._is_for(by, view)],
            figures=await reads.figures(workspace, today(now, self._zone).since, by.id),
            stuck=stuck,
            live=len(await reads.live(workspace, now - LIVE_FOR)),
            links={str(view.handoff.id): await self._asks.link(view) for view in own[:MOST_OWN]},
            seat=next((seat for seat in seats if seat.id == by.id), None),
            queues=by.queues or (),
            room=self._config.room_of(by),
            channels=self._config.channels_of(by),
            late={v.handoff.id: late for v in everything if (late := self._config.missed(v, now))},
            team=await self._team(seats) if by.rank >= Rank.SUPERVISOR else (),
            votes=votes,
            votes_in_all=votes_in_all,
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
