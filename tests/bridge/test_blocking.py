"""Users whom nobody hears."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.commands import (
    Accepted,
    Assign,
    Block,
    Duplicate,
    Escalation,
    OpenHandoff,
    Rejected,
    Resolve,
    ToConversation,
    ToHandoff,
    ToMessage,
    Unblock,
    UserReacted,
    UserSaid,
)
from bridge.effects import CallBot, Line, PostLine, PostMessage, SetTimer, TimerKind
from bridge.events import Kind
from bridge.model import Mode, Role, Standing, Status
from bridge.ranks import Rank
from tests.bridge.driver import ANA, BEN, BOT, CNV, NO_BOT, SAM, World
from tests.bridge.test_talk import API, handed_over, lines, marks, replies, says

HERE = ToConversation(CNV)
LEAD = replace(BEN, rank=Rank.SUPERVISOR)


def block(world: World, reason: str = "", *, spam: bool = False, said: str = "") -> object:
    by = ANA.as_author()
    return world.do(Block(world.key(), world.tick(), HERE, by, reason, spam, said, asker=ANA))


def unblock(world: World) -> object:
    return world.do(Unblock(world.key(), world.tick(), HERE, ANA.as_author(), asker=ANA))


def tries(world: World, text: str = "hello?") -> object:
    return world.do(UserSaid(world.key(), world.tick(), SAM, text))


def test_who_is_blocked_is_heard_by_nobody_and_what_they_say_is_kept() -> None:
    world = World()
    says(world, "hello")
    assert block(world, "threats") == Accepted({"conversation_id": CNV, "blocked": True})
    world.waiting.clear()
    said = UserSaid("again", world.tick(), SAM, "you will see")
    assert world.do(said) == Rejected("blocked", {"rejected": "blocked"})
    assert world.do(said) == Duplicate({"rejected": "blocked"})
    assert world.waiting == {}
    kept = world.said_by(Role.USER)[-1]
    assert (kept.text, kept.standing, kept.held_for) == ("you will see", Standing.HELD, "blocked")
    assert not kept.leaves
    assert world.events[-1].kind is Kind.MESSAGE_HELD
    assert (world.contact.blocked_by, world.contact.blocked_for) == ("Ana", "threats")
    [event] = [event for event in world.events if event.kind is Kind.USER_BLOCKED]
    assert (event.actor.name, event.body) == ("Ana", {"reason": "threats"})


def test_an_open_handoff_ends_with_it_and_the_user_is_told_nothing() -> None:
    world = handed_over()
    told = len(world.said_by(Role.SYSTEM))
    block(world, "threats", said="word")
    assert (world.handoff.status, world.handoff.outcome) == (Status.RESOLVED, "threats")
    assert world.conversation.mode is Mode.BOT
    assert len(world.said_by(Role.SYSTEM)) == told
    assert lines(world) == [(Line.ENDED, "resolved"), (Line.BLOCKED, "threats")]
    assert [type(each) for each in world.waiting.values()].count(PostLine) == 2
    block(world, "once more")
    assert world.contact.blocked_for == "threats"
    assert [line for line, _ in lines(world)].count(Line.BLOCKED) == 1


@pytest.mark.parametrize(("reason", "outcome"), [("", "spam"), ("casino", "casino")])
def test_spam_is_labelled_so(reason: str, outcome: str) -> None:
    world = handed_over()
    block(world, reason, spam=True)
    assert (world.handoff.labels, world.handoff.outcome) == (("spam",), outcome)
    block(world, spam=True)
    assert world.handoff.labels == ("spam",)


def test_nobody_waits_for_an_answer_to_them_any_more() -> None:
    world = World()
    says(world, "hello")
    assert [timer.kind for timer in world.effects(SetTimer)] == [TimerKind.PATIENCE]
    block(world)
    assert world.effects(SetTimer) == []
    assert world.conversation.unanswered_since == 0


def test_who_is_unblocked_is_heard_again_and_the_rest_stays_where_it_is() -> None:
    world = World()
    says(world, "hello")
    block(world)
    tries(world, "let me in")
    assert unblock(world) == Accepted({"conversation_id": CNV, "blocked": False})
    assert world.events[-1].kind is Kind.USER_UNBLOCKED
    unblock(world)
    assert [event.kind for event in world.events].count(Kind.USER_UNBLOCKED) == 1
    world.waiting.clear()
    says(world, "thank you")
    assert [effect.type for effect in world.effects(CallBot)] == ["message.created"]
    assert world.said_by(Role.USER)[1].standing is Standing.HELD


def test_nothing_opens_and_no_emoji_comes_from_who_is_blocked() -> None:
    world = handed_over()
    sent = replies(world, "bye")
    block(world)
    asked = OpenHandoff(world.key(), world.tick(), SAM, API, Escalation("help"))
    assert world.do(asked) == Rejected("blocked")
    emoji = UserReacted(world.key(), world.tick(), ToMessage(sent.id), CNV, "👍", on=True)
    assert world.do(emoji) == Rejected("blocked")
    assert world.messages[sent.id].reactions == ()


@pytest.mark.parametrize("named", ["webchat:sam", "sam@example.org", "other@example.org"])
def test_the_settings_block_by_id_and_by_e_mail(named: str) -> None:
    world = World(replace(NO_BOT, blocked=frozenset({named})))
    world.contact = replace(world.contact, email="Sam@example.org")
    said = replace(SAM, email="other@example.org" if named.startswith("other") else "")
    assert isinstance(world.do(UserSaid("k", world.tick(), said, "hello")), Rejected)
    assert world.handoffs == {}
    assert unblock(world) == Accepted(
        {"conversation_id": CNV, "blocked": not named.startswith("other")}
    )


def test_in_an_old_thread_who_is_with_a_colleague_now_is_not_blocked() -> None:
    world = handed_over()
    first = world.handoff.id
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    world.do(OpenHandoff(world.key(), world.tick(), SAM, API, Escalation("again")))
    by = ANA.as_author()
    answer = world.do(Block(world.key(), world.tick(), ToHandoff(first), by, asker=ANA))
    assert answer == Rejected("open_elsewhere", {"id": world.handoff.id})
    assert not world.contact.blocked_at


def test_only_supervisors_block_where_there_are_some() -> None:
    world = handed_over()
    agent = replace(ANA, rank=Rank.AGENT)
    for kind in (Block, Unblock):
        asked = kind(world.key(), world.tick(), world.thread, agent.as_author(), asker=agent)
        assert world.do(asked) == Rejected("not_allowed")
    asked = Block(world.key(), world.tick(), world.thread, LEAD.as_author(), asker=LEAD)
    assert isinstance(world.do(asked), Accepted)


def test_what_is_said_to_who_is_blocked_goes_out_as_ever() -> None:
    world = handed_over()
    block(world)
    world.do(Assign(world.key(), world.tick(), world.thread, ANA, ANA))
    assert replies(world, "bye").held_for == "bot_in_charge"
    assert world.effects(PostMessage) == []
    assert marks(world)[-1].value == "held"


def test_the_default_is_that_everybody_is_heard() -> None:
    assert not BOT.blocks(World().contact)
