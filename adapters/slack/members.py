"""Who may speak to users: the full members of the workspace who are in the desk's channel *now*, or
are named in the settings of a queue, themselves or by a user group. Where there are several queues
each has its own members.

Guests, bots, people of other workspaces and those who left are nobody here. Slack is asked and the
answer kept for a minute. When Slack cannot be asked, the last answer holds for a day, but never
one that an event has outdated (`member_left_channel`, `user_change`, …): who has left is out at
once, and whatever else has changed is asked again. Where nothing is known, the words must come
again later (`MembershipUnknown`), neither lost nor let through.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from adapters.slack.client import Client
from adapters.slack.config import QueuePlace, Staff
from adapters.slack.identity import Identity, Self
from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope, StoreError
from bridge.introducing import Profile
from bridge.lists import Lists
from bridge.model import DEFAULT_WORKSPACE, SECOND, Agent, AgentId, Micros
from bridge.ports import Clock
from bridge.queues import DEFAULT
from bridge.ranks import Rank
from bridge.recent import Recent

FRESH: Micros = 60 * SECOND
USABLE: Micros = 86_400 * SECOND
PATIENCE = 2.2
"""Seconds: Slack wants its answer within three."""
PEOPLE = 10_000
AT_ONCE = 5
"""Questions about people under way for one list."""
PAGE = 1_000
NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
NO_GROUP = frozenset({"missing_scope", "no_permission"})
NO_STAFF, NO_WISH = Staff(), Profile(DEFAULT_WORKSPACE, AgentId(""))

T = TypeVar("T")


class MembershipUnknown(Exception):
    """Slack could not be asked and no earlier answer holds: answer 503, it comes again."""


@dataclass(frozen=True, slots=True)
class Person:
    """`full`: a full member of our workspace; `offset`: seconds east of UTC; `profile`: how they
    wish to be known by users."""

    id: str
    name: str
    avatar_url: str = ""
    full: bool = False
    offset: int = 0
    profile: Profile | None = None


@dataclass(slots=True)
class _Kept(Generic[T]):
    value: T
    at: Micros
    stale: bool = False


class Cache(Generic[T]):
    """Answers by key, the oldest forgotten; one question at a time for each key."""

    def __init__(self, ask: Callable[[str], Awaitable[T]], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: OrderedDict[str, _Kept[T]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[T]] = {}

    def fresh(self, key: str) -> T | None:
        kept = self._kept.get(key)
        if kept is None or kept.stale or self._clock() - kept.at > FRESH:
            return None
        return kept.value

    async def lately(self, key: str) -> T:
        """Today's answer, else a fresh one: for lists, which would else ask for everybody at once.
        Raises MembershipUnknown."""
        kept = self._kept.get(key)
        if kept and not kept.stale and self._clock() - kept.at <= USABLE:
            return kept.value
        return await self.get(key)

    async def get(self, key: str) -> T:
        """A fresh answer; else the last one of today when Slack does not answer.

        Raises MembershipUnknown.
        """
        fresh = self.fresh(key)
        if fresh is not None:
            return fresh
        try:
            return await self._asked(key)
        except (DeliveryError, TimeoutError) as error:
            kept = self._kept.get(key)
            if kept and self._clock() - kept.at <= USABLE:
                return kept.value
            raise MembershipUnknown from error

    def forget(self, key: str) -> None:
        """It has changed, nobody knows how: what was known holds no more."""
        self._asking.pop(key, None)  # its answer may be from before the change
        self._kept.pop(key, None)

    def amend(self, key: str, change: Callable[[T], T]) -> None:
        """It has changed, and this is how: that holds until Slack is asked, which is at once."""
        self._asking.pop(key, None)
        if kept := self._kept.get(key):
            kept.value, kept.stale = change(kept.value), True

    def close(self) -> None:
        for task in self._asking.values():
            task.cancel()

    async def _asked(self, key: str) -> T:
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key))
            self._asking[key] = task
            task.add_done_callback(_seen)
        async with asyncio.timeout(PATIENCE):
            return await asyncio.shield(task)

    async def _fetch(self, key: str) -> T:
        task = asyncio.current_task()
        try:
            value = await self._ask(key)
        finally:
            current = self._asking.get(key) is task
            if current:
                del self._asking[key]
        if not current:  # asked before a change: nothing to remember
            return value
        self._kept[key] = _Kept(value, self._clock())
        self._kept.move_to_end(key)
        if len(self._kept) > PEOPLE:
            self._kept.popitem(last=False)
        return value


def _seen(task: asyncio.Task[Any]) -> None:
    """Whoever asked may have stopped waiting; the loop is not to complain about the answer."""
    if not task.cancelled():
        task.exception()


class Members:
    """`known` is for the hot path: an answer without waiting, or None."""

    def __init__(
        self,
        client: Client,
        self_: Self,
        queues: Sequence[QueuePlace],
        clock: Clock,
        origin: str,
        *,
        staff: Staff = NO_STAFF,
        lists: Lists | None = None,
    ) -> None:
        self._lists = lists
        self._client = client
        self._self = self_
        self._queues = queues
        self._staff = staff
        channels = (queue.channel for queue in queues if not queue.members)
        named = (staff.supervisors, staff.admins, *(queue.members for queue in queues))
        groups = sorted(filter(is_group, frozenset().union(*named)))
        self._channels = tuple(dict.fromkeys([*channels, *groups]))
        self._origin = origin
        self._people = Cache(self._ask_person, clock)
        self._inside = Cache(self._ask_inside, clock)
        self._concluded: Recent[str, tuple[object, object, Agent]] = Recent(PEOPLE)

    def known(self, user: str) -> Agent | None:
        person = self._people.fresh(user)
        found = tuple(map(self._inside.fresh, self._channels))
        known = self._concluded.get(user)
        if known and known[:2] == (person, found):
            return known[2]
        named = zip(self._channels, found, strict=True)
        inside = {channel: users for channel, users in named if users is not None}
        if person is None or len(inside) < len(found):
            return None
        return self._concluded.put(user, (person, found, self._agent(person, inside)))[2]

    async def agent(self, user: str) -> Agent:
        """Raises MembershipUnknown."""
        if agent := self.known(user):
            return agent
        person, inside = await asyncio.gather(self._people.get(user), self._everybody())
        return self._agent(person, inside)

    async def agents(self) -> list[Agent]:
        """All who may speak to users now. Raises MembershipUnknown."""
        inside = await self._everybody()
        at_once = asyncio.Semaphore(AT_ONCE)

        async def ask(user: str) -> Person:
            async with at_once:
                return await self._people.lately(user)

        users = sorted(frozenset().union(*(self._of(queue, inside) for queue in self._queues)))
        people = await asyncio.gather(*(ask(user) for user in users))
        return [agent for person in people if (agent := self._agent(person, inside)).member]

    async def _everybody(self) -> dict[str, frozenset[str]]:
        """Who is in each channel and group. One of several that is closed to us keeps nobody in it;
        it keeps nobody out of the others. Raises MembershipUnknown."""
        asked = (self._within(channel) for channel in self._channels)
        return dict(zip(self._channels, await asyncio.gather(*asked), strict=True))

    async def _within(self, channel: str) -> frozenset[str]:
        try:
            return await self._inside.get(channel)
        except MembershipUnknown as error:
            cause = error.__cause__
            closed = isinstance(cause, Broken) and cause.scope is Scope.CHANNEL
            if (closed and len(self._channels) > 1) or (is_group(channel) and _is_final(cause)):
                return frozenset()
            raise

    def _agent(self, person: Person, inside: Mapping[str, frozenset[str]]) -> Agent:
        within = [queue.name for queue in self._queues if person.id in self._of(queue, inside)]
        queues = tuple(within) if person.full else ()
        own = queues if len(self._queues) > 1 else None
        set_name, set_picture = self._staff.shown.get(person.id, ("", ""))
        wish = person.profile or NO_WISH
        return Agent(
            AgentId(person.id),
            wish.name or set_name or person.name,
            wish.avatar_url or set_picture or person.avatar_url,
            *(bool(queues), own, self._rank(person.id, inside)),
            languages=wish.languages,
        )

    def _of(self, queue: QueuePlace, inside: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """Its members, by the ids of people."""
        if queue.members:
            return _people(queue.members, inside)
        return inside[queue.channel]

    def _rank(self, user: str, inside: Mapping[str, frozenset[str]]) -> Rank:
        staff = self._staff
        if not (staff.admins or staff.supervisors) or user in _people(staff.admins, inside):
            return Rank.ADMIN
        return Rank.SUPERVISOR if user in _people(staff.supervisors, inside) else Rank.AGENT

    @property
    def queues(self) -> tuple[str, ...]:
        """The names of all there are."""
        return tuple(queue.name for queue in self._queues)

    def serves(self, agent: Agent, queue: str) -> bool:
        """Whether handoffs of that queue are theirs to take; one that nobody knows is the default
        one's."""
        known = any(each.name == queue for each in self._queues)
        return agent.serves(queue if known else DEFAULT)

    async def person(self, user: str) -> Person:
        """Raises MembershipUnknown."""
        return await self._people.get(user)

    async def names(self, users: tuple[str, ...]) -> dict[str, str]:
        """First names for users' eyes; who cannot be found out is left out."""
        asked = (self._people.get(user) for user in users)
        found = await asyncio.gather(*asked, return_exceptions=True)
        people = [person for person in found if isinstance(person, Person)]
        return {person.id: person.name.split(" ")[0] for person in people if person.name}

    def inside(self) -> frozenset[str]:
        """The members of all queues, as far as they are known without asking."""
        inside = {each: self._inside.fresh(each) or frozenset() for each in self._channels}
        return frozenset().union(*(self._of(queue, inside) for queue in self._queues))

    async def warm(self) -> None:
        await self._everybody()

    def left(self, channel: str, user: str) -> None:
        """The others are still inside, even while Slack cannot be asked."""
        if channel in self._channels:
            self._inside.amend(channel, lambda inside: inside - {user})

    def joined(self, channel: str) -> None:
        """Events come in any order, so nobody is let in by one: Slack is asked."""
        if channel in self._channels:
            self._inside.forget(channel)

    def forget_person(self, user: str) -> None:
        self._people.forget(user)

    def close(self) -> None:
        self._people.close()
        self._inside.close()

    # --- asking --------------------------------------------------------------------------------

    async def _ask_person(self, user: str) -> Person:
        try:
            answer, us = await asyncio.gather(
                self._client.call("users.info", user=user), self._self.get()
            )
        except Refused as error:
            if error.reason in NOBODY:
                return Person(user, "")
            raise
        found = read_person(user, answer.get("user"), us, self._origin)
        return replace(found, profile=await self._profile(user)) if found.full else found

    async def _profile(self, user: str) -> Profile | None:
        """Raises Retry: nobody is called otherwise for a while because the store did not answer."""
        try:
            wished = self._lists and await self._lists.profile(DEFAULT_WORKSPACE, AgentId(user))
        except StoreError as error:
            raise Retry("store_unavailable") from error
        return wished or None

    async def _ask_inside(self, channel: str) -> frozenset[str]:
        if is_group(channel):
            answer = await self._client.call("usergroups.users.list", usergroup=channel)
            return frozenset(str(user) for user in answer.get("users") or ())
        return await people_in(self._client, channel)


