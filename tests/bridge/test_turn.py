"""One decision in the making: what it shows in the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.cases import Case
from bridge.effects import CallBot, Mark, OpenThread, PutMark, RefreshCard, SendToUser
from bridge.events import Kind
from bridge.model import Author, Awaiting, Mode, Role, Standing, Visibility
from bridge.policy import Policy
from bridge.texts import Occasion
from bridge.turn import Turn
from tests.bridge.driver import BOT, MAIL, NO_BOT, SAM, START, World
from tests.bridge.test_talk import handed_over

SAM_AUTHOR = Author(Role.USER, "con_1", "Sam")


def turn_of(world: World | None = None, policy: Policy = BOT) -> Turn:
    world = world or World()
    handoff = world.handoff if world.conversation.handoff_id else None
    return Turn(Case(world.conversation, world.contact, handoff), policy, "k", START)


def test_messages_are_numbered_and_only_what_leaves_raises_rev() -> None:
    turn = turn_of()
    said = turn.say(SAM_AUTHOR, "hello")
    note = turn.say(SAM_AUTHOR, "inside", visibility=Visibility.INTERNAL)
    held = turn.say(SAM_AUTHOR, "maybe", standing=Standing.HELD)
    assert [(m.seq, m.rev) for m in (said, note, held)] == [(1, 1), (2, 0), (3, 0)]
    assert (turn.conversation.seq, turn.conversation.rev) == (3, 1)
    assert len({said.id, note.id, held.id}) == 3


def test_ids_are_a_function_of_the_commands_key() -> None:
    assert turn_of().say(SAM_AUTHOR, "a").id == turn_of().say(SAM_AUTHOR, "b").id


def test_a_change_of_owner_fences_and_forgets_the_question() -> None:
    turn = turn_of()
    turn.conversation = replace(turn.conversation, unanswered_since=5)
    turn.own(Mode.HUMAN)
    assert (turn.conversation.epoch, turn.conversation.unanswered_since) == (2, 0)


def test_the_card_follows_every_visible_change_once() -> None:
    world = handed_over()
    turn = turn_of(world)
    turn.change(title="new")
    turn.change(title="newer")
    assert [e for e in turn.decision().effects if isinstance(e, RefreshCard)] == [
        RefreshCard(world.handoff.id)
    ]


def test_the_card_follows_when_it_is_anothers_turn_to_write() -> None:
    world = handed_over()
    turn = turn_of(world)
    turn.conversation = replace(turn.conversation, awaiting=Awaiting.CUSTOMER)
    assert turn.decision().effects == (RefreshCard(world.handoff.id),)
    assert turn_of(world).decision().effects == ()


def test_a_card_that_is_being_opened_is_not_refreshed() -> None:
    world = handed_over()
    turn = turn_of(world)
    turn.conversation = replace(turn.conversation, awaiting=Awaiting.CUSTOMER)
    turn.do(OpenThread(world.handoff.id, 2))
    assert len(turn.decision().effects) == 1


def test_a_channel_that_reads_the_store_is_sent_nothing() -> None:
    turn = turn_of()
    assert turn.deliver(turn.say(SAM_AUTHOR, "hello")).standing is Standing.SENT
    assert turn.effects == []


def test_another_channel_is_sent_parts() -> None:
    turn = turn_of(policy=MAIL)
    message = turn.deliver(turn.say(SAM_AUTHOR, "x" * 45))
    assert message.standing is Standing.PENDING
    assert turn.effects == [SendToUser(message.id, n, 3) for n in range(3)]


@pytest.mark.parametrize(
    ("locale", "words"),
    [("fr", "Notre équipe a rejoint la conversation."), ("", "Our team has joined")],
)
def test_the_desk_speaks_the_users_language(locale: str, words: str) -> None:
    turn = turn_of()
    turn.contact = replace(turn.contact, locale=locale)
    turn.tell_user(Occasion.ASSIGNED)
    (message,) = turn.messages.values()
    assert message.text.startswith(words)
    assert message.handoff_id is None


def test_a_silenced_text_is_not_said() -> None:
    texts = replace(BOT.texts, overrides={"assigned": {"en": ""}})
    turn = turn_of(policy=replace(BOT, texts=texts))
    turn.tell_user(Occasion.ASSIGNED)
    assert turn.messages == {}


def test_a_bot_is_called_only_where_there_is_one() -> None:
    turn = turn_of()
    turn.tell_bot("x.happened", reason="why")
    assert turn.effects == [CallBot("x.happened", 1, None, None, {"reason": "why"})]
    none = turn_of(policy=NO_BOT)
    none.tell_bot("x.happened")
    assert none.effects == []


def test_marks_and_lines_need_something_to_stand_on() -> None:
    turn = turn_of()
    turn.mark(None, Mark.NOTE)
    turn.mark("", Mark.NOTE)
    turn.mark("s:1", Mark.NOTE)
    assert turn.effects == [PutMark("s:1", Mark.NOTE)]


def test_meeting_the_user_keeps_what_was_known() -> None:
    turn = turn_of()
    turn.meet(replace(SAM, email="sam@example.org", attributes={"plan": "pro"}))
    turn.meet(replace(SAM, name="", attributes={"vip": True}, page_title="Checkout"))
    contact = turn.contact
    assert (contact.name, contact.email) == ("Sam", "sam@example.org")
    assert contact.attributes == {"plan": "pro", "vip": True}
    assert turn.conversation.page_title == "Checkout"
    before = turn.contact
    turn.meet(SAM)
    assert turn.contact is before


def test_an_event_carries_who_and_when_and_about_what() -> None:
    world = handed_over()
    turn = turn_of(world)
    turn.note(Kind.NOTE_ADDED, SAM_AUTHOR, message="m")
    (event,) = turn.events
    assert (event.handoff_id, event.epoch, event.body) == (
        world.handoff.id,
        world.conversation.epoch,
        {"message": "m"},
    )


def test_what_changes_without_an_event_has_one_of_its_own_with_before_and_after() -> None:
    turn = turn_of(handed_over(NO_BOT))
    turn.actor = SAM_AUTHOR
    turn.change(ends_at=7)
    (event,) = turn.decision().events
    assert (event.kind, event.actor) == (Kind.STATE_CHANGED, SAM_AUTHOR)
    assert event.changes == {"handoff": {"ends_at": [0, 7]}}
    assert turn_of(handed_over(NO_BOT)).decision().events == ()
