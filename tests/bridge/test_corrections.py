"""Second thoughts: edits into notes, recalls, and what a channel cannot follow."""

from __future__ import annotations

from dataclasses import replace

from bridge.commands import (
    Accepted,
    AgentDeleted,
    Delivered,
    KeepAsNote,
    Recall,
    Rejected,
    SendHeld,
    ToMessage,
)
from bridge.effects import Line, Mark, PostLine, SendToUser
from bridge.model import Standing, Visibility
from tests.bridge.driver import BEN, GUEST, MAIL, World
from tests.bridge.test_talk import click, edit, handed_over, lines, marks, replies, says

ABLE = replace(
    MAIL, channels={"webchat": replace(MAIL.channels["webchat"], edits=True, deletes=True)}
)


def test_a_reply_edited_into_a_note_can_be_taken_back() -> None:
    world = handed_over()
    sent = replies(world, "we owe him money")
    edit(world, sent, "!n we owe him money")
    assert lines(world) == [(Line.RECALL, "")]
    assert world.effects(PostLine)[0].message_id == sent.id
    assert world.messages[sent.id].text == "we owe him money"
    rev = world.conversation.rev
    assert click(world, Recall, sent, BEN)
    gone = world.messages[sent.id]
    assert (gone.deleted, gone.text, gone.rev) == (True, "", rev + 1)
    assert marks(world)[-1] is Mark.NOTE


def test_an_older_edit_that_comes_late_offers_nothing() -> None:
    world = handed_over()
    sent = replies(world, "hello")
    edit(world, sent, "!n hello")
    order = world.messages[sent.id].edited_order
    assert order
    world.messages[sent.id] = replace(world.messages[sent.id], edited_order="9" * 20)
    edit(world, sent, "hello again")
    assert world.messages[sent.id].text == "hello"


def test_what_is_gone_or_stayed_inside_cannot_be_taken_back() -> None:
    world = handed_over()
    sent, note, held = (replies(world, text) for text in ("hello", "!n note", "!oops"))
    asked = says(world, "hello?")
    click(world, Recall, sent)
    assert click(world, Recall, sent) == Rejected("already_recalled")
    for message in (note, held, asked):
        assert click(world, Recall, message) == Rejected("nothing_to_recall")
    assert click(world, Recall, replies(world, "again"), GUEST) == Rejected("not_a_member")


def test_a_channel_that_cannot_delete_says_so() -> None:
    world = handed_over(MAIL)
    sent = replies(world, "hello")
    arrives(world)
    edit(world, sent, "!n hello")
    assert lines(world) == [(Line.RECALL, "cannot_delete")]
    answer = click(world, Recall, sent)
    assert isinstance(answer, Accepted)
    assert answer.data["recalled"] is False
    assert lines(world)[-1] == (Line.CORRECTION, "cannot_delete")


def test_a_channel_that_can_is_sent_the_deletion() -> None:
    world = handed_over(ABLE)
    sent = replies(world, "hello")
    arrives(world)
    click(world, Recall, sent)
    assert world.effects(SendToUser)[-1].change == "delete"


def arrives(world: World) -> None:
    """The channel takes the first part of what waits."""
    world.answer(SendToUser, lambda claim: Delivered(claim, world.tick()))


def test_while_it_waits_new_words_go_in_its_place_and_nobody_is_asked() -> None:
    world = handed_over(MAIL)
    sent = replies(world, "on Mondya")
    edit(world, sent, "on Monday")
    message = world.messages[sent.id]
    assert (message.text, message.edited_at) == ("on Monday", 0)
    assert world.effects(SendToUser) == [SendToUser(sent.id)]
    assert lines(world) == []


def test_what_waits_and_is_deleted_is_never_sent_and_needs_no_deletion() -> None:
    world = handed_over(MAIL)
    sent = replies(world, "on Mondya")
    world.do(AgentDeleted(world.key(), world.tick(), ToMessage(sent.id)))
    assert world.messages[sent.id].deleted
    assert [effect.change for effect in world.effects(SendToUser)] == [""]
    assert lines(world) == []


def test_new_words_that_need_more_parts_than_were_planned_are_a_correction() -> None:
    world = handed_over(MAIL)
    edit(world, replies(world, "on Mondya"), "on Monday, and in the afternoon")
    assert lines(world) == [(Line.HELD, "correction")]
    longer = replies(world, "on Mondya, in the afternoon")
    arrives(world)
    edit(world, longer, "on Mondya, in the evening")
    assert lines(world)[-1] == (Line.HELD, "correction")


def test_where_a_channel_cannot_edit_the_new_words_may_go_out_as_a_message() -> None:
    world = handed_over(MAIL)
    sent = replies(world, "on Mondya")
    arrives(world)
    edit(world, sent, "on Monday")
    (held,) = [m for m in world.messages.values() if m.standing is Standing.HELD]
    assert (held.text, held.held_for, held.source) == ("on Monday", "correction", None)
    click(world, SendHeld, held)
    assert world.messages[held.id].standing is Standing.PENDING
    assert world.messages[sent.id].text == "on Mondya"


def test_a_correction_that_nobody_wants_out_is_a_note() -> None:
    world = handed_over(MAIL)
    sent = replies(world, "on Mondya")
    arrives(world)
    edit(world, sent, "on Monday")
    (held,) = [m for m in world.messages.values() if m.standing is Standing.HELD]
    click(world, KeepAsNote, held)
    assert world.messages[held.id].visibility is Visibility.INTERNAL
