"""What comes with messages: fetched, kept, shown to the other side, or told to be missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    AgentDeleted,
    BotSaid,
    Delivered,
    Escalation,
    Fetched,
    KeepAsNote,
    NotDelivered,
    OpenHandoff,
    Rejected,
    Reply,
    SendAgain,
    SendHeld,
    ToConversation,
    ToMessage,
    UserSaid,
)
from bridge.effects import FetchFiles, Line, Mark, PostFile, PostMessage, PostPreview, SendToUser
from bridge.filing import on_web, parts
from bridge.model import (
    DEFAULT_WORKSPACE,
    Attachment,
    Message,
    MessageId,
    Role,
    Standing,
    Visibility,
)
from bridge.policy import Policy, Traits
from tests.bridge.driver import ANA, BEN, BOT, CNV, MAIL, SAM, World
from tests.bridge.test_talk import API, click, handed_over, lines, marks, replies

KEPT = Attachment("a.png", "image/png", 5, "fil_1")
AWAY = Attachment("a.png", "image/png", 5, "desk:F1")
FILES = replace(BOT, channels={"webchat": replace(BOT.channels["webchat"], files=True)})
SENDS = replace(MAIL, channels={"webchat": Traits(max_text=20, files=True)})


def sends(world: World, text: str, *files: Attachment) -> Message:
    """The user says something with files."""
    world.do(UserSaid(world.key(), world.tick(), SAM, text, attachments=files))
    return world.said_by(Role.USER)[-1]


def agent_sends(world: World, text: str, *files: Attachment, **more: Any) -> Message:
    return replies(world, text, files=len(files), attachments=files, **more)


def comes(world: World, *files: Attachment) -> None:
    world.answer(FetchFiles, lambda claim: Fetched(claim, world.now, files))


def fails(world: World, kind: type, reason: str) -> None:
    world.answer(kind, lambda claim: NotDelivered(claim, world.now, reason))


def files_to_post(world: World) -> list[tuple[str, int]]:
    return [(each.message_id, each.n) for each in world.effects(PostFile)]


# --- users ---------------------------------------------------------------------------------------


def test_what_a_user_sends_is_posted_below_their_words() -> None:
    world = handed_over(FILES)
    message = sends(world, "look", KEPT, KEPT)
    assert len(world.effects(PostMessage)) == 1
    assert files_to_post(world) == [(message.id, 0), (message.id, 1)]
    assert not world.effects(FetchFiles)


def test_what_is_with_their_channel_is_fetched_first() -> None:
    world = handed_over(FILES)
    message = sends(world, "look", AWAY)
    assert not world.effects(PostFile)
    comes(world, KEPT)
    assert world.messages[message.id].attachments == (KEPT,)
    assert files_to_post(world) == [(message.id, 0)]


def test_what_comes_while_the_bot_is_in_charge_is_only_kept() -> None:
    world = World(FILES)
    message = sends(world, "look", AWAY)
    comes(world, KEPT)
    assert world.messages[message.id].attachments == (KEPT,)
    assert not world.effects(PostFile)


def test_files_from_before_the_handoff_are_posted_below_the_preview() -> None:
    world = World(FILES)
    message = sends(world, "look", KEPT)
    world.do(OpenHandoff(world.key(), world.tick(), SAM, API, Escalation("help")))
    shown = ((message.id, 0),)
    world.answer(PostPreview, lambda claim: Delivered(claim, world.now, files=shown))
    assert files_to_post(world) == [*shown]


def test_a_file_that_did_not_come_is_told_and_can_be_asked_for_again() -> None:
    world = handed_over(FILES)
    message = sends(world, "look", AWAY)
    fails(world, FetchFiles, "file_gone")
    assert lines(world) == [(Line.FAILED, "fetch:file_gone")]
    click(world, SendAgain, message)
    assert len(world.effects(FetchFiles)) == 1
    assert len(world.effects(PostMessage)) == 1  # the words are there already
    assert click(world, SendAgain, message) == Rejected("already_decided")


def test_files_that_the_desk_refused_are_told_and_posted_again_without_the_words() -> None:
    world = handed_over(FILES)
    message = sends(world, "look", KEPT, KEPT, KEPT)
    fails(world, PostFile, "refused")
    world.answer(PostFile, lambda claim: Delivered(claim, world.now))
    fails(world, PostFile, "refused")
    assert world.messages[message.id].held_for == "file:0+2:refused"
    assert lines(world)[-1] == (Line.FAILED, "file:0+2:refused")
    world.waiting.clear()
    click(world, SendAgain, message)
    assert files_to_post(world) == [(message.id, 0), (message.id, 2)]
    assert not world.effects(PostMessage)


def test_of_what_was_taken_back_meanwhile_nothing_is_kept_or_told() -> None:
    world = handed_over(FILES)
    message = sends(world, "look", AWAY)
    world.messages[message.id] = replace(message, deleted=True, attachments=())
    fails(world, FetchFiles, "file_gone")
    sends(world, "look", AWAY)
    last = world.said_by(Role.USER)[-1]
    world.messages[last.id] = replace(last, deleted=True, attachments=())
    comes(world, KEPT)
    assert world.messages[last.id].attachments == ()
    assert not lines(world)
    assert not world.effects(PostFile)


# --- agents --------------------------------------------------------------------------------------


def test_an_agents_words_and_files_are_shown_together_once_they_are_here() -> None:
    world = handed_over(FILES)
    message = agent_sends(world, "your label", AWAY)
    assert (message.standing, message.rev) == (Standing.PENDING, 0)
    assert not marks(world)
    comes(world, KEPT)
    message = world.messages[message.id]
    assert (message.standing, message.attachments) == (Standing.SENT, (KEPT,))
    assert message.rev == world.conversation.rev
    assert marks(world) == [Mark.TAKEN]


def test_without_its_files_an_agents_message_fails_whole_and_can_be_sent_again() -> None:
    world = handed_over(FILES)
    message = agent_sends(world, "your label", AWAY)
    fails(world, FetchFiles, "file_type")
    assert world.messages[message.id].standing is Standing.FAILED
    assert (marks(world), lines(world)) == ([Mark.FAILED], [(Line.FAILED, "file_type")])
    click(world, SendAgain, message)
    comes(world, KEPT)
    assert world.messages[message.id].standing is Standing.SENT


def test_a_message_that_was_deleted_before_its_files_came_is_not_told_to_have_failed() -> None:
    world = handed_over(FILES)
    message = agent_sends(world, "your label", AWAY)
    to = ToMessage(source=message.source or "")
    world.do(AgentDeleted(world.key(), world.tick(), to))
    assert world.messages[message.id].attachments == ()
    fails(world, FetchFiles, "file_gone")
    assert (marks(world), lines(world)) == ([], [])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("x" * 9 + "\n", ("x" * 9,)), ("x" * 9 + " " * 12 + "end", ("x" * 9, "end")), (" ", (" ",))],
)
def test_blanks_alone_are_no_part(text: str, wanted: tuple[str, ...]) -> None:
    message = Message(MessageId("msg_1"), CNV, DEFAULT_WORKSPACE, 1, 1, ANA.as_author(), text)
    assert tuple(str(each).strip() or " " for each in parts(message, 9)) == wanted


def test_to_a_channel_that_is_sent_to_files_go_as_parts_after_the_words() -> None:
    world = handed_over(SENDS)
    message = agent_sends(world, "words that are more than twenty", AWAY)
    sent = [(each.part, each.parts) for each in world.effects(SendToUser)]
    assert sent == [(0, 3), (1, 3), (2, 3)]
    comes(world, KEPT)
    assert world.messages[message.id].attachments == (KEPT,)
    for _ in sent:
        assert world.messages[message.id].standing is Standing.PENDING
        world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    assert world.messages[message.id].standing is Standing.SENT


def test_a_file_alone_is_one_part() -> None:
    world = handed_over(SENDS)
    agent_sends(world, "", AWAY)
    assert [(each.part, each.parts) for each in world.effects(SendToUser)] == [(0, 1)]


def test_a_notes_files_are_not_even_kept() -> None:
    world = handed_over(FILES)
    note = agent_sends(world, "!n look", AWAY)
    assert (note.visibility, note.attachments) == (Visibility.INTERNAL, ())
    assert not world.effects(FetchFiles)


def test_a_held_message_holds_its_files() -> None:
    world = handed_over(FILES)
    held = agent_sends(world, "", AWAY, by=BEN)
    assert (held.held_for, held.attachments) == ("foreign", (AWAY,))
    assert not world.effects(FetchFiles)
    assert isinstance(click(world, SendHeld, held, BEN), Accepted)
    comes(world, KEPT)
    assert world.messages[held.id].standing is Standing.SENT
    other = agent_sends(world, "!foo", AWAY)
    click(world, KeepAsNote, other)
    assert not world.effects(FetchFiles)


def test_where_no_files_are_taken_the_words_go_without() -> None:
    world = handed_over(BOT)
    held = agent_sends(world, "look", AWAY)
    assert held.held_for == "files"
    click(world, SendHeld, held)
    sent = world.messages[held.id]
    assert (sent.standing, sent.attachments) == (Standing.SENT, ())
    alone = agent_sends(world, "", AWAY)
    assert click(world, SendHeld, alone, ANA) == Rejected("no_words")


def test_a_policy_without_files_is_the_default() -> None:
    assert not Policy().traits("webchat").files


# --- files that are taken back -------------------------------------------------------------------

BOTH = Traits(max_text=20, files=True, edits=True, deletes=True)
CORRECTS = replace(MAIL, channels={"webchat": BOTH})


def takes_back(world: World, message: Message, *places: int) -> None:
    to = ToMessage(source=message.source or "")
    world.do(AgentDeleted(world.key(), world.tick(), to, places))


def test_a_file_that_is_taken_back_is_gone_for_the_customer_and_the_others_stay() -> None:
    world = handed_over(CORRECTS)
    message = agent_sends(world, "look", KEPT, KEPT)
    world.begun, rev = True, world.conversation.rev
    for _ in range(2):
        takes_back(world, message, 0)
    left = world.messages[message.id]
    assert [each.is_gone for each in left.attachments] == [True, False]
    assert (left.rev, left.text, left.deleted) == (rev + 1, "look", False)
    assert [each.change for each in world.effects(SendToUser)][-1:] == ["edit"]


def test_a_file_that_is_taken_back_before_anything_left_needs_no_correction() -> None:
    world = handed_over(SENDS)
    message = agent_sends(world, "look", KEPT)
    takes_back(world, message, 0)
    assert world.messages[message.id].attachments[0].is_gone
    assert not [each for each in world.effects(SendToUser) if each.change]
    assert lines(world) == []


def test_the_last_file_of_a_message_without_words_takes_it_along() -> None:
    world = handed_over(CORRECTS)
    message = agent_sends(world, "", KEPT)
    takes_back(world, message, 0)
    assert world.messages[message.id].deleted
    takes_back(world, message, 0)


def test_what_the_channel_cannot_take_back_is_told() -> None:
    world = handed_over(SENDS)
    message = agent_sends(world, "look", KEPT)
    world.begun = True
    takes_back(world, message, 0)
    assert lines(world) == [(Line.CORRECTION, "cannot_delete")]
    assert not world.messages[message.id].attachments[0].is_gone


def test_of_a_held_message_nobody_has_to_be_told() -> None:
    world = handed_over(SENDS)
    message = agent_sends(world, "!oops", KEPT)
    takes_back(world, message, 0)
    assert world.messages[message.id].attachments[0].is_gone
    assert (Line.CORRECTION, "cannot_delete") not in lines(world)


def test_a_file_that_is_taken_back_while_it_is_fetched_stays_gone() -> None:
    world = handed_over(CORRECTS)
    message = agent_sends(world, "look", AWAY, AWAY)
    takes_back(world, message, 0)
    comes(world, KEPT, KEPT)
    assert [each.is_gone for each in world.messages[message.id].attachments] == [True, False]


# --- bots ----------------------------------------------------------------------------------------

WEB = on_web("a.png", "https://shop.example/a.png")
MAP = on_web("map [1]", "https://shop.example/map")
MAP_LINK = r"[map \[1\]](<https://shop.example/map>)"


def bot_sends(world: World, text: str, *files: Attachment) -> Message:
    to = ToConversation(CNV)
    world.do(BotSaid(world.key(), world.tick(), to, "robo", Reply(text, (), files)))
    return world.said_by(Role.BOT)[-1]


def test_what_a_bot_names_by_its_address_is_fetched_and_what_cannot_be_had_is_a_link() -> None:
    world = World(FILES)
    unseen = bot_sends(world, "Here it is", WEB, MAP)
    assert (unseen.standing, unseen.rev) == (Standing.PENDING, 0)
    comes(world, KEPT, MAP)
    seen = world.messages[unseen.id]
    assert (seen.standing, seen.attachments) == (Standing.SENT, (KEPT,))
    assert seen.text == f"Here it is\n{MAP_LINK}"
    assert seen.rev == world.conversation.rev > 0


@pytest.mark.parametrize("come", [(KEPT, KEPT), (KEPT, MAP), (WEB, MAP)])
def test_there_are_sends_enough_whether_they_become_files_or_links(
    come: tuple[Attachment, ...],
) -> None:
    world = World(SENDS)
    message = bot_sends(world, "Here is where to find us", WEB, MAP)
    comes(world, *come)
    left = parts(world.messages[message.id], 20)
    assert [part for part in left if isinstance(part, Attachment)] == [f for f in come if f == KEPT]
    sending = world.effects(SendToUser)
    assert len(left) <= len(sending) == sending[0].parts
    for _ in sending:
        world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    assert world.messages[message.id].standing is Standing.SENT


def test_where_the_channel_takes_no_files_they_are_links_at_once() -> None:
    world = World(BOT)
    message = bot_sends(world, "Here", MAP)
    assert (message.text, message.attachments) == (f"Here\n{MAP_LINK}", ())
    assert not world.effects(FetchFiles)
