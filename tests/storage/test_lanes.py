"""The lanes: who performs what, for how long, and what becomes of it; on both databases."""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from bridge.commands import (
    Accepted,
    BotAnswered,
    Delivered,
    NotDelivered,
    Rejected,
    Reply,
    TimerFired,
    ToThread,
)
from bridge.effects import Mark, OpenThread, PostMessage, PutMark, SetTimer, TimerKind
from bridge.lanes import Direction
from bridge.model import MessageId, Thread
from bridge.policy import Traits
from bridge.ports import TOPIC_WORK
from bridge.stores import Work
from storage.database import connect
from storage.migrate import upgrade
from storage.tables import FAR
from tests.bridge.driver import BOT, CNV, NO_BOT, SAM
from tests.storage.stored import THREAD, Stored, body, kinds, stored, user

LANE = f"desk:{CNV}"
TIMER = f"timer:patience:{CNV}"
PATIENCE = 30.0
LEASE = 30.0
QUARANTINE = 15.0


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    """Without a bot: the first word of a user opens a handoff, in the one lane of the desk."""
    async with stored(database_url, room=8) as made:
        yield made


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, BOT) as made:
        yield made


async def begun(desk: Stored) -> Work:
    """The thread is to be opened, by this process; a post waits behind it."""
    (work,) = (await desk.commit(desk.says("k1"))).work
    return work


# --- ahead ---------------------------------------------------------------------------------------


@pytest.fixture
def expected(desk: Stored) -> list[Thread]:
    """The threads into which a post was expected."""
    found: list[Thread] = []
    desk.leases.expect = found.append
    return found


async def test_one_post_alone_is_expected_before_it_is_there(
    desk: Stored, expected: list[Thread]
) -> None:
    handoff = await desk.hands_over()
    assert expected == []
    await desk.do(desk.says("k1"))
    assert expected == [Thread(handoff, 1, THREAD.team, THREAD.channel, THREAD.ts)]


async def test_of_many_none_is_expected(desk: Stored, expected: list[Thread]) -> None:
    await desk.hands_over()
    await desk.do(desk.says("k1"), desk.says("k2"))
    assert expected == []


async def test_who_has_no_room_expects_nothing(desk: Stored, expected: list[Thread]) -> None:
    await desk.hands_over()
    desk.room = 0
    await desk.do(desk.says("k1"))
    assert expected == []


# --- on the way ----------------------------------------------------------------------------------


async def test_a_commit_claims_the_lane_that_it_fills(desk: Stored) -> None:
    committed = await desk.commit(desk.says("k1"))
    (work,) = committed.work
    assert isinstance(work.effect, OpenThread)
    assert (work.conversation_id, work.attempts, work.doubtful) == (CNV, 1, False)
    assert TOPIC_WORK not in committed.topics
    lane = await desk.lane(LANE)
    assert (lane["owner"], lane["due_at"]) == (
        work.claim.owner,
        desk.clock.now + desk.leases.length,
    )
    assert await desk.store.claim(8) == []


async def test_a_commit_without_room_leaves_the_lane_and_rings_for_it(desk: Stored) -> None:
    desk.room = 0
    committed = await desk.commit(desk.says("k1"))
    assert (committed.work, TOPIC_WORK in committed.topics) == ((), True)
    (work,) = await desk.store.claim(8)
    assert (type(work.effect), work.attempts, work.doubtful) == (OpenThread, 1, False)


async def test_what_joins_a_lane_that_is_worked_on_waits_its_turn(desk: Stored) -> None:
    await begun(desk)
    assert (await desk.commit(desk.says("k2"))).work == ()
    assert await desk.waiting(LANE) == ["OpenThread", "PostMessage", "PostMessage"]


async def test_a_call_may_begin_while_a_third_of_the_lease_is_left(desk: Stored) -> None:
    begin = time.monotonic()
    work = await begun(desk)
    assert begin + LEASE * 2 / 3 <= work.begin_by <= time.monotonic() + LEASE * 2 / 3
    assert work.begin_by < math.inf


