"""What a channel promises (`bridge.ports.Channel`): each function is one promise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, TypeAlias

import httpx

from adapters.conformance.promises import (
    MESSAGE,
    Bridge,
    Proof,
    Troubles,
    bad_input,
    door,
    hold,
    named,
    no_proof,
    runs,
    told_by_remedy,
)
from bridge.commands import UserSaid
from bridge.errors import (
    Refused,
    StoreUnavailable,
    Unknown,
)
from bridge.model import (
    DEFAULT_WORKSPACE,
    Author,
    Conversation,
    Message,
    Role,
    contact_id,
    conversation_id,
)
from bridge.ports import (
    Channel,
    Corrects,
    Finds,
    Outgoing,
    Receipt,
)

Hear: TypeAlias = Callable[[httpx.AsyncClient, str, str], Awaitable[httpx.Response]]
"""Tells the adapter, as its platform does, what a user said: the text, and a name of this message
that is the same when it is told again."""


@dataclass(frozen=True, slots=True)
class ChannelCase:
    """A channel before a stand-in for its platform. `seen`: what a user there has seen, by message;
    `hear`: None where what users say does not come by the channel's own routes; `user_at`: when the
    user last wrote, where the channel has a window."""

    channel: Channel
    address: str
    seen: Callable[[], Sequence[str]] = tuple
    hear: Hear | None = None
    proof: Proof = no_proof
    troubles: Troubles = field(default_factory=dict)
    user_at: int = 0

    @property
    def conversation(self) -> Conversation:
        name = self.channel.name
        here = conversation_id(DEFAULT_WORKSPACE, name, self.address)
        who = contact_id(DEFAULT_WORKSPACE, name, self.address)
        given = (here, DEFAULT_WORKSPACE, who, name, self.address)
        return Conversation(*given, user_at=self.user_at, created_at=1)

    def message(self, text: str, **more: Any) -> Message:
        ana = Author(Role.AGENT, "U1", "Ana")
        return Message(MESSAGE, self.conversation.id, DEFAULT_WORKSPACE, 1, 1, ana, text, **more)

    async def send(self, text: str, key: str = "msg_conformance/0") -> Receipt:
        out = Outgoing(self.message(text), text, 0, 1)
        return await self.channel.send(self.conversation, out, key)


async def names_itself(case: ChannelCase) -> None:
    named(case.channel)


async def can_do_what_its_traits_say(case: ChannelCase) -> None:
    traits, channel = case.channel.traits, case.channel
    hold(traits.max_text > 0, "max_text is at least 1")
    hold(traits.buttons >= 0, "buttons is how many it shows")
    hold(min(traits.window, traits.agent_window) >= 0, "windows are spans of time")
    if not traits.reads_store:
        changes = traits.edits or traits.deletes
        hold(changes == isinstance(channel, Corrects), "edits or deletes go with Corrects")
    hold(not (traits.reads_store and isinstance(channel, Finds)), "who never sends finds nothing")


async def refuses_bad_input(case: ChannelCase) -> None:
    await bad_input(case.channel, case.proof)


async def hears_once_and_by_the_things_own_name(case: ChannelCase) -> None:
    """The same message told twice has the same key, and another one another."""
    if case.hear is None:
        return
    bridge = Bridge()
    async with door(case.channel, bridge.receive) as client:
        for text, name in (("Hello", "1"), ("Hello", "1"), ("Hello", "2")):
            told = await case.hear(client, text, name)
            hold(told.is_success, f"what users say is taken: {told.status_code} {told.text}")
    said = [each for each in bridge.told if isinstance(each, UserSaid)]
    hold([each.text for each in said] == ["Hello"] * 3, "words become UserSaid, as they are")
    first, again, other = said
    hold(first.key == again.key and first.digest == again.digest, "told twice it is the same")
    hold(first.key != other.key, "another message has another key")
    hold(first.key.startswith(f"{case.channel.name}:"), "keys begin with the channel's name")
    to, channel = first.to, case.channel.name
    hold(to.channel == channel, "the user is one of this channel")
    here = conversation_id(to.workspace_id, channel, to.address)
    hold(to.conversation_id == here, "the conversation's id is made of the address")
    hold(to.contact_id == contact_id(to.workspace_id, channel, to.address), "and the contact's")


async def says_yes_only_after_the_commit(case: ChannelCase) -> None:
    if case.hear is None:
        return
    bridge = Bridge()
    bridge.error = StoreUnavailable("away")
    async with door(case.channel, bridge.receive) as client:
        told = await case.hear(client, "Hello", "1")
    kept = told.status_code != HTTPStatus.SERVICE_UNAVAILABLE
    hold(not kept, f"what cannot be kept is 503, not {told.status_code}")


async def sends_what_it_is_given(case: ChannelCase) -> None:
    """Up to `max_text`, to the last character."""
    most = case.channel.traits.max_text
    for n, text in enumerate(("Hello Sam", "x" * (most - 3) + "end")):
        receipt = await case.send(text, f"msg_conformance{n}/0")
        hold(isinstance(receipt, Receipt), "send gives a Receipt")
        if not case.channel.traits.reads_store:
            last = case.seen()[-1] if case.seen() else ""
            hold(text in last, f"a text of {len(text)} characters arrives whole")


async def never_cuts(case: ChannelCase) -> None:
    """What is too long is refused; the core splits, and asks for no more than `max_text`."""
    if case.channel.traits.reads_store:
        return
    text = "word " * case.channel.traits.max_text + "end"
    try:
        await case.send(text)
    except Refused:
        return
    hold(any(text in each for each in case.seen()), "what is too long is refused or sent whole")


async def repeats_only_what_may_be_repeated(case: ChannelCase) -> None:
    """The same key twice: once for the user where `repeatable` says so. Else what was sent can be
    looked up, or the core asks an agent and does not repeat it."""
    traits, channel = case.channel.traits, case.channel
    if traits.reads_store:
        return
    receipt = await case.send("Hello Sam")
    if traits.repeatable:
        await case.send("Hello Sam")
        hold(len(case.seen()) == 1, "the same key twice is seen once")
    elif isinstance(channel, Finds):
        out = Outgoing(case.message("Hello Sam"), "Hello Sam", 0, 1)
        try:
            found = await channel.find(case.conversation, out, "msg_conformance/0", 0, 0)
        except Unknown:
            return
        hold(found == receipt, "what was sent is found where it is")


async def fails_by_remedy(case: ChannelCase) -> None:
    repeatable = case.channel.traits.repeatable
    await told_by_remedy(case.troubles, case.send, repeatable=repeatable)


async def corrects_as_often_as_it_is_asked(case: ChannelCase) -> None:
    channel = case.channel
    if not isinstance(channel, Corrects):
        return
    await case.send("Hello Sam")
    edited = case.message("Hello Kim", edited_at=1)
    gone = replace(edited, text="", deleted=True, rev=2)
    for message in (edited, edited, gone, gone):
        await channel.correct(case.conversation, message)


async def starts_and_closes(case: ChannelCase) -> None:
    await runs(case.channel)


CHANNEL: Sequence[Callable[[ChannelCase], Awaitable[None]]] = (
    names_itself,
    can_do_what_its_traits_say,
    refuses_bad_input,
    hears_once_and_by_the_things_own_name,
    says_yes_only_after_the_commit,
    sends_what_it_is_given,
    never_cuts,
    repeats_only_what_may_be_repeated,
    fails_by_remedy,
    corrects_as_often_as_it_is_asked,
    starts_and_closes,
)
