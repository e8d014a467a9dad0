"""An agent's question in another channel: the head of a thread, below which anybody there answers.

It holds the words of the question, who asks, and a way back that only the desk's own members can
follow; nothing of the customer. A private channel is only there for who is in it: whoever is not
learns nothing of it, not even that it exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.slack import lookup
from adapters.slack.blocks import (
    MAX_POST,
    Body,
    anchor,
    cut,
    fallback,
    quote,
    rich,
    row,
    section,
    words,
)
from adapters.slack.client import Client
from adapters.slack.identity import Self
from adapters.slack.ids import permalink
from adapters.slack.members import people_in
from adapters.slack.names import number_of, safe_name
from adapters.slack.threads import Threads
from bridge.errors import Broken, Refused, Scope
from bridge.model import Message, Micros
from bridge.ports import Receipt
from bridge.stores import Reads
from bridge.views import View

NO_SUCH, ARCHIVED, SHARED = "no_such_place", "place_archived", "place_shared"


class Questions:
    """Implements `bridge.consulting.Consults`."""

    def __init__(self, client: Client, me: Self, threads: Threads, reads: Reads) -> None:
        self._client = client
        self._self = me
        self._threads = threads
        self._reads = reads

    async def ask(self, view: View, question: Message, place: str, key: str) -> Receipt:
        team = (await self._self.get()).team
        thread = await self._reads.thread(view.handoff.id)
        us = self._self.known
        back = permalink(us.url, thread.channel, thread.ts) if us and us.url and thread else ""
        body = asked_body(view, question, back, key)
        try:
            await self._admit(question.author.id, place)
            answer = await self._threads.send(team, place, body, key)
        except Broken as error:  # of that channel, which is none of the desk's to be mended
            if error.scope is Scope.TOKEN:
                raise
            raise Refused(NO_SUCH) from error
        return Receipt((team, str(answer.get("channel")), str(answer.get("ts"))))

    async def asked(self, place: str, key: str, since: Micros) -> Receipt | None:
        team = (await self._self.get()).team
        try:
            ts = await lookup.in_channel(self._client, team, place, key, since)
        except Broken as error:
            if error.scope is Scope.TOKEN:
                raise
            raise Refused(NO_SUCH) from error
        return Receipt((team, place, ts)) if ts else None

    async def _admit(self, asker: str, place: str) -> None:
        """Raises Refused where the question may not be put."""
        answer = await self._client.call("conversations.info", channel=place)
        told = answer.get("channel")
        channel: Mapping[str, Any] = told if isinstance(told, dict) else {}
        private = channel.get("is_private") or channel.get("is_im") or channel.get("is_mpim")
        if not channel.get("is_member"):
            raise Refused(NO_SUCH)
        if private and asker not in await people_in(self._client, place):
            raise Refused(NO_SUCH)
        if channel.get("is_archived"):
            raise Refused(ARCHIVED)
        if channel.get("is_ext_shared"):
            raise Refused(SHARED)


def asked_body(view: View, question: Message, back: str, key: str) -> Body:
    """`back`: the address of the handoff's thread; empty: nobody knows it yet."""
    name, text = safe_name(question.author.name), cut(question.text, MAX_POST)
    number = number_of(view.handoff) or "the conversation"
    head = rich(
        section([*words("❓ "), *words(name, bold=True), *words(" asks")]),
        quote(words(text)),
        block_id=key,
    )
    below = words(f"Answers in this thread go to {name} as notes, not to the customer · ")
    way = [anchor(back, number)] if back else words(number)
    spoken = fallback(f"{name} asks: {text}")
    return Body(spoken, [head, row([*below, *way])], plain=spoken)
