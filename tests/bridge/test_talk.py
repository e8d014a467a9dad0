"""What is said, and what of it leaves the house."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    AddNote,
    AgentDeleted,
    AgentEdited,
    AgentSaid,
    Assign,
    BotSaid,
    Claim,
    Delivered,
    Escalation,
    KeepAsNote,
    NotDelivered,
    OpenHandoff,
    Pause,
    Rejected,
    Reply,
    Resolve,
    SendAgain,
    SendHeld,
    Snooze,
    ToConversation,
    ToMessage,
    UserEnded,
    UserRead,
    UserSaid,
)
from bridge.effects import (
    CallBot,
    Line,
    Mark,
    OpenThread,
    PostLine,
    PostMessage,
    PostPreview,
    PutMark,
    SendToUser,
    SetTimer,
    ShowSeen,
    TimerKind,
)
from bridge.events import Kind
from bridge.model import (
    SECOND,
    Agent,
    Attachment,
    Author,
    Awaiting,
    Message,
    Mode,
    Role,
    Standing,
    Status,
    Visibility,
    given,
)
from bridge.policy import Policy, Traits
from tests.bridge.driver import ANA, BEN, BOT, CNV, GUEST, MAIL, NO_BOT, SAM, World

HERE = ToConversation(CNV)
API = Author(Role.SYSTEM, "key_1", "crm")


def says(world: World, text: str, **about: Any) -> Message:
    """The user writes."""
    world.tick()
    answer = world.do(UserSaid(world.key(), world.now, replace(SAM, **about), text))
    assert isinstance(answer, Accepted), answer
    return next(m for m in reversed(world.said_by(Role.USER)) if m.text == text)


def replies(world: World, text: str, by: Agent = ANA, **more: Any) -> Message:
    """An agent writes into the thread."""
    world.tick()
    fields = {"source": world.key(), "order": f"{world.now}", **more}
    answer = world.do(AgentSaid(world.key(), world.now, world.thread, by, text, **fields))
    assert isinstance(answer, Accepted), answer
    return next(m for m in world.messages.values() if m.source == fields["source"])


def handed_over(policy: Policy = BOT, assignee: Agent | None = ANA) -> World:
    """A handoff with its thread, assigned, and nothing of that waiting."""
    world = World(policy)
    says(world, "hello")
    if policy.bots:
        world.do(OpenHandoff(world.key(), world.tick(), SAM, API, Escalation("help")))
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C1", "1.1"), 1))
    if assignee:
        world.do(Assign(world.key(), world.tick(), world.thread, assignee, assignee))
    world.waiting.clear()
    return world


def edit(
    world: World, message: Message, text: str, by: Agent = ANA, *, mentions: bool = False
) -> None:
    to, order = ToMessage(source=message.source or ""), f"{world.tick()}"
    world.do(AgentEdited(world.key(), world.now, to, by, text, order, mentions))


def click(world: World, kind: type, message: Message, by: Agent = ANA, **more: Any) -> object:
    return world.do(kind(world.key(), world.tick(), ToMessage(message.id), by, **more))


def marks(world: World) -> list[Mark]:
    return [effect.mark for effect in world.effects(PutMark)]


def lines(world: World) -> list[tuple[Line, str]]:
    return [(effect.line, effect.detail) for effect in world.effects(PostLine)]


# --- the user ------------------------------------------------------------------------------------


def test_the_first_words_start_the_conversation_and_reach_the_bot() -> None:
    world = World()
    message = says(world, "hello", name="Sam Rivera", page_url="https://shop.example/")
    assert [call.type for call in world.effects(CallBot)] == [
        "conversation.started",
        "message.created",
    ]
    assert world.effects(CallBot)[1].message_id == message.id
    assert world.contact.name == "Sam Rivera"
    assert world.conversation.page_url == "https://shop.example/"
    assert [event.kind for event in world.events] == [Kind.CONVERSATION_STARTED, Kind.USER_SPOKE]
    says(world, "again")
    assert [call.type for call in world.effects(CallBot)].count("conversation.started") == 1


def test_what_is_not_said_about_the_user_changes_nothing_that_is_known() -> None:
    world = World()
    says(world, "a", name="Sam", email="sam@example.org", locale="fr")
    before = world.contact
    says(world, "b", name="")
    assert world.contact == before
    assert world.conversation.locale == "fr"


def test_a_chosen_button_tells_the_bot_its_value() -> None:
    world = World()
    world.do(UserSaid("k", world.now, SAM, "Yes, please", payload="YES"))
    assert world.effects(CallBot)[1].body == {"payload": "YES"}


def test_only_the_first_unanswered_message_starts_the_wait_for_the_bot() -> None:
    world = World()
    says(world, "one")
    since = world.now
    says(world, "two")
    (timer,) = world.effects(SetTimer)
    assert (timer.kind, timer.due) == (TimerKind.PATIENCE, since + 30 * SECOND)


def test_without_a_bot_the_first_words_open_a_handoff_named_after_them() -> None:
    world = World(NO_BOT)
    says(world, "My parcel is late\nand I am sad")
    assert world.handoff.title == "My parcel is late"
    assert world.handoff.reason == "no_bot"
    assert world.conversation.awaiting is Awaiting.AGENT
    assert [type(e) for e in world.effects(object)][:2] == [OpenThread, PostMessage]
    assert not world.effects(PostPreview)
    assert world.said_by(Role.USER)[0].handoff_id == world.handoff.id


def test_without_a_bot_earlier_messages_come_as_a_preview() -> None:
    world = World(NO_BOT)
    world.do(Pause("p", world.now, HERE, API))
    says(world, "into the void")
    assert not world.handoffs
    world.conversation = replace(world.conversation, mode=Mode.BOT, paused_by="")
    says(world, "hello?")
    assert [type(e) for e in world.effects(object)][:3] == [OpenThread, PostPreview, PostMessage]


def test_without_a_bot_who_writes_soon_after_the_end_is_back_with_the_same_agent() -> None:
    world = handed_over(NO_BOT)
    first = world.handoff.id
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    says(world, "one more thing")
    assert world.handoff.id == first
    assert (world.handoff.status, world.handoff.assignee) == (Status.ASSIGNED, ANA.id)
    assert (Line.REOPENED, "user") in lines(world)
    assert world.conversation.awaiting is Awaiting.AGENT


def test_without_a_bot_who_writes_later_opens_a_new_handoff() -> None:
    world = handed_over(NO_BOT)
    first = world.handoff.id
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    world.tick(601)
    says(world, "something else")
    assert world.handoff.id != first
    assert world.handoff.status is Status.QUEUED


def test_one_that_was_resolved_while_it_waited_is_nobodys_when_it_opens_again() -> None:
    world = handed_over(NO_BOT, assignee=None)
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    assert world.handoff.assignee_name == "Ana"
    says(world, "one more thing")
    handoff = world.handoff
    assert (handoff.status, handoff.assignee_name) == (Status.QUEUED, "")


def test_in_a_handoff_the_user_is_posted_into_the_thread_in_parts() -> None:
    world = handed_over(replace(BOT, desk_max_text=10))
    message = says(world, "hello there, Ana")
    posts = world.effects(PostMessage)
    assert [(p.message_id, p.part, p.parts) for p in posts] == [
        (message.id, 0, 2),
        (message.id, 1, 2),
    ]
    assert not world.effects(CallBot)


@pytest.mark.parametrize("text", ["/end", " /END "])
def test_who_writes_end_leaves_the_human(text: str) -> None:
    world = handed_over(replace(BOT, end_command="/End"))
    says(world, text)
    assert world.handoff.status is Status.CANCELLED
    assert world.handoff.outcome == "user_left"
    assert world.conversation.mode is Mode.BOT


@pytest.mark.parametrize("text", ["hello", "/end"])
@pytest.mark.parametrize("assignee", [ANA, None])
def test_the_answer_to_a_user_is_the_message_whatever_else_it_did(
    text: str, assignee: Agent | None
) -> None:
    world = handed_over(assignee=assignee)
    answer = world.do(UserSaid("k", world.now, SAM, text))
    message = world.said_by(Role.USER)[-1]
    assert isinstance(answer, Accepted)
    assert answer.data == {"id": message.id, "seq": message.seq}


def test_an_empty_end_command_ends_nothing() -> None:
    world = handed_over(replace(BOT, end_command=""))
    world.do(
        UserSaid("k", world.now, SAM, "", attachments=(Attachment("a.png", "image/png", 1, "r"),))
    )
    assert world.handoff.status is Status.ASSIGNED
    assert world.said_by(Role.USER)[-1].attachments


def test_the_button_ends_as_well() -> None:
    world = handed_over()
    world.do(UserEnded("k", world.now, HERE))
    assert world.handoff.status is Status.CANCELLED


def test_the_user_who_writes_wakes_a_snoozed_handoff() -> None:
    world = handed_over()
    world.do(Snooze(world.key(), world.now, world.thread, ANA, world.now + SECOND))
    says(world, "still there?")
    assert world.handoff.status is Status.ASSIGNED
    assert not world.effects(SetTimer)
    said = [each for each in world.effects(PostLine) if each.line is Line.WOKEN]
    assert [(each.detail, each.who) for each in said] == [("user", "")]


def test_the_wait_counts_from_the_first_unanswered_message() -> None:
    world = handed_over()
    replies(world, "how can I help?")
    says(world, "one")
    since = world.now
    says(world, "two")
    assert (world.conversation.awaiting, world.conversation.awaiting_since) == (
        Awaiting.AGENT,
        since,
    )


def test_the_newest_message_of_an_agent_that_was_read_is_shown_as_seen() -> None:
    world = handed_over()
    first, second = replies(world, "one"), replies(world, "two")
    for seq in (first.seq, first.seq, 99, second.seq):
        world.do(UserRead(world.key(), world.now, HERE, seq))
    assert world.effects(ShowSeen) == [
        ShowSeen(given(first.source)),
        ShowSeen(given(second.source), given(first.source)),
    ]


@pytest.mark.parametrize(("seq", "kept"), [(1, 1), (99, 2), (-5, 0)])
def test_reading_goes_up_and_never_past_the_last_message(seq: int, kept: int) -> None:
    world = World()
    says(world, "one")
    says(world, "two")
    world.do(UserRead("r", world.now, HERE, seq))
    assert world.conversation.read_seq == kept
    world.do(UserRead("r2", world.now, HERE, 0))
    assert world.conversation.read_seq == kept


# --- agents --------------------------------------------------------------------------------------


def test_the_first_reply_claims_a_waiting_handoff_and_goes_out() -> None:
    world = handed_over(assignee=None)
    message = replies(world, "I am here")
    assert world.handoff.assignee == ANA.id
    assert world.handoff.first_reply_at == world.now
    assert message.leaves
    assert world.conversation.awaiting is Awaiting.CUSTOMER
    assert marks(world) == [Mark.TAKEN]
    assert [call.type for call in world.effects(CallBot)] == ["handoff.assigned"]


def test_a_later_reply_keeps_the_time_of_the_first() -> None:
    world = handed_over()
    replies(world, "one")
    first = world.handoff.first_reply_at
    replies(world, "two")
    assert world.handoff.first_reply_at == first


def test_who_replied_first_stays_known_when_another_has_it() -> None:
    world = handed_over()
    replies(world, "one")
    world.do(Assign("a", world.now, world.thread, ANA, BEN))
    replies(world, "two", by=BEN)
    found = world.handoff
    assert (found.first_reply_by, found.first_reply_name) == (ANA.id, ANA.name)
    assert found.assignee == BEN.id


def test_for_another_channel_a_reply_is_pending_until_the_last_part_is_taken() -> None:
    world = handed_over(MAIL)
    message = replies(world, "this is too long for it")
    assert message.standing is Standing.PENDING
    assert [e.part for e in world.effects(SendToUser)] == [0, 1]
    assert marks(world) == []
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    assert world.messages[message.id].standing is Standing.PENDING
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    assert world.messages[message.id].standing is Standing.SENT
    assert marks(world) == [Mark.TAKEN]


def test_a_reply_wakes_a_snoozed_handoff_of_ones_own() -> None:
    world = handed_over()
    world.do(Snooze(world.key(), world.now, world.thread, ANA, world.now + SECOND))
    replies(world, "back")
    assert world.handoff.status is Status.ASSIGNED


@pytest.mark.parametrize(
    ("text", "by", "more", "reason"),
    [
        ("hello", BEN, {}, "foreign"),
        ("!asign @ben", ANA, {"mentions": True}, "unknown_command"),
        ("hello @ben", GUEST, {"mentions": True}, "not_a_member"),
        ("hello", GUEST, {}, "not_a_member"),
        ("!resolv", ANA, {}, "unknown_command"),
        ("!resolve x", ANA, {}, "unknown_command"),
        ("see this", ANA, {"files": 1}, "files"),
        ("", ANA, {}, "no_words"),
        (" \n", ANA, {}, "no_words"),
    ],
)
def test_what_may_not_go_out_as_it_is_is_held(
    text: str, by: Agent, more: dict[str, object], reason: str
) -> None:
    world = handed_over()
    rev = world.conversation.rev
    message = replies(world, text, by, **more)
    assert (message.standing, message.held_for, message.text) == (Standing.HELD, reason, text)
    assert world.conversation.rev == rev
    assert marks(world) == [Mark.HELD]
    assert lines(world) == [(Line.HELD, reason)]
    assert not world.effects(SendToUser)


@pytest.mark.parametrize(("policy", "reason"), [(BOT, "bot_in_charge"), (NO_BOT, "ended")])
def test_words_in_an_ended_handoff_are_held(policy: Policy, reason: str) -> None:
    world = handed_over(policy)
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    assert replies(world, "one more thing").held_for == reason


def test_files_pass_where_the_channel_takes_them() -> None:
    traits = replace(BOT.channels["webchat"], files=True)
    world = handed_over(replace(BOT, channels={"webchat": traits}))
    file = (Attachment("a.pdf", "application/pdf", 5, "desk:F1"),)
    assert replies(world, "see this", files=1, attachments=file).standing is Standing.PENDING
    assert replies(world, "", files=1, attachments=file).standing is Standing.PENDING
    assert replies(world, "here", files=2, attachments=file).held_for == "file_elsewhere"


@pytest.mark.parametrize(
    ("text", "more", "kept"),
    [
        ("!n secret", {}, "secret"),
        ("ask @ben about it", {"mentions": True}, "ask @ben about it"),
        ("!r ask @ben", {"mentions": True}, "ask @ben"),
    ],
)
def test_a_note_stays_inside(text: str, more: dict[str, Any], kept: str) -> None:
    world = handed_over()
    before = world.conversation
    message = replies(world, text, **more)
    assert (message.visibility, message.text) == (Visibility.INTERNAL, kept)
    assert world.conversation.rev == before.rev
    assert world.conversation.awaiting is before.awaiting
    assert marks(world) == [Mark.NOTE]


def test_anybody_in_the_thread_may_leave_a_note_whoever_has_the_handoff() -> None:
    world = handed_over()
    assert replies(world, "!n from Ben", BEN).visibility is Visibility.INTERNAL
    assert world.handoff.assignee == ANA.id


def test_a_note_by_button_has_no_mark_and_is_shown_in_the_thread_whole() -> None:
    world = handed_over()
    world.waiting.clear()
    world.do(AddNote("k", world.now, world.thread, ANA, "note " * 1_000))
    note = world.in_order()[-1]
    assert note.visibility is Visibility.INTERNAL
    assert marks(world) == []
    assert world.effects(PostMessage) == [
        PostMessage(world.handoff.id, note.id, part, 2) for part in range(2)
    ]


def test_a_note_that_the_desk_did_not_take_is_told_and_shown_again_when_asked() -> None:
    world = handed_over()
    world.do(AddNote("k", world.now, world.thread, ANA, "call him back"))
    note = world.in_order()[-1]
    world.answer(PostMessage, lambda claim: NotDelivered(claim, world.tick(), "invalid_blocks"))
    [line] = [each for each in world.effects(PostLine) if each.line is Line.FAILED]
    assert line.message_id == note.id
    world.do(SendAgain(world.key(), world.tick(), ToMessage(note.id), ANA))
    assert world.effects(PostMessage) == [PostMessage(world.handoff.id, note.id)]
    assert not world.messages[note.id].leaves


def test_a_late_message_is_shown_before_the_first_with_a_greater_order() -> None:
    world = handed_over()
    replies(world, "first", order="5")
    second = replies(world, "second", order="8")
    late = replies(world, "late", order="7")
    assert late.before == second.id
    assert world.conversation.agent_order == "8"
    assert replies(world, "in time", order="9").before is None


# --- held messages -------------------------------------------------------------------------------


def test_a_held_message_is_sent_in_the_place_of_now() -> None:
    world = handed_over()
    held = replies(world, "hello", BEN)
    says(world, "anyone?")
    click(world, SendHeld, held, BEN)
    sent = world.messages[held.id]
    assert (sent.standing, sent.held_for) == (Standing.SENT, "")
    assert sent.seq == max(m.seq for m in world.messages.values())
    assert world.handoff.assignee == ANA.id


def test_a_held_reply_goes_out_without_its_prefix() -> None:
    world = handed_over()
    held = replies(world, "!r hello", BEN)
    click(world, SendHeld, held, BEN)
    assert world.messages[held.id].text == "hello"


def test_take_over_and_send_does_both() -> None:
    world = handed_over()
    held = replies(world, "hello", BEN)
    click(world, SendHeld, held, BEN, take_over=True)
    assert world.handoff.assignee == BEN.id
    assert world.messages[held.id].leaves


def test_reopen_and_send_does_both() -> None:
    world = handed_over()
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    held = replies(world, "one more thing")
    click(world, SendHeld, held, BEN)
    assert (world.handoff.status, world.handoff.assignee) == (Status.ASSIGNED, BEN.id)
    assert world.messages[held.id].leaves


def test_sending_a_held_message_from_the_queue_claims_it() -> None:
    world = handed_over(assignee=None)
    held = replies(world, "!wow")
    click(world, SendHeld, held, BEN)
    assert world.handoff.assignee == BEN.id
    assert world.events[-1].body["released_by"] == BEN.id


def test_a_held_message_is_decided_once() -> None:
    world = handed_over()
    held = replies(world, "hello", BEN)
    click(world, KeepAsNote, held)
    assert world.messages[held.id].visibility is Visibility.INTERNAL
    for kind in (SendHeld, KeepAsNote):
        assert click(world, kind, held) == Rejected("already_decided")
    assert Mark.NOTE in marks(world)


def test_what_has_no_words_claims_nothing_and_can_only_be_kept() -> None:
    world = handed_over(assignee=None)
    held = replies(world, "")
    assert world.handoff.status is Status.QUEUED
    assert click(world, SendHeld, held) == Rejected("no_words")
    assert isinstance(click(world, KeepAsNote, held), Accepted)


def test_a_deleted_held_message_cannot_be_sent_or_kept() -> None:
    world = handed_over()
    held = replies(world, "hello", BEN)
    world.do(AgentDeleted("d", world.now, ToMessage(held.id)))
    for kind in (SendHeld, KeepAsNote, SendAgain):
        assert click(world, kind, held) == Rejected("already_decided")


# --- failed messages -----------------------------------------------------------------------------


def fail(world: World, reason: str = "blocked") -> None:
    world.answer(SendToUser, lambda claim: NotDelivered(claim, world.now, reason))


def test_a_failed_message_is_told_and_can_be_sent_again() -> None:
    world = handed_over(MAIL)
    message = replies(world, "hello")
    fail(world)
    failed = world.messages[message.id]
    assert (failed.standing, failed.held_for) == (Standing.FAILED, "blocked")
    assert marks(world) == [Mark.FAILED]
    assert lines(world) == [(Line.FAILED, "blocked")]
    click(world, SendAgain, message, BEN)
    assert world.messages[message.id].standing is Standing.PENDING
    assert len(world.effects(SendToUser)) == 1
    assert click(world, SendAgain, message) == Rejected("already_decided")


def test_a_users_words_that_the_desk_did_not_take_are_shown_there_again_whole() -> None:
    world = handed_over(replace(BOT, desk_max_text=10))
    message = says(world, "where is my parcel?")
    world.answer(PostMessage, lambda claim: Delivered(claim, world.now))
    world.answer(PostMessage, lambda claim: NotDelivered(claim, world.now, "http_403"))
    world.waiting.clear()
    answer = click(world, SendAgain, message, BEN)
    assert answer == Accepted({"id": message.id, "seq": message.seq})
    assert [(post.part, post.parts) for post in world.effects(PostMessage)] == [(0, 2), (1, 2)]
    assert click(world, SendAgain, message) == Rejected("already_decided")


def test_when_one_part_failed_the_last_part_does_not_make_it_sent() -> None:
    world = handed_over(MAIL)
    message = replies(world, "this is too long for it")
    fail(world)
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    assert world.messages[message.id].standing is Standing.FAILED
    assert marks(world) == [Mark.FAILED]


def test_retry_goes_on_where_the_channel_stopped() -> None:
    world = handed_over(MAIL)
    message = replies(world, "this is far too long for one of its parts")
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    fail(world)
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now))  # skipped, in truth
    click(world, SendAgain, message)
    assert [(send.part, send.parts) for send in world.effects(SendToUser)] == [(1, 3), (2, 3)]
    for _ in range(2):
        world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    sent = world.messages[message.id]
    assert (sent.standing, sent.sent_parts) == (Standing.SENT, 3)


def test_a_failed_message_that_is_edited_is_sent_whole() -> None:
    world = handed_over(MAIL)
    message = replies(world, "this is far too long for one of its parts")
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    fail(world)
    world.waiting.clear()
    edit(world, message, "short")
    click(world, SendAgain, message)
    assert [(send.part, send.parts) for send in world.effects(SendToUser)] == [(0, 1)]


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_a_change_that_the_channel_refused_is_told_and_fails_no_message(change: str) -> None:
    traits = Traits(max_text=20, edits=True, deletes=True)
    world = handed_over(replace(BOT, channels={"webchat": traits}))
    message = replies(world, "costs 10")
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    if change == "edit":
        edit(world, message, "this costs far more than that")
    else:
        world.do(AgentDeleted("d", world.tick(), ToMessage(message.id)))
    assert world.effects(SendToUser) == [SendToUser(message.id, change=change)]
    fail(world, "too_old")
    assert world.messages[message.id].standing is Standing.SENT
    assert lines(world) == [(Line.CORRECTION, f"cannot_{change}")]


def test_a_change_of_the_bots_that_is_refused_writes_no_line() -> None:
    world = World(MAIL)
    says(world, "hello")
    world.do(BotSaid("b", world.tick(), HERE, "robo", Reply("hi")))
    message = world.said_by(Role.BOT)[0]
    world.waiting = {1: SendToUser(message.id, change="edit")}
    fail(world)
    assert world.effects(PostLine) == []


def test_a_failed_message_that_was_deleted_is_not_sent_again() -> None:
    world = handed_over(MAIL)
    message = replies(world, "hello")
    fail(world)
    world.do(AgentDeleted("d", world.now, ToMessage(message.id)))
    assert click(world, SendAgain, message) == Rejected("already_decided")


def test_a_failed_message_of_the_bot_writes_no_line_into_an_old_thread() -> None:
    world = handed_over(MAIL)
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA, silent=True))
    world.waiting.clear()
    world.do(BotSaid("b", world.now, HERE, "robo", Reply("hi")))
    fail(world)
    assert lines(world) == []
    assert world.events[-1].kind is Kind.MESSAGE_FAILED


# --- edits and deletes ---------------------------------------------------------------------------


def test_an_edit_of_what_was_sent_corrects_it() -> None:
    world = handed_over()
    message = replies(world, "helo")
    rev = world.conversation.rev
    edit(world, message, "!r hello")
    changed = world.messages[message.id]
    assert (changed.text, changed.seq, changed.rev) == ("hello", message.seq, rev + 1)


def test_an_older_edit_that_comes_late_changes_nothing() -> None:
    world = handed_over()
    message = replies(world, "one")
    to = ToMessage(message.id)
    world.do(AgentEdited("e1", world.tick(), to, ANA, "three", "3"))
    world.do(AgentEdited("e2", world.tick(), to, ANA, "two", "2"))
    assert world.messages[message.id].text == "three"


@pytest.mark.parametrize(
    ("text", "by", "why"),
    [
        ("!oops", ANA, "edit_stays_inside"),
        ("ask @ben", ANA, "edit_mentions"),
        ("x", GUEST, "edit_stays_inside"),
        ("4111 1111 1111 1111", ANA, "edit_leaks"),
    ],
)
def test_an_edit_that_would_not_have_left_does_not_leave(text: str, by: Agent, why: str) -> None:
    world = handed_over()
    message = replies(world, "hello")
    edit(world, message, text, by, mentions=why == "edit_mentions")
    assert world.messages[message.id].text == "hello"
    assert lines(world) == [(Line.CORRECTION, why)]


def test_where_the_channel_cannot_edit_or_delete_the_agent_is_told() -> None:
    world = handed_over(MAIL)
    message = replies(world, "hello")
    world.answer(SendToUser, lambda claim: Delivered(claim, world.tick()))
    edit(world, message, "hello!")
    world.do(AgentDeleted("d", world.now, ToMessage(message.id)))
    assert lines(world) == [(Line.HELD, "correction"), (Line.CORRECTION, "cannot_delete")]
    assert world.messages[message.id].text == "hello"
    assert not world.messages[message.id].deleted


def test_a_channel_that_edits_is_sent_the_change() -> None:
    able = replace(MAIL.channels["webchat"], edits=True, deletes=True)
    world = handed_over(replace(MAIL, channels={"webchat": able}))
    message = replies(world, "helo")
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    edit(world, message, "hello")
    world.do(AgentDeleted("d", world.now, ToMessage(message.id)))
    assert [e.change for e in world.effects(SendToUser)] == ["edit", "delete"]


def test_a_note_stays_a_note_whatever_it_says_now() -> None:
    world = handed_over()
    note = replies(world, "!n secret")
    edit(world, note, "not so secret")
    changed = world.messages[note.id]
    assert (changed.text, changed.visibility) == ("not so secret", Visibility.INTERNAL)
    edit(world, note, "!n other secret")
    assert world.messages[note.id].text == "other secret"


@pytest.mark.parametrize(
    ("text", "kept", "standing"),
    [
        ("!r hello", "hello", Standing.HELD),
        ("!oops", "!oops", Standing.HELD),
        ("!n secret", "secret", Standing.SENT),
    ],
)
def test_a_held_message_can_be_edited_and_becomes_a_note_but_never_goes_out(
    text: str, kept: str, standing: Standing
) -> None:
    world = handed_over()
    held = replies(world, "hi", BEN)
    edit(world, held, text, BEN)
    changed = world.messages[held.id]
    assert (changed.text, changed.standing) == (kept, standing)
    assert not changed.leaves
    if standing is Standing.SENT:
        assert click(world, SendHeld, held) == Rejected("already_decided")


def test_what_was_edited_while_held_is_sent_as_if_it_had_never_been_another() -> None:
    world = handed_over()
    held = replies(world, "helo", BEN)
    edit(world, held, "hello", BEN)
    click(world, SendHeld, held, BEN)
    sent = world.messages[held.id]
    assert (sent.text, sent.leaves, sent.edited_at) == ("hello", True, 0)
    edit(world, held, "hello Sam", BEN)
    assert world.messages[held.id].edited_at == world.now


def test_a_failed_message_can_be_mended_but_not_made_a_note() -> None:
    world = handed_over(MAIL)
    message = replies(world, "helo")
    fail(world)
    edit(world, message, "hello")
    assert world.messages[message.id].text == "hello"
    edit(world, message, "!n secret")
    assert world.messages[message.id].text == "hello"
    assert lines(world)[-1] == (Line.CORRECTION, "edit_stays_inside")


def test_a_deleted_message_is_shown_as_removed_and_is_deleted_once() -> None:
    world = handed_over()
    message = replies(world, "hello")
    world.do(AgentDeleted("d1", world.tick(), ToMessage(message.id)))
    gone = world.messages[message.id]
    assert (gone.deleted, gone.text, gone.rev) == (True, "", world.conversation.rev)
    events = len(world.events)
    world.do(AgentDeleted("d2", world.tick(), ToMessage(message.id)))
    edit(world, message, "back again")
    assert world.messages[message.id] == gone
    assert len(world.events) == events


def test_a_deleted_note_is_not_shown_to_the_user_either() -> None:
    world = handed_over()
    note = replies(world, "!n secret")
    rev = world.conversation.rev
    world.do(AgentDeleted("d", world.now, ToMessage(note.id)))
    assert world.messages[note.id].text == ""
    assert world.conversation.rev == rev


# --- the end ------------------------------------------------------------------------------------


def test_who_writes_the_word_that_ends_it_while_the_bot_is_paused_has_the_bot_back() -> None:
    world = World()
    says(world, "hello")
    world.do(Pause("p", world.tick(), HERE, API))
    says(world, "is anybody there?")
    assert world.conversation.mode is Mode.HUMAN
    world.waiting.clear()
    answer = world.do(UserSaid("end", world.tick(), SAM, " /END "))
    last = world.said_by(Role.USER)[-1]
    assert answer == Accepted({"id": last.id, "seq": last.seq})
    assert (world.conversation.mode, world.conversation.paused_by) == (Mode.BOT, "")
    assert [call.type for call in world.effects(CallBot)] == ["control.returned"]


def test_what_the_user_says_after_the_end_is_no_longer_about_that_handoff() -> None:
    world = handed_over()
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    message = says(world, "thanks, bot")
    assert message.handoff_id is None
    assert world.events[-1].handoff_id is None
    assert all(call.handoff_id is None for call in world.effects(CallBot)[-1:])


def test_a_claim_names_the_effect_only_once() -> None:
    world = World()
    says(world, "hello")
    assert world.do(Delivered(Claim(999, "bot:x", "w"), world.now)) == Rejected("stale")
