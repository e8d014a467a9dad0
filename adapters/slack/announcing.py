"""Alerts in a channel of Slack, or as a message of the app to a person (`bridge.telling`)."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack import lookup
from adapters.slack.blocks import Block, Body, anchor, fallback, row, spoken, words
from adapters.slack.client import Client
from adapters.slack.identity import Self
from adapters.slack.ids import is_user, permalink
from adapters.slack.threads import Threads
from bridge.alert_words import Item, Notice, line, plain
from bridge.errors import Broken, Refused, Scope
from bridge.model import HandoffId, Micros, replace
from bridge.ports import Receipt
from bridge.stores import Reads

NO_SUCH = "no_such_place"


class Announcements:
    """Implements `bridge.telling.Announcer`."""

    def __init__(self, client: Client, me: Self, threads: Threads, reads: Reads) -> None:
        self._client = client
        self._self = me
        self._threads = threads
        self._reads = reads

    async def announce(self, place: str, notice: Notice) -> Receipt:
        us = await self._self.get()
        ways = [await self._way(us.url, item) for item in notice.items]
        try:
            answer = await self._threads.send(us.team, place, shown(notice, ways), notice.key)
        except Broken as error:  # of that place, which is none of the desk's to be mended
            if error.scope is Scope.TOKEN:
                raise
            raise Refused(error.reason) from error
        return Receipt((us.team, str(answer.get("channel")), str(answer.get("ts"))))

    def can_look(self, place: str) -> bool:
        """A conversation of the app with one person is not among what it may read."""
        return not is_user(place)

    async def find(self, place: str, key: str, since: Micros) -> Receipt | None:
        team = (await self._self.get()).team
        try:
            ts = await lookup.in_channel(self._client, team, place, key, since)
        except Broken as error:
            if error.scope is Scope.TOKEN:
                raise
            raise Refused(error.reason) from error
        return Receipt((team, place, ts)) if ts else None

    async def link(self, place: tuple[str, ...]) -> str:
        _team, channel, ts = place
        url = (await self._self.get()).url
        return permalink(url, channel, ts) if url else ""

    async def _way(self, url: str, item: Item) -> str:
        """The address of the handoff's thread; empty: there is none."""
        thread = await self._reads.thread(HandoffId(item.handoff_id)) if item.handoff_id else None
        return permalink(url, thread.channel, thread.ts) if thread and url else ""


def shown(notice: Notice, ways: Sequence[str]) -> Body:
    """`ways`: an address for each of its items, or none. The title is a customer's words."""
    mark = "✅ " if notice.over else "🔔 "
    head = [*words(mark), *words(notice.headline, bold=True)]
    below = [
        each for item, way in zip(notice.items, ways, strict=True) for each in _item(item, way)
    ]
    if notice.more:
        below += words(f"\n• and {notice.more} more")
    body = row([*head, *below], notice.key)
    return Body(spoken(head), [body], plain=fallback(mark + plain(notice)))


def _item(item: Item, way: str) -> list[Block]:
    """A draft's title leads to its card, a number to the thread of its handoff."""
    if item.about and item.link:
        rest = line(replace(item, number=0, title="", link=""))
        number = f" · #{item.number}" if item.number else ""
        title = anchor(item.link, item.title or "Draft")
        return [*words("\n• "), title, *words(f"{number} · {rest}")]
    number = f"#{item.number}"
    if not (way and item.number):
        return words(f"\n• {line(item)}")
    rest = line(replace(item, link="")).removeprefix(number)
    return [*words("\n• "), anchor(way, number), *words(rest)]
