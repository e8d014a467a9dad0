"""A ready-made answer goes the way of an agent's reply, and the thread shows what was sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    Answer,
    Claim,
    Delivered,
    RanMacro,
    Rejected,
    Resolve,
    SendHeld,
    SendTemplate,
    Snooze,
    ToHandoff,
)
from bridge.effects import Line, Mark, PostMessage, PutMark, SendToUser
from bridge.leaks import Guard, Leak
from bridge.model import Agent, Message, Role, Standing, Status, Visibility
from bridge.policy import Traits
from bridge.queues import Default
from bridge.results import settles_alone
from tests.bridge.driver import ANA, BEN, BOT, GUEST, MAIL, World
from tests.bridge.test_talk import click, handed_over, lines, marks, says

WORD = "slack:T1:C1:2.1"
"""The message by which it is asked for."""


def send(
    world: World, name: str = "hello", text: str = "", by: Agent = ANA, said: str = WORD
) -> Answer:
    to = world.thread if said else ToHandoff(world.handoff.id)
    return world.do(SendTemplate(world.key(), world.tick(), to, by, name, text, said))


def sent(world: World) -> Message:
    [message] = world.said_by(Role.AGENT)
    return message


def test_the_customer_gets_it_in_their_language_and_the_thread_shows_who_sent_what() -> None:
    world = handed_over()
    says(world, "bonjour", locale="fr-CA", name="Sam")
    assert send(world) == Accepted({"id": sent(world).id, "seq": sent(world).seq})
    assert (sent(world).text, sent(world).author.name) == ("Bonjour Sam", "Ana")
    assert sent(world).standing is Standing.SENT
    assert world.effects(PutMark) == [PutMark(WORD, Mark.TAKEN, fresh=True)]
    assert world.effects(PostMessage)[-1].message_id == sent(world).id
    assert world.handoff.first_reply_at == world.now


def test_the_first_one_claims_a_waiting_handoff_and_wakes_a_snoozed_one() -> None:
    world = handed_over(assignee=None)
    send(world, by=BEN)
    assert (world.handoff.status, world.handoff.assignee) == (Status.ASSIGNED, BEN.id)
    world.do(Snooze(world.key(), world.tick(), world.thread, BEN, world.now + 10**9))
    send(world, by=BEN)
    assert world.handoff.status is Status.ASSIGNED


@pytest.mark.parametrize("text", ["Hello dear Sam", "!r Hello dear Sam"])
def test_from_a_form_it_is_sent_as_it_was_changed_and_its_post_wears_the_mark(text: str) -> None:
    world = handed_over()
    send(world, text=text, said="")
    assert (sent(world).text, sent(world).source) == ("Hello dear Sam", None)
    assert marks(world) == []
    [post] = world.effects(PostMessage)
    assert post.marked
    world.waiting = {1: post}
    world.answer(PostMessage, lambda claim: posted(world, claim))
    assert world.effects(PutMark) == [PutMark("", Mark.TAKEN, True, sent(world).id)]


def posted(world: World, claim: Claim) -> Delivered:
    return Delivered(claim, world.now, ("T1", "C1", "9.1"))


@pytest.mark.parametrize(
    ("fields", "mark"),
    [
        ({"standing": Standing.PENDING}, None),
        ({"standing": Standing.FAILED}, Mark.FAILED),
        ({"standing": Standing.HELD}, Mark.HELD),
        ({"visibility": Visibility.INTERNAL}, Mark.NOTE),
        ({"deleted": True}, Mark.NOTE),
    ],
)
def test_what_is_posted_is_marked_by_what_has_become_of_it_until_then(
    fields: dict[str, Any], mark: Mark | None
) -> None:
    world = handed_over()
    send(world, said="")
    [post] = world.effects(PostMessage)
    world.messages[sent(world).id] = replace(sent(world), **fields)
    world.waiting = {1: post}
    assert not settles_alone(post, posted(world, Claim(1, "desk:x", "w.1")))
    world.answer(PostMessage, lambda claim: posted(world, claim))
    assert marks(world) == ([mark] if mark else [])


def test_a_channel_that_is_sent_to_gets_it_in_parts_and_the_word_its_mark_with_the_last() -> None:
    world = handed_over(replace(MAIL, channels={"webchat": Traits(max_text=6)}))
    send(world)
    assert len(world.effects(SendToUser)) == 2
    assert marks(world) == []
    for _ in range(2):
        world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    assert marks(world) == [Mark.TAKEN]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("helo", "", "unknown_template\nhello"),
        ("zebra", "", "unknown_template"),
        ("order", "", "unfilled\nattributes.order"),
        ("order", "Look: {{ attributes.order }}", "unfilled\nattributes.order"),
        ("hello", "!n he is angry", "not_a_reply"),
        ("hello", "IBAN DE89 3704 0044 0532 0130 00", "leaks"),
    ],
)
def test_what_must_not_go_out_is_refused_and_nothing_of_it_is_kept(
    name: str, text: str, reason: str
) -> None:
    world = handed_over(replace(BOT, guard=Guard((Leak.IBAN,))))
    assert send(world, name, text, said="") == Rejected(reason)
    send(world, name, text)
    assert world.said_by(Role.AGENT) == []
    assert marks(world) == [Mark.FAILED]
    assert lines(world) == [(Line.REFUSED, reason)]


def test_a_gap_may_be_written_in_or_filled_by_what_is_known_by_then() -> None:
    world = handed_over()
    send(world, "order", "It is {{on}} its way")
    assert sent(world).text == "It is {{on}} its way"
    says(world, "thanks", attributes={"order": 1009})
    send(world, "order", said="slack:T1:C1:2.2")
    assert world.said_by(Role.AGENT)[-1].text == "1009 is on its way"


@pytest.mark.parametrize("said", [WORD, ""])
def test_what_holds_a_reply_holds_it_and_shows_its_words_first(said: str) -> None:
    world = handed_over()
    answer = send(world, by=BEN, said=said)
    held = sent(world)
    assert answer == Accepted({"id": held.id, "held": "foreign"})
    assert (held.standing, held.text) == (Standing.HELD, "Hello Sam")
    assert lines(world) == [(Line.HELD, "foreign")]
    kinds = [type(effect).__name__ for effect in world.effects(object)]
    assert kinds.index("PostMessage") < kinds.index("PostLine")
    assert marks(world) == [Mark.HELD]
    click(world, SendHeld, held, BEN, take_over=True)
    assert (sent(world).standing, world.handoff.assignee) == (Standing.SENT, BEN.id)


def test_after_the_end_it_is_held_and_where_notes_are_usual_it_is_a_reply() -> None:
    world = handed_over(replace(BOT, default=Default.NOTE))
    send(world)
    assert sent(world).leaves
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    world.waiting.clear()
    send(world, said="slack:T1:C1:2.2")
    assert lines(world) == [(Line.HELD, "bot_in_charge")]


def test_strangers_send_none_and_twice_is_once() -> None:
    world = handed_over()
    assert send(world, by=GUEST, said="") == Rejected("not_a_member")
    asked = SendTemplate("once", world.tick(), world.thread, ANA, "hello", said=WORD)
    assert world.do(asked) == Accepted({"id": sent(world).id, "seq": sent(world).seq})
    world.do(asked)
    assert len(world.said_by(Role.AGENT)) == 1


def test_a_macro_has_one_mark_and_a_line_where_it_stopped() -> None:
    world = handed_over()
    asked = RanMacro("a", world.tick(), world.thread, ANA, "spam", said=WORD)
    assert world.do(asked) == Accepted({"macro": "spam"})
    assert (marks(world), lines(world)) == ([Mark.NOTE], [])
    world.do(replace(asked, key="b", step="wake", refused="not_now"))
    assert marks(world)[-1] is Mark.FAILED
    assert lines(world) == [(Line.REFUSED, "macro\nwake\nnot_now")]
