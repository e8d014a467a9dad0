"""What stands in threads of handoffs: the card at the root, posts below it."""

from __future__ import annotations

from typing import Any

from adapters.slack import lines, lookup, posts, replies
from adapters.slack.blocks import Body
from adapters.slack.card import card, moved
from adapters.slack.client import Answer, Client
from adapters.slack.config import SlackConfig
from adapters.slack.facts import facts
from adapters.slack.failures import BLOCKS
from adapters.slack.identity import Self
from adapters.slack.mending import Mending
from adapters.slack.verbs import VERBS
from bridge.effects import Line
from bridge.errors import Refused
from bridge.hours import opens_at
from bridge.model import HandoffId, Micros, Status, Thread
from bridge.ports import Clock, Receipt
from bridge.stores import Reads
from bridge.views import CustomerPost, LinePost, Post, PreviewPost, View

QUIET: dict[str, Any] = {
    "unfurl_links": False,
    "unfurl_media": False,
    "link_names": False,
    "parse": "none",
    "mrkdwn": True,
}
"""Nothing in a text becomes a mention or a preview by itself."""


class Threads:
    def __init__(
        self,
        client: Client,
        config: SlackConfig,
        me: Self,
        mending: Mending,
        *,
        reads: Reads,
        clock: Clock,
    ) -> None:
        self._client = client
        self._config = config
        self._self = me
        self._mending = mending
        self._reads = reads
        self._clock = clock

    async def open(self, view: View, key: str) -> Receipt:
        team = (await self._self.get()).team
        channel = self._config.channel_of(view.handoff.queue)
        return _receipt(team, await self.send(team, channel, self._card(view, key), key))

    async def post(self, thread: Thread, view: View, post: Post, key: str) -> Receipt:
        body = self._body(view, post, key)
        more = {"thread_ts": thread.ts, **_also_in_channel(post)}
        with self._mending.within(thread):
            answer = await self.send(thread.team, thread.channel, body, key, **more)
        await self._mending.check_place(thread, answer)
        return _receipt(thread.team, answer)

    async def draw(self, thread: Thread, view: View, again: str = "") -> None:
        body = await self._moved(thread, view) or self._card(view, again=again)
        with self._mending.within(thread):
            await self._client.call(
                "chat.update",
                thread.team,
                channel=thread.channel,
                ts=thread.ts,
                text=body.text,
                blocks=body.blocks,
            )

    async def redraw(self, about: str, again: str) -> None:
        """A client keeps what was chosen in a menu until the menu is another one."""
        view = await self._reads.view(HandoffId(about))
        thread = await self._reads.thread(HandoffId(about)) if view else None
        if view and thread:
            await self.draw(thread, view, again)

    async def _moved(self, thread: Thread, view: View) -> Body | None:
        """The card of a thread that was left for another."""
        newest = await self._reads.thread(view.handoff.id)
        left = newest is not None and newest.generation > thread.generation
        return moved(view, newest.channel) if newest and left else None

    def _card(self, view: View, key: str = "", again: str = "") -> Body:
        config = self._config
        return card(
            view,
            key,
            private=config.alerts_private,
            again=again,
            notes_first=config.queue(view.handoff.queue).notes_first,
            goal=config.missed(view, self._clock()),
            opens=self._opens(view),
            now=self._clock(),
            never=config.never,
            own=config.actions,
            known=[fact.plain for fact in facts(view.contact.attributes, config.profile)]
            if config.profile
            else None,
        )

    def _opens(self, view: View) -> Micros:
        """When its queue opens that is closed, while it waits there; zero: nobody asks."""
        now, hours = self._clock(), self._config.queue(view.handoff.queue).hours
        opens = opens_at(hours, now) if view.handoff.status is Status.QUEUED else now
        return 0 if opens == now else opens

    def _body(self, view: View, post: Post, key: str) -> Body:
        if isinstance(post, CustomerPost):
            return posts.said(view, post, key, private=self._config.alerts_private)
        if isinstance(post, PreviewPost):
            return posts.preview(view, post, key, private=self._config.alerts_private)
        return lines.line(view, post, key, self._hint(post))

    def _hint(self, post: LinePost) -> str:
        """What may have been meant by a command that nobody knows."""
        message = post.message if post.line is Line.HELD else None
        if message is None or "unknown_command" not in message.held_for.split(","):
            return ""
        near = self._config.templates.near_word(message.text)
        return usage(message.text) or replies.meant(near)

    async def send(self, team: str, channel: str, body: Body, key: str, **more: Any) -> Answer:
        """Once with blocks; when Slack refuses those, once more as plain text."""
        meta = {"metadata": lookup.metadata(key), **_sender(body), **QUIET, **more}
        try:
            return await self._client.post(
                team, channel, text=body.text, blocks=body.blocks, **meta
            )
        except Refused as error:
            if error.reason not in BLOCKS:
                raise
        return await self._client.post(team, channel, text=body.plain or body.text, **meta)


def usage(text: str) -> str:
    """How a command is written that was written in another way; empty: it is none."""
    word = text.split(maxsplit=1)[0] if text.split() else ""
    verb = VERBS.get(word.removeprefix("!")) if word.startswith("!") else None
    return f"It is written !{verb.name} {verb.usage}".strip() + "." if verb else ""


def _also_in_channel(post: Post) -> dict[str, bool]:
    """What nobody in the thread would see is shown in the channel, too."""
    overdue = isinstance(post, LinePost) and post.line is Line.OVERDUE
    return {"reply_broadcast": True} if overdue else {}


def _sender(body: Body) -> dict[str, str]:
    sender = body.sender
    if sender is None:
        return {}
    icon = {"icon_url": sender.icon_url} if sender.icon_url else {"icon_emoji": sender.icon_emoji}
    return {"username": sender.name, **icon}


def _receipt(team: str, answer: Answer) -> Receipt:
    return Receipt((team, str(answer.get("channel")), str(answer.get("ts"))))
