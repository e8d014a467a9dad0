"""Goals: counted while the customer waits and the queue is open, and told once when missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bridge.commands import Assign, Delivered, Escalation, OpenHandoff, Resolve, Transfer
from bridge.effects import Line, OpenThread, PostLine, RefreshCard, SetTimer, TimerKind
from bridge.events import Kind
from bridge.hours import Hours
from bridge.model import SECOND
from bridge.policies import goals
from bridge.policy import Alerts, Policy
from bridge.queues import Goals, Queue
from bridge.settings_sections import GoalSettings
from tests.bridge.driver import ANA, BOT, SAM, World
from tests.bridge.test_notice import rings
from tests.bridge.test_talk import API, replies, says

LEAD = "U0LEAD"
GOALS = Goals(120 * SECOND, 300 * SECOND, 3_600 * SECOND)
SLOW = Queue("slow", goals=replace(GOALS, first_reply=600 * SECOND))


def policy(**queue: Any) -> Policy:
    return replace(BOT, queues=(Queue(goals=GOALS, **queue), SLOW), alerts=Alerts(lead=LEAD))


def opened(policy: Policy = BOT) -> World:
    """A handoff of Ana's, and its timers."""
    world = World(policy)
    says(world, "hello")
    world.do(OpenHandoff(world.key(), world.tick(), SAM, API, Escalation("help")))
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C1", "1.1"), 1))
    world.do(Assign(world.key(), world.tick(), world.thread, ANA, ANA))
    world.waiting = {n: e for n, e in world.waiting.items() if isinstance(e, SetTimer)}
    return world


def missed(world: World) -> list[str]:
    return [each.body["goal"] for each in world.events if each.kind is Kind.GOAL_MISSED]


def lines(world: World) -> list[tuple[str, str]]:
    return [(line.who, line.detail) for line in world.effects(PostLine) if line.line is Line.GOAL]


def test_a_first_answer_that_does_not_come_in_time_is_missed_and_shows() -> None:
    world = opened(policy())
    since = world.handoff.opened_at
    assert rings(world, TimerKind.GOAL)
    assert world.now == since + 120 * SECOND
    assert missed(world) == ["first_reply"]
    assert world.effects(RefreshCard)
    says(world, "hello?")  # still the same wait
    assert not rings(world, TimerKind.GOAL)


def test_an_answer_in_time_meets_the_goal_and_the_next_wait_has_its_own() -> None:
    world = opened(policy())
    replies(world, "hi")
    assert rings(world, TimerKind.GOAL)
    assert missed(world) == []
    said = world.tick()
    says(world, "and?")
    assert rings(world, TimerKind.GOAL)
    assert missed(world) == ["next_reply"]
    assert world.now > said + 300 * SECOND


def test_a_goal_counts_only_while_the_queue_is_open() -> None:
    closed = Hours(UTC, (((0, 1440),), *[()] * 6))
    world = opened(policy(hours=closed))
    assert rings(world, TimerKind.GOAL)
    at = datetime.fromtimestamp(world.now / SECOND, UTC)
    assert (at.weekday(), at.hour, at.minute) == (0, 0, 2)


def test_in_another_queue_its_goal_counts() -> None:
    world = opened(policy())
    world.do(Transfer(world.key(), world.tick(), world.thread, ANA, queue="slow"))
    assert rings(world, TimerKind.GOAL)
    assert missed(world) == []
    assert rings(world, TimerKind.GOAL)
    assert world.now == world.handoff.opened_at + 600 * SECOND
    assert missed(world) == ["first_reply"]


def test_who_has_it_is_warned_before_it_should_be_resolved_and_the_lead_is_called_after() -> None:
    world = opened(policy())
    since = world.handoff.opened_at
    assert rings(world, TimerKind.RESOLUTION)
    assert (world.now, lines(world)) == (since + 2_700 * SECOND, [(ANA.id, "")])
    assert rings(world, TimerKind.RESOLUTION)
    assert (world.now, lines(world)[1:]) == (since + 3_600 * SECOND, [(LEAD, "missed")])
    assert missed(world) == ["resolution"]
    assert not rings(world, TimerKind.RESOLUTION)


def test_without_a_lead_its_assignee_is_called_again() -> None:
    world = opened(replace(policy(), alerts=Alerts()))
    assert rings(world, TimerKind.RESOLUTION)
    assert rings(world, TimerKind.RESOLUTION)
    assert lines(world) == [(ANA.id, ""), (ANA.id, "missed")]


def test_what_has_ended_has_no_goals() -> None:
    world = opened(policy())
    timers = dict(world.waiting)
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    assert not rings(world, TimerKind.GOAL)
    assert not rings(world, TimerKind.RESOLUTION)
    world.waiting = timers  # they fired while it ended
    rings(world, TimerKind.GOAL)
    rings(world, TimerKind.RESOLUTION)
    assert (missed(world), lines(world)) == ([], [])


def test_without_goals_nothing_is_counted() -> None:
    world = opened(BOT)
    assert not rings(world, TimerKind.GOAL)
    assert not rings(world, TimerKind.RESOLUTION)


def test_what_a_queue_does_not_say_is_as_the_desk_says() -> None:
    desk = GoalSettings(first_reply=60, resolution=10)
    assert goals(None, desk) == Goals(60 * SECOND, 300 * SECOND, 10 * SECOND)
    own = GoalSettings(resolution=0)
    assert goals(own, desk) == Goals(60 * SECOND, 300 * SECOND, 0)
