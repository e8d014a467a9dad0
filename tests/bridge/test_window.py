"""A channel that takes answers only for so long: agents are told in time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.commands import (
    Describe,
    Escalation,
    OpenHandoff,
    Resolve,
    SendHeld,
    ToMessage,
    UserReacted,
    UserSaid,
)
from bridge.effects import Line, PostLine, RefreshCard, SetTimer, TimerKind
from bridge.model import SECOND, Author, Role, Standing
from bridge.policy import Policy, Traits
from tests.bridge.driver import ANA, CNV, MAIL, SAM, World
from tests.bridge.test_notice import rings
from tests.bridge.test_talk import API, handed_over, replies, says

HOUR = 3_600
DAY = 24 * HOUR * SECOND


def windowed(agents: int = 0, policy: Policy = MAIL) -> Policy:
    traits = Traits(max_text=20, window=DAY, agent_window=agents)
    return replace(policy, channels={"webchat": traits})


def waits(world: World) -> list[SetTimer]:
    return [timer for timer in world.effects(SetTimer) if timer.kind is TimerKind.WINDOW]


def warnings(world: World) -> list[tuple[str, str]]:
    return [(p.who, p.detail) for p in world.effects(PostLine) if p.line is Line.WINDOW]


def test_who_may_answer_longer_is_told_later() -> None:
    assert Traits().answer_until(7) == 0
    assert Traits(window=10).answer_until(0) == 0
    assert Traits(window=10).answer_until(7) == 17
    assert Traits(window=10, agent_window=70).answer_until(7) == 77


def test_while_the_customer_waits_the_assignee_is_called_two_hours_before() -> None:
    world = handed_over(windowed())
    says(world, "are you there?")
    closes = world.conversation.user_at + DAY
    assert rings(world, TimerKind.WINDOW)
    assert world.now == closes - 2 * HOUR * SECOND
    assert warnings(world) == [(ANA.id, str(closes))]
    assert world.effects(RefreshCard)
    world.waiting = {n: e for n, e in world.waiting.items() if isinstance(e, SetTimer)}
    assert rings(world, TimerKind.WINDOW)  # it has shut: the card says so, and nobody is called
    assert world.now == closes
    assert (warnings(world), len(world.effects(RefreshCard))) == ([], 1)
    assert not rings(world, TimerKind.WINDOW)


@pytest.mark.parametrize(("hours", "warned"), [(1, False), (23, True), (25, False)])
def test_a_handoff_that_begins_late_in_the_window_is_warned_of_too(
    hours: int, warned: bool
) -> None:
    """The bot had it when the time to warn came, and nobody was there to be warned."""
    world = World(windowed())
    says(world, "hello")
    world.waiting.clear()
    world.tick(hours * HOUR)
    world.do(OpenHandoff(world.key(), world.now, SAM, API, Escalation("help")))
    assert rings(world, TimerKind.WINDOW) is warned
    closes = world.conversation.user_at + DAY
    assert warnings(world) == [("", str(closes))] * warned


def test_once_answered_only_the_card_changes() -> None:
    world = handed_over(windowed())
    says(world, "are you there?")
    replies(world, "I am")
    world.waiting = {n: e for n, e in world.waiting.items() if isinstance(e, SetTimer)}
    assert rings(world, TimerKind.WINDOW)
    assert (warnings(world), len(world.effects(RefreshCard))) == ([], 1)


def test_each_message_opens_it_anew_and_an_older_timer_is_stale() -> None:
    world = handed_over(windowed())
    says(world, "one")
    (old,) = waits(world)
    says(world, "two")
    (new,) = waits(world)
    assert new.due - old.due == world.conversation.user_at - int(old.about)
    world.waiting = {1: old}
    assert rings(world, TimerKind.WINDOW)
    assert (warnings(world), world.effects(RefreshCard)) == ([], [])


def test_after_the_end_nobody_is_called() -> None:
    world = handed_over(windowed())
    says(world, "thanks")
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    world.waiting = {n: e for n, e in world.waiting.items() if isinstance(e, SetTimer)}
    assert rings(world, TimerKind.WINDOW)
    assert (warnings(world), world.effects(RefreshCard)) == ([], [])


def test_a_channel_that_is_always_open_sets_no_timer() -> None:
    world = handed_over(MAIL)
    says(world, "hello")
    assert waits(world) == []


@pytest.mark.parametrize("later", [True, False])
def test_a_reaction_is_a_sign_of_life(later: bool) -> None:
    world = handed_over(windowed())
    says(world, "hello")
    said = replies(world, "look at this")
    before = world.conversation.user_at
    at = world.tick(HOUR) if later else before - 1
    world.do(UserReacted(world.key(), at, ToMessage(said.id), CNV, "🎉", True))
    assert world.conversation.user_at == (at if later else before)


@pytest.mark.parametrize("heard", [True, False])
def test_so_is_a_way_by_which_the_user_came_but_not_what_a_tool_tells_of_them(heard: bool) -> None:
    world = handed_over(windowed())
    says(world, "hello")
    before, at = world.conversation.user_at, world.tick(HOUR)
    fields = {"attributes": {"referral": {"ref": "summer"}}}
    world.do(Describe(world.key(), at, SAM, Author(Role.USER), fields, heard_at=at if heard else 0))
    assert world.contact.attributes == fields["attributes"]
    assert world.conversation.user_at == (at if heard else before)
    assert waits(world)[-1].about == str(world.conversation.user_at)


def test_what_comes_late_opens_no_longer_a_window() -> None:
    world = World(windowed())
    said_at = world.tick(DAY) - 30 * HOUR * SECOND
    world.do(UserSaid("k", world.now, SAM, "hello", said_at=said_at))
    assert world.conversation.user_at == said_at


@pytest.mark.parametrize(("agents", "standing"), [(0, Standing.HELD), (7 * DAY, Standing.PENDING)])
def test_a_late_answer_is_held_unless_people_may_give_it(agents: int, standing: Standing) -> None:
    world = handed_over(windowed(agents))
    says(world, "hello")
    world.tick(25 * HOUR)
    said = replies(world, "sorry")
    assert said.standing is standing
    if standing is Standing.HELD:
        assert said.held_for == "window_closed"
        answer = world.do(SendHeld(world.key(), world.now, ToMessage(said.id), ANA))
        assert getattr(answer, "reason", "") == "window_closed"
