"""The two shortcuts on a message: *Handoff…*, a modal with every action, and *Add as note*."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack import forms, ids, pickers, replies, textcode
from adapters.slack.asks import Asks
from adapters.slack.blocks import Body
from adapters.slack.heard import Malformed
from adapters.slack.members import Members
from adapters.slack.targets import Finder, of_view
from adapters.slack.verbs import VERBS
from bridge.model import Agent
from bridge.sight import sight_of
from bridge.views import View

HANDOFF, ADD_NOTE = "handoff", "add_note"


@dataclass(frozen=True, slots=True)
class Used:
    """A shortcut that was used on a message: `thread` is its thread, or the message itself."""

    name: str
    user: str
    trigger: str
    channel: str
    thread: str
    message: Mapping[str, Any]


def read(payload: Mapping[str, Any]) -> Used:
    """Raises Malformed."""
    user, channel = payload.get("user"), payload.get("channel")
    given = payload.get("message")
    message: Mapping[str, Any] = given if isinstance(given, dict) else {}
    if not isinstance(user, dict) or not ids.is_user(user.get("id")):
        raise Malformed("user")
    ts = payload.get("message_ts") or message.get("ts")
    thread = message.get("thread_ts") or ts
    return Used(
        str(payload.get("callback_id") or ""),
        str(user["id"]),
        str(payload.get("trigger_id") or ""),
        str(channel.get("id") or "") if isinstance(channel, dict) else "",
        str(thread or ""),
        message,
    )


class Shortcuts:
    def __init__(self, finder: Finder, members: Members, asks: Asks) -> None:
        self._asks = asks
        self._finder = finder
        self._members = members

    async def use(self, used: Used) -> forms.View:
        """The modal to open. Raises MembershipUnknown, StoreError and DeliveryError."""
        by = await self._members.agent(used.user)
        if not by.member:
            return forms.shown(replies.plain(replies.NOT_MEMBER))
        here = await self._finder.in_thread(used.channel, used.thread)
        if used.name == ADD_NOTE:
            return await self._note(used, by, here)
        if here is not None:
            return forms.shown(self._asks.menu(of_view(here), by), "Handoff")
        return forms.shown(await self._which(by), "Handoff")

    async def _which(self, by: Agent) -> Body:
        """The message is in nobody's thread: which conversation is meant?"""
        targets = await self._finder.own_or_all(by, sight_of(by, self._members.queues))
        if not targets:
            return replies.plain("There is no conversation in this thread, and none is open.")
        return pickers.which(VERBS["menu"], targets)

    async def _note(self, used: Used, by: Agent, here: View | None) -> forms.View:
        views = await self._open(by)
        if here is not None:
            views = [here, *(view for view in views if view.handoff.id != here.handoff.id)]
        if not views:
            return forms.shown(replies.plain("No conversation is open."), "Add as note")
        named = textcode.named_in(str(used.message.get("text") or ""))
        names = await self._members.names(named.users) if named.users else {}
        return forms.note_from(_words(used.message, names), views, here.handoff.id if here else "")

    async def _open(self, by: Agent) -> list[View]:
        """One's own first."""
        views = await self._finder.open(sight_of(by, self._members.queues))
        return sorted(views, key=lambda view: view.handoff.assignee != by.id)


def _words(message: Mapping[str, Any], names: Mapping[str, str]) -> str:
    def name(user: str) -> str:
        return names.get(user, "")

    blocks = message.get("blocks")
    rich = textcode.from_blocks(blocks, name) if blocks else None
    return textcode.from_markup(str(message.get("text") or ""), name) if rich is None else rich
