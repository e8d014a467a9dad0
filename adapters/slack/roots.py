"""Whether the roots of threads are still there, as the catch-up finds them in Slack's history.

A root that somebody deleted is shown as a tombstone when it had replies, and not at all when it had
none. What is missing may only be hidden or new to the copy that Slack reads from, so it is asked
for itself before its thread is given up. Of a channel that the desk has left, only whether it can
be posted to is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any

from adapters.slack import ids
from adapters.slack.client import Client
from adapters.slack.differences import HIDDEN_AFTER, YOUNG
from adapters.slack.ear import ROOT_DELETED
from adapters.slack.lookup import opened_for
from adapters.slack.mending import Mending, closed
from bridge.commands import ToThread, lost
from bridge.errors import Broken, Refused, Scope
from bridge.model import HandoffId, Thread
from bridge.ports import Clock, Receive
from bridge.stores import Reads

TOMBSTONE = "tombstone"
ASKED = 5
"""Roots asked for in one sweep."""


class Roots:
    """`channels` are the desk's. Mutable: each root that is gone is told of once."""

    def __init__(
        self,
        client: Client,
        receive: Receive,
        clock: Clock,
        channels: AbstractSet[str],
        *,
        reads: Reads,
        mending: Mending,
    ) -> None:
        self._client = client
        self._reads = reads
        self._mending = mending
        self._receive = receive
        self._clock = clock
        self._channels = channels
        self._told: set[str] = set()

    async def compare(self, threads: Sequence[Thread], messages: Iterable[Any]) -> None:
        """`messages`: the history of the threads' channel, where these threads should be. Raises
        DeliveryError and StoreError."""
        shown = {str(m.get("ts")): m for m in messages if isinstance(m, dict)}
        doubted = [thread for thread in threads if self._is_doubted(thread, shown)]
        for thread in doubted[:ASKED]:
            if _is_grave(shown.get(thread.ts)) or await self._is_gone(thread):
                await self._tell(thread, ROOT_DELETED)

    def _is_doubted(self, thread: Thread, shown: Mapping[str, Any]) -> bool:
        if _name(thread) in self._told:
            return False
        if thread.ts in shown:
            return _is_grave(shown[thread.ts])
        return YOUNG < self._clock() - ids.micros_of(thread.ts) < HIDDEN_AFTER

    async def _is_gone(self, thread: Thread) -> bool:
        where = {"channel": thread.channel, "ts": thread.ts, "limit": 1}
        try:
            answer = await self._client.call("conversations.replies", thread.team, **where)
        except Broken as error:
            if error.scope is not Scope.THREAD:
                raise
            return True
        found = [m for m in answer.get("messages") or () if isinstance(m, dict)]
        root = next((message for message in found if message.get("ts") == thread.ts), None)
        return root is None or _is_grave(root)

    async def _tell(self, thread: Thread, reason: str) -> None:
        to = ToThread(thread.team, thread.channel, thread.ts)
        await self._receive(lost(to, self._clock(), reason))
        self._told.add(_name(thread))

    # --- one too many --------------------------------------------------------------------------

    async def take_back(
        self, team: str, channel: str, messages: Iterable[Mapping[str, Any]]
    ) -> None:
        """Of two workers that opened the same thread one is kept, and the other may have ended, or
        Slack, before it took its own back. Raises DeliveryError and StoreError."""
        for message in messages:
            opened = opened_for(message)
            place = team, channel, str(message.get("ts"))
            if opened and await self._is_too_many(place, *opened):
                with suppress(Refused):  # another app's, or Slack lets nobody delete
                    await self._mending.withdraw(place)

    async def _is_too_many(
        self, place: tuple[str, str, str], handoff: HandoffId, generation: int
    ) -> bool:
        kept = await self._reads.thread(handoff)
        if kept is None or kept.generation < generation or kept.ts == place[2]:
            return False
        return await self._reads.by_thread(*place) is None

    # --- a channel that the desk has left ------------------------------------------------------

    async def leave(self, channel: str, threads: Sequence[Thread]) -> None:
        """Handoffs whose channel is closed go on in the desk's own. Raises DeliveryError and
        StoreError."""
        left = [thread for thread in threads if _name(thread) not in self._told]
        if channel in self._channels or not left:
            return
        if reason := await self._closed(channel):
            for thread in left:
                await self._tell(thread, reason)

    async def _closed(self, channel: str) -> str:
        """Why nothing can be posted there; empty: it can."""
        try:
            answer = await self._client.call("conversations.info", channel=channel)
        except Broken as error:
            if error.scope is not Scope.CHANNEL:
                raise
            return error.reason
        told = answer.get("channel")
        return closed(told if isinstance(told, dict) else {})


def _is_grave(message: Any) -> bool:
    return isinstance(message, dict) and message.get("subtype") == TOMBSTONE


def _name(thread: Thread) -> str:
    return ids.source_of(thread.team, thread.channel, thread.ts)
