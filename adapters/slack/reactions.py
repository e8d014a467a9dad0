"""Emoji both ways: members' on a customer's words, and customers' on an agent's.

Only reactions on our own posts count (`item_user` is the app): those are what customers said, and
cards and lines, which the bridge knows to be none. Which names are which emoji is in `emoji.py`; a
workspace's own emoji are nothing for customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.slack.client import Client
from adapters.slack.emoji import character, name_of
from adapters.slack.heard import Malformed, team_of
from adapters.slack.identity import Self
from adapters.slack.ids import is_ts, is_user, micros_of, order_of, read_source
from adapters.slack.marks import DONE, GONE
from adapters.slack.members import Members
from bridge.commands import AgentReacted, ToPost
from bridge.errors import DeliveryError, Refused
from bridge.model import SECOND, Micros
from bridge.ports import Receive

YOUNG: Micros = 60 * SECOND
"""Where a post went is known at once; a reaction on one so old need not wait for that."""


class Reactions:
    def __init__(self, client: Client, self_: Self, members: Members) -> None:
        self._client = client
        self._self = self_
        self._members = members

    async def heard(self, envelope: Mapping[str, Any], receive: Receive) -> None:
        """A `reaction_added` or `reaction_removed`. Raises Malformed, MembershipUnknown and
        StoreError."""
        event = envelope["event"]
        item, user, when = event.get("item"), event.get("user"), event.get("event_ts")
        emoji = character(str(event.get("reaction")))
        if not isinstance(item, dict) or not is_user(user) or not is_ts(when):
            raise Malformed("reaction")
        if not self._is_on_ours(event, item) or not emoji:
            return
        ts, on = str(item["ts"]), event.get("type") == "reaction_added"
        to = ToPost(team_of(envelope), str(item.get("channel")), ts)
        by = await self._members.agent(str(user))
        key = f"slack:reaction:{to.key}:{user}:{event.get('reaction')}:{when}"
        at = micros_of(when)
        early = at - micros_of(ts) < YOUNG
        await receive(AgentReacted(key, at, to, by, emoji, on, order_of(when), early))

    def _is_on_ours(self, event: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
        """On a post of the app's, and not by the app itself: its marks are reactions as well."""
        us = self._self.known
        ours = us.user if us else ""
        whose = event.get("item_user")
        return (
            item.get("type") == "message"
            and is_ts(item.get("ts"))
            and event.get("user") != ours
            and (not whose or not ours or whose == ours)
        )

    async def put(self, source: str, emoji: str, *, on: bool) -> None:
        """Raises DeliveryError; a message that is gone needs no reaction."""
        name = name_of(emoji)
        if not name:
            raise Refused("unknown_emoji")
        team, channel, ts = read_source(source)
        method = "reactions.add" if on else "reactions.remove"
        try:
            await self._client.call(method, team, channel=channel, timestamp=ts, name=name)
        except DeliveryError as error:
            if error.reason not in DONE | GONE:
                raise
