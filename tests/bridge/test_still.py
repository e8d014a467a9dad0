"""What a user hears of the desk while nobody has taken their handoff."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bridge.commands import Escalation, Release, Reopen, Resolve, ToHandoff
from bridge.commands.outcomes import TimerFired
from bridge.effects import SetTimer, TimerKind
from bridge.hours import Hours
from bridge.model import SECOND, Role, Status
from bridge.policy import Alerts, Still
from bridge.queues import InLine, Queue
from bridge.texts import Texts
from tests.bridge.driver import ANA, BOT, NO_BOT, World
from tests.bridge.test_handoffs import opened
from tests.bridge.test_talk import handed_over, says

POLICY = replace(BOT, still=Still(), texts=Texts({"transfer": {"en": "Looking."}}))
NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()) * SECOND
"""A Monday."""
DAY = Hours(UTC, ((((9 * 60, 17 * 60),)),) * 5 + ((), ()))
HOURS = replace(POLICY, queues=(Queue(hours=DAY, messages={"away": {"en": "Back {{opensAt}}."}}),))
CLOSED = replace(POLICY, queues=(Queue(hours=Hours(UTC, ((),) * 7)),))
HOUR, MINUTE = 3_600 * SECOND, 60 * SECOND


def told(world: World) -> list[str]:
    return [message.text for message in world.said_by(Role.SYSTEM)]


def due(world: World) -> int:
    """When the user is to hear more; zero: not by themselves."""
    return next((t.due for t in world.effects(SetTimer) if t.kind is TimerKind.STILL), 0)


def fires(world: World, ahead: int = 0, usual: float | None = None) -> None:
    """The timer, at its time."""
    world.line, world.now = InLine(ahead, usual), max(world.now, due(world))
    other = {n: e for n, e in world.waiting.items() if getattr(e, "kind", "") != TimerKind.STILL}
    world.waiting = {n: e for n, e in world.waiting.items() if n not in other}
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))
    world.waiting |= other


def test_after_a_minute_they_hear_how_they_stand_and_later_only_if_they_have_come_nearer() -> None:
    world = opened(world=World(POLICY))
    assert (told(world), due(world)) == (["Looking."], world.now + MINUTE)
    fires(world, 3, 170.0)
    fires(world, 3, 180.0)
    fires(world, 4)
    fires(world, 1)
    assert told(world)[1:] == [
        "People ahead of you: 3. It usually takes about 3 min.",
        "People ahead of you: 1.",
    ]
    assert due(world) == world.now + 3 * MINUTE
    fires(world)
    assert told(world)[3].startswith("Nobody is free just yet.")
    assert due(world) == 0


def test_who_was_taken_hears_nothing_more_and_who_waits_again_does() -> None:
    world = handed_over(POLICY)
    assert due(world) == 0
    said = told(world)
    world.do(Release(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    assert (told(world), due(world)) == (said, world.now + MINUTE)
    world.handoffs[world.handoff.id] = replace(world.handoff, status=Status.SNOOZED)
    fires(world, 2)
    assert told(world) == said


def test_outside_the_hours_they_hear_when_somebody_is_back_and_nothing_until_then() -> None:
    world = opened(world=World(HOURS, now=NOON + 6 * HOUR))
    assert told(world) == ["Back tomorrow at 9:00 (UTC)."]
    assert due(world) == NOON + 21 * HOUR + MINUTE
    fires(world, 2)
    assert told(world)[1:] == ["People ahead of you: 2."]


def test_who_still_waits_when_it_closes_hears_it_once() -> None:
    once = replace(HOURS, still=Still(most=1))
    world = opened(world=World(once, now=NOON))
    fires(world, 2)
    assert due(world) == NOON + 5 * HOUR
    fires(world, 2)
    assert told(world)[2:] == ["Back tomorrow at 9:00 (UTC)."]
    assert due(world) == 0


def test_a_queue_that_does_not_open_any_more_promises_no_time() -> None:
    world = opened(world=World(replace(CLOSED, bots=())))
    assert told(world) == ["Nobody is free just yet. Your message is kept."]
    assert due(world) == 0


def test_without_a_desk_they_are_kept_and_nothing_is_counted() -> None:
    world = opened(world=World(replace(POLICY, staffed=False)))
    assert told(world)[0].startswith("Nobody is free just yet.")
    assert due(world) == 0


def test_time_outs_and_calls_wait_for_the_hours() -> None:
    calls = replace(HOURS, alerts=Alerts(), channels=BOT.channels)
    world = opened(Escalation("help"), World(calls, now=NOON + 4 * HOUR + 50 * MINUTE))
    timers = {timer.kind: timer.due for timer in world.effects(SetTimer)}
    assert timers[TimerKind.EXPIRY] == NOON + 21 * HOUR + 5 * MINUTE + SECOND
    assert timers[TimerKind.ALERT] == world.now + 5 * MINUTE
    night = opened(Escalation("help"), World(calls, now=NOON + 8 * HOUR))
    timers = {timer.kind: timer.due for timer in night.effects(SetTimer)}
    assert timers[TimerKind.ALERT] == NOON + 21 * HOUR + 5 * MINUTE


def test_by_default_a_desk_is_always_open() -> None:
    world = opened(world=World(replace(NO_BOT, still=Still())))
    assert due(world) == world.now + MINUTE


def test_what_is_opened_again_and_nobodys_waits_as_at_first() -> None:
    world = opened(world=World(POLICY))
    here = ToHandoff(world.handoff.id)
    world.do(Resolve(world.key(), world.tick(), here, ANA))
    assert due(world) == 0
    world.do(Reopen(world.key(), world.tick(3_600), here, ANA, for_last=True))
    assert world.handoff.status is Status.QUEUED
    assert due(world) == world.now + MINUTE
    [expiry] = [t for t in world.effects(SetTimer) if t.kind is TimerKind.EXPIRY]
    wait = POLICY.assignment_timeout["webchat"]
    assert expiry.due == world.handoff.expires_at == world.now + wait
    assert expiry.epoch == world.conversation.epoch


def test_who_writes_again_when_the_desk_has_closed_meanwhile_hears_when_somebody_is_back() -> None:
    world = opened(world=World(replace(HOURS, bots=()), now=NOON + 5 * HOUR - MINUTE))
    world.do(Resolve(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    world.tick(120)
    says(world, "and one more thing")
    assert world.handoff.status is Status.QUEUED
    assert told(world)[-1].startswith("Back tomorrow at 9:00")
