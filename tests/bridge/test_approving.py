"""Approvals in a conversation: what is held, what is said when it is approved, who is told."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.commands import (
    BotAnswered,
    BotSaid,
    Claim,
    DeleteConversation,
    Delivered,
    Escalation,
    Judge,
    OpenHandoff,
    Pause,
    Rejected,
    Reply,
    RequestApproval,
    Resume,
    TimerFired,
    ToConversation,
    ToUser,
    UserSaid,
)
from bridge.effects import CallBot, SetTimer, TimerKind
from bridge.events import Kind
from bridge.favours import AskApproval, CallReviewers, RefreshApproval
from bridge.gates import CHANNEL, Act, Approval, Ask, Gate, Stand, Verdict
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Agent,
    Attachment,
    Author,
    Button,
    Mode,
    Role,
    contact_id,
    conversation_id,
)
from bridge.queues import Queue
from tests.bridge.driver import ANA, BEN, BOT, CNV, GUEST, NO_BOT, SAM, World

HERE, ROBO = ToConversation(CNV), Author(Role.BOT, "robo")
ALL = replace(BOT, gate=Gate(everything=True))
WORDS = {"text": "We refund you."}


def world(policy: Any = ALL) -> World:
    made = World(policy)
    made.do(UserSaid("hello", made.tick(), SAM, "My parcel?"))
    return made


def said(made: World, text: str = "It is on its way.", **fields: Any) -> Any:
    reply = Reply(text, **fields)
    return made.do(BotSaid(made.key(), made.tick(), HERE, "robo", reply))


def asked(made: World, **fields: Any) -> Any:
    ask = Ask(**{"title": "Refund", "draft": WORDS, **fields})
    return made.do(RequestApproval(made.key(), made.tick(), HERE, ROBO, "robo", ask))


def judged(made: World, act: Act, by: Agent = ANA, **fields: Any) -> Any:
    wish = Verdict(act, **fields)
    return made.do(Judge(made.key(), made.tick(), HERE, the(made).id, by, wish))


def the(made: World) -> Approval:
    return next(iter(made.approvals.values()))


def heard(made: World) -> list[str]:
    """What the user sees of the bot."""
    return [message.text for message in made.said_by(Role.BOT) if message.leaves]


def told(made: World) -> dict[str, Any]:
    """What the bot hears of it, once."""
    (call,) = [each for each in made.effects(CallBot) if each.type == "approval.decided"]
    return call.body or {}


def fire(made: World, due: int = 0, kind: TimerKind = TimerKind.APPROVAL) -> None:
    timer = next(
        n
        for n, effect in made.waiting.items()
        if isinstance(effect, SetTimer) and effect.kind is kind
    )
    effect = made.waiting[timer]
    assert isinstance(effect, SetTimer)
    due = due or effect.due
    assert effect.due == due
    made.now = due
    made.do(TimerFired(Claim(timer, "timer", "w.1"), due))


def test_what_the_bot_says_is_held_and_said_when_it_is_approved() -> None:
    made = world()
    answer = said(made)
    assert (answer.data["held"], heard(made)) == (the(made).id, [])
    assert made.conversation.drafts == 1
    assert made.effects(AskApproval) == [AskApproval(the(made).id)]
    judged(made, Act.APPROVE)
    assert heard(made) == ["It is on its way."]
    assert made.conversation.drafts == 0
    body = told(made)
    assert (body["status"], body["sent"], body["reviewers"][0]["name"]) == ("approved", True, "Ana")
    assert body["message_id"] == made.said_by(Role.BOT)[0].id
    assert [e.kind for e in made.events][-2:] == [Kind.BOT_SPOKE, Kind.APPROVAL_DECIDED]


def test_its_buttons_and_files_go_with_it_and_an_edit_changes_the_words_alone() -> None:
    channels = {"webchat": replace(BOT.channels["webchat"], files=True)}
    made, button = world(replace(ALL, channels=channels)), Button("Track", "track")
    file = Attachment("label.pdf", "application/pdf", 5, "web:https://shop.example/label.pdf")
    said(made, buttons=(button,), attachments=(file,))
    judged(made, Act.EDIT, value={"text": "It is near.", "buttons": "none"})
    (message,) = made.said_by(Role.BOT)
    assert (message.text, message.buttons) == ("It is near.", (button,))
    assert told(made)["status"] == "edited"


def test_an_answer_of_several_messages_is_one_draft() -> None:
    made = world()
    made.answer(CallBot, lambda claim: BotAnswered(claim, made.tick()))
    made.answer(
        CallBot, lambda claim: BotAnswered(claim, made.tick(), (Reply("One."), Reply("Two.")))
    )
    assert [each.draft for each in made.approvals.values()] == [{"text": "One.\n\nTwo."}]
    assert heard(made) == []


def test_some_answers_are_held_by_intent_and_the_next_one_by_a_rule() -> None:
    made = world(replace(BOT, gate=Gate(intents=frozenset({"refund"}), queues=frozenset({"x"}))))
    said(made, "Hello.")
    assert heard(made) == ["Hello."]
    assert "held" in said(made, "Refunded.", intent="Refund").data
    made.conversation = replace(made.conversation, approve_next="angry")
    assert "held" in said(made, "Calm down.").data
    assert [each.why for each in made.approvals.values()] == ["intent", "angry"]
    said(made, "Bye.")
    assert heard(made) == ["Hello.", "Bye."]


def test_a_held_answer_is_cancelled_when_a_human_takes_over_and_the_bot_is_told() -> None:
    made = world()
    said(made)
    made.do(OpenHandoff("k", made.tick(), HERE, ROBO, Escalation("help")))
    assert (the(made).status, the(made).reason) == (Stand.EXPIRED, "human_in_control")
    assert (told(made)["value"], heard(made)) == (None, [])
    assert made.effects(RefreshApproval)
    late = judged(made, Act.APPROVE)
    assert isinstance(late, Rejected)
    assert (late.reason, late.data["status"]) == ("already_decided", "expired")


def test_a_held_answer_is_cancelled_when_the_bot_is_paused_and_given_back() -> None:
    made = world()
    asked(made, send=True)
    made.do(Pause("p", made.tick(), HERE, ANA.as_author()))
    assert (the(made).reason, made.conversation.mode) == ("human_in_control", Mode.HUMAN)
    assert asked(made, send=True).reason == "human_in_control"
    assert "id" in asked(made).data


def test_who_has_paused_all_bots_keeps_what_is_approved_from_being_said() -> None:
    made = world()
    said(made)
    made.silent = {"*": "Ana"}
    judged(made, Act.APPROVE)
    assert (heard(made), told(made)["not_sent"]) == ([], "human_in_control")


def test_a_deleted_conversation_leaves_nothing_of_its_drafts() -> None:
    made = world(replace(ALL, may_delete=True))
    said(made)
    made.do(DeleteConversation("d", made.tick(), HERE, ANA.as_author()))
    gone = the(made)
    assert (gone.reason, gone.draft, gone.value, gone.title) == (
        *("conversation_deleted", None, None),
        "",
    )


def test_rejected_the_bot_gets_the_reason_and_the_user_waits_for_another_answer() -> None:
    made = world()
    said(made)
    assert made.conversation.unanswered_since == 0
    judged(made, Act.REJECT, text="That is wrong.")
    assert (told(made)["reason"], told(made)["value"]) == ("That is wrong.", None)
    assert made.conversation.unanswered_since == made.now
    assert heard(made) == []


@pytest.mark.parametrize(
    ("ends", "reason", "title"),
    [
        ("time", "draft_expired", "Nobody decided about the assistant's answer in time"),
        ("reject", "draft_rejected", "The assistant's answer was rejected"),
        ("pause", "bot_unavailable", "My parcel?"),
    ],
)
def test_who_hears_nothing_for_want_of_a_yes_is_handed_over_with_words_that_say_so(
    ends: str, reason: str, title: str
) -> None:
    made = world()
    said(made)
    if ends == "time":
        fire(made, the(made).created_at + 450 * SECOND)
        fire(made, the(made).expires_at)
    elif ends == "reject":
        judged(made, Act.REJECT, text="That is wrong.")
    else:
        made.do(Pause(made.key(), made.tick(), HERE, ANA.as_author()))
        made.do(Resume(made.key(), made.tick(), HERE, ANA.as_author()))
        made.do(UserSaid("again", made.tick(), SAM, "Hello?"))
    fire(made, kind=TimerKind.PATIENCE)
    assert (made.handoff.reason, made.handoff.title) == (reason, title)


def test_what_the_bot_wanted_to_say_by_itself_leaves_nobody_waiting() -> None:
    made = world()
    made.conversation = replace(made.conversation, seq=9)
    said(made)
    judged(made, Act.REJECT)
    assert made.conversation.unanswered_since == 0


def test_instead_somebody_responds() -> None:
    made = world()
    said(made)
    judged(made, Act.RESPOND, text="Call us, please.")
    assert (heard(made), told(made)["status"]) == (["Call us, please."], "responded")


FORM = {"type": "object", "properties": {"amount": {"type": "number", "maximum": 50}}}


@pytest.mark.parametrize(
    ("ask", "act", "wish", "fault"),
    [
        ({"send": True}, Act.EDIT, {"value": {"text": " "}}, "bad_value"),
        ({"send": True}, Act.EDIT, {"value": 5}, "bad_value"),
        ({"send": True}, Act.EDIT, {"value": {"text": "password: hunter2hunter2"}}, "leaks"),
        ({}, Act.RESPOND, {"text": ""}, "bad_value"),
        ({"draft": {"amount": 5}, "form": FORM}, Act.EDIT, {"value": {"amount": 99}}, "bad_value"),
        ({"reviewers": ("U7",)}, Act.APPROVE, {}, "not_a_reviewer"),
    ],
)
def test_what_does_not_fit_is_refused_and_may_be_tried_again(
    ask: dict[str, Any], act: Act, wish: dict[str, Any], fault: str
) -> None:
    made = world()
    asked(made, **ask)
    refused = judged(made, act, **wish)
    assert isinstance(refused, Rejected)
    assert (refused.reason, the(made).is_pending) == (fault, True)


def test_an_action_is_edited_by_its_schema_and_by_nothing_else() -> None:
    for form, value in ((FORM, {"amount": 40}), (None, ["anything"])):
        made = world()
        asked(made, draft={"amount": 5}, form=form)
        judged(made, Act.EDIT, value=value)
        assert (the(made).status, told(made)["value"]) == (Stand.EDITED, value)


def test_what_is_edited_into_itself_is_approved() -> None:
    made = world()
    asked(made)
    judged(made, Act.EDIT, value=WORDS)
    assert the(made).status is Stand.APPROVED


def test_with_a_quorum_each_vote_is_shown_and_the_last_one_settles_it() -> None:
    made = world()
    asked(made, quorum=2, reviewers=("default",))
    judged(made, Act.APPROVE)
    assert (the(made).status, made.effects(RefreshApproval)[0].approval_id) == (
        Stand.PENDING,
        the(made).id,
    )
    assert made.events[-1].kind is Kind.APPROVAL_VOTED
    judged(made, Act.APPROVE, BEN)
    assert [vote["name"] for vote in told(made)["reviewers"]] == ["Ana", "Ben"]


def test_strangers_decide_nothing_and_neither_is_what_nobody_knows() -> None:
    made = world()
    asked(made)
    assert judged(made, Act.APPROVE, GUEST).reason == "not_a_member"
    made.approvals = {"apr_x": the(made)}
    unknown = Judge("j", made.tick(), HERE, "apr_y", ANA, Verdict(Act.APPROVE))
    made.approvals = {}
    assert made.do(unknown) == Rejected("unknown_approval")


def test_in_time_reviewers_are_called_then_others_and_then_it_is_decided_by_itself() -> None:
    policy = replace(BOT, gate=Gate(reviewers=("U1",), others=("S1",), on_timeout="approve"))
    made = world(policy)
    asked(made, send=True)
    at = made.now
    fire(made, at + 450 * SECOND)
    fire(made, at + 675 * SECOND)
    assert [(call.whom, call.again) for call in made.effects(CallReviewers)] == [
        (("U1",), False),
        (("S1",), True),
    ]
    assert the(made).reviewers == ("U1", "S1")
    fire(made, at + 900 * SECOND)
    assert (the(made).status, heard(made)) == (Stand.EXPIRED, ["We refund you."])
    assert told(made)["reason"] == "timeout"


def test_a_timer_of_what_is_decided_does_nothing() -> None:
    made = world(replace(ALL, staffed=False))
    said(made)
    at = the(made).created_at
    fire(made, at + 450 * SECOND)
    assert not made.effects(AskApproval)
    assert not made.effects(CallReviewers)
    judged(made, Act.APPROVE)
    before = len(made.events)
    fire(made, at + 900 * SECOND)
    assert len(made.events) == before


def test_its_card_is_drawn_again_when_it_was_decided_while_it_was_posted() -> None:
    made = world()
    said(made)
    place = ("T1", "C1", "5.0")
    judged(made, Act.APPROVE)
    drawn = len(made.effects(RefreshApproval))
    made.answer(AskApproval, lambda claim: Delivered(claim, made.tick(), place, 1))
    assert the(made).place == place
    assert len(made.effects(RefreshApproval)) == drawn + 1
    for answer in (Delivered(Claim(0, "", ""), 1, place, 2), Delivered(Claim(0, "", ""), 1)):
        made._put(AskApproval(the(made).id))
        made.answer(AskApproval, lambda claim, answer=answer: replace(answer, claim=claim))  # type: ignore[misc]
    assert len(made.effects(RefreshApproval)) == drawn + 1


def test_about_no_conversation_it_is_asked_alone_and_its_bot_is_told() -> None:
    made = World(replace(BOT, bots=(replace(BOT.bots[0], channels=("webchat",)),)))
    ids = (
        conversation_id(DEFAULT_WORKSPACE, CHANNEL, "ask_1"),
        contact_id(DEFAULT_WORKSPACE, CHANNEL, "ask_1"),
    )
    made.conversation = replace(
        made.conversation, id=ids[0], contact_id=ids[1], channel=CHANNEL, created_at=5
    )
    to = ToUser(DEFAULT_WORKSPACE, *ids, CHANNEL, "ask_1")
    ask = Ask("Delete the shop", {"shop": 5})
    made.do(RequestApproval("k", made.tick(), to, ROBO, "robo", ask))
    assert (made.conversation.is_gone, the(made).is_alone) == (True, True)
    judged(made, Act.APPROVE)
    body = told(made)
    assert (body["conversation_id"], body["user"], body["value"]) == (None, None, {"shop": 5})
    made.answer(CallBot, lambda claim: BotAnswered(claim, made.tick(), (Reply("Thanks"),)))
    assert made.said_by(Role.BOT) == []


def test_a_call_does_not_get_round_what_the_settings_hold() -> None:
    gate = Gate(everything=True, reviewers=(BEN.id,), quorum=2)
    made = world(replace(BOT, gate=gate))
    loose = {"reviewers": (), "quorum": 1, "expires_in": 10 * SECOND, "on_timeout": "approve"}
    asked(made, send=True, **loose)
    it = the(made)
    assert (it.reviewers, it.quorum, it.on_timeout, it.why) == (
        (BEN.id,),
        2,
        "reject",
        "everything",
    )
    assert it.expires_at - it.created_at == gate.expires_in
    asked(made, **loose)
    assert list(made.approvals.values())[-1].on_timeout == "approve"  # nothing of it is said


def test_the_topic_that_a_user_chose_says_which_queue_their_answers_are_held_for() -> None:
    queues = (*BOT.queues, Queue("money", labels=("billing",)))
    held = replace(BOT, gate=Gate(queues=frozenset({"money"})), queues=queues)
    made = World(replace(held, topics={("topic", "bill"): "billing"}))
    chosen = replace(SAM, attributes={"topic": "bill"})
    made.do(UserSaid("hello", made.tick(), chosen, "My bill?"))
    said(made)
    assert (the(made).why, heard(made)) == ("queue", [])


def test_a_bot_of_an_old_epoch_asks_for_nothing_and_none_is_told_where_there_is_none() -> None:
    made = world(NO_BOT)
    ask = Ask("Refund", WORDS)
    stale = RequestApproval("k", made.tick(), HERE, ROBO, "robo", ask, epoch=99)
    refused = made.do(stale)
    assert isinstance(refused, Rejected)
    assert refused.reason == "human_in_control"
    asked(made)
    judged(made, Act.APPROVE)
    assert made.effects(CallBot) == []
