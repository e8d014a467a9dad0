"""Who is called, when, and by what: on a clock that tests move."""

from __future__ import annotations

import doctest
from dataclasses import replace
from typing import Any

import pytest

from bridge import notice
from bridge.commands import (
    AddNote,
    Assign,
    KeepAsNote,
    Release,
    Reopen,
    Resolve,
    SetLabels,
    SetPriority,
    Snooze,
    TimerFired,
    ToHandoff,
    Wake,
)
from bridge.effects import Line, PostLine, PostMessage, RefreshCard, SetTimer, TimerKind
from bridge.model import SECOND, Agent, Priority
from bridge.policy import Alerts, Calling, Policy
from tests.bridge.driver import ANA, BEN, BOT, NO_BOT, World
from tests.bridge.test_talk import click, handed_over, replies, says

LEAD = "U0LEAD"
CALLING = replace(BOT, alerts=Alerts(notify="@here", lead=LEAD))
MINUTE = 60


def desk(policy: Policy = CALLING, assignee: Agent | None = ANA) -> World:
    """Taken by a button, which is no writing in the thread."""
    world = handed_over(policy, None)
    if assignee:
        world.do(Assign(world.key(), world.tick(), ToHandoff(world.handoff.id), assignee, assignee))
    world.waiting.clear()
    return world


def calls(world: World) -> list[str]:
    """Whom each post of the customer's words called."""
    return [post.mention for post in world.effects(PostMessage)]


def lines(world: World) -> list[tuple[Line, str]]:
    return [(line.line, line.who) for line in world.effects(PostLine)]


def alerts(world: World) -> list[SetTimer]:
    return [timer for timer in world.effects(SetTimer) if timer.kind is TimerKind.ALERT]


def rings(world: World, kind: TimerKind = TimerKind.ALERT) -> bool:
    """The next timer of the kind, at its time; false: there is none."""
    due = [n for n, e in world.waiting.items() if isinstance(e, SetTimer) and e.kind is kind]
    if not due:
        return False
    timer = world.waiting[due[0]]
    assert isinstance(timer, SetTimer)
    world.now = max(world.now, timer.due)
    others = {n: e for n, e in world.waiting.items() if n != due[0]}
    world.waiting = {due[0]: timer}
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))
    world.waiting = others | world.waiting
    return True


# --- the customer writes -------------------------------------------------------------------------


def test_who_took_it_by_a_button_is_called_by_the_first_message() -> None:
    world = desk()
    says(world, "hello?")
    says(world, "are you there?")
    assert calls(world) == [ANA.id, ""]


def test_who_wrote_a_moment_ago_is_not_called_and_later_is() -> None:
    world = desk()
    replies(world, "hello")
    says(world, "one")
    world.tick(2 * MINUTE)
    says(world, "two")
    says(world, "three")
    assert calls(world) == ["", ANA.id, ""]


def test_words_of_command_are_too() -> None:
    world = desk()
    world.do(SetLabels(world.key(), world.tick(), world.thread, ANA, ("vip",)))
    says(world, "hello?")
    assert calls(world) == [""]


@pytest.mark.parametrize("text", ["!n looking", "!oops"])
def test_a_note_or_a_held_message_is_a_sign_of_life_too(text: str) -> None:
    world = desk()
    replies(world, text)
    says(world, "hello?")
    assert calls(world) == [""]


def test_a_colleagues_note_is_none() -> None:
    world = desk()
    replies(world, "!n looking", BEN)
    says(world, "hello?")
    assert calls(world) == [ANA.id]


def test_after_each_reply_the_next_message_may_call_again() -> None:
    world = desk()
    says(world, "one")
    replies(world, "yes?")
    world.tick(2 * MINUTE)
    says(world, "two")
    assert calls(world) == [ANA.id, ANA.id]


def test_only_the_first_part_of_a_long_message_calls() -> None:
    world = desk(replace(CALLING, desk_max_text=10))
    says(world, "a long message in parts")
    assert calls(world)[0] == ANA.id
    assert set(calls(world)[1:]) == {""}


def test_nobody_is_called_while_nobody_has_it() -> None:
    world = desk(assignee=None)
    says(world, "hello?")
    assert calls(world) == [""]