async def test_work_brings_the_message_that_the_commit_had_in_hand(desk: Stored) -> None:
    await desk.hands_over()
    committed = await desk.commit(desk.says("k1", "look here"))
    (work,) = (w for w in committed.work if isinstance(w.effect, PostMessage))
    assert work.subject is not None
    assert work.subject.text == "look here"


# --- going on ------------------------------------------------------------------------------------


async def test_a_result_takes_its_effect_out_and_goes_on_with_the_next(desk: Stored) -> None:
    work = await begun(desk)
    desk.clock.move(5)
    committed = await desk.commit(desk.delivered(work, THREAD))
    (following,) = committed.work
    assert committed.answers == (Accepted(),)
    assert isinstance(following.effect, PostMessage)
    assert following.claim.owner == work.claim.owner
    assert (await desk.lane(LANE))["due_at"] == desk.clock.now + desk.leases.length
    assert await desk.waiting(LANE) == ["PostMessage"]


async def test_a_lane_with_nothing_left_is_released(desk: Stored) -> None:
    work = await begun(desk)
    (following,) = (await desk.commit(desk.delivered(work, THREAD))).work
    committed = await desk.commit(desk.delivered(following, THREAD))
    assert committed.work == ()
    lane = await desk.lane(LANE)
    assert (lane["owner"], lane["due_at"]) == (None, FAR)
    assert await desk.waiting(LANE) == []


async def test_a_released_lane_is_claimed_again_on_the_way(desk: Stored) -> None:
    await desk.hands_over()
    committed = await desk.commit(desk.says("k1"))
    assert "PostMessage" in kinds(committed.work)


async def test_a_process_that_is_full_lets_go_of_a_lane_between_two_effects(desk: Stored) -> None:
    work = await begun(desk)
    desk.room = -1
    committed = await desk.commit(desk.delivered(work, THREAD))
    assert (committed.work, TOPIC_WORK in committed.topics) == ((), True)
    other = desk.other("p2")
    (following,) = await other.store.claim(8)
    assert (type(following.effect), following.doubtful) == (PostMessage, False)


async def test_where_a_post_went_is_kept(desk: Stored) -> None:
    work = await begun(desk)
    (post,) = (await desk.commit(desk.delivered(work, THREAD))).work
    await desk.commit(desk.delivered(post, ToThread("T1", "C1", "1.5")))
    (row,) = await desk.rows("post")
    assert isinstance(post.effect, PostMessage)
    assert (row["ts"], row["message_id"], row["part"]) == ("1.5", post.effect.message_id, 0)


# --- claiming ------------------------------------------------------------------------------------


async def test_a_claim_takes_no_more_lanes_than_it_may(desk: Stored) -> None:
    desk.room = 0
    await desk.do(*(desk.says(f"k{n}", to=user(f"u{n}")) for n in range(5)))
    some = await desk.store.claim(3)
    rest = await desk.store.claim(8)
    assert (len(some), len(rest)) == (3, 2)
    assert len({work.claim.lane for work in (*some, *rest)}) == 5
    assert await desk.store.claim(8) == []


async def test_a_claim_leaves_the_directions_it_is_told_to(bot: Stored) -> None:
    await bot.do(bot.opens("k1", user("ann")))
    found = await bot.store.claim(8, (Direction.BOT, Direction.TIMER))
    assert {work.claim.lane.partition(":")[0] for work in found} == {"desk"}
    (left,) = await bot.store.claim(8)
    assert left.claim.lane.startswith("bot:")


async def test_each_claim_has_an_owner_of_its_own(desk: Stored) -> None:
    desk.room = 0
    await desk.do(desk.says("k1", to=user("ann")))
    await desk.do(desk.says("k2", to=user("bob")))
    (one,), (two,) = await desk.store.claim(1), await desk.store.claim(1)
    assert one.claim.owner != two.claim.owner


async def test_what_is_not_due_yet_is_not_claimed(bot: Stored) -> None:
    await bot.do(bot.says("k1"))
    assert [work.claim.lane for work in await bot.store.claim(8)] == [f"bot:{CNV}"]


# --- leases --------------------------------------------------------------------------------------


