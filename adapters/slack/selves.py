"""Agents who say themselves how customers are to know them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.slack import myself, replies
from adapters.slack.acts import Asked, Done
from adapters.slack.forms import View
from adapters.slack.news import News
from bridge.lists import Lists
from bridge.model import DEFAULT_WORKSPACE, Agent, given
from bridge.ports import Receive


class Selves:
    def __init__(self, receive: Receive, lists: Lists | None, news: News) -> None:
        self._receive = receive
        self._lists = lists
        self._news = news

    async def form(self, by: Agent) -> View:
        known = await given(self._lists).profile(DEFAULT_WORKSPACE, by.id)
        return myself.form(by, known)

    async def save(self, asked: Asked, fields: Mapping[str, str]) -> Done:
        """Every process asks anew who they are."""
        if wrong := myself.wrong(fields):
            return Done(replies.plain(replies.refusal("bad_profile")), refused=True, errors=wrong)
        await self._receive(myself.command(asked, fields))
        self._news.changed(asked.by.id)
        return Done(myself.saved(fields))