@pytest.mark.parametrize(
    ("mode", "called"), [(Calling.ALWAYS, [ANA.id, ANA.id]), (Calling.NEVER, ["", ""])]
)
def test_the_settings_may_call_always_or_never(mode: Calling, called: list[str]) -> None:
    world = desk(replace(CALLING, alerts=replace(CALLING.alerts, mention=mode)))
    says(world, "one")
    says(world, "two")
    assert calls(world) == called


def test_who_was_just_given_it_by_a_line_that_mentions_them_is_not_called_twice() -> None:
    world = desk()
    world.do(Assign(world.key(), world.tick(), world.thread, ANA, BEN))
    says(world, "hello?")
    world.tick(2 * MINUTE)
    says(world, "hello??")
    assert calls(world) == ["", BEN.id]


# --- the customer waits --------------------------------------------------------------------------


def test_an_unanswered_customer_calls_the_assignee_again_and_then_the_lead() -> None:
    world = desk()
    replies(world, "hello")
    says(world, "hello?")
    since = world.now
    assert rings(world)
    assert world.now == since + 300 * SECOND
    assert rings(world)
    assert world.now == since + 600 * SECOND
    assert lines(world) == [(Line.UNANSWERED, ANA.id), (Line.UNANSWERED, LEAD)]
    assert not rings(world)


def test_who_has_answered_is_left_in_peace() -> None:
    world = desk()
    replies(world, "hello")
    says(world, "hello?")
    replies(world, "yes?")
    assert rings(world)
    assert lines(world) == []
    says(world, "thanks, and?")
    since = world.now
    assert [timer.due for timer in alerts(world)] == [since + 300 * SECOND]


def test_further_messages_do_not_put_the_call_off() -> None:
    world = desk()
    replies(world, "hello")
    says(world, "one")
    due = alerts(world)
    assert due
    world.tick(MINUTE)
    says(world, "two")
    assert alerts(world) == due


def test_a_waiting_handoff_calls_whom_the_settings_name_then_the_channel_then_the_lead() -> None:
    world = World(replace(NO_BOT, alerts=CALLING.alerts))
    says(world, "hello?")
    assert lines(world) == []
    for _ in range(3):
        rings(world)
    assert lines(world) == [(Line.WAITING, "@here"), (Line.OVERDUE, ""), (Line.WAITING, LEAD)]
    assert not rings(world)


def test_without_names_only_the_channel_is_told() -> None:
    world = World(replace(NO_BOT, alerts=Alerts()))
    says(world, "hello?")
    while rings(world):
        pass
    assert lines(world) == [(Line.OVERDUE, "")]


def test_taking_and_releasing_begins_the_count_anew() -> None:
    world = World(replace(NO_BOT, alerts=CALLING.alerts))
    says(world, "hello?")
    world.do(Assign(world.key(), world.tick(MINUTE), ToHandoff(world.handoff.id), ANA, ANA))
    assert [timer.due for timer in alerts(world)] == [world.now + 300 * SECOND]
    world.do(Release(world.key(), world.tick(MINUTE), ToHandoff(world.handoff.id), ANA))
    assert [timer.due for timer in alerts(world)] == [world.now + 120 * SECOND]


def test_asleep_nobody_is_called_and_awake_the_count_begins_anew() -> None:
    world = desk()
    replies(world, "hello")
    says(world, "hello?")
    until = world.now + 3_600 * SECOND
    world.do(Snooze(world.key(), world.tick(), world.thread, ANA, until))
    rings(world)
    assert Line.UNANSWERED not in [line for line, _ in lines(world)]
    world.do(Wake(world.key(), world.tick(), world.thread, ANA))
    assert [timer.due for timer in alerts(world)] == [world.now + 300 * SECOND]


def test_after_the_end_nobody_is_called() -> None:
    world = desk()
    replies(world, "hello")
    says(world, "hello?")
    world.do(Resolve(world.key(), world.tick(), world.thread, BEN))
    world.do(Reopen(world.key(), world.tick(), world.thread, ANA))
    assert rings(world)
    assert not rings(world)
    assert Line.UNANSWERED not in [line for line, _ in lines(world)]