async def test_a_lease_that_holds_keeps_others_away(desk: Stored) -> None:
    await begun(desk)
    desk.clock.move(LEASE - 1)
    assert await desk.other("p2").store.claim(8) == []


async def test_when_a_lease_ends_another_takes_over_and_doubts(desk: Stored) -> None:
    work = await begun(desk)
    desk.clock.move(LEASE)
    (taken,) = await desk.other("p2").store.claim(8)
    assert taken.claim.effect_id == work.claim.effect_id
    assert taken.claim.owner.startswith("p2.")
    assert (taken.attempts, taken.doubtful, taken.waited) == (2, True, False)
    assert taken.since == work.since


async def test_a_doubt_is_as_old_as_when_it_was_first_found(desk: Stored) -> None:
    made = await begun(desk)
    desk.clock.move(LEASE)
    other, first = desk.other("p2"), desk.clock.now
    (taken,) = await other.store.claim(8)
    assert (made.doubted_at, taken.doubted_at) != (first, 0)
    assert taken.doubted_at == first > taken.since
    await other.store.put_back(taken, QUARANTINE, failed=False, doubtful=True)
    desk.clock.move(QUARANTINE)
    (again,) = await other.store.claim(8)
    assert again.doubted_at == first


async def test_a_doubtful_effect_has_waited_when_its_quarantine_is_over(desk: Stored) -> None:
    await begun(desk)
    desk.clock.move(LEASE)
    other = desk.other("p2")
    (taken,) = await other.store.claim(8)
    await other.store.put_back(taken, QUARANTINE, failed=False, doubtful=True)
    desk.clock.move(QUARANTINE)
    (again,) = await other.store.claim(8)
    assert (again.doubtful, again.waited) == (True, True)


async def test_a_stale_owners_result_is_rejected_and_changes_nothing(desk: Stored) -> None:
    work = await begun(desk)
    desk.clock.move(LEASE)
    await desk.other("p2").store.claim(8)
    before = await desk.everything()
    for late in (desk.delivered(work, THREAD), NotDelivered(work.claim, desk.clock.now, "no")):
        committed = await desk.commit(late)
        assert (committed.answers, committed.work) == ((Rejected("stale"),), ())
    assert await desk.everything() == before


async def test_the_same_result_twice_counts_once(desk: Stored) -> None:
    work = await begun(desk)
    await desk.commit(desk.delivered(work, THREAD))
    before = await desk.everything()
    assert (await desk.commit(desk.delivered(work, THREAD))).answers == (Rejected("stale"),)
    assert await desk.everything() == before


async def test_what_a_stale_owner_would_put_back_or_park_stays_the_new_owners(desk: Stored) -> None:
    work = await begun(desk)
    desk.clock.move(LEASE)
    await desk.other("p2").store.claim(8)
    before = await desk.everything()
    await desk.store.put_back(work, 0, failed=True, doubtful=False)
    await desk.store.park(work, "auth")
    assert await desk.store.begin(work) is None
    assert await desk.everything() == before


async def test_a_claim_that_holds_may_begin_again_under_a_new_lease(desk: Stored) -> None:
    await begun(desk)
    desk.clock.move(LEASE)
    other = desk.other("p2")
    (taken,) = await other.store.claim(8)
    desk.clock.move(LEASE / 2)
    renewed = await other.store.begin(taken)
    assert renewed is not None
    assert renewed.begin_by >= taken.begin_by
    assert replace(renewed, begin_by=0.0) == replace(taken, begin_by=0.0)
    assert (await desk.lane(LANE))["due_at"] == desk.clock.now + desk.leases.length
    head = (await desk.rows("effect"))[0]
    assert (head["state"], head["attempts"]) == ("sending", 2)


# --- putting back --------------------------------------------------------------------------------


async def test_a_failure_is_counted_and_tried_again_after_its_wait(desk: Stored) -> None:
    work = await begun(desk)
    await desk.store.put_back(work, 10, failed=True, doubtful=False)
    desk.clock.move(9)
    assert await desk.store.claim(8) == []
    desk.clock.move(1)
    (again,) = await desk.store.claim(8)
    assert (again.failures, again.doubtful, again.attempts) == (1, False, 2)
    assert again.claim.effect_id == work.claim.effect_id


