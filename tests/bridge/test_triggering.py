"""When rules are asked, and what is done when one fires."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    BotAnswered,
    BotSaid,
    DeleteConversation,
    Escalation,
    FalseAlarm,
    OpenHandoff,
    Pause,
    Rejected,
    Reply,
    Resolve,
    TakeOver,
    ToConversation,
    ToHandoff,
    UserSaid,
)
from bridge.effects import CallBot, Line, OpenThread, PostLine, PostMessage
from bridge.events import Event, Kind
from bridge.labels import Labels
from bridge.memory import NO_MEMORY
from bridge.model import SECOND, Author, Mode, Priority, Role, Status
from bridge.patterns import TOO_LONG
from bridge.policy import Policy
from bridge.queues import Queue
from bridge.settings_triggers import TriggerSettings, made
from bridge.triggering import read_told
from tests.bridge.driver import ANA, BOT, CNV, GUEST, NO_BOT, SAM, World

API = Author(Role.SYSTEM, "key_1", "crm")
HERE = ToConversation(CNV)
REFUND: dict[str, Any] = {"name": "refund", "kind": "words", "words": ["refund"]}
HUMAN: dict[str, Any] = {"name": "person", "kind": "human", "hand_over": True}
SLOW: dict[str, Any] = {
    "name": "slow",
    "kind": "pattern",
    "hand_over": True,
    "pattern": "(a|a)" * 30 + "b",
}
"""With a text of many `a` it comes to no end."""


def ruled(*rules: dict[str, Any], policy: Policy = BOT) -> World:
    given = [TriggerSettings.model_validate(rule) for rule in rules]
    queues = (*policy.queues, Queue("billing"))
    return World(replace(policy, triggers=made(given, Labels()), queues=queues))


def said(world: World, text: str, **more: Any) -> None:
    answer = world.do(UserSaid(world.key(), world.tick(), SAM, text, **more))
    assert isinstance(answer, Accepted), answer


def fired(world: World) -> list[Event]:
    return [event for event in world.events if event.kind is Kind.TRIGGER_FIRED]


def told(world: World) -> list[tuple[str, str]]:
    """Rule and why of each row in the thread."""
    return [row for rows in posts(world) for row in rows]


def posts(world: World) -> list[list[tuple[str, str]]]:
    """The same, by posts."""
    lines = [each for each in world.effects(PostLine) if each.line is Line.TRIGGERED]
    return [[(rule, why) for _, rule, why in read_told(each.detail)] for each in lines]


def test_a_rule_hands_over_and_says_why_and_the_message_goes_to_the_team_not_the_bot() -> None:
    world = ruled(HUMAN)
    said(world, "Where is order 1009?")
    said(world, "I want to talk to a person")
    handoff = world.handoff
    assert (handoff.status, handoff.reason) == (Status.QUEUED, "trigger")
    assert handoff.title == "I want to talk to a person"
    assert handoff.reason_text == "asks for a person"
    assert handoff.terms.why == ("person: asks for a person",)
    last = world.said_by(Role.USER)[-1]
    assert last.handoff_id == handoff.id
    assert world.effects(PostMessage)[-1].message_id == last.id
    calls = [c for c in world.effects(CallBot) if c.type == "message.created"]
    assert last.id not in {call.message_id for call in calls}
    assert told(world) == [("person", "asks for a person")]


def test_each_firing_is_an_event_that_repeats_nothing_of_what_was_said() -> None:
    world = ruled({"name": "private", "kind": "sensitive", "hand_over": True})
    said(world, "charge 4111 1111 1111 1111 please")
    [event] = fired(world)
    assert event.actor.role is Role.USER
    assert event.body["why"] == "contains a card number"
    assert (event.body["rule"], event.body["kind"]) == ("private", "sensitive")
    assert event.body["handed_over"] is True
    assert "4111" not in f"{world.events}{world.handoff}{world.effects(PostLine)}"


@pytest.mark.parametrize("open_before", [True, False])
def test_rules_that_fire_on_one_message_are_one_post_with_each_of_them(open_before: bool) -> None:
    world = ruled(REFUND, {**HUMAN, "hand_over": not open_before})
    if open_before:
        world.do(TakeOver(world.key(), world.tick(), HERE, ANA))
    said(world, "A person please, I want a refund")
    assert posts(world) == [[("refund", "“refund”"), ("person", "asks for a person")]]
    why = ("refund: “refund”", "person: asks for a person")
    assert world.handoff.terms.why == (() if open_before else why)


@pytest.mark.parametrize("opens", ["bot", "agent"])
def test_what_a_rule_wished_waits_for_the_handoff_whoever_opens_it(opens: str) -> None:
    wish = {"labels": ["money"], "priority": "high", "queue": "billing"}
    world = ruled({**REFUND, **wish})
    said(world, "I want a refund")
    assert world.conversation.mode is Mode.BOT
    if opens == "bot":
        wanted = Escalation("Refund", labels=("vip",))
        world.do(OpenHandoff(world.key(), world.tick(), HERE, API, wanted))
    else:
        world.do(TakeOver(world.key(), world.tick(), HERE, ANA))
    handoff = world.handoff
    assert "money" in handoff.labels
    assert handoff.priority is Priority.HIGH
    assert handoff.queue == ("billing" if opens == "bot" else "default")
    assert handoff.terms.why == ("refund: “refund”",)
    assert told(world) == [("refund", "“refund”")]
    assert world.conversation.memory.wishes == ()


def test_who_opens_it_knows_the_queue_better_and_a_priority_is_only_raised() -> None:
    world = ruled({**REFUND, "queue": "billing", "priority": "low"})
    said(world, "I want a refund")
    wanted = Escalation("Refund", queue="default", priority=Priority.URGENT)
    world.do(OpenHandoff(world.key(), world.tick(), HERE, API, wanted))
    assert (world.handoff.queue, world.handoff.priority) == ("default", Priority.URGENT)


def test_in_a_handoff_it_labels_and_raises_at_once_and_hands_nothing_over() -> None:
    world = ruled({**REFUND, "labels": ["money"], "priority": "urgent", "hand_over": True})
    world.do(OpenHandoff(world.key(), world.tick(), HERE, API, Escalation("x", labels=("vip",))))
    before = world.handoff
    said(world, "refund!")
    assert world.handoff.id == before.id
    assert (world.handoff.labels, world.handoff.priority) == (("vip", "money"), Priority.URGENT)
    assert world.events[-1].kind is Kind.HANDOFF_CHANGED
    assert world.events[-1].body == {"add": ["money"], "priority": ["normal", "urgent"]}
    assert told(world) == [("refund", "“refund”")]
    [event] = fired(world)
    assert event.body["handed_over"] is False


def test_a_rule_that_does_nothing_tells_and_no_more() -> None:
    world = ruled(REFUND)
    world.do(OpenHandoff(world.key(), world.tick(), HERE, API, Escalation("x")))
    version = world.handoff.version
    said(world, "refund")
    assert world.handoff.version == version
    assert told(world) == [("refund", "“refund”")]


def test_it_fires_once_while_the_bot_has_it_and_anew_when_the_bot_has_it_back() -> None:
    world = ruled(HUMAN)
    said(world, "a human please")
    said(world, "a human please")
    assert len(fired(world)) == 1
    world.do(Resolve(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    assert world.conversation.memory == NO_MEMORY
    said(world, "a human please")
    assert len(fired(world)) == 2
    assert len(world.handoffs) == 2


def test_a_new_visit_begins_anew_and_a_cooldown_says_when_else() -> None:
    world = ruled(REFUND, {**REFUND, "name": "often", "cooldown": 60})
    for wait in (1, 30, 60):
        world.tick(wait)
        said(world, "refund")
    assert [each.body["rule"] for each in fired(world)] == ["refund", "often", "often"]
    world.tick(world.policy.visit_gap // SECOND)
    said(world, "refund")
    assert [each.body["rule"] for each in fired(world)][3:] == ["refund", "often"]


def test_the_bots_own_doubt_hands_over_after_it_has_said_so() -> None:
    unsure = {"name": "unsure", "kind": "confidence", "below": 0.4, "hand_over": True}
    world = ruled(unsure)
    said(world, "Is it waterproof?")
    reply = Reply("I think so", confidence=0.3)
    answer = world.do(BotSaid(world.key(), world.tick(), HERE, "robo", reply))
    assert isinstance(answer, Accepted)
    assert world.handoff.title == ""
    assert world.handoff.reason_text == "the assistant was only 30% sure"
    assert world.handoff.opened_seq == world.said_by(Role.BOT)[0].seq


def test_a_rule_wants_the_bots_next_answer_approved_unless_it_gets_none() -> None:
    world = ruled({**REFUND, "approve": True}, HUMAN)
    said(world, "refund")
    assert world.conversation.approve_next == "refund: “refund”"
    said(world, "a human, please")
    assert world.conversation.approve_next == ""


def test_what_is_to_be_approved_is_not_said_on_the_way_to_a_person_either() -> None:
    world = ruled(
        {**REFUND, "approve": True},
        {"name": "unsure", "kind": "confidence", "below": 0.5, "hand_over": True},
    )
    said(world, "refund")
    reply = Reply("We refund you", confidence=0.3)
    world.do(BotSaid(world.key(), world.tick(), HERE, "robo", reply))
    assert world.said_by(Role.BOT) == []
    assert (world.conversation.mode, world.conversation.approve_next) == (Mode.HUMAN, "")
    assert [each.status for each in world.approvals.values()] == ["expired"]


@pytest.mark.parametrize("wish", [None, Escalation("Billing", labels=("bot",))])
def test_of_an_answer_at_once_all_is_said_and_the_bots_own_wish_is_the_better(
    wish: Escalation | None,
) -> None:
    rule = {"name": "money", "kind": "intent", "intents": ["billing"], "hand_over": True}
    world = ruled({**rule, "labels": ["money"]})
    said(world, "My bill is wrong")
    replies = (Reply("Let me see", intent="Billing"), Reply("One moment"))
    at = world.tick()
    world.answer(CallBot, lambda claim: BotAnswered(claim, at))  # to the beginning
    world.answer(CallBot, lambda claim: BotAnswered(claim, at, replies, handoff=wish))
    assert len(world.said_by(Role.BOT)) == 2
    assert world.handoff.title == ("Billing" if wish else "My bill is wrong")
    assert "money" in world.handoff.labels
    assert len(world.effects(OpenThread)) == 1


def test_without_a_bot_what_fires_is_of_the_handoff_that_the_message_opens_or_goes_on_in() -> None:
    world = ruled({**REFUND, "labels": ["money"], "hand_over": True}, policy=NO_BOT)
    said(world, "hello")
    world.do(Resolve(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    said(world, "a refund, please")
    [handoff] = world.handoffs.values()
    assert handoff.labels == ("money",)
    assert handoff.is_open
    assert told(world)[-1] == ("refund", "“refund”")


def test_while_the_bot_is_paused_it_is_kept_for_the_handoff() -> None:
    world = ruled({**REFUND, "labels": ["money"], "hand_over": True})
    said(world, "hello")
    world.do(Pause(world.key(), world.tick(), HERE, API))
    said(world, "refund")
    assert world.handoffs == {}
    world.do(OpenHandoff(world.key(), world.tick(), HERE, API, Escalation("x")))
    assert world.handoff.labels == ("money",)


def test_without_rules_nothing_is_remembered() -> None:
    world = World()
    said(world, "I want a refund")
    world.do(BotSaid(world.key(), world.tick(), HERE, "robo", Reply("ok", confidence=0.1)))
    assert world.conversation.memory is NO_MEMORY


def test_what_is_deleted_is_not_remembered() -> None:
    world = ruled(REFUND, policy=replace(BOT, may_delete=True))
    said(world, "refund")
    assert world.conversation.memory != NO_MEMORY
    world.do(DeleteConversation(world.key(), world.tick(), HERE, API))
    assert world.conversation.memory == NO_MEMORY


def test_a_rule_that_took_too_long_does_nothing_and_is_written_down_by_its_name() -> None:
    world = ruled(SLOW, REFUND)
    said(world, f"{'a' * 500} refund")
    [event] = [each for each in world.events if each.kind is Kind.TRIGGER_UNCHECKED]
    told = {"rule": "slow", "kind": "pattern", "why": TOO_LONG, "message": event.body["message"]}
    assert event.body == told
    assert [each.body["rule"] for each in fired(world)] == ["refund"]
    assert world.handoffs == {}


def test_a_member_says_that_it_was_a_false_alarm_and_no_stranger() -> None:
    world = ruled(HUMAN)
    said(world, "a human please")
    [event], to = fired(world), ToHandoff(world.handoff.id)
    asked = FalseAlarm(world.key(), world.tick(), to, GUEST, event.id, "person")
    assert world.do(asked) == Rejected("not_a_member")
    assert isinstance(world.do(replace(asked, key="again", by=ANA)), Accepted)
    assert world.events[-1].kind is Kind.FALSE_ALARM
    assert world.events[-1].body == {"firing": event.id, "rule": "person"}
    assert world.handoff.is_open
