"""What a member writes in the desk's channel outside every thread: nobody's answer.

It goes to no customer, and its author may believe it did. So it is answered in its own thread, with
the way to the handoffs that they may have meant. Best effort, once for each message whatever
process hears of it and however often: nothing but the answer hangs on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from adapters.slack import pickers
from adapters.slack.blocks import Block, Body, anchor, rich, row, section, words
from adapters.slack.card import title_of
from adapters.slack.client import Client
from adapters.slack.heard import Stray
from adapters.slack.identity import Self
from adapters.slack.ids import permalink, source_of
from adapters.slack.members import Members, MembershipUnknown
from adapters.slack.names import customer_name, number_of
from bridge.errors import Retry
from bridge.model import DEFAULT_WORKSPACE, AgentId
from bridge.ports import Deps
from bridge.views import View

WENT_TO_NOBODY = "This went to nobody: only what stands in a conversation's thread is sent."
YOURS = "You have these open:"
NONE = "You have no conversation open now."
ONCE_IN = 86_400.0
"""Seconds; Slack repeats an event for an hour at most."""
TRIES = 5


class Strays:
    def __init__(
        self,
        client: Client,
        self_: Self,
        members: Members,
        deps: Deps,
        *,
        channels: AbstractSet[str],
    ) -> None:
        self._client = client
        self._self = self_
        self._members = members
        self._reads = deps.reads
        self._limiter = deps.limiter
        self._channels = channels

    async def answer(self, stray: Stray) -> None:
        """Raises DeliveryError."""
        if stray.channel not in self._channels or not await self._is_members(stray.user):
            return
        key = source_of(stray.team, stray.channel, stray.ts)
        if await self._limiter.take(f"stray:{key}", 1 / ONCE_IN, 1):
            return
        views = await self._reads.open_of(DEFAULT_WORKSPACE, AgentId(stray.user))
        body = went_to_nobody(views, await self._links(views))
        await self._post(stray, body)

    async def _is_members(self, user: str) -> bool:
        try:
            return (await self._members.agent(user)).member
        except MembershipUnknown:
            return False

    async def _links(self, views: Sequence[View]) -> dict[str, str]:
        url = (await self._self.get()).url
        links = {}
        for view in views[: pickers.ROWS]:
            if (thread := await self._reads.thread(view.handoff.id)) and url:
                links[str(view.handoff.id)] = permalink(url, thread.channel, thread.ts)
        return links

    async def _post(self, stray: Stray, body: Body) -> None:
        for _ in range(TRIES):
            try:
                await self._client.post(
                    stray.team,
                    stray.channel,
                    thread_ts=stray.ts,
                    text=body.text,
                    blocks=body.blocks,
                    unfurl_links=False,
                )
            except Retry as error:
                await asyncio.sleep(error.after or 1.0)
            else:
                return


def went_to_nobody(views: Sequence[View], links: dict[str, str]) -> Body:
    """Pure. The answer, with a line for each of their open handoffs."""
    blocks: list[Block] = [row(words(WENT_TO_NOBODY))]
    lines = [section(_line(view, links)) for view in views[: pickers.ROWS]]
    for line in lines[:-1]:
        line["elements"].append({"type": "text", "text": "\n"})
    blocks += [row(words(YOURS)), rich(*lines)] if lines else [row(words(NONE))]
    return Body(WENT_TO_NOBODY, blocks)


def _line(view: View, links: dict[str, str]) -> list[Block]:
    """`#42 Sam Rivera · My parcel never arrived`, the number leads to its thread."""
    number, link = number_of(view.handoff), links.get(view.handoff.id, "")
    title = f" · {title_of(view.handoff)}" if view.handoff.title else ""
    head = [anchor(link, number)] if link and number else words(number, code=True)
    return [*head, *words(f" {customer_name(view.contact)}", bold=True), *words(title)]