async def test_a_wait_that_is_no_failure_is_not_counted(desk: Stored) -> None:
    work = await begun(desk)
    await desk.store.put_back(work, 0, failed=True, doubtful=False)
    (again,) = await desk.store.claim(8)
    await desk.store.put_back(again, 0, failed=False, doubtful=False)
    (third,) = await desk.store.claim(8)
    assert third.failures == 1


async def test_a_success_forgets_the_failures_before_it(desk: Stored) -> None:
    await desk.store.put_back(await begun(desk), 0, failed=True, doubtful=False)
    (again,) = await desk.store.claim(8)
    (following,) = (await desk.commit(desk.delivered(again, THREAD))).work
    assert following.failures == 0
    assert (await desk.lane(LANE))["failures"] == 0


async def test_nothing_overtakes_an_effect_that_was_put_back(desk: Stored) -> None:
    await desk.store.put_back(await begun(desk), 60, failed=True, doubtful=False)
    assert (await desk.commit(desk.says("k2"))).work == ()
    desk.clock.move(59)
    assert await desk.store.claim(8) == []


async def test_a_tick_that_had_to_wait_is_left_to_the_next_one(database_url: str) -> None:
    reads = replace(NO_BOT, channels={"webchat": Traits(reads_store=True)})
    async with stored(database_url, reads) as desk:
        await desk.hands_over()
        desk.room = 8

        async def ticked() -> list[str]:
            rows = [row for row in await desk.rows("effect") if row["lane"] == f"tick:{CNV}"]
            return [body(row)["source"] for row in rows]

        first = await desk.commit(desk.replies("s1", "one", order="1.1"))
        (work,) = (each for each in first.work if isinstance(each.effect, PutMark))
        await desk.commit(desk.replies("s2", "two", order="1.2"))
        assert await ticked() == ["s1", "s2"]  # Slack has time: each is to have its own
        await desk.store.put_back(work, 10, failed=False, doubtful=False)
        await desk.commit(
            desk.replies("s3", "three", order="1.3"), desk.replies("s4", "four", order="1.4")
        )
        assert await ticked() == ["s4"]  # which stands for all that were said until then
        assert await desk.store.claim(8, [Direction.CARD]) == []
        desk.clock.move(10)
        (work,) = await desk.store.claim(8, [Direction.CARD])
        assert work.effect == PutMark("s4", Mark.TAKEN, fresh=True)


async def test_no_tick_is_left_out_because_nobody_has_taken_it_yet_or_it_failed(
    database_url: str,
) -> None:
    reads = replace(NO_BOT, channels={"webchat": Traits(reads_store=True)})
    async with stored(database_url, reads) as desk:
        await desk.hands_over()

        async def ticked() -> list[str]:
            rows = [row for row in await desk.rows("effect") if row["lane"] == f"tick:{CNV}"]
            return [body(row)["source"] for row in rows]

        desk.room = 0  # as in a process that serves the web: another one is to do it
        await desk.commit(desk.replies("s1", "one", order="1.1"))
        await desk.commit(desk.replies("s2", "two", order="1.2"))
        assert await ticked() == ["s1", "s2"]
        (work,) = (each for each in await desk.store.claim(8) if isinstance(each.effect, PutMark))
        await desk.store.put_back(work, 10, failed=True, doubtful=False)
        await desk.commit(desk.replies("s3", "three", order="1.3"))
        assert await ticked() == ["s1", "s2", "s3"]


async def test_a_parked_lane_keeps_all_and_is_never_due(desk: Stored) -> None:
    await desk.store.park(await begun(desk), "auth")
    await desk.commit(desk.says("k2"))
    desk.clock.move(1_000_000)
    assert await desk.store.claim(8) == []
    lane = await desk.lane(LANE)
    assert (lane["owner"], lane["parked"]) == (None, "auth")
    assert len(await desk.waiting(LANE)) == 3


# --- timers --------------------------------------------------------------------------------------


