"""Changes of hands: opening, giving, ending, pausing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.commands import (
    Accepted,
    Assign,
    Delivered,
    Escalation,
    OpenHandoff,
    Pause,
    Reject,
    Rejected,
    Release,
    Reopen,
    Resolve,
    Resume,
    SetLabels,
    SetPriority,
    Snooze,
    TimerFired,
    ToConversation,
    ToHandoff,
    UserEnded,
    Wake,
)
from bridge.effects import (
    CallBot,
    Line,
    Mark,
    OpenThread,
    PostLine,
    PostPreview,
    PutMark,
    RefreshCard,
    SetTimer,
    TimerKind,
)
from bridge.events import Kind
from bridge.model import (
    SECOND,
    Agent,
    AgentId,
    Author,
    Awaiting,
    Conversation,
    HandoffId,
    Mode,
    Priority,
    Role,
    Status,
    Visibility,
    given,
)
from tests.bridge.driver import ANA, BEN, BOT, CNV, GUEST, NO_BOT, SAM, World
from tests.bridge.test_talk import API, handed_over, lines, marks, replies, says

HERE = ToConversation(CNV)
WISH = Escalation(
    "Parcel", "late", "sad", "angry", "He is angry", Priority.HIGH, "orders", ("vip",)
)


def opened(wish: Escalation = WISH, world: World | None = None) -> World:
    world = world or World()
    world.do(OpenHandoff(world.key(), world.tick(), SAM, API, wish))
    return world


def told(world: World) -> list[str]:
    """What the desk itself has said to the user."""
    return [m.text for m in world.said_by(Role.SYSTEM)]


def calls(world: World) -> list[str]:
    return [call.type for call in world.effects(CallBot)]


# --- opening -------------------------------------------------------------------------------------


def test_a_handoff_opens_with_all_that_the_bot_says_of_it() -> None:
    world = opened(replace(WISH, context={"order": 1009}))
    handoff = world.handoff
    assert (handoff.title, handoff.queue, handoff.labels) == ("Parcel", "orders", ("vip",))
    assert (handoff.reason, handoff.reason_text) == ("angry", "He is angry")
    assert handoff.context == {"order": 1009}
    assert handoff.channel == world.conversation.channel
    assert world.conversation.mode is Mode.HUMAN
    assert world.conversation.awaiting is Awaiting.AGENT
    assert world.effects(OpenThread) == [OpenThread(handoff.id, 1)]
    assert told(world) == ["One moment, I am finding a person to help you."]
    assert calls(world) == ["handoff.queued"]


def test_what_was_said_before_is_remembered_and_previewed() -> None:
    history = (
        (Author(Role.USER, "history-user"), "hello", 5),
        (Author(Role.BOT, "history-bot"), "hi", 0),
    )
    world = opened(replace(WISH, history=history))
    earlier = world.in_order()[:2]
    assert [(m.text, m.sent_at) for m in earlier] == [("hello", 5), ("hi", world.now)]
    assert world.handoff.opened_seq == 2
    assert world.effects(PostPreview)


def test_what_a_system_said_before_stays_inside() -> None:
    prompt = (Author(Role.SYSTEM, "history-system"), "Never offer refunds above 50.", 0)
    world = opened(replace(WISH, history=(prompt,)))
    inside, *shown = world.in_order()
    assert (inside.text, inside.visibility) == (prompt[1], Visibility.INTERNAL)
    assert [m.leaves for m in (inside, *shown)] == [False, True]


def test_a_second_history_is_remembered_from_where_the_first_ended() -> None:
    def wish(*said: tuple[str, int]) -> Escalation:
        return replace(WISH, history=tuple((Author(Role.USER), text, at) for text, at in said))

    world = opened(wish(("first", 5), ("undated", 0)))
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C1", "1.1"), 1))
    world.do(Resolve("r", world.tick(), world.thread, ANA))
    opened(wish(("first", 5), ("today", world.now), ("also undated", 0)), world)
    said = [m.text for m in world.said_by(Role.USER)]
    assert said == ["first", "undated", "today", "also undated"]


def test_a_history_is_ignored_where_we_know_the_conversation_ourselves() -> None:
    world = World()
    says(world, "hello")
    opened(replace(WISH, history=((Author(Role.USER), "other", 0),)), world)
    assert [m.text for m in world.said_by(Role.USER)] == ["hello"]


def test_a_second_handoff_is_refused_with_the_first_ones_id() -> None:
    world = opened()
    answer = world.do(OpenHandoff("again", world.tick(), SAM, API, WISH))
    assert answer == Rejected("handoff_open", {"id": world.handoff.id, "conversation_id": CNV})


def test_a_bot_with_an_old_epoch_opens_nothing() -> None:
    world = World()
    says(world, "hello")
    answer = world.do(OpenHandoff("k", world.now, HERE, API, WISH, epoch=0))
    assert answer == Rejected("stale_epoch", {"epoch": 1})


def test_opening_ends_a_pause() -> None:
    world = World()
    world.do(Pause("p", world.now, HERE, API))
    opened(world=world)
    assert world.conversation.paused_by == ""


def test_a_handoff_that_nobody_takes_in_time_goes_back_to_the_bot() -> None:
    world = opened()
    (timer,) = world.effects(SetTimer)
    assert (timer.kind, timer.due) == (TimerKind.EXPIRY, world.now + 900 * SECOND)
    world.tick(900)
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))
    assert (world.handoff.status, world.handoff.outcome) == (Status.EXPIRED, "nobody_took_it")
    assert "in time" in told(world)[-1]
    assert world.conversation.mode is Mode.BOT


def test_without_a_bot_it_waits_as_long_as_it_takes() -> None:
    world = World(NO_BOT)
    says(world, "hello")
    assert not world.effects(SetTimer)


def test_the_bots_own_deadline_wins() -> None:
    world = World()
    opened(replace(WISH, expires_at=world.now + 5 * SECOND), world)
    assert [timer.due for timer in world.effects(SetTimer)] == [world.handoff.expires_at]


# --- giving --------------------------------------------------------------------------------------


def test_whoever_takes_it_is_announced_to_everybody() -> None:
    world = opened()
    epoch = world.conversation.epoch
    world.do(Assign("a", world.tick(), ToHandoff(world.handoff.id), ANA, ANA, "s:1"))
    handoff = world.handoff
    assert (handoff.status, handoff.assignee, handoff.assigned_at) == (
        Status.ASSIGNED,
        ANA.id,
        world.now,
    )
    assert handoff.assignee_avatar == ANA.avatar_url
    assert world.conversation.epoch == epoch + 1
    assert told(world)[-1] == "Ana has joined the conversation."
    assert lines(world) == [(Line.ASSIGNED, "self")]
    assert calls(world)[-1] == "handoff.assigned"
    assert marks(world) == [Mark.NOTE]
    assert not world.effects(SetTimer)


def test_a_transfer_is_told_as_one() -> None:
    world = handed_over()
    first = world.handoff.assigned_at
    world.do(Assign("a", world.tick(), world.thread, ANA, BEN))
    assert world.handoff.assigned_at == first
    assert lines(world) == [(Line.TRANSFERRED, "Ana")]
    assert world.effects(PostLine)[0].who == BEN.id
    assert told(world)[-1] == "Ben is taking over from here."
    assert calls(world) == ["handoff.transferred"]


def test_giving_it_to_who_has_it_changes_nothing() -> None:
    world = handed_over()
    epoch = world.conversation.epoch
    world.do(Assign("a", world.tick(), world.thread, BEN, ANA))
    assert world.conversation.epoch == epoch
    assert not world.waiting


def test_who_only_takes_what_is_free_takes_it_from_nobody() -> None:
    world = handed_over()
    answer = world.do(Assign("a", world.tick(), world.thread, BEN, BEN, only_free=True))
    assert answer == Rejected("assigned_already", {"name": "Ana"})
    assert world.handoff.assignee == ANA.id
    again = world.do(Assign("b", world.tick(), world.thread, ANA, ANA, only_free=True))
    assert not isinstance(again, Rejected)


def test_giving_a_snoozed_one_to_who_has_it_wakes_it() -> None:
    world = handed_over()
    world.do(Snooze("s", world.now, world.thread, ANA, world.now + SECOND))
    world.do(Assign("a", world.tick(), world.thread, BEN, ANA))
    assert world.handoff.status is Status.ASSIGNED


def test_it_is_not_given_to_who_is_no_member() -> None:
    world = handed_over()
    answer = world.do(Assign("a", world.tick(), world.thread, ANA, GUEST, "s:1"))
    assert isinstance(answer, Rejected)
    assert answer.data == {"rejected": "assignee_not_a_member", "name": "Guest"}
    assert marks(world) == [Mark.FAILED]
    assert lines(world) == [(Line.REFUSED, "assignee_not_a_member")]
    assert world.handoff.assignee == ANA.id


def test_a_released_one_is_nobodys_and_releasing_it_again_does_nothing() -> None:
    world = handed_over()
    epoch = world.conversation.epoch
    world.do(Release("r", world.tick(), world.thread, ANA))
    handoff = world.handoff
    assert (handoff.status, handoff.assignee, handoff.assignee_name) == (Status.QUEUED, None, "")
    assert world.conversation.epoch == epoch + 1
    assert lines(world) == [(Line.RELEASED, "")]
    assert isinstance(world.do(Release("r2", world.tick(), world.thread, ANA)), Accepted)
    assert world.conversation.epoch == epoch + 1
    assert len(lines(world)) == 1


def test_a_released_one_that_nobody_takes_in_time_goes_back_to_the_bot() -> None:
    world = handed_over()
    world.tick(3600)
    world.do(Release("r", world.now, world.thread, ANA))
    (timer,) = world.effects(SetTimer)
    assert (timer.kind, timer.due) == (TimerKind.EXPIRY, world.now + 900 * SECOND)
    assert world.handoff.expires_at == timer.due
    world.tick(900)
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))
    assert world.handoff.status is Status.EXPIRED


@pytest.mark.parametrize(("left", "holds"), [(60, True), (0, False)])
def test_a_time_that_the_bot_asked_for_holds_while_it_lies_ahead(left: int, holds: bool) -> None:
    world = World(replace(BOT, assignment_timeout={}))
    asked = world.now + 7200 * SECOND
    opened(replace(WISH, expires_at=asked), world)
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C1", "1.1"), 1))
    world.do(Assign("a", world.tick(), world.thread, ANA, ANA))
    world.now = asked - left * SECOND
    world.do(Release("r", world.now, world.thread, ANA))
    assert world.handoff.expires_at == (asked if holds else 0)
    assert [timer.due for timer in world.effects(SetTimer)] == ([asked] if holds else [])


# --- snoozing ------------------------------------------------------------------------------------


def test_a_snoozed_handoff_wakes_by_its_timer_for_who_had_it() -> None:
    world = handed_over()
    until = world.now + 3600 * SECOND
    world.do(Snooze("s", world.now, world.thread, ANA, until))
    assert (world.handoff.status, world.handoff.snoozed_until) == (Status.SNOOZED, until)
    assert lines(world) == [(Line.SNOOZED, str(until))]
    world.now = until
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))
    assert (world.handoff.status, world.handoff.snoozed_until) == (Status.ASSIGNED, 0)
    assert lines(world)[-1] == (Line.WOKEN, "time")
    assert world.effects(PostLine)[-1].who == ANA.id


def test_one_that_slept_in_the_queue_wakes_there() -> None:
    world = handed_over(assignee=None)
    world.do(Snooze("s", world.now, world.thread, ANA, world.now + SECOND))
    world.do(Wake("w", world.tick(), world.thread, ANA, "s:1"))
    (timer,) = world.effects(SetTimer)
    assert (world.handoff.status, timer.kind) == (Status.QUEUED, TimerKind.EXPIRY)
    assert timer.due == world.now + 900 * SECOND
    world.tick(900)
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))
    assert world.handoff.status is Status.EXPIRED


def test_waking_what_is_awake_is_fine() -> None:
    world = handed_over()
    assert isinstance(world.do(Wake("w", world.tick(), world.thread, ANA, "s:1")), Accepted)
    assert marks(world) == [Mark.NOTE]


def test_a_snooze_into_the_past_is_refused() -> None:
    world = handed_over()
    answer = world.do(Snooze("s", world.now, world.thread, ANA, world.now))
    assert answer == Rejected("not_in_the_future")


# --- priority and labels -------------------------------------------------------------------------


def test_a_priority_changes_only_the_card() -> None:
    world = handed_over()
    world.do(SetPriority("p", world.tick(), world.thread, ANA, Priority.HIGH))
    assert world.handoff.priority is Priority.HIGH
    assert [type(e) for e in world.effects(object)] == [RefreshCard]
    version = world.handoff.version
    world.do(SetPriority("p2", world.tick(), world.thread, ANA, Priority.HIGH))
    assert world.handoff.version == version


def test_labels_are_put_on_once_and_taken_off() -> None:
    world = handed_over()
    world.do(SetLabels("l", world.tick(), world.thread, ANA, ("a", "b", "a")))
    assert world.handoff.labels == ("a", "b")
    world.do(SetLabels("l2", world.tick(), world.thread, ANA, ("c",), ("a",)))
    assert world.handoff.labels == ("b", "c")
    version = world.handoff.version
    world.do(SetLabels("l3", world.tick(), world.thread, ANA, ("c",), ("z",)))
    assert world.handoff.version == version


# --- the ends ------------------------------------------------------------------------------------


def test_resolving_gives_the_conversation_back_to_the_bot() -> None:
    world = handed_over()
    replies(world, "refunded")
    world.waiting.clear()
    epoch = world.conversation.epoch
    world.do(Resolve("r", world.tick(), world.thread, ANA, "refund", said="s:1"))
    handoff = world.handoff
    assert (handoff.status, handoff.outcome, handoff.closed_by) == (
        Status.RESOLVED,
        "refund",
        "Ana",
    )
    assert world.conversation.mode is Mode.BOT
    assert world.conversation.epoch == epoch + 1
    assert world.conversation.awaiting is Awaiting.NOBODY
    assert calls(world) == ["handoff.resolved", "control.returned"]
    returned = world.effects(CallBot)[1]
    agent = {"id": ANA.id, "name": "Ana"}
    how = {"outcome": "resolved", "status": "resolved", "reason": "refund", "agent": agent}
    assert returned.body == how
    assert returned.stretch == (handoff.opened_seq, handoff.closed_seq)
    assert told(world)[-1] == "Ana has left the conversation. The assistant is back with you."
    assert lines(world) == [(Line.ENDED, "resolved")]


def test_a_silent_end_tells_the_user_nothing() -> None:
    world = handed_over()
    said = told(world)
    world.do(Resolve("r", world.tick(), world.thread, ANA, silent=True))
    assert told(world) == said


def test_who_resolves_one_that_waits_is_who_dealt_with_it() -> None:
    world = handed_over(assignee=None)
    world.do(Resolve("r", world.tick(), world.thread, BEN))
    assert (world.handoff.assignee_name, world.handoff.closed_by) == ("Ben", "Ben")


def test_what_a_key_does_is_the_teams_doing_for_the_user() -> None:
    key = Agent(AgentId("key:default"), "the API")
    left = "Our team has left the conversation. The assistant is back with you."
    waiting, had = handed_over(assignee=None), handed_over(assignee=None)
    waiting.do(Resolve("r", waiting.tick(), waiting.thread, key))
    assert (waiting.handoff.assignee_name, waiting.handoff.closed_by) == ("", "the API")
    had.do(Assign("a", had.tick(), had.thread, key, key))
    assert told(had)[-1] == "Our team has joined the conversation."
    had.do(Resolve("r", had.tick(), had.thread, ANA))
    assert [told(world)[-1] for world in (waiting, had)] == [left, left]


def test_rejecting_says_that_nobody_is_free() -> None:
    world = handed_over()
    world.do(Reject("r", world.tick(), world.thread, ANA, "spam"))
    assert world.handoff.status is Status.REJECTED
    assert "Nobody is free" in told(world)[-1]


def test_without_a_bot_the_words_are_others_and_no_bot_is_called() -> None:
    world = handed_over(NO_BOT)
    world.do(Resolve("r", world.tick(), world.thread, ANA))
    assert told(world)[-1] == "Ana has left. Write any time."
    assert not calls(world)


def test_ending_twice_says_who_ended_it() -> None:
    world = handed_over()
    world.do(Resolve("r", world.tick(), world.thread, ANA))
    for command in (
        Resolve("r2", world.tick(), world.thread, BEN),
        Reject("r3", world.now, world.thread, BEN),
    ):
        answer = world.do(command)
        assert answer == Rejected("already_ended", {"status": "resolved", "by": "Ana"})


def test_reopening_goes_on_in_the_same_handoff() -> None:
    world = handed_over()
    world.do(Resolve("r", world.tick(), world.thread, ANA, "refund"))
    world.waiting.clear()
    world.do(Reopen("o", world.tick(), world.thread, BEN, "s:1"))
    handoff = world.handoff
    assert (handoff.status, handoff.assignee) == (Status.ASSIGNED, BEN.id)
    assert (handoff.closed_at, handoff.closed_by, handoff.outcome) == (0, "", "")
    assert world.conversation.mode is Mode.HUMAN
    assert calls(world) == ["handoff.assigned"]
    assert isinstance(world.do(Reopen("o2", world.tick(), world.thread, ANA)), Accepted)
    assert world.handoff.assignee == BEN.id


def test_reopening_ends_a_pause() -> None:
    world = handed_over()
    thread = world.thread
    world.do(Resolve("r", world.tick(), thread, ANA))
    world.do(Pause("p", world.tick(), HERE, API))
    world.do(Reopen("o", world.tick(), thread, BEN))
    assert world.conversation.paused_by == ""
    world.do(Resolve("r2", world.tick(), thread, BEN))
    assert isinstance(opened(world=world).handoff.id, str)
    assert world.do(Reopen("o2", world.tick(), thread, ANA)) == Rejected(
        "handoff_open", {"id": world.handoff.id}
    )


# --- pause ---------------------------------------------------------------------------------------


def test_a_pause_silences_the_bot_until_it_is_resumed() -> None:
    world = World()
    says(world, "hello")
    world.do(Pause("p", world.tick(), HERE, API, "vip"))
    assert (world.conversation.mode, world.conversation.paused_by) == (Mode.HUMAN, "crm")
    assert not world.effects(SetTimer)
    waiting = len(world.effects(CallBot))
    says(world, "anyone?")
    assert len(world.effects(CallBot)) == waiting
    world.do(Pause("p2", world.tick(), HERE, API))
    world.do(Resume("r", world.tick(), HERE, API))
    assert (world.conversation.mode, world.conversation.paused_by) == (Mode.BOT, "")
    assert world.effects(CallBot)[-1].type == "control.returned"
    world.do(Resume("r2", world.tick(), HERE, API))
    assert [e.kind for e in world.events].count(Kind.RESUMED) == 1


def test_somebody_without_a_name_pauses_as_somebody() -> None:
    world = World()
    world.do(Pause("p", world.tick(), HERE, Author(Role.SYSTEM)))
    assert world.conversation.paused_by == "somebody"


def test_the_user_may_end_a_pause() -> None:
    world = World()
    world.do(Pause("p", world.tick(), HERE, API))
    world.do(UserEnded("u", world.tick(), HERE))
    assert world.conversation.mode is Mode.BOT


def test_in_an_open_handoff_the_bot_is_silent_anyway() -> None:
    world = handed_over()
    before = world.conversation
    world.do(Pause("p", world.tick(), world.thread, ANA.as_author(), said="s:1"))
    assert world.conversation == replace(before, agent_at=world.now)
    assert marks(world) == [Mark.NOTE]
    assert lines(world) == [(Line.SILENT, "")]
    world.do(Pause("p2", world.tick(), HERE, API))
    assert lines(world) == [(Line.SILENT, "")]
    answer = world.do(Resume("r", world.tick(), HERE, API))
    assert answer == Rejected("handoff_open", {"id": world.handoff.id, "number": 1})


def test_to_resume_where_a_human_answers_is_asked_about_in_the_thread() -> None:
    world = handed_over()
    answer = world.do(Resume("r", world.tick(), world.thread, ANA.as_author(), "s:1"))
    assert answer == Accepted({"paused": True})
    assert world.conversation.mode is Mode.HUMAN
    assert marks(world) == [Mark.NOTE]
    assert lines(world) == [(Line.RESOLVE_FIRST, "")]


def test_words_in_an_old_thread_pause_and_resume_and_say_so_there() -> None:
    world = handed_over()
    world.do(Resolve("x", world.tick(), world.thread, ANA))
    world.waiting.clear()
    world.do(Pause("p", world.tick(), world.thread, ANA.as_author(), said="s:1"))
    world.do(Resume("r", world.tick(), world.thread, ANA.as_author(), "s:2"))
    assert [line for line, _ in lines(world)] == [Line.PAUSED, Line.RESUMED]
    assert [mark.source for mark in world.effects(PutMark)] == ["s:1", "s:2"]
    (returned,) = world.effects(CallBot)
    assert (returned.type, returned.handoff_id) == ("control.returned", None)


def test_nothing_is_promised_that_is_not_there() -> None:
    with pytest.raises(LookupError):
        given(None)


def test_the_settings_may_give_a_channel_another_bot() -> None:
    world = World()
    says(world, "hello")
    assert world.conversation.bot_id == "robo"
    world.policy = NO_BOT
    says(world, "hello?")
    assert world.conversation.bot_id == ""
    assert world.handoff.status is Status.QUEUED


def test_a_conversation_has_no_current_handoff_before_the_first() -> None:
    world = World()
    case = world.case(Pause("p", world.now, HERE, API))
    assert case is not None
    assert not case.is_current
    assert isinstance(case.conversation, Conversation)
    assert case.conversation.handoff_id is None
    assert HandoffId("x") not in world.handoffs


@pytest.mark.parametrize("kind", [TimerKind.SNOOZE, TimerKind.END])
def test_an_older_timer_neither_wakes_nor_ends_what_was_put_aside_or_resolved_anew(
    kind: TimerKind,
) -> None:
    world = handed_over()

    def again() -> Status:
        to = (world.key(), world.tick(), world.thread, ANA)
        until = world.now + 60 * SECOND
        world.do(Snooze(*to, until) if kind is TimerKind.SNOOZE else Resolve(*to, undoable=True))
        return world.handoff.status

    before = again()
    [older] = [timer for timer in world.effects(SetTimer) if timer.kind is kind]
    for command in (Reopen, Wake):
        world.do(command(world.key(), world.tick(), world.thread, ANA))
    again()
    world.waiting = {1: older}
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))
    assert world.handoff.status is before
