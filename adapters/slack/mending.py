"""What the desk does about threads and channels that are gone, and about what was posted astray.

A thread of a channel that cannot be used any more is lost when the desk is in another channel by
now (`SLACK_CHANNEL`): its handoff goes on there. In the desk's own channel it waits until the
channel can be used again, since only a person can do that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any

from adapters.slack.blocks import Body
from adapters.slack.client import Client
from adapters.slack.failures import READ_ONLY
from adapters.slack.ids import read_source
from adapters.slack.marks import GONE
from bridge.errors import Broken, DeliveryError, Refused, Scope, Unknown
from bridge.model import Thread

INVITE = "Invite the app to the channel of SLACK_CHANNEL: /invite it there."
ANOTHER = "Set SLACK_BOT_TOKEN to a token that works (deskbridge check tells more), and restart."
REMEDIES: Mapping[str, str] = {
    "is_archived": "Bring the channel of SLACK_CHANNEL back in Slack, or set SLACK_CHANNEL to "
    "another one and restart: open handoffs move there.",
    "not_in_channel": INVITE,
    "channel_not_found": f"Look whether the channel of SLACK_CHANNEL still exists. {INVITE}",
    "missing_scope": "Reinstall the app with the manifest that deskbridge manifest prints.",
}
CLOSED = "Let the app post in the channel of SLACK_CHANNEL: look at its posting permissions."


class Mending:
    def __init__(self, client: Client, channels: AbstractSet[str]) -> None:
        self._client = client
        self._channels = channels

    @contextmanager
    def within(self, thread: Thread) -> Iterator[None]:
        """What fails in a thread of a channel that is not the desk's any more is the thread's."""
        try:
            yield
        except Broken as error:
            if error.scope is Scope.CHANNEL and thread.channel not in self._channels:
                raise Broken(error.reason, Scope.THREAD) from error
            raise

    @contextmanager
    def beside(self, source: str) -> Iterator[None]:
        """A mark on a message of such a channel is nothing to wait for."""
        try:
            yield
        except Broken as error:
            if error.scope is Scope.CHANNEL and read_source(source)[1] not in self._channels:
                raise Refused(error.reason) from error
            raise

    async def check_place(self, thread: Thread, answer: Mapping[str, Any]) -> None:
        """A post to a thread that is gone lands in the channel, and Slack says nothing of it."""
        message = answer.get("message")
        if not isinstance(message, dict) or message.get("thread_ts") == thread.ts:
            return
        try:
            await self.withdraw((thread.team, thread.channel, str(answer.get("ts"))))
        except DeliveryError as error:
            raise Unknown("stray_post") from error
        raise Broken("thread_gone", Scope.THREAD)

    async def withdraw(self, place: tuple[str, str, str]) -> None:
        """Raises DeliveryError; a post that is gone is taken back already."""
        team, channel, ts = place
        try:
            await self._client.call("chat.delete", team, channel=channel, ts=ts)
        except DeliveryError as error:
            if error.reason not in GONE:
                raise

    async def change(self, place: tuple[str, str, str], body: Body) -> None:
        """Of a line of ours. Raises DeliveryError; one that is gone is left so."""
        team, channel, ts = place
        try:
            await self._client.call(
                "chat.update", team, channel=channel, ts=ts, text=body.text, blocks=body.blocks
            )
        except DeliveryError as error:
            if error.reason not in GONE and channel in self._channels:
                raise

    # --- whether it works again ----------------------------------------------------------------

    async def probe(self, scope: Scope, about: str) -> None:
        """Raises DeliveryError while what is broken there cannot work yet."""
        if scope is Scope.TOKEN:
            await self._client.call("auth.test")
        elif about in self._channels:
            await self._look_at(about)

    async def _look_at(self, channel: str) -> None:
        answer = await self._client.call("conversations.info", channel=channel)
        told = answer.get("channel")
        reason = closed(told if isinstance(told, dict) else {})
        if not reason:
            self._client.condition.mended(channel)
            return
        error = Broken(reason, Scope.CHANNEL, channel)
        self._client.condition.failed(error, {"channel": channel})
        raise error


def closed(channel: Mapping[str, Any]) -> str:
    """Why nothing can be posted in a channel, as conversations.info tells of it; empty: it can."""
    if channel.get("is_archived"):
        return "is_archived"
    return "" if channel.get("is_member", True) else "not_in_channel"


def remedy(reason: str, scope: Scope) -> str:
    """What somebody should do about it."""
    if reason in READ_ONLY and reason != "is_archived":
        return CLOSED
    return REMEDIES.get(reason, ANOTHER if scope is Scope.TOKEN else INVITE)
