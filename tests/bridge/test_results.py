"""What came of an effect, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    BotAnswered,
    Claim,
    DeleteConversation,
    Delivered,
    Escalation,
    NotDelivered,
    Pause,
    Recall,
    Reply,
    Result,
    Resume,
    SetPriority,
    Snooze,
    TimerFired,
    ToConversation,
    ToMessage,
)
from bridge.effects import (
    CallBot,
    Line,
    Mark,
    OpenThread,
    Outward,
    PostLine,
    PostMessage,
    PostPreview,
    PutMark,
    RefreshCard,
    SendToUser,
    SetTimer,
    TimerKind,
)
from bridge.events import Kind
from bridge.model import SECOND, HandoffId, MessageId, Mode, Priority, Role, Status
from bridge.policy import Traits
from bridge.results import settles_alone
from tests.bridge.driver import ANA, CNV, MAIL, NO_BOT, World
from tests.bridge.test_handoffs import opened
from tests.bridge.test_talk import API, handed_over, lines, replies, says

CLAIM = Claim(1, "desk:x", "w.1")
HERE = ToConversation(CNV)
HND = HandoffId("hnd_1")
MSG = MessageId("msg_1")
DONE = Delivered(CLAIM, 1)
QUIET: tuple[Outward, ...] = (
    PostMessage(HND, MSG),
    PostPreview(HND),
    PostLine(HND, Line.ENDED),
    PutMark("s:1", Mark.TAKEN),
    RefreshCard(HND),
    SendToUser(MSG, change="edit"),
)
LOUD: tuple[Outward, ...] = (OpenThread(HND, 1), SendToUser(MSG), CallBot("x", 1))


@pytest.mark.parametrize("effect", QUIET)
def test_most_posts_need_nothing_more_than_to_be_done(effect: Outward) -> None:
    assert settles_alone(effect, DONE)
    assert not settles_alone(effect, NotDelivered(CLAIM, 1, "refused"))


@pytest.mark.parametrize("effect", LOUD)
def test_from_others_something_follows(effect: Outward) -> None:
    assert not settles_alone(effect, DONE)


def bot_answers(world: World, *replies: str, **more: Any) -> None:
    texts = tuple(Reply(text) for text in replies)
    while world.effects(CallBot)[0].type != "message.created":
        world.answer(CallBot, lambda claim: BotAnswered(claim, world.now))
    world.answer(CallBot, lambda claim: BotAnswered(claim, world.now, texts, **more))


def greeted() -> World:
    world = World()
    says(world, "hello")
    return world


# --- threads -------------------------------------------------------------------------------------


def test_an_opened_thread_is_kept_and_a_card_that_is_behind_is_drawn_anew() -> None:
    world = opened()
    world.do(SetPriority("p", world.tick(), ToConversation(CNV), ANA, Priority.LOW))
    world.waiting = {1: OpenThread(world.handoff.id, 1)}
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C1", "9.9"), 1))
    assert world.thread.ts == "9.9"
    assert world.events[-1].kind is Kind.THREAD_OPENED
    assert len(world.effects(RefreshCard)) == 1


def test_a_card_that_shows_the_newest_is_left_alone() -> None:
    world = opened()
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C1", "9.9"), 1))
    assert not world.effects(RefreshCard)


def refuse(world: World, kind: type[Outward], reason: str = "no_channel") -> None:
    world.answer(kind, lambda claim: NotDelivered(claim, world.now, reason))


@pytest.mark.parametrize("kind", [OpenThread, PostPreview])
def test_what_the_desk_refused_is_noted(kind: type[Outward]) -> None:
    world = greeted()
    opened(world=world)
    refuse(world, kind)
    assert world.events[-1].kind is Kind.DELIVERY_FAILED
    assert world.events[-1].body == {"reason": "no_channel"}


def test_agents_are_told_that_the_time_before_is_missing() -> None:
    world = greeted()
    opened(world=world)
    refuse(world, PostPreview)
    assert (Line.FAILED, "no_channel") in lines(world)


def test_agents_are_told_that_a_users_words_are_missing_and_may_have_them_shown() -> None:
    world = handed_over()
    message = says(world, "where is my parcel?")
    world.waiting = {1: PostMessage(world.handoff.id, message.id)}
    refuse(world, PostMessage, "invalid_blocks")
    (line,) = world.effects(PostLine)
    assert (line.line, line.message_id, line.detail) == (
        Line.FAILED,
        message.id,
        "invalid_blocks",
    )
    assert world.events[-1].body == {"reason": "invalid_blocks", "message": message.id}
    assert world.messages[message.id].leaves


def test_nothing_is_missing_of_a_message_that_was_deleted() -> None:
    world = handed_over()
    message = says(world, "where is my parcel?")
    world.messages[message.id] = replace(message, deleted=True)
    world.waiting = {1: PostMessage(world.handoff.id, message.id)}
    refuse(world, PostMessage)
    assert not world.effects(PostLine)


# --- the bot -------------------------------------------------------------------------------------


def test_the_bots_answer_is_said_and_ends_the_wait() -> None:
    world = greeted()
    bot_answers(world, "hi", "how can I help?")
    assert [m.text for m in world.said_by(Role.BOT)] == ["hi", "how can I help?"]
    assert not world.effects(SetTimer)


def test_a_bot_that_took_the_call_and_answers_later_is_waited_for() -> None:
    world = greeted()
    bot_answers(world)
    assert world.effects(SetTimer)


def test_a_bot_that_is_silent_on_purpose_is_not_waited_for() -> None:
    world = greeted()
    bot_answers(world, silent=True)
    assert not world.effects(SetTimer)
    assert not world.said_by(Role.BOT)


@pytest.mark.parametrize("how", [{"silent": True}, {"replies": (Reply("Welcome!"),)}])
def test_what_a_bot_says_to_a_beginning_answers_no_message(how: dict[str, Any]) -> None:
    world = greeted()
    assert world.effects(CallBot)[0].type == "conversation.started"
    world.answer(CallBot, lambda claim: BotAnswered(claim, world.now, **how))
    assert world.effects(SetTimer)
    world.answer(CallBot, lambda claim: NotDelivered(claim, world.now, "bot_http_400"))
    assert world.handoff.reason == "bot_unavailable"


def test_an_answer_to_the_first_of_two_messages_begins_the_wait_for_the_second_anew() -> None:
    world = greeted()
    says(world, "and my order 1009?")
    asked = world.conversation.unanswered_since
    world.tick(20)
    bot_answers(world, "hi")
    (timer,) = world.effects(SetTimer)
    assert world.conversation.unanswered_since == world.now > asked
    assert (timer.due, timer.about) == (world.now + 30 * SECOND, str(world.now))
    bot_answers(world, "it is on its way")
    assert not world.effects(SetTimer)
    assert world.conversation.unanswered_since == 0


def test_the_second_of_two_messages_that_is_refused_calls_a_human() -> None:
    world = greeted()
    says(world, "and my order 1009?")
    bot_answers(world, "hi")
    world.answer(CallBot, lambda claim: NotDelivered(claim, world.now, "bot_http_400"))
    assert world.handoff.reason == "bot_unavailable"


def test_a_bot_that_is_gone_from_the_settings_is_not_waited_for() -> None:
    world = greeted()
    says(world, "and my order 1009?")
    world.policy = NO_BOT
    bot_answers(world, "hi")
    assert not world.effects(SetTimer)


def test_a_bot_may_hand_over_in_its_answer() -> None:
    world = greeted()
    bot_answers(world, "one moment", handoff=Escalation("wants a human"))
    assert world.handoff.title == "wants a human"
    assert world.handoff.opened_seq == world.said_by(Role.BOT)[0].seq
    assert world.conversation.mode is Mode.HUMAN


@pytest.mark.parametrize("more", [{"epoch": 0}, {"epoch": 99}])
def test_an_answer_of_another_epoch_counts_for_nothing(more: dict[str, int]) -> None:
    world = greeted()
    bot_answers(world, "stale words", **more)
    assert not world.said_by(Role.BOT)


def test_an_answer_that_comes_when_a_human_is_there_counts_for_nothing() -> None:
    world = greeted()
    opened(world=world)
    bot_answers(world, "me again", handoff=Escalation("x"))
    assert not world.said_by(Role.BOT)
    assert len(world.handoffs) == 1


def test_a_bot_that_cannot_be_reached_is_replaced_by_a_human() -> None:
    world = greeted()
    world.answer(CallBot, lambda claim: NotDelivered(claim, world.now, "bot_down"))
    assert not world.handoffs  # conversation.started went nowhere: nobody waits for that
    world.answer(CallBot, lambda claim: NotDelivered(claim, world.now, "bot_down"))
    assert world.handoff.reason == "bot_unavailable"
    assert world.events[-1].kind is Kind.HANDOFF_QUEUED


def test_a_call_of_before_a_pause_that_fails_calls_no_human_for_what_was_asked_since() -> None:
    world = greeted()
    old = next(n for n, effect in world.waiting.items() if _is_message(effect))
    world.do(Pause("p", world.tick(), HERE, API))
    world.do(Resume("r", world.tick(), HERE, API))
    says(world, "again")
    world.do(NotDelivered(Claim(old, "bot:x", "w.1"), world.tick(), "bot_http_400"))
    assert world.events[-1].kind is Kind.DELIVERY_FAILED
    assert world.conversation.mode is Mode.BOT
    while world.effects(CallBot):
        world.answer(CallBot, lambda claim: NotDelivered(claim, world.now, "bot_http_400"))
    assert world.handoff.reason == "bot_unavailable"


def _is_message(effect: Outward) -> bool:
    return isinstance(effect, CallBot) and effect.type == "message.created"


def test_a_call_that_fails_after_the_bot_has_answered_otherwise_alarms_nobody() -> None:
    world = greeted()
    world.conversation = replace(world.conversation, unanswered_since=0)
    for _ in range(2):
        world.answer(CallBot, lambda claim: NotDelivered(claim, world.now, "bot_down"))
    assert not world.handoffs


# --- timers --------------------------------------------------------------------------------------


def fire(world: World, timer: SetTimer | None = None) -> None:
    if timer:
        world.waiting[999] = timer
        world.waiting = {999: timer}
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))


def test_when_the_bot_is_silent_too_long_a_human_is_asked() -> None:
    world = greeted()
    world.tick(30)
    fire(world)
    assert (world.handoff.reason, world.handoff.opened_seq) == ("bot_unavailable", 1)
    assert world.handoff.title == "hello"


def test_a_handoff_of_a_silent_bot_is_titled_by_what_it_left_unanswered_but_for_secrets() -> None:
    world = greeted()
    bot_answers(world, "hi")
    says(world, "  Where is my parcel?\nIt is late.")
    says(world, "Hello?")
    world.answer(CallBot, lambda claim: NotDelivered(claim, world.now, "bot_http_500"))
    assert world.handoff.title == "Where is my parcel?"
    world = greeted()
    bot_answers(world, "hi")
    says(world, "My card is 4111 1111 1111 1111")
    world.answer(CallBot, lambda claim: NotDelivered(claim, world.now, "bot_http_500"))
    assert world.handoff.title == ""


def test_a_timer_of_an_earlier_question_or_epoch_does_nothing() -> None:
    world = greeted()
    (timer,) = world.effects(SetTimer)
    fire(world, replace(timer, about="1"))
    fire(world, replace(timer, epoch=0))
    assert not world.handoffs


def test_a_timer_that_fires_after_all_is_over_does_nothing() -> None:
    world = greeted()
    epoch = world.conversation.epoch
    for kind in (TimerKind.SNOOZE, TimerKind.EXPIRY):
        fire(world, SetTimer(kind, world.now, epoch))
    assert world.conversation.epoch == epoch
    world = handed_over()
    epoch = world.conversation.epoch
    for kind in (TimerKind.SNOOZE, TimerKind.EXPIRY):
        fire(world, SetTimer(kind, world.now, epoch))
    assert world.handoff.status is Status.ASSIGNED


def test_a_snooze_that_was_moved_fires_once() -> None:
    world = handed_over()
    for seconds in (10, 20):
        until = world.now + seconds * SECOND
        world.do(Snooze(world.key(), world.now, world.thread, ANA, until))
    (timer,) = world.effects(SetTimer)
    assert timer.about == str(until)


def test_an_answer_that_fits_no_question_is_ignored() -> None:
    world = greeted()
    world.do(Pause("p", world.now, ToConversation(CNV), API))
    before = world.conversation
    odd = world.answer(CallBot, lambda claim: Delivered(claim, world.now))
    assert odd is not None
    assert world.conversation == before


# --- what was taken back or deleted meanwhile ----------------------------------------------------

SLOW = replace(MAIL, channels={"webchat": Traits(max_text=20, deletes=True)}, may_delete=True)


def recalled() -> tuple[World, MessageId]:
    """Ana has taken a reply back that is still on its way."""
    world = handed_over(SLOW)
    sent = replies(world, "sorry")
    world.begun = True
    world.do(Recall(world.key(), world.tick(), ToMessage(sent.id), ANA))
    return world, sent.id


def test_a_reply_that_was_taken_back_on_its_way_is_not_marked_as_sent() -> None:
    world, _ = recalled()
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now))
    assert [effect.mark for effect in world.effects(PutMark)] == [Mark.NOTE]


def test_one_of_which_nobody_knows_what_came_is_still_taken_back_from_the_user() -> None:
    world, sent = recalled()
    before = lines(world)
    refuse(world, SendToUser, "unknown_outcome")
    assert world.messages[sent].leaves
    assert [effect.change for effect in world.effects(SendToUser)] == ["delete"]
    assert lines(world) == before
    assert world.events[-1].kind is Kind.DELIVERY_FAILED


@pytest.mark.parametrize(
    ("effect", "result"),
    [
        (SendToUser(MSG), lambda claim: NotDelivered(claim, 1, "no_channel")),
        (PostMessage(HND, MSG), lambda claim: NotDelivered(claim, 1, "invalid_blocks")),
        (
            CallBot("message.created", 1, MSG),
            lambda claim: BotAnswered(claim, 1, (Reply("Hello!"),)),
        ),
        (SetTimer(TimerKind.HELD, 1, 1, message_id=MSG), lambda claim: TimerFired(claim, 1)),
    ],
)
def test_nothing_follows_from_what_was_about_a_message_that_is_deleted(
    effect: Outward, result: Callable[[Claim], Result]
) -> None:
    world = World(SLOW)
    says(world, "hello")
    world.do(DeleteConversation(world.key(), world.tick(), HERE, API))
    world.waiting = {1: effect}
    before = len(world.events)
    assert isinstance(world.answer(type(effect), result), Accepted)
    assert (world.messages, world.waiting, len(world.events)) == ({}, {}, before)
