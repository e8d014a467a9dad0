"""Suggestions are for agents alone, and become a reply when an agent sends them: once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.commands import (
    Accepted,
    Answer,
    DismissSuggestion,
    KeepAsNote,
    Rejected,
    Resolve,
    SendHeld,
    Suggest,
    Suggested,
    ToHandoff,
    ToMessage,
    UseSuggestion,
)
from bridge.effects import Line, PostLine, PostMessage, SettleLine
from bridge.events import Kind
from bridge.leaks import Guard, Leak
from bridge.model import Agent, Author, Message, MessageId, Role, Standing, Visibility
from tests.bridge.driver import ANA, BEN, BOT, GUEST, World
from tests.bridge.test_talk import handed_over, lines

ROBO = Author(Role.BOT, "robo", "Robo")


def suggested(
    world: World,
    kind: Suggested = Suggested.REPLY,
    source: str = "",
) -> Message:
    to = ToHandoff(world.handoff.id)
    answer = world.do(
        Suggest(world.key(), world.tick(), to, ROBO, "It is on its way", kind, source)
    )
    assert isinstance(answer, Accepted), answer
    return world.messages[MessageId(answer.data["id"])]


def use(world: World, what: Message, text: str = "", by: Agent = ANA) -> Answer:
    return world.do(UseSuggestion(world.key(), world.tick(), ToMessage(what.id), by, text))


def replies(world: World) -> list[Message]:
    return world.said_by(Role.AGENT)


def test_it_waits_in_the_thread_and_never_leaves_by_itself() -> None:
    world = handed_over()
    rev = world.conversation.rev
    message = suggested(world, source="Copilot")
    assert (message.visibility, message.standing) == (Visibility.INTERNAL, Standing.HELD)
    assert not message.leaves
    assert (message.author.name, world.conversation.rev) == ("Copilot", rev)
    line = world.effects(PostLine)[-1]
    assert (line.line, line.message_id, line.name) == (Line.SUGGESTED, message.id, "Copilot")
    assert world.events[-1].kind is Kind.SUGGESTION_MADE


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", "It is on its way"),
        ("Nearly there", "Nearly there"),
        ("!r Nearly there", "Nearly there"),
    ],
)
def test_an_agent_sends_it_as_it_is_or_changed_as_their_reply(text: str, sent: str) -> None:
    world = handed_over(assignee=None)
    message = suggested(world)
    assert isinstance(use(world, message, text), Accepted)
    [reply] = replies(world)
    assert (reply.text, reply.author.name, reply.leaves) == (sent, "Ana", True)
    assert world.handoff.assignee == ANA.id
    assert world.effects(PostMessage)[-1].message_id == reply.id
    assert world.effects(SettleLine)[-1] == SettleLine(world.handoff.id, message.id, "used", "Ana")
    [event] = [event for event in world.events if event.kind is Kind.SUGGESTION_USED]
    assert event.body["edited"] is bool(text)


def test_it_is_settled_once() -> None:
    world = handed_over()
    message = suggested(world)
    assert isinstance(world.do(dismissed := dismiss(world, message)), Accepted)
    assert world.effects(SettleLine)[-1].how == "dismissed"
    assert world.do(replace(dismissed, key="again")) == Rejected("already_decided")
    assert use(world, message) == Rejected("already_decided")
    assert replies(world) == []


def dismiss(world: World, message: Message) -> DismissSuggestion:
    return DismissSuggestion(world.key(), world.tick(), ToMessage(message.id), BEN)


@pytest.mark.parametrize(
    ("text", "by", "reason"),
    [
        ("!n he is angry", ANA, "not_a_reply"),
        ("IBAN DE89 3704 0044 0532 0130 00", ANA, "leaks"),
        ("", GUEST, "not_a_member"),
    ],
)
def test_what_must_not_go_out_is_refused_and_may_be_changed(
    text: str, by: Agent, reason: str
) -> None:
    world = handed_over(replace(BOT, guard=Guard((Leak.IBAN,))))
    message = suggested(world)
    assert use(world, message, text, by) == Rejected(reason)
    assert replies(world) == []
    assert isinstance(use(world, message), Accepted)


def test_what_holds_a_reply_holds_it_with_its_buttons() -> None:
    world = handed_over()
    answer = use(world, suggested(world), by=BEN)
    assert isinstance(answer, Accepted)
    assert answer.data["held"] == "foreign"
    assert lines(world)[-1] == (Line.HELD, "foreign")
    [held] = replies(world)
    assert held.standing is Standing.HELD


def test_a_summary_is_nothing_for_customers() -> None:
    world = handed_over()
    message = suggested(world, kind=Suggested.SUMMARY)
    assert use(world, message) == Rejected("not_for_customers")
    assert isinstance(world.do(dismiss(world, message)), Accepted)


def test_the_buttons_of_held_messages_do_not_fit_it() -> None:
    world = handed_over()
    message = suggested(world)
    for kind in (SendHeld, KeepAsNote):
        command = kind(world.key(), world.tick(), ToMessage(message.id), ANA)
        assert world.do(command) == Rejected("already_decided")


def test_after_the_end_nothing_is_suggested_and_what_was_is_not_sent() -> None:
    world = handed_over()
    message = suggested(world)
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    to = ToHandoff(world.handoff.id)
    late = Suggest(world.key(), world.tick(), to, ROBO, "late")
    for refused in (world.do(late), use(world, message)):
        assert isinstance(refused, Rejected)
        assert refused.reason == "already_ended"
    assert isinstance(world.do(dismiss(world, message)), Accepted)