async def timer(bot: Stored) -> Work:
    """The bot's patience, which is over."""
    bot.clock.move(PATIENCE)
    return next(w for w in await bot.store.claim(8) if w.claim.lane == TIMER)


async def test_a_timer_is_set_for_its_time(bot: Stored) -> None:
    await bot.do(bot.says("k1"))
    lane = await bot.lane(TIMER)
    assert (lane["due_at"], lane["owner"]) == (bot.clock.now + int(PATIENCE * 1e6), None)
    work = await timer(bot)
    assert isinstance(work.effect, SetTimer)
    assert work.effect.kind is TimerKind.PATIENCE


async def test_a_timer_that_fired_is_gone(bot: Stored) -> None:
    await bot.do(bot.says("k1"))
    work = await timer(bot)
    assert (await bot.do(TimerFired(work.claim, bot.clock.now)))[0] == Accepted()
    assert TIMER not in [row["key"] for row in await bot.rows("lane")]
    assert await bot.waiting(TIMER) == []
    assert len(await bot.rows("handoff")) == 1


@pytest.mark.parametrize("how", ["late", "refused"])
async def test_a_handoff_of_a_silent_bot_is_titled_by_the_first_words_it_left_unanswered(
    bot: Stored, how: str
) -> None:
    await bot.do(bot.says("k1"))
    calls = [w for w in await bot.store.claim(8) if w.claim.lane.startswith("bot:")]
    (message,) = (await bot.commit(BotAnswered(calls[0].claim, bot.clock.now))).work
    await bot.do(BotAnswered(message.claim, bot.clock.now, (Reply("How can I help?"),)))
    await bot.do(bot.says("k2", "My parcel?"))
    await bot.do(bot.says("k3", "Hello?"))
    if how == "late":
        work = await timer(bot)
        await bot.do(TimerFired(work.claim, bot.clock.now))
    else:
        work = next(w for w in await bot.store.claim(8) if w.claim.lane.startswith("bot:"))
        await bot.do(NotDelivered(work.claim, bot.clock.now, "bot_http_500"))
    (handoff,) = await bot.rows("handoff")
    assert (handoff["title"], handoff["reason"]) == ("My parcel?", "bot_unavailable")


async def test_a_timer_that_is_not_needed_any_more_is_cancelled(bot: Stored) -> None:
    await bot.do(bot.says("k1"))
    await bot.do(bot.opens("o1"))
    assert TIMER not in [row["key"] for row in await bot.rows("lane")]
    assert await bot.waiting(TIMER) == []


async def test_a_timer_that_is_cancelled_while_it_fires_is_stale(bot: Stored) -> None:
    await bot.do(bot.says("k1"))
    work = await timer(bot)
    await bot.do(bot.opens("o1"))
    assert await bot.do(TimerFired(work.claim, bot.clock.now)) == (Rejected("stale"),)
    assert len(await bot.rows("handoff")) == 1


async def test_a_timer_that_is_set_again_moves(bot: Stored) -> None:
    """The bot is silent on purpose, so the next word of the user starts its patience anew."""
    await bot.do(bot.says("k1"))
    calls = [w for w in await bot.store.claim(8) if w.claim.lane.startswith("bot:")]
    (message,) = (await bot.commit(BotAnswered(calls[0].claim, bot.clock.now))).work
    bot.clock.move(10)
    await bot.do(BotAnswered(message.claim, bot.clock.now, silent=True))
    await bot.do(bot.says("k2"))
    assert (await bot.lane(TIMER))["due_at"] == bot.clock.now + int(PATIENCE * 1e6)
    assert await bot.waiting(TIMER) == ["SetTimer"]


# --- several processes ---------------------------------------------------------------------------


async def test_a_single_process_frees_the_lanes_of_those_before_it(desk: Stored) -> None:
    await begun(desk)
    other = desk.other("p2")
    assert await other.store.forget_dead() == 1
    (taken,) = await other.store.claim(8)
    assert (taken.doubtful, taken.claim.lane) == (True, LANE)


async def test_a_process_does_not_take_its_own_lanes_for_those_of_the_dead(desk: Stored) -> None:
    work = await begun(desk)
    assert await desk.store.forget_dead() == 0
    assert (await desk.lane(LANE))["owner"] == work.claim.owner


