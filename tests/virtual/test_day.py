"""A working day, whole: what was drawn of it is lived by everybody at once, and at its end the
stand-ins are asked what arrived, and the audit whether all of it was allowed."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from bridge.events import Event, Kind
from bridge.hook_store import Sealed
from bridge.hours import after
from bridge.model import SECOND, ConversationId, HandoffId, Micros, given
from bridge.policy import Policy
from tests.replay.check import ENDS, faults
from tests.replay.floor import Rules
from tests.scenarios.customer import Customer
from tests.scenarios.facebook import PageCustomer
from tests.scenarios.thread import Json, key_of, plain
from tests.thorough import THOROUGH
from tests.virtual.clock import World
from tests.virtual.office import NOBODY_CAME, NOTE, OVERDUE_AFTER, PLACES, TAKEN, Office, office
from tests.virtual.people import INSIDE, whole_day
from tests.virtual.plan import SMALL, WHOLE, Plan, drawn
from tests.virtual.talk import AT_ONCE, eventually
from tests.virtual.timers import Watch, never_fired, undone

SEED = 5
BROADCAST = "thread_broadcast"
"""What is overdue is shown in the channel once more; nothing else is."""
QUIET = 120.0
"""Seconds after the last act in which all that is under way comes to its end."""
LEFT = sql("SELECT key, due_at FROM lane")
LOST = sql("SELECT (SELECT count(*) FROM poison) + (SELECT count(*) FROM early)")


@pytest.mark.timeout(1_800)
def test_a_working_day_ends_with_everybody_answered_within_the_rules(
    world: World, tmp_path: Path
) -> None:
    async def day() -> None:
        plan = drawn(WHOLE if THOROUGH else SMALL, SEED)
        async with office(tmp_path, plan) as made:
            watch = Watch(made)
            await asyncio.gather(whole_day(made), watch.all_day())
            await eventually(made.unmarked, [], QUIET)
            assert watch.late == set()
            await _is_right(made, plan)

    world.run(day())


async def _is_right(made: Office, plan: Plan) -> None:
    now = made.wall()
    events = await made.events()
    posts = {place: await made.house.oracle.messages(place) for place in set(PLACES.values())}
    rules = made.rules()
    assert faults(events, rules, until=now) == []
    assert (await made.audit()).faults == []
    await _customers_heard_all_and_nothing_else(made)
    await _whom_nobody_took_was_told_so(made, events)
    _threads_show_what_customers_said(made, posts)
    overdue = _who_waited_too_long_was_told_of(events, posts, rules)
    assert overdue or plan.size is SMALL
    told = [sealed.event for sealed in events]
    assert undone(made.resolves, told, rules.policy) == []
    _everything_happened(told, made)
    assert [key for key, due in await made.rows(LEFT) if due <= now - 60 * SECOND] == []
    assert await made.rows(LOST) == [(0,)]
    assert (await made.house.oracle.violations()) == []


async def _customers_heard_all_and_nothing_else(made: Office) -> None:
    """What has ✅ is with its customer, once and in order; nothing else of what agents typed is."""
    marks = await made.marks()
    wanted: dict[str, list[str]] = {conversation: [] for conversation in made.plans}
    for said in sorted(made.said, key=lambda said: said.ts):
        if marks[said.channel, said.ts] == TAKEN:
            wanted[said.conversation].append(said.words)
    for person in made.customers:
        heard, everything = await _heard(person)
        assert heard == wanted[person.conversation], person.name
        assert INSIDE not in everything
        assert heard or person.conversation in made.gave_up, person.name
    assert {marks[note.channel, note.ts] for note in made.notes} == {NOTE}


async def _heard(person: Customer | PageCustomer) -> tuple[list[str], str]:
    if isinstance(person, PageCustomer):
        return await person.agents_words(), "".join(await person.texts())
    messages = await person.messages()
    return await person.texts(), "".join(message["text"] for message in messages)


async def _whom_nobody_took_was_told_so(made: Office, events: list[Sealed]) -> None:
    """In their language, as often as it came to that, and nobody else."""
    kinds = Counter((sealed.event.conversation_id, sealed.event.kind) for sealed in events)
    for person in made.customers:
        words = NOBODY_CAME[made.plans[person.conversation].locale]
        _, everything = await _heard(person)
        expired = kinds[ConversationId(person.conversation), Kind.HANDOFF_EXPIRED]
        assert everything.count(words) == expired, person.name


def _threads_show_what_customers_said(made: Office, posts: dict[str, list[Json]]) -> None:
    """Each word once; what was said to a bot before, in what stands above it."""
    shown, before = "", ""
    for message in (m for place in posts.values() for m in place if not m["deleted"]):
        if key_of(message).startswith("msg_"):
            shown += plain(message)
        elif key_of(message).endswith("/preview"):
            before += plain(message)
    for told in (told for each in made.asked.values() for told in each):
        assert shown.count(told) == 1 or (shown.count(told) == 0 and told in before), told


def _who_waited_too_long_was_told_of(
    events: list[Sealed], posts: dict[str, list[Json]], rules: Rules
) -> int:
    """Of each stretch in the queue that was longer than allowed the desk was told, and of no
    other; how many there were."""
    shown = [m for place in posts.values() for m in place if m.get("subtype") == BROADCAST]
    over = [_overdue_for(*stretch, rules.policy) for stretch in _stretches(events)]
    surely, at_most = (sum(each > least for each in over) for least in (AT_ONCE, 0))
    assert surely <= len(shown) <= at_most
    return surely


def _stretches(events: list[Sealed]) -> list[tuple[str, Micros, Micros]]:
    """In which a handoff waited in its queue: which one, from when until when."""
    since: dict[HandoffId, tuple[str, Micros]] = {}
    found = []
    for event in (sealed.event for sealed in events if sealed.event.handoff_id):
        mine = given(event.handoff_id)
        if event.kind in (*ENDS, Kind.HANDOFF_ASSIGNED, Kind.HANDOFF_SNOOZED) and mine in since:
            found.append((*since.pop(mine), event.at))
        if event.kind in (Kind.HANDOFF_QUEUED, Kind.HANDOFF_RELEASED):
            since[mine] = (event.body["queue"], event.at)
    return found


def _overdue_for(queue: str, since: Micros, until: Micros, policy: Policy) -> float:
    """Seconds for which it waited longer than allowed."""
    due = after(policy.queue(queue).hours, since, OVERDUE_AFTER * SECOND)
    return (until - due) / SECOND


def _everything_happened(events: list[Event], made: Office) -> None:
    """So that the day is no easier than it is meant to be."""
    kinds, size = Counter(event.kind for event in events), made.plan.size
    wanted = {
        *(Kind.HANDOFF_QUEUED, Kind.HANDOFF_ASSIGNED, Kind.HANDOFF_RELEASED, Kind.HANDOFF_SNOOZED),
        *(Kind.HANDOFF_WOKEN, Kind.HANDOFF_RESOLVED, Kind.HANDOFF_CHANGED, Kind.NOTE_ADDED),
        *(Kind.AGENT_ONLINE, Kind.AGENT_AWAY),
    }
    rare = {Kind.HANDOFF_TRANSFERRED, Kind.HANDOFF_CANCELLED, Kind.MESSAGE_HELD}
    assert (wanted | rare if size is WHOLE else wanted) - set(kinds) == set()
    assert kinds[Kind.HANDOFF_QUEUED] >= len(made.plan.customers)
    assert size is not WHOLE or (never_fired(events) == [] and made.resolves)
