"""Seats and routing over real databases: nobody waits who could be given, nobody gets too much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bridge.attending import TOPIC_SEATS, Seat
from bridge.commands import (
    Accepted,
    Answer,
    Assign,
    AssignNext,
    Attend,
    Command,
    Doing,
    HandBack,
    Introduce,
    NotDelivered,
    Rejected,
    Release,
    Reopen,
    Resolve,
    Routed,
    Stir,
    TimerFired,
    ToAgent,
    ToAll,
    ToHandoff,
    ToThread,
    Transfer,
)
from bridge.effects import TellAgent
from bridge.errors import Retry
from bridge.events import Kind
from bridge.introducing import Profile
from bridge.model import DEFAULT_WORKSPACE, SECOND, Agent, AgentId, HandoffId, Priority, Status
from bridge.policy import Staffing, Still, Talent
from bridge.queues import Queue, Routing
from bridge.router import Router
from bridge.routing import LOOK_AGAIN, Floor, Waiting, give
from bridge.stores import Work
from storage.database import connect
from storage.lists import SqlLists
from storage.roster import SqlRoster
from tests.bridge.driver import ANA, BEN, BOT
from tests.storage.stored import Stored, stored, told, user

LANE = f"timer:route:{DEFAULT_WORKSPACE}"
TURNS = Queue(routing=Routing.ROUND_ROBIN, capacity=2)
POLICY = replace(BOT, queues=(TURNS, Queue("calm")))
ZOE = user("zoe")


@dataclass
class Staff:
    """Who belongs to the desk, as far as it can be asked."""

    people: Mapping[AgentId, Agent] = field(default_factory=lambda: {ANA.id: ANA, BEN.id: BEN})

    async def agent(self, id: AgentId) -> Agent:
        if id not in self.people:
            raise Retry("membership_unknown")
        return self.people[id]

    async def agents(self) -> Sequence[Agent]:
        return list(self.people.values())


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, POLICY) as made:
        yield made


def attend(desk: Stored, agent: Agent, doing: Doing = Doing.ONLINE, key: str = "") -> Attend:
    to = ToAgent(DEFAULT_WORKSPACE, agent.id)
    key = key or f"{agent.id}:{doing}:{desk.clock.now}"
    return Attend(key, desk.clock.now, to, agent.as_author(), doing)


async def look(desk: Stored, staff: Staff | None = None, *others: list[Work]) -> Routed | None:
    """Routing looks, if it is to; what came of it. `others`: who gets what else is due."""
    works = await desk.store.claim(100)
    for each in others:
        each.extend(work for work in works if work.claim.lane != LANE)
    if LANE not in [work.claim.lane for work in works]:
        return None
    work = next(work for work in works if work.claim.lane == LANE)
    routed = await router(desk, staff or Staff()).look(work)
    assert isinstance(routed, Routed)
    await desk.do(routed)
    return routed


def router(desk: Stored, staff: Staff) -> Router:
    async def handle(command: Command) -> Answer:
        return (await desk.do(command))[0]

    return Router(SqlRoster(desk.database), handle, desk.policy, desk.clock, staff)


async def settle(desk: Stored, staff: Staff | None = None) -> list[Work]:
    """Until nothing stirs it any more; what else was due."""
    others: list[Work] = []
    while await look(desk, staff, others):
        pass
    return others


async def opened(desk: Stored, name: str) -> HandoffId:
    return await desk.hands_over(user(name), ToThread("T1", "C1", f"1.{name}"))


async def whose(desk: Stored, *handoffs: HandoffId) -> list[AgentId | None]:
    return [(await desk.handoff(handoff)).assignee for handoff in handoffs]


# --- given out -----------------------------------------------------------------------------------


async def test_what_opens_is_given_to_who_is_there_and_more_when_there_is_room(
    desk: Stored,
) -> None:
    await desk.do(attend(desk, ANA))
    handoffs = [await opened(desk, name) for name in ("a", "b", "c")]
    await settle(desk)
    assert await whose(desk, *handoffs) == [ANA.id, ANA.id, None]
    desk.clock.move(1)
    await desk.do(attend(desk, BEN))
    await settle(desk)
    assert await whose(desk, *handoffs) == [ANA.id, ANA.id, BEN.id]
    late = await opened(desk, "d")
    later = await opened(desk, "e")
    await settle(desk)
    assert await whose(desk, late, later) == [BEN.id, None]
    await desk.do(Resolve("r1", desk.clock.now, ToHandoff(handoffs[0]), ANA))
    await settle(desk)
    assert await whose(desk, later) == [ANA.id]


async def test_whoever_gives_it_back_does_not_get_it_again_and_who_leaves_gets_nothing(
    desk: Stored,
) -> None:
    await desk.do(attend(desk, ANA))
    handoff = await desk.hands_over()
    await settle(desk)
    desk.clock.move(1)
    await desk.do(Release("r1", desk.clock.now, ToHandoff(handoff), ANA))
    await settle(desk)
    assert await whose(desk, handoff) == [None]
    await desk.do(attend(desk, BEN))
    await settle(desk, Staff({BEN.id: replace(BEN, member=False), ANA.id: ANA}))
    assert await whose(desk, handoff) == [None]


async def test_a_queue_that_is_taken_from_gives_nothing_and_sets_no_timer(desk: Stored) -> None:
    desk.policy = replace(POLICY, queues=(Queue(),))
    handoff = await desk.hands_over()
    assert [row for row in await desk.rows("lane") if row["key"] == LANE] == []
    await desk.do(attend(desk, ANA))
    await settle(desk)
    assert await whose(desk, handoff) == [None]


async def test_the_urgent_and_who_was_here_lately_are_known_from_the_store(desk: Stored) -> None:
    desk.policy = replace(
        POLICY,
        queues=(replace(TURNS, capacity=1),),
        staffing=Staffing(talents={BEN.id: Talent(capacity=2)}),
    )
    first = await opened(desk, "a")
    await desk.do(attend(desk, ANA))
    await settle(desk)
    await desk.do(Resolve("r1", desk.clock.now, ToHandoff(first), ANA), attend(desk, BEN))
    desk.clock.move(1)
    (answer,) = await desk.do(desk.opens("o1", ZOE, priority=Priority.LOW, labels=("vip",)))
    low = HandoffId(told(answer)["id"])
    (answer,) = await desk.do(desk.opens("o3", user("a")))
    again = HandoffId(told(answer)["id"])
    urgent = desk.opens("o2", user("u"), priority=Priority.URGENT, queue="nobody-knows-it")
    (answer,) = await desk.do(urgent)
    await settle(desk)
    assert await whose(desk, again, low) == [ANA.id, BEN.id]
    assert await whose(desk, HandoffId(told(answer)["id"])) == [BEN.id]


async def test_what_is_about_to_end_waits_for_nobody(desk: Stored) -> None:
    handoff = await opened(desk, "a")
    await desk.do(Resolve("r1", desk.clock.now, ToHandoff(handoff), BEN, undoable=True))
    await desk.do(attend(desk, ANA))
    await settle(desk)
    assert await whose(desk, handoff) == [None]
    await desk.do(Reopen("o1", desk.clock.now, ToHandoff(handoff), BEN))
    await settle(desk)
    assert await whose(desk, handoff) == [ANA.id]


# --- under lock ----------------------------------------------------------------------------------


async def test_each_gift_is_decided_again_where_nobody_else_can_give(desk: Stored) -> None:
    handoffs = [await opened(desk, name) for name in ("a", "b", "c")]
    give = [AssignNext(f"g{n}", desk.clock.now, ToHandoff(h), ANA) for n, h in enumerate(handoffs)]
    (nobody,) = await desk.do(give[0])
    assert nobody == Rejected("away")
    answers = await desk.do(attend(desk, ANA), *give)
    assert [getattr(answer, "reason", "") for answer in answers] == ["", "", "", "no_room"]
    (twice,) = await desk.do(AssignNext("g9", desk.clock.now, ToHandoff(handoffs[0]), BEN))
    assert isinstance(twice, Rejected)
    [seat] = await SqlRoster(desk.database).seats(DEFAULT_WORKSPACE)
    assert seat.given_at == desk.clock.now


async def test_what_goes_back_is_decided_by_the_seat_of_that_moment(desk: Stored) -> None:
    handoff = await desk.hands_over()
    await desk.do(attend(desk, ANA))
    await settle(desk)
    back = HandBack("b1", desk.clock.now, ToHandoff(handoff), ANA.id)
    assert await desk.do(back) == (Rejected("not_now"),)
    await desk.do(attend(desk, ANA, Doing.AWAY), replace(back, key="b2"))
    assert await whose(desk, handoff) == [ANA.id]  # she went a moment ago
    desk.clock.move(300)
    await desk.do(replace(back, key="b3", at=desk.clock.now))
    assert await whose(desk, handoff) == [None]


async def test_what_an_agent_takes_or_ends_in_the_same_batch_counts(desk: Stored) -> None:
    handoffs = [await opened(desk, name) for name in ("a", "b", "c", "d")]
    await desk.do(attend(desk, ANA))
    now, places = desk.clock.now, [ToHandoff(handoff) for handoff in handoffs]
    *_, full, _, free = await desk.do(
        *(Assign(f"t{n}", now, to, ANA, ANA) for n, to in enumerate(places[:2])),
        AssignNext("g1", now, places[2], ANA),
        Resolve("r1", now, places[0], ANA),
        AssignNext("g2", now, places[3], ANA),
    )
    assert full == Rejected("no_room")
    assert isinstance(free, Accepted)


async def test_what_was_moved_or_given_back_meanwhile_is_given_to_nobody(desk: Stored) -> None:
    moved, back = [ToHandoff(await opened(desk, name)) for name in ("a", "b")]
    now = desk.clock.now
    *_, late, again = await desk.do(
        attend(desk, ANA),
        Transfer("m1", now, moved, BEN, None, "calm"),
        Assign("t1", now, back, ANA, ANA),
        Release("r1", now, back, ANA),
        AssignNext("g1", now, moved, ANA),
        AssignNext("g2", now, back, ANA),
    )
    assert late == again == Rejected("not_now")


async def test_two_processes_that_give_at_the_same_moment_give_no_more_than_there_is_room(
    fresh_postgres: str,
) -> None:
    async with stored(fresh_postgres, POLICY) as desk:
        handoffs = [await opened(desk, f"u{n}") for n in range(6)]
        await desk.do(attend(desk, ANA), attend(desk, BEN))
        elsewhere = connect(fresh_postgres)
        both = (desk, Stored(elsewhere, POLICY, "p2", desk.clock))
        gifts = [
            both[n % 2].do(AssignNext(f"g{n}", desk.clock.now, ToHandoff(handoff), agent))
            for n, (handoff, agent) in enumerate((h, a) for h in handoffs for a in (ANA, BEN))
        ]
        await asyncio.gather(*gifts)
        await elsewhere.close()
        assert sorted(filter(None, await whose(desk, *handoffs))) == [ANA.id] * 2 + [BEN.id] * 2


# --- looking -------------------------------------------------------------------------------------


async def test_a_stir_rings_and_one_during_a_look_makes_it_look_again(desk: Stored) -> None:
    committed = await desk.commit(attend(desk, ANA))
    assert "work" in committed.topics
    [work] = await desk.store.claim(100)
    await desk.do(attend(desk, BEN))
    stale = await desk.do(Routed(work.claim, desk.clock.now, desk.clock.now + LOOK_AGAIN))
    assert stale == (Rejected("stale"),)
    assert (await desk.lane(LANE))["due_at"] <= desk.clock.now
    routed = await look(desk)
    assert routed is not None
    idle = desk.clock.now + POLICY.staffing.ask_after
    assert (routed.next_at, (await desk.lane(LANE))["due_at"]) == (idle, idle)
    assert await desk.waiting(LANE) == ["SetTimer"]


async def test_when_there_is_nothing_to_wait_for_no_timer_is_left(desk: Stored) -> None:
    await desk.do(attend(desk, ANA, Doing.AWAY))
    await settle(desk)
    assert [row for row in await desk.rows("lane") if row["key"] == LANE] == []
    assert await desk.rows("effect") == []


async def test_a_look_that_cannot_be_recorded_is_over_and_there_is_another(desk: Stored) -> None:
    await desk.do(attend(desk, ANA))
    [work] = await desk.store.claim(100)
    assert await desk.do(NotDelivered(work.claim, desk.clock.now, "bad_result")) == (Accepted(),)
    assert (await desk.lane(LANE))["due_at"] == desk.clock.now + LOOK_AGAIN


async def test_at_a_start_it_looks_at_what_waits_since_before(desk: Stored) -> None:
    desk.policy = replace(POLICY, queues=(Queue(),))
    handoff = await desk.hands_over()
    await desk.do(attend(desk, ANA))
    await settle(desk)
    desk.policy = POLICY
    await desk.do(Stir("start:1", desk.clock.now, ToAll(DEFAULT_WORKSPACE)))
    await settle(desk)
    assert await whose(desk, handoff) == [ANA.id]


async def test_a_queue_with_many_hides_no_other(
    desk: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.roster.MOST", 1)
    for n in range(3):
        await desk.do(desk.opens(f"o{n}", user(f"u{n}"), priority=Priority.URGENT))
    await desk.do(desk.opens("z", ZOE, queue="other"))
    floor = await SqlRoster(desk.database).floor(DEFAULT_WORKSPACE, ["calm"], desk.clock.now)
    assert sorted(each.queue for each in floor.waiting) == ["default", "other"]


async def test_while_membership_cannot_be_asked_nobody_is_given_and_it_is_asked_again(
    desk: Stored,
) -> None:
    await desk.do(attend(desk, ANA))
    handoff = await desk.hands_over()
    routed = await look(desk, Staff({}))
    assert routed is not None
    assert routed.next_at == desk.clock.now + LOOK_AGAIN
    assert await whose(desk, handoff) == [None]


# --- doing nothing -------------------------------------------------------------------------------


async def test_who_does_nothing_is_asked_then_away_and_what_waits_for_them_goes_to_another(
    desk: Stored,
) -> None:
    await desk.do(attend(desk, ANA))
    handoff = await desk.hands_over()
    told_to_her: list[tuple[int, str]] = []
    for minute in range(26):
        for work in await settle(desk):
            if isinstance(work.effect, TellAgent):
                told_to_her.append((minute, work.claim.lane))
                await desk.do(desk.delivered(work))
        desk.clock.move(60)
    assert told_to_her == [(15, f"desk:{ANA.id}"), (20, f"desk:{ANA.id}")]
    assert await whose(desk, handoff) == [None]
    assert (await desk.handoff(handoff)).status is Status.QUEUED
    await desk.do(attend(desk, BEN, Doing.SEEN))
    await settle(desk)
    assert await whose(desk, handoff) == [BEN.id]
    why = [(row["kind"], row["actor_id"]) for row in await desk.rows("event")]
    assert (str(Kind.AGENT_AWAY), "deskbridge") in why


async def test_the_same_sign_twice_is_taken_once_and_an_old_wish_is_refused(desk: Stored) -> None:
    await desk.do(attend(desk, ANA, key="same"), attend(desk, ANA, Doing.AWAY, key="same"))
    [seat] = await SqlRoster(desk.database).seats(DEFAULT_WORKSPACE)
    assert seat.online
    to = ToAgent(DEFAULT_WORKSPACE, ANA.id)
    old = Attend("old", desk.clock.now, to, ANA.as_author(), Doing.IDLE, 1)
    assert await desk.do(old) == (Rejected("not_idle"),)


async def test_that_somebody_is_online_or_away_is_rung_and_that_they_still_are_is_not(
    desk: Stored,
) -> None:
    for doing, rung in (
        (Doing.ONLINE, True), (Doing.SEEN, False), (Doing.AWAY, True), (Doing.PRESENT, False),
    ):  # fmt: skip
        committed = await desk.commit(attend(desk, ANA, doing, key=str(doing)))
        assert (TOPIC_SEATS in committed.topics) is rung


async def test_how_long_people_wait_is_measured_on_those_who_were_taken(desk: Stored) -> None:
    taken, never = await opened(desk, "a"), await opened(desk, "b")
    desk.clock.move(30)
    await desk.do(Assign("a1", desk.clock.now, ToHandoff(taken), ANA, ANA))
    for handoff in (taken, never):
        await desk.do(Resolve(f"r:{handoff}", desk.clock.now, ToHandoff(handoff), ANA))
    since = desk.clock.now - 1
    assert await desk.reads.waits(DEFAULT_WORKSPACE, "default", since) == [30 * SECOND]
    assert await desk.reads.waits(DEFAULT_WORKSPACE, "default", desk.clock.now + 1) == []
    assert await desk.reads.waits(DEFAULT_WORKSPACE, "calm", since) == []


async def test_who_waits_hears_how_many_are_before_them_and_how_long_it_takes(
    desk: Stored,
) -> None:
    desk.policy = replace(BOT, still=Still())
    for n in range(5):
        taken = await opened(desk, f"t{n}")
        desk.clock.move(120)
        await desk.do(Assign(f"a{n}", desk.clock.now, ToHandoff(taken), ANA, ANA))
        await desk.do(Resolve(f"r{n}", desk.clock.now, ToHandoff(taken), ANA))
    await opened(desk, "first")
    (answer,) = await desk.do(desk.opens("second", ZOE))
    assert (told(answer)["position"], told(answer)["estimated_wait"]) == (1, 120.0)
    desk.clock.move(60)
    for work in await desk.store.claim(100):
        if work.claim.lane == f"timer:still:{ZOE.conversation_id}":
            await desk.do(TimerFired(work.claim, desk.clock.now))
    said = await desk.reads.shown(ZOE.conversation_id, 0)
    assert said[-1].text == "People ahead of you: 1. It usually takes about 2 min."


async def test_how_an_agent_wishes_to_be_known_is_kept_until_they_say_otherwise(
    desk: Stored,
) -> None:
    lists, to = SqlLists(desk.database, desk.reads), ToAgent(DEFAULT_WORKSPACE, ANA.id)
    assert await lists.profile(DEFAULT_WORKSPACE, ANA.id) is None
    first = Introduce("i1", 1, to, ANA.as_author(), "Ana from Support", "", ("en", "fr"))
    then = replace(first, key="i2", name="Annie", languages=())
    for command in (first, then):
        assert isinstance((await desk.do(command))[0], Accepted)
        known = await lists.profile(DEFAULT_WORKSPACE, ANA.id)
        assert known == Profile(DEFAULT_WORKSPACE, ANA.id, command.name, "", command.languages)
    assert await desk.do(replace(first, key="i3", name="\n")) == (Rejected("bad_profile"),)
    assert await SqlRoster(desk.database).seats(DEFAULT_WORKSPACE) == ()
    assert [row["kind"] for row in await desk.rows("event")] == ["agent.described"] * 2


async def test_what_they_say_they_speak_goes_before_the_settings() -> None:
    members = {ANA.id: replace(ANA, languages=("de",)), BEN.id: replace(BEN, languages=("fr",))}
    seats = tuple(Seat(DEFAULT_WORKSPACE, who, online=True, active_at=1) for who in members)
    talents = {ANA.id: Talent(languages=("fr",)), BEN.id: Talent(languages=("de",))}
    policy = replace(POLICY, staffing=Staffing(talents=talents))
    waiting = (Waiting(HandoffId("hnd_1"), "default", 1, language="fr"),)
    [(_, agent)] = give(Floor(seats, (), waiting), members, policy, 2)
    assert agent.id == BEN.id