def test_a_stage_that_the_settings_have_taken_away_does_nothing() -> None:
    world = desk()
    replies(world, "hello")
    says(world, "hello?")
    world.policy = BOT
    assert rings(world)
    assert lines(world) == []


# --- what calls nobody ---------------------------------------------------------------------------


def test_labels_priority_and_notes_write_no_line() -> None:
    world = desk()
    this = ToHandoff(world.handoff.id)
    world.do(SetLabels(world.key(), world.tick(), this, ANA, ("vip",)))
    world.do(SetPriority(world.key(), world.tick(), this, ANA, Priority.HIGH))
    world.do(AddNote(world.key(), world.tick(), this, ANA, "a note"))
    assert lines(world) == []


@pytest.mark.parametrize("who", [ANA, BEN])
def test_a_change_of_hands_writes_one_line(who: Any) -> None:
    world = desk(assignee=None)
    world.do(Assign(world.key(), world.tick(), world.thread, ANA, who))
    world.do(Assign(world.key(), world.tick(), world.thread, ANA, who))
    assert lines(world) == [(Line.ASSIGNED, who.id)]


# --- held messages -------------------------------------------------------------------------------


def test_the_author_of_a_held_message_is_called_once() -> None:
    world = desk()
    held = replies(world, "!oops", BEN)
    since = world.now
    assert rings(world, TimerKind.HELD)
    assert world.now == since + 120 * SECOND
    assert lines(world)[1:] == [(Line.STILL_HELD, BEN.id)]
    assert world.effects(PostLine)[-1].message_id == held.id
    assert not rings(world, TimerKind.HELD)


def test_each_held_message_has_a_time_of_its_own() -> None:
    world = desk()
    replies(world, "!one", BEN)
    replies(world, "!two", BEN)
    assert rings(world, TimerKind.HELD)
    assert rings(world, TimerKind.HELD)
    assert [line for line, _ in lines(world)].count(Line.STILL_HELD) == 2


def test_it_calls_also_after_another_has_taken_the_handoff() -> None:
    world = desk()
    replies(world, "!oops")
    world.do(Assign(world.key(), world.tick(), world.thread, BEN, BEN))
    rings(world, TimerKind.HELD)
    assert (Line.STILL_HELD, ANA.id) in lines(world)


def test_a_mistyped_command_that_was_done_right_calls_nobody() -> None:
    world = desk()
    replies(world, "!hgih")
    world.tick()
    world.do(SetPriority(world.key(), world.tick(), world.thread, ANA, Priority.HIGH))
    assert rings(world, TimerKind.HELD)
    assert Line.STILL_HELD not in [line for line, _ in lines(world)]


def test_a_reply_that_is_held_calls_its_author_whatever_came_after() -> None:
    world = desk()
    replies(world, "Hello", BEN)
    replies(world, "Hello, Ben.")
    assert rings(world, TimerKind.HELD)
    assert (Line.STILL_HELD, BEN.id) in lines(world)


def test_a_mistyped_command_calls_nobody_once_the_handoff_is_over() -> None:
    world = desk()
    replies(world, "!oops", BEN)
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    rings(world, TimerKind.HELD)
    assert Line.STILL_HELD not in [line for line, _ in lines(world)]


def test_what_was_decided_calls_nobody() -> None:
    world = desk()
    held = replies(world, "!oops")
    click(world, KeepAsNote, held)
    assert rings(world, TimerKind.HELD)
    assert [line for line, _ in lines(world)] == [Line.HELD]


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(notice).failed == 0


@pytest.mark.parametrize("mention", [Calling.SMART, Calling.NEVER])
def test_the_card_is_drawn_anew_when_a_wait_becomes_overdue_whoever_is_called(
    mention: Calling,
) -> None:
    world = handed_over(replace(BOT, alerts=Alerts(mention=mention)), None)
    world.do(Assign(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA, ANA))
    world.waiting = {n: e for n, e in world.waiting.items() if isinstance(e, SetTimer)}
    assert rings(world)
    assert len(world.effects(RefreshCard)) == 1
    assert lines(world) == ([] if mention is Calling.NEVER else [(Line.UNANSWERED, ANA.id)])
