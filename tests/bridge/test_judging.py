"""Reply, note, or held and why: the cases that the settings and the channel decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.commands import (
    Accepted,
    AgentSaid,
    Rejected,
    Resolve,
    SendHeld,
    Snooze,
    TakeOver,
    ToConversation,
)
from bridge.effects import Line, Mark
from bridge.leaks import NO_GUARD
from bridge.model import SECOND, Standing, Status, Visibility
from bridge.policy import OnMention, Policy
from bridge.queues import Default
from tests.bridge.driver import ANA, BEN, BOT, CNV, GUEST
from tests.bridge.test_talk import click, edit, handed_over, lines, marks, replies, says

CARD = "4111 1111 1111 1111"
NOTES_FIRST = replace(BOT, default=Default.NOTE)
MINUTE = 60 * SECOND
WINDOW = replace(BOT, channels={"webchat": replace(BOT.channels["webchat"], window=MINUTE)})


def mentioning(what: OnMention) -> Policy:
    return replace(BOT, on_mention=what)


def test_where_notes_are_the_default_only_r_sends() -> None:
    world = handed_over(NOTES_FIRST)
    assert replies(world, "he is angry").visibility is Visibility.INTERNAL
    sent = replies(world, "!r I am sorry")
    assert (sent.visibility, sent.standing, sent.text) == (
        Visibility.PUBLIC,
        Standing.SENT,
        "I am sorry",
    )
    assert marks(world) == [Mark.NOTE, Mark.TAKEN]


def test_where_notes_are_the_default_mistyped_words_and_guests_are_still_held() -> None:
    world = handed_over(NOTES_FIRST)
    assert replies(world, "!oops").standing is Standing.HELD
    assert replies(world, "hello", GUEST).held_for == "not_a_member"


def test_an_edit_of_a_reply_follows_without_a_prefix_too() -> None:
    world = handed_over(NOTES_FIRST)
    sent = replies(world, "!r helo")
    edit(world, sent, "hello")
    assert world.messages[sent.id].text == "hello"


@pytest.mark.parametrize(
    ("what", "visibility", "standing"),
    [
        (OnMention.NOTE, Visibility.INTERNAL, Standing.SENT),
        (OnMention.HOLD, Visibility.PUBLIC, Standing.HELD),
        (OnMention.REPLY, Visibility.PUBLIC, Standing.SENT),
    ],
)
def test_the_settings_say_what_a_mention_means(
    what: OnMention, visibility: Visibility, standing: Standing
) -> None:
    world = handed_over(mentioning(what))
    message = replies(world, "ask @ben", mentions=True)
    assert (message.visibility, message.standing) == (visibility, standing)
    assert message.held_for == ("mention" if what is OnMention.HOLD else "")


def test_a_note_to_a_colleague_is_a_note_in_their_handoff_too() -> None:
    world = handed_over()
    assert replies(world, "@ana look", BEN, mentions=True).visibility is Visibility.INTERNAL


def test_an_edit_may_name_a_colleague_where_a_reply_may() -> None:
    world = handed_over(mentioning(OnMention.REPLY))
    sent = replies(world, "hello")
    edit(world, sent, "ask @ben", mentions=True)
    assert world.messages[sent.id].text == "ask @ben"


@pytest.mark.parametrize("text", [CARD, f"!r {CARD}"])
def test_what_the_guard_finds_is_held(text: str) -> None:
    world = handed_over()
    held = replies(world, text)
    assert (held.standing, held.held_for) == (Standing.HELD, "leak:card_number")
    click(world, SendHeld, held)
    assert world.messages[held.id].standing is Standing.SENT


def test_a_guard_that_looks_for_nothing_holds_nothing() -> None:
    world = handed_over(replace(BOT, guard=NO_GUARD))
    assert replies(world, CARD).standing is Standing.SENT


def test_several_reasons_are_all_told_in_one_line() -> None:
    world = handed_over()
    held = replies(world, CARD, BEN, files=1)
    assert held.held_for == "foreign,leak:card_number,files"
    assert lines(world) == [(Line.HELD, held.held_for)]


def test_who_has_joined_is_not_asked_again_until_the_end() -> None:
    world = handed_over()
    held = replies(world, "I know this one", BEN)
    click(world, SendHeld, held, BEN, join=True)
    assert world.handoff.assignee == ANA.id
    assert world.handoff.collaborators == (BEN.id,)
    assert replies(world, "and more", BEN).standing is Standing.SENT
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    assert not world.handoff.collaborators


def test_to_join_what_is_ones_own_changes_nothing() -> None:
    world = handed_over()
    held = replies(world, "!oops")
    click(world, SendHeld, held, ANA, join=True)
    assert not world.handoff.collaborators


def test_outside_the_sending_window_words_are_held_and_cannot_be_sent() -> None:
    world = handed_over(WINDOW)
    assert replies(world, "in time").standing is Standing.SENT
    world.tick(61)
    late = replies(world, "too late")
    assert late.held_for == "window_closed"
    assert click(world, SendHeld, late) == Rejected("window_closed")
    says(world, "still there")
    assert isinstance(click(world, SendHeld, late), Accepted)
    assert world.messages[late.id].standing is Standing.SENT


def test_who_has_joined_wakes_a_snoozed_handoff_and_does_not_take_it() -> None:
    world = handed_over()
    held = replies(world, "let me help", by=BEN)
    click(world, SendHeld, held, BEN, join=True)
    world.do(Snooze(world.key(), world.tick(), world.thread, ANA, world.now + 3_600 * SECOND))
    world.waiting.clear()
    replies(world, "I have found it", by=BEN)
    assert (world.handoff.status, world.handoff.assignee) == (Status.ASSIGNED, ANA.id)
    assert not lines(world)


def test_in_an_old_thread_nobody_is_told_that_the_bot_answers_while_a_person_does() -> None:
    world = handed_over()
    old = world.thread
    world.do(Resolve(world.key(), world.tick(), old, ANA))
    world.do(TakeOver(world.key(), world.tick(), ToConversation(CNV), BEN))
    world.tick()
    world.do(AgentSaid("late", world.now, old, ANA, "one more thing", "s:late", f"{world.now}"))
    held = next(m for m in world.messages.values() if m.source == "s:late")
    assert held.held_for == "ended"
