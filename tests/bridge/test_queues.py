"""Which queue a handoff goes to, who may take it there, and how it goes from one to another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from bridge.attending import Seat
from bridge.commands import (
    Accepted,
    Answer,
    Assign,
    AssignNext,
    Command,
    DeleteConversation,
    Delivered,
    Escalation,
    HandBack,
    Pause,
    Reject,
    Rejected,
    Release,
    Reopen,
    Resolve,
    Say,
    TakeOver,
    ToConversation,
    ToHandoff,
    Transfer,
)
from bridge.effects import LeaveThread, Line, OpenThread, PostLine, PostPreview, SetTimer, TimerKind
from bridge.hours import Hours
from bridge.model import (
    DEFAULT_WORKSPACE,
    Agent,
    AgentId,
    Awaiting,
    HandoffId,
    Priority,
    Standing,
    Status,
)
from bridge.policy import Alerts
from bridge.queues import DEFAULT, ONLY, Queue, Routing, chosen, named
from bridge.ranks import Rank
from bridge.routing import Bench, Held
from bridge.turn import DESKBRIDGE
from tests.bridge.driver import ANA, BEN, BOT, CNV, World
from tests.bridge.test_handoffs import opened
from tests.bridge.test_talk import handed_over, replies, says

BILLING = Queue("billing", place="C2", labels=("refund", "invoice"), priority=Priority.HIGH)
FRENCH = Queue("french", languages=("fr",), notify="S0FRENCH")
QUEUES = (Queue(), BILLING, FRENCH)
HERE = replace(BOT, queues=QUEUES)
OF_BILLING = replace(ANA, queues=("billing",))
OF_DEFAULT = replace(BEN, queues=("default", "french"))


def refused(answer: Answer) -> str:
    assert isinstance(answer, Rejected), answer
    return answer.reason


# --- which one -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "locale", "name"),
    [
        ((), "", "default"),
        ((), "en-GB", "default"),
        (("refund",), "", "billing"),
        (("vip", "invoice"), "fr", "billing"),
        ((), "fr", "french"),
        ((), "fr-CA", "french"),
        ((), "FR_ca", "french"),
    ],
)
def test_a_queue_is_chosen_by_label_then_by_language(
    labels: tuple[str, ...], locale: str, name: str
) -> None:
    assert chosen(QUEUES, labels, locale) == name
    assert chosen(ONLY, labels, locale) == DEFAULT


def test_a_queue_that_nobody_knows_is_treated_as_the_default_one() -> None:
    assert named(QUEUES, "billing") is BILLING
    assert named(QUEUES, "elsewhere").name == DEFAULT


def test_what_the_bot_names_comes_before_labels_and_priority_is_the_queues_if_unsaid() -> None:
    labelled = opened(Escalation("help", labels=("refund",)), World(HERE)).handoff
    assert (labelled.queue, labelled.priority) == ("billing", Priority.HIGH)
    asked = Escalation("help", queue="french", labels=("refund",), priority=Priority.LOW)
    handoff = opened(asked, World(HERE)).handoff
    assert (handoff.queue, handoff.priority) == ("french", Priority.LOW)


def test_whom_a_queue_calls_is_its_own() -> None:
    world = opened(Escalation("help", queue="french"), World(replace(HERE, alerts=Alerts())))
    [alert] = [t for t in world.effects(SetTimer) if t.kind is TimerKind.ALERT]
    assert alert.due == world.now + Alerts().notify_after
    assert HERE.alerts_of("default") is HERE.alerts


# --- whose ---------------------------------------------------------------------------------------


def test_only_members_of_its_queue_act_in_a_handoff() -> None:
    world = handed_over(HERE, None)
    take = Assign(world.key(), world.tick(), world.thread, OF_BILLING, OF_BILLING)
    assert refused(world.do(take)) == "not_a_member"
    to_a_stranger = Assign(world.key(), world.tick(), world.thread, OF_DEFAULT, OF_BILLING)
    assert refused(world.do(to_a_stranger)) == "assignee_not_a_member"
    held = replies(world, "hello", by=OF_BILLING)
    assert (held.standing, held.held_for) == (Standing.HELD, "not_a_member")
    replies(world, "hello", by=OF_DEFAULT)
    assert world.handoff.assignee == OF_DEFAULT.id


def test_who_was_once_in_a_queue_of_others_may_be_taken_from_the_bot_by_anybody() -> None:
    world = opened(Escalation("help", queue="billing"), World(HERE))
    world.do(Resolve(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    seen = Reopen(world.key(), world.tick(), ToHandoff(world.handoff.id), OF_DEFAULT)
    assert refused(world.do(seen)) == "not_a_member"
    world.do(TakeOver(world.key(), world.tick(), ToConversation(CNV), OF_DEFAULT))
    assert (world.handoff.queue, world.handoff.assignee) == ("default", OF_DEFAULT.id)


@pytest.mark.parametrize(
    ("by", "queue"), [(ANA, "default"), (OF_BILLING, "billing"), (OF_DEFAULT, "default")]
)
def test_what_an_agent_takes_from_the_bot_is_in_a_queue_of_theirs(by: Agent, queue: str) -> None:
    world = World(HERE)
    says(world, "hello")
    world.do(TakeOver(world.key(), world.tick(), ToConversation(CNV), by))
    assert (world.handoff.queue, world.handoff.assignee) == (queue, by.id)


def test_only_members_of_its_queue_pause_say_and_delete_there() -> None:
    world = handed_over(replace(HERE, may_delete=True), None)
    by, asker = OF_BILLING.as_author(), OF_BILLING
    for command in (
        Say(world.key(), world.tick(), world.thread, by, "hello", asker=asker),
        Pause(world.key(), world.tick(), world.thread, by, asker=asker),
        DeleteConversation(world.key(), world.tick(), world.thread, by, asker=asker),
    ):
        assert refused(world.do(command)) == "not_a_member"
    tool = DeleteConversation(world.key(), world.tick(), world.thread, DESKBRIDGE)
    assert isinstance(world.do(tool), Accepted)


def _assign(world: World, by: Agent) -> Command:
    return Assign(world.key(), world.tick(), world.thread, by, BEN)


def _transfer(world: World, by: Agent) -> Command:
    return Transfer(world.key(), world.tick(), world.thread, by, BEN)


def _reject(world: World, by: Agent) -> Command:
    return Reject(world.key(), world.tick(), world.thread, by)


def _delete(world: World, by: Agent) -> Command:
    author = by.as_author()
    return DeleteConversation(world.key(), world.tick(), world.thread, author, asker=by)


CAROL = Agent(AgentId("U3"), "Carol", rank=Rank.AGENT)


def test_an_agent_deals_with_what_is_theirs_and_a_supervisor_with_all() -> None:
    for by, allowed in ((CAROL, False), (replace(CAROL, rank=Rank.SUPERVISOR), True)):
        for make in (_assign, _transfer, _reject, _delete):
            world = handed_over(replace(HERE, may_delete=True))
            answer = world.do(make(world, by))
            assert isinstance(answer, Accepted) is allowed
            assert allowed or refused(answer) == "not_allowed"
    world = handed_over(HERE, None)
    world.do(Assign(world.key(), world.tick(), world.thread, CAROL, CAROL))
    world.do(Transfer(world.key(), world.tick(), world.thread, CAROL, BEN))
    assert world.handoff.assignee == BEN.id
    world.do(Release(world.key(), world.tick(), world.thread, CAROL))
    assert world.handoff.assignee is None


# --- from one to another -------------------------------------------------------------------------


def moved(world: World, queue: str) -> list[object]:
    world.do(Transfer(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA, None, queue))
    kinds = (PostLine, LeaveThread, OpenThread, PostPreview)
    return [effect for effect in world.waiting.values() if isinstance(effect, kinds)]


def test_a_queue_in_another_place_has_the_handoff_in_a_thread_of_its_own() -> None:
    world = handed_over(HERE)
    line, root, preview, left = moved(world, "billing")
    assert isinstance(line, PostLine)
    assert (line.line, line.detail) == (Line.RELEASED, "billing")
    assert left == LeaveThread(world.handoff.id, 1, "T1", "C1", "1.1")
    assert root == OpenThread(world.handoff.id, 2)
    assert isinstance(preview, PostPreview)
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C2", "2.1"), 1))
    assert world.newest[world.handoff.id].channel == "C2"


@pytest.mark.parametrize(
    ("week", "told"),
    [((((540, 1020),),) * 7, "is closed and opens again tomorrow at 9:00 (UTC)"),
     (((),) * 7, "is closed"), ((), "")],
)  # fmt: skip
def test_who_gives_it_to_a_queue_that_is_closed_is_told_when_it_opens(
    week: tuple[tuple[tuple[int, int], ...], ...], told: str
) -> None:
    billing = replace(BILLING, hours=Hours(UTC, week))
    world = handed_over(replace(HERE, queues=(Queue(place="C1"), billing)))
    to = ToHandoff(world.handoff.id)
    answer = world.do(Transfer(world.key(), world.tick(), to, ANA, None, "billing"))
    assert isinstance(answer, Accepted)
    assert answer.data.get("closed", "") == (told and f"billing {told}")
    [line] = [it for it in world.waiting.values() if isinstance(it, PostLine)]
    assert line.detail == (f"billing, which {told}" if told else "billing")


def test_what_went_to_another_place_while_its_thread_was_being_opened_follows() -> None:
    world = opened(world=World(replace(HERE, queues=(Queue(place="C1"), BILLING))))
    moved(world, "billing")
    assert world.effects(OpenThread) == [OpenThread(world.handoff.id, 1)]
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C1", "1.1"), 1))
    assert world.effects(OpenThread) == [OpenThread(world.handoff.id, 2)]
    assert world.effects(LeaveThread) == [LeaveThread(world.handoff.id, 1, "T1", "C1", "1.1")]
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C2", "2.1"), 1))
    assert world.effects(OpenThread) == []


def test_what_goes_on_while_it_is_being_moved_is_opened_once_and_follows() -> None:
    world = handed_over(replace(HERE, queues=(Queue(place="C1"), BILLING)))
    moved(world, "billing")
    moved(world, "default")  # and back, before there is a thread in C2
    assert world.effects(OpenThread) == [OpenThread(world.handoff.id, 2)]
    world.answer(OpenThread, lambda claim: Delivered(claim, world.now, ("T1", "C2", "2.1"), 1))
    assert world.effects(OpenThread) == [OpenThread(world.handoff.id, 3)]


def test_a_queue_in_the_same_place_goes_on_in_the_same_thread() -> None:
    world = handed_over(HERE)
    assert len(moved(world, "french")) == 1
    assert (world.handoff.status, world.handoff.queue) == (Status.QUEUED, "french")


def test_what_goes_back_to_its_queue_stays_where_it_is() -> None:
    world = handed_over(HERE)
    world.do(Release(world.key(), world.tick(), world.thread, ANA))
    assert world.effects(OpenThread) == []


# --- given out -----------------------------------------------------------------------------------

GIVING = replace(HERE, queues=(Queue(routing=Routing.ROUND_ROBIN), BILLING))
ONLINE = Seat(DEFAULT_WORKSPACE, BEN.id, online=True)


def gives(world: World, agent: Agent = BEN) -> Answer:
    return world.do(AssignNext(world.key(), world.tick(), ToHandoff(world.handoff.id), agent))


def test_what_is_given_out_is_told_to_who_gets_it_and_by_nobody() -> None:
    world = handed_over(GIVING, None)
    world.bench = Bench(ONLINE)
    gives(world)
    assert world.handoff.assignee == BEN.id
    [line] = world.effects(PostLine)
    assert (line.line, line.who, line.detail) == (Line.ASSIGNED, BEN.id, "")
    assert world.events[-1].actor == DESKBRIDGE
    assert refused(gives(world)) == "not_now"


def test_it_is_given_to_nobody_who_has_gone_or_has_enough_or_does_not_belong_there() -> None:
    world = handed_over(GIVING, None)
    full = tuple(
        Held(HandoffId(f"h{n}"), BEN.id, "default", Awaiting.AGENT, world.now) for n in range(3)
    )
    for bench, reason in (
        (Bench(None), "away"),
        (Bench(replace(ONLINE, online=False)), "away"),
        (Bench(ONLINE, full), "no_room"),
    ):
        world.bench = bench
        assert refused(gives(world)) == reason
    world.bench = Bench(ONLINE)
    assert refused(gives(world, replace(BEN, queues=("billing",)))) == "assignee_not_a_member"


def test_what_somebody_has_just_resolved_is_given_to_nobody_unless_they_take_it_back() -> None:
    world = handed_over(GIVING, None)
    world.bench = Bench(ONLINE)
    to = world.key(), world.tick(), ToHandoff(world.handoff.id), ANA
    world.do(Resolve(*to, undoable=True))
    assert world.handoff.ends_at
    assert refused(gives(world)) == "not_now"
    world.do(Reopen(world.key(), *to[1:]))
    assert [decision.stirs for decision in world.history[-2:]] == [True, True]
    gives(world)
    assert world.handoff.assignee == BEN.id


def hands_back(world: World, late: int = 300, **seat: Any) -> Answer:
    """From Ana, who went so many seconds ago; `seat`: as she has it now."""
    handoff, talk = world.handoff, world.conversation
    mine = Held(handoff.id, ANA.id, handoff.queue, talk.awaiting, talk.awaiting_since)
    gone = Seat(DEFAULT_WORKSPACE, ANA.id, since=talk.awaiting_since)
    world.bench = Bench(replace(gone, **seat), (mine,) if handoff.assignee == ANA.id else ())
    return world.do(HandBack(world.key(), world.tick(late), ToHandoff(handoff.id), ANA.id))


def test_what_waits_for_one_who_is_away_is_handed_back() -> None:
    world = handed_over(GIVING)
    hands_back(world)
    assert world.handoff.assignee is None
    [line] = world.effects(PostLine)
    assert (line.line, line.who, line.name) == (Line.AWAY, ANA.id, "Ana")
    assert refused(hands_back(world)) == "not_now"


def test_nothing_is_handed_back_that_was_answered_or_is_ending_nor_from_who_is_there_again() -> (
    None
):
    world = handed_over(GIVING)
    assert refused(hands_back(world, late=100)) == "not_now"
    assert refused(hands_back(world, online=True)) == "not_now"
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA, undoable=True))
    assert refused(hands_back(world)) == "not_now"
    world = handed_over(GIVING)
    replies(world, "on its way")
    assert refused(hands_back(world)) == "not_now"


def test_only_what_changes_whom_somebody_waits_for_stirs_routing() -> None:
    world = handed_over(GIVING)
    replies(world, "hello")
    replies(world, "and one more thing")
    world.do(Release(world.key(), world.tick(), world.thread, ANA))
    assert [decision.stirs for decision in world.history[-3:]] == [True, False, True]
    assert world.handoff.given_back_by == ANA.id
    assert not any(decision.stirs for decision in handed_over(HERE).history)