async def people_in(client: Client, channel: str) -> frozenset[str]:
    """The ids of all who are in a channel. Raises DeliveryError."""
    inside: set[str] = set()
    cursor = ""
    while True:
        page = {"cursor": cursor} if cursor else {}
        answer = await client.call("conversations.members", channel=channel, limit=PAGE, **page)
        inside.update(str(user) for user in answer.get("members") or ())
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return frozenset(inside)


def is_group(id: str) -> bool:
    """Slack's ids of user groups, among those of people and channels."""
    return id.startswith("S")


def _is_final(cause: BaseException | None) -> bool:
    """Slack has said no: there is no such group, or we may not ask for it."""
    return isinstance(cause, Refused) or (isinstance(cause, Broken) and cause.reason in NO_GROUP)


def _people(named: frozenset[str], inside: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Those who are named themselves, or by a group."""
    groups = frozenset(filter(is_group, named))
    return (named - groups).union(*(inside[group] for group in groups))


def read_person(user_id: str, user: object, us: Identity, origin: str) -> Person:
    """What users.info says of somebody."""
    if not isinstance(user, dict):
        return Person(user_id, "")
    given = user.get("profile")
    profile: Mapping[str, Any] = given if isinstance(given, dict) else {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
    offset = user.get("tz_offset")
    return Person(
        id=user_id,
        name=next((str(name) for name in names if name), str(user.get("name") or "")),
        avatar_url=_picture(profile, origin),
        full=_is_full(user, us),
        offset=offset if isinstance(offset, int) else 0,
    )


def _picture(profile: Mapping[str, Any], origin: str) -> str:
    """Users see it: https, or where Slack itself is (`origin`) when that is a plain address."""
    for name in ("image_192", "image_72"):
        url = str(profile.get(name) or "")
        if url.startswith(("https://", f"{origin}/")):
            return url
    return ""


_NOT = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")


def _is_full(user: Mapping[str, Any], us: Identity) -> bool:
    if any(user.get(name) for name in _NOT) or user.get("id") in {"USLACK", "USLACKBOT"}:
        return False
    team = user.get("team_id")
    enterprise = user.get("enterprise_user")
    teams = enterprise.get("teams") if isinstance(enterprise, dict) else None
    return not team or team == us.team or us.team in (teams or ())
