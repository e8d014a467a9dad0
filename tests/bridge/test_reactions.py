"""Emoji on each other's messages, in any order of arrival."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from bridge.commands import (
    Accepted,
    AgentDeleted,
    AgentReacted,
    Assign,
    Rejected,
    ToMessage,
    UserReacted,
)
from bridge.effects import PutReaction
from bridge.events import Kind
from bridge.model import Agent, ConversationId, Message, Role
from bridge.policy import Policy
from bridge.reactions import shown
from tests.bridge.driver import ANA, BEN, BOT, CNV, GUEST, World
from tests.bridge.test_talk import handed_over, replies, says

ABLE = replace(BOT, channels={"webchat": replace(BOT.channels["webchat"], reactions=True)})


def agent_reacts(
    world: World, message: Message, by: Agent = ANA, *, on: bool = True, order: str = ""
) -> None:
    """As by a post that shows the message; the driver finds it by its id."""
    to = ToMessage(message.id)
    order = order or f"{world.tick()}"
    command = AgentReacted(world.key(), world.now, to, by, "🎉", on, order)  # type: ignore[arg-type]
    assert isinstance(world.do(command), Accepted)


def user_reacts(world: World, message: Message, *, on: bool = True, of: str = CNV) -> object:
    to = ToMessage(message.id)
    return world.do(UserReacted(world.key(), world.tick(), to, ConversationId(of), "👍", on))


def seen(world: World, message: Message) -> list[tuple[str, Role]]:
    return [(each.emoji, each.role) for each in shown(world.messages[message.id])]


def test_what_an_agent_puts_on_a_customers_words_is_seen_and_goes_again() -> None:
    world = handed_over(ABLE)
    asked = says(world, "thanks!")
    rev = world.conversation.rev
    agent_reacts(world, asked)
    assert seen(world, asked) == [("🎉", Role.AGENT)]
    assert (world.conversation.rev, world.messages[asked.id].rev) == (rev + 1, rev + 1)
    agent_reacts(world, asked, on=False)
    assert seen(world, asked) == []
    assert world.conversation.rev == rev + 2


@pytest.mark.parametrize("order", list(permutations("123")))
def test_the_last_by_its_own_time_counts_in_any_order_of_arrival(order: tuple[str, ...]) -> None:
    world = handed_over(ABLE)
    asked = says(world, "thanks!")
    for place in order:
        agent_reacts(world, asked, on=place != "2", order=place)
    assert seen(world, asked) == [("🎉", Role.AGENT)]
    agent_reacts(world, asked, on=False, order="4")
    agent_reacts(world, asked, on=True, order="3")
    assert seen(world, asked) == []


def test_what_is_so_already_is_no_news() -> None:
    world = handed_over(ABLE)
    asked = says(world, "thanks!")
    agent_reacts(world, asked, on=False)
    agent_reacts(world, asked)
    rev = world.conversation.rev
    agent_reacts(world, asked)
    assert (seen(world, asked), world.conversation.rev) == ([("🎉", Role.AGENT)], rev)


@pytest.mark.parametrize(
    ("policy", "by"), [(ABLE, BEN), (ABLE, GUEST), (BOT, ANA)], ids=["foreign", "guest", "channel"]
)
def test_from_whom_no_words_would_leave_no_emoji_does(policy: Policy, by: Agent) -> None:
    world = handed_over(policy)
    asked = says(world, "thanks!")
    agent_reacts(world, asked, by)
    assert seen(world, asked) == []


def test_on_what_agents_wrote_themselves_it_stays_inside() -> None:
    world = handed_over(ABLE)
    sent = replies(world, "hello")
    agent_reacts(world, sent)
    assert seen(world, sent) == []


def test_what_a_customer_puts_on_an_agents_words_is_shown_there() -> None:
    world = handed_over(ABLE)
    sent = replies(world, "done")
    assert user_reacts(world, sent) == Accepted()
    assert user_reacts(world, sent) == Accepted()
    user_reacts(world, sent, on=False)
    assert world.effects(PutReaction) == [
        PutReaction(sent.source or "", "👍", True),
        PutReaction(sent.source or "", "👍", False),
    ]


def test_what_anybody_sees_is_in_the_audit_with_who_did_it() -> None:
    world = handed_over(ABLE)
    asked, sent = says(world, "hi"), replies(world, "hello")
    agent_reacts(world, asked, ANA)
    agent_reacts(world, asked, ANA)
    user_reacts(world, sent, on=False)
    user_reacts(world, sent)
    noted = [each for each in world.events if each.kind is Kind.MESSAGE_REACTED]
    assert [(each.actor.name, each.body["message"]) for each in noted] == [
        (ANA.name, asked.id),
        ("Sam", sent.id),
    ]


def test_a_customer_reacts_only_to_what_they_were_told_in_their_own_conversation() -> None:
    world = handed_over(ABLE)
    asked, note, sent = says(world, "hi"), replies(world, "!n note"), replies(world, "done")
    unknown = Rejected("unknown_message")
    assert [user_reacts(world, each) for each in (asked, note)] == [unknown, unknown]
    assert user_reacts(world, sent, of="cnv_other") == unknown
    world.do(AgentDeleted("d", world.tick(), ToMessage(sent.id)))
    assert user_reacts(world, sent) == unknown
    greeting = next(m for m in world.messages.values() if m.author.role is Role.SYSTEM)
    assert user_reacts(world, greeting) == Accepted()
    assert not world.effects(PutReaction)


def test_who_has_it_no_more_may_still_take_their_emoji_off() -> None:
    world = handed_over(ABLE)
    asked = says(world, "thanks!")
    agent_reacts(world, asked, ANA)
    world.do(Assign(world.key(), world.tick(), world.thread, ANA, BEN))
    agent_reacts(world, asked, ANA, on=False)
    assert seen(world, asked) == []
    agent_reacts(world, asked, ANA)
    assert seen(world, asked) == []
