"""Customers who were answered and say nothing more."""

from __future__ import annotations

from dataclasses import replace

from bridge.commands import Reopen, Resolve, Snooze
from bridge.effects import TimerKind
from bridge.model import SECOND, Role, Status
from tests.bridge.driver import ANA, BOT, World
from tests.bridge.test_notice import rings
from tests.bridge.test_talk import handed_over, replies, says

HOUR = 3_600
CLOSES = replace(BOT, idle_close={"webchat": 2 * HOUR * SECOND})


def answered(world: World) -> int:
    replies(world, "It is on its way")
    return world.now


def test_who_says_nothing_more_is_taken_to_be_served_and_told_so() -> None:
    world = handed_over(CLOSES)
    since = answered(world)
    assert rings(world, TimerKind.IDLE)
    assert world.now == since + 2 * HOUR * SECOND
    ended = world.handoff
    assert (ended.status, ended.outcome) == (Status.RESOLVED, "idle")
    assert "have not heard from you" in world.said_by(Role.SYSTEM)[-1].text


def test_another_answer_gives_the_customer_more_time() -> None:
    world = handed_over(CLOSES)
    answered(world)
    world.tick(HOUR)
    again = answered(world)
    assert rings(world, TimerKind.IDLE)
    assert world.handoff.is_open
    assert rings(world, TimerKind.IDLE)
    assert world.now == again + 2 * HOUR * SECOND
    assert world.handoff.status is Status.RESOLVED


def test_nothing_closes_while_the_customer_waits() -> None:
    world = handed_over(CLOSES)
    answered(world)
    says(world, "thanks, and when?")
    assert rings(world, TimerKind.IDLE)
    assert world.handoff.status is Status.ASSIGNED
    assert not rings(world, TimerKind.IDLE)


def test_what_was_put_aside_is_not_idle() -> None:
    world = handed_over(CLOSES)
    answered(world)
    until = world.now + 24 * HOUR * SECOND
    world.do(Snooze(world.key(), world.tick(), world.thread, ANA, until))
    assert rings(world, TimerKind.IDLE)
    assert world.handoff.status is Status.SNOOZED
    assert rings(world, TimerKind.IDLE)
    assert world.now == until + 2 * HOUR * SECOND


def test_a_resolve_that_may_be_taken_back_is_left_to_itself_and_one_that_was_closes() -> None:
    world = handed_over(CLOSES)
    answered(world)
    world.tick(2 * HOUR)
    world.do(Resolve(world.key(), world.now, world.thread, ANA, undoable=True))
    assert rings(world, TimerKind.IDLE)
    assert world.handoff.outcome != "idle"
    world.do(Reopen(world.key(), world.now, world.thread, ANA))
    assert rings(world, TimerKind.IDLE)
    assert world.handoff.outcome == "idle"


def test_without_the_setting_a_handoff_stays() -> None:
    world = handed_over(BOT)
    answered(world)
    assert not rings(world, TimerKind.IDLE)