async def test_two_processes_that_claim_at_once_never_share_a_lane(fresh_postgres: str) -> None:
    async with stored(fresh_postgres) as one:
        two = Stored(connect(fresh_postgres), name="p2", clock=one.clock)
        try:
            await one.do(*(one.says(f"k{n}", to=user(f"u{n}")) for n in range(40)))
            works = await both_claim(one, two)
        finally:
            await two.database.close()
    lanes = [work.claim.lane for work in works]
    assert (len(lanes), len(set(lanes))) == (40, 40)
    assert {work.claim.owner.split(".")[0] for work in works} == {"p1", "p2"}


async def test_no_more_is_claimed_than_asked_for_where_postgresql_believes_in_a_single_lane(
    fresh_postgres: str,
) -> None:
    """It then joins each lane with what is due, and would look for that again for each."""
    async with stored(fresh_postgres) as desk:
        await desk.do(desk.says("k0", to=user("u0")))
        aside = await asyncpg.connect(fresh_postgres)
        await aside.execute("VACUUM ANALYZE lane")
        await aside.close()
        await desk.do(*(desk.says(f"k{n}", to=user(f"u{n}")) for n in range(1, 40)))
        assert [len(await desk.store.claim(8)) for _ in range(6)] == [8, 8, 8, 8, 8, 0]


async def both_claim(one: Stored, two: Stored) -> list[Work]:
    """By fours, until a whole round has found nothing."""
    works: list[Work] = []
    while True:
        claims = (desk.store.claim(4) for desk in (one, two, one, two))
        found = [work for some in await asyncio.gather(*claims) for work in some]
        if not found:
            return works
        works += found


async def test_two_processes_meet_a_new_user_at_once(fresh_postgres: str) -> None:
    async with stored(fresh_postgres) as one:
        two = Stored(connect(fresh_postgres), name="p2", clock=one.clock)
        try:
            await upgrade(two.database)
            await asyncio.gather(
                *(desk.do(desk.says(f"{desk.name}:{n}")) for n in range(10) for desk in (one, two))
            )
            said = await one.reads.before(SAM.conversation_id, 99, 99)
        finally:
            await two.database.close()
    assert [message.seq for message in said] == list(range(1, 21))


# --- what goes together --------------------------------------------------------------------------


async def test_what_goes_with_an_effect_is_taken_out_with_it(desk: Stored) -> None:
    await desk.hands_over()
    committed = await desk.commit(*(desk.says(f"k{n}", f"text {n}") for n in range(4)))
    (work,) = (each for each in committed.work if isinstance(each.effect, PostMessage))
    first, second, _ = await desk.store.behind(work, 9)
    assert await desk.store.join(work, [first.effect_id, second.effect_id])
    assert [each.joined for each in await desk.store.behind(work, 9)] == [True, True, False]
    joined = tuple((each.effect_id, each.effect.message_id) for each in (first, second))
    delivered = Delivered(work.claim, desk.clock.now, ("T1", "C1", "9.9"), joined=joined)
    (following,) = (await desk.commit(delivered)).work
    assert isinstance(following.effect, PostMessage)
    assert following.effect.message_id == await last(desk)
    assert [row["ts"] for row in await desk.rows("post")].count("9.9") == 3


async def last(desk: Stored) -> MessageId:
    messages = await desk.rows("message")
    return MessageId(max(messages, key=lambda row: row["seq"])["id"])


async def test_what_went_with_a_refused_effect_comes_in_its_turn(desk: Stored) -> None:
    await desk.hands_over()
    committed = await desk.commit(*(desk.says(f"k{n}", f"text {n}") for n in range(2)))
    (work,) = (each for each in committed.work if isinstance(each.effect, PostMessage))
    (behind,) = await desk.store.behind(work, 9)
    await desk.store.join(work, [behind.effect_id])
    (following,) = (await desk.commit(NotDelivered(work.claim, desk.clock.now, "no"))).work
    assert (following.claim.effect_id, following.doubtful) == (behind.effect_id, False)
