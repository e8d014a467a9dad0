"""Who is the same person as whom, asked and said by agents: what *Same person as…* does. Both must
be customers whom they may look at."""

from __future__ import annotations

from dataclasses import replace

from adapters.slack import forms, joining, replies
from adapters.slack.acts import Asked, Done
from adapters.slack.arguments import aim
from adapters.slack.asks import LONGEST_SEARCH, Asks
from adapters.slack.forms import View
from adapters.slack.joining import Side
from adapters.slack.members import Members
from adapters.slack.targets import Finder, Target
from bridge.commands import MergeContacts, ToConversation, refusal_of
from bridge.lists import Lists, Wanted
from bridge.model import DEFAULT_WORKSPACE, Agent, given
from bridge.ports import Receive
from bridge.ranks import Rank
from bridge.sight import sight_of

COUNTED = 100
"""Handoffs of a person, at most."""


class Persons:
    def __init__(
        self, receive: Receive, asks: Asks, finder: Finder, lists: Lists | None, members: Members
    ) -> None:
        self._receive = receive
        self._asks = asks
        self._finder = finder
        self._lists = lists
        self._members = members

    async def form(self, by: Agent, about: str) -> View:
        """Raises StoreError and DeliveryError, as all that follows."""
        target = await self._finder.about(about)
        if refused := await self._asks.unseen(by, target):
            return forms.shown(replies.plain(replies.refusal(refused)), joining.TITLE)
        return joining.form(given(target))

    async def look(self, asked: Asked, about: str, text: str) -> Done:
        """Who is called so, but for those who are the same person already."""
        by, text = asked.by, " ".join(text.split())[:LONGEST_SEARCH]
        target = await self._finder.about(about)
        if refused := await self._asks.unseen(by, target):
            return Done(replies.plain(replies.refusal(refused)), refused=True)
        others = [each for each in await self._named(by, text) if _are_two(given(target), each)]
        if not others:
            return Done(replies.plain(f"I found nobody else for “{text[:80]}”."), refused=True)
        return Done(joining.found(given(target), others), title=joining.TITLE)

    async def _named(self, by: Agent, text: str) -> list[Target]:
        named = aim(text)
        one = await self._finder.aimed(named) if named.is_named else None
        if one and not await self._asks.unseen(by, one):
            return [one]
        return list(await self._finder.called(text, sight_of(by, self._members.queues)))

    async def preview(self, by: Agent, value: str) -> View:
        refused, pair = await self._pair(by, value)
        if pair is None:
            return forms.shown(replies.plain(replies.refusal(refused)), joining.TITLE)
        mine, other = pair
        if not _are_two(mine, other):
            told = joining.told(mine.contact, other.contact, already=True)
            return forms.shown(told, joining.TITLE)
        sides = [await self._side(each) for each in pair]
        return joining.preview(value, *sides, may_block=by.rank is not Rank.AGENT)

    async def merge(self, asked: Asked, value: str) -> Done:
        refused, pair = await self._pair(asked.by, value)
        if pair is None:
            return _done(refused)
        mine, other = pair
        to, by = ToConversation(mine.conversation.id), asked.by
        answer = await self._receive(
            MergeContacts(
                f"{asked.key}:merge",
                *(asked.at, to, other.conversation.id, by.as_author()),
                asker=by,
            )
        )
        if reason := refusal_of(answer):
            return _done(reason)
        already = bool(answer.data.get("already"))
        body = joining.told(mine.contact, other.contact, already=already)
        return Done(body, title=joining.TITLE)

    async def _pair(self, by: Agent, value: str) -> tuple[str, tuple[Target, Target] | None]:
        """Both, or why not."""
        found: list[Target] = []
        for about in joining.read(value):
            target = await self._finder.about(about)
            if refused := await self._asks.unseen(by, target):
                return refused, None
            found.append(given(target))
        return "", (found[0], found[1])

    async def _side(self, target: Target) -> Side:
        lists, here = given(self._lists), target.conversation.id
        people = await lists.person(here)
        notes = await lists.notes([talk.id for talk, _ in people])
        wanted = Wanted(person=here)
        handoffs = await lists.handoffs(DEFAULT_WORKSPACE, wanted, (), COUNTED + 1)
        everybody = tuple(contact for _, contact in people)
        side = Side(target.contact, everybody, len(notes), len(handoffs))
        return replace(side, handoffs=COUNTED, more=True) if len(handoffs) > COUNTED else side


def _are_two(one: Target, other: Target) -> bool:
    mine, theirs = one.contact, other.contact
    together = bool(mine.person_id) and mine.person_id == theirs.person_id
    return mine.id != theirs.id and not together


def _done(refused: str) -> Done:
    """There is no field beside which it could stand."""
    body = replies.plain(replies.refusal(refused))
    return Done(body, refused=True, offers=True, title=joining.TITLE)
