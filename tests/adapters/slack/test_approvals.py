"""Approvals as reviewers see them: cards, forms, and what comes of a press."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack import approval, deciding
from bridge import gates
from bridge.commands import Accepted, Answer, Judge, Rejected, Request
from bridge.errors import Retry
from bridge.gates import Act, Approval, Stand, Verdict, Vote
from bridge.model import SECOND, HandoffId, Thread
from bridge.reviewing import Shown
from sandbox.slack import seed
from tests.adapters.slack.test_ways import modal, shown
from tests.adapters.slack.things import (
    ANA,
    NOW,
    WORKSPACE,
    assigned,
    contact,
    conversation,
    message,
)
from tests.adapters.slack.world import World, now

DRAFT = {"text": "We refund you within five days."}
FORM = {
    "type": "object",
    "required": ["amount"],
    "properties": {
        "amount": {"type": "number", "title": "Amount", "maximum": 50},
        "why": {"enum": ["late", "lost"]},
        "note": {"type": "string"},
        "fast": {"type": "boolean"},
        "items": {},
    },
}
ACTION = {"amount": 5, "why": "late"}


def asked(**fields: Any) -> Approval:
    made = Approval("apr_1", WORKSPACE, conversation().id, 1, title="Answer", send=True)
    made = replace(made, draft=DRAFT, value=DRAFT, created_at=NOW, expires_at=NOW + 900 * SECOND)
    return replace(made, **fields)


ALONE = asked(epoch=0, send=False, draft=ACTION, value=ACTION, form=FORM)


def about(it: Approval) -> Shown:
    said = (message("Where is it?"),) if it.epoch else ()
    return Shown(it, contact() if it.epoch else None, None, said)


async def stands(slack: World, it: Approval, **more: Any) -> str:
    """The card in the workspace, and in the books; its ts."""
    it = replace(it, created_at=now())
    receipt = await slack.desk.reviewer.ask_approval(replace(about(it), **more), it.id)
    assert receipt.place
    slack.books.asked[it.id] = replace(it, place=receipt.place)

    def judge(command: Request) -> Answer:
        """As the bridge does, without its store."""
        if not isinstance(command, Judge):
            return Accepted()
        before = slack.books.asked[command.approval_id]
        after, fault = gates.judged(before, command.judge, command.verdict, now())
        slack.books.asked[before.id] = after
        return Rejected(fault) if fault else Accepted()

    slack.bridge.answer = judge
    return receipt.place[2]


async def press(slack: World, act: Act, ts: str) -> None:
    await slack.ana.click(f"{approval.PRESS}{act}", channel=seed.ORDERS, ts=ts)


async def told(slack: World) -> str:
    await slack.desk.idle()
    return str((await slack.ana.ephemerals())[-1]["text"])


# --- the card ------------------------------------------------------------------------------------


def test_the_card_shows_the_draft_with_what_was_said_and_only_what_is_allowed() -> None:
    body = approval.card(about(asked(allowed=("approve", "reject"))), "apr_1", (ANA,))
    assert body.text == "To approve: Sam Rivera, Answer"
    assert "Where is it?" in str(body.blocks)
    assert "We refund you within five days." in str(body.blocks)
    pressed = [each["action_id"] for each in body.blocks[-1]["elements"]]
    assert pressed == ["approval_approve", "approval_reject"]


@pytest.mark.parametrize(
    ("reviewers", "told"),
    [
        ((ANA, "billing"), " · who is in billing may decide, too"),
        (("billing", "orders"), " · who is in billing or orders may decide'"),
        ((ANA,), "then it is rejected'"),
        ((), "then it is rejected'"),
    ],
)
def test_a_card_names_the_queues_that_may_decide(reviewers: tuple[str, ...], told: str) -> None:
    body = approval.card(about(asked(reviewers=reviewers)), "apr_1", (ANA,))
    assert told in str(body.blocks)
    assert ("who is in" in str(body.blocks)) == ("who is in" in told)


def test_a_draft_is_shown_as_the_customer_will_read_it() -> None:
    draft = {"text": "It costs **49.90** for <@U1>.", "buttons": [{"text": "Fine", "value": "y"}]}
    body = approval.card(about(asked(draft=draft, value=draft)), "apr_1")
    shown = str(body.blocks)
    assert "{'type': 'text', 'text': '49.90', 'style': {'bold': True}}" in shown
    assert "**" not in shown
    assert "[ Fine ]" in shown
    assert "'type': 'user'" not in shown
    empty = {"text": ""}
    assert "' '" in str(approval.card(about(asked(draft=empty, value=empty)), "apr_1").blocks)


def test_an_action_is_a_line_for_each_part_and_says_what_becomes_of_it() -> None:
    it = replace(ALONE, quorum=2, votes=(Vote("U1", "Ana", "approve", NOW),), on_timeout="approve")
    text = str(approval.card(about(replace(it, why="billing")), "apr_1").blocks)
    assert r"amount: 5\nwhy: late" in text
    assert "then it is approved · 1 of 2 for it: Ana · billing" in text


LONG = {"text": "We refund you. " * 300 + "And all is free from now on."}


def test_a_card_says_when_it_shows_only_the_beginning_and_shows_all_of_it() -> None:
    many = {f"part {n}": n for n in range(60)}
    for value, last in ((LONG, "And all is free from now on."), (many, "part 59: 59")):
        it = asked(draft=value, value=value)
        body = approval.card(about(it), "apr_1")
        assert last not in str(body.blocks)
        assert approval.BEGINNING in str(body.blocks)
        assert body.blocks[-1]["elements"][-1]["action_id"] == approval.WHOLE
        assert last in str(deciding.whole(it))
    short = approval.card(about(asked()), "apr_1")
    assert approval.BEGINNING not in str(short.blocks)
    assert approval.WHOLE not in str(short.blocks)


def test_a_window_holds_what_slack_takes_and_says_where_the_rest_is() -> None:
    it = asked(value={"text": "word " * 20_000})
    blocks = deciding.whole(it)["blocks"]
    assert len(blocks) < 50
    assert f"{deciding.TOO_MUCH} apr_1." in str(blocks[-1])
    assert deciding.TOO_MUCH not in str(deciding.whole(asked(value=LONG)))


async def test_all_of_a_draft_is_shown_in_a_window(slack: World) -> None:
    ts = await stands(slack, asked(draft=LONG, value=LONG))
    await slack.ana.click(approval.WHOLE, channel=seed.ORDERS, ts=ts)
    assert "And all is free from now on." in str(await modal(slack.ana, "Draft"))
    slack.books.asked.clear()
    await slack.ana.click(approval.WHOLE, channel=seed.ORDERS, ts=ts)
    assert await told(slack) == "I know no such approval any more."


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"status": Stand.APPROVED, "message_id": "m"}, "Approved by Ana · 2 min · sent"),
        (
            {"status": Stand.APPROVED, "not_sent": "human_in_control"},
            "Approved by Ana · 2 min · Not sent: a person has the conversation now.",
        ),
        ({"status": Stand.REJECTED, "value": None, "reason": "Wrong"},
         "Rejected by Ana · 2 min · Wrong"),
        ({"status": Stand.EXPIRED, "value": None, "reason": "timeout"},
         "Nobody decided in time, so it was rejected by itself."),
        ({"status": Stand.EXPIRED, "reason": "timeout", "message_id": "m"},
         "Nobody decided in time, so it was approved by itself and sent."),
        ({"status": Stand.EXPIRED, "value": None, "reason": "human_in_control"},
         "Not sent: a person has the conversation now."),
        ({}, "It is not decided yet."),
    ],
)  # fmt: skip
def test_what_was_decided_is_said_in_words(fields: dict[str, Any], line: str) -> None:
    it = asked(decided_name="Ana", decided_at=NOW + 120 * SECOND, **fields)
    assert approval.decided(it) == line
    pressed = [b for b in approval.card(about(it), "apr_1").blocks if b["type"] == "actions"]
    assert bool(pressed) == it.is_pending


def test_words_that_are_said_again_and_again_are_not_compared_one_by_one() -> None:
    """It took seconds, in which nothing else was done."""
    again = asked(
        status=Stand.EDITED,
        draft={"text": "a " * 599},
        value={"text": "a b " * 299},
        decided_name="Ana",
        decided_at=NOW,
    )
    blocks = str(approval.card(about(again), "apr_1").blocks)
    assert "'strike': True" not in blocks
    assert "a b a b" in blocks


def test_after_an_edit_the_card_shows_what_changed() -> None:
    it = asked(status=Stand.EDITED, value={"text": "We refund you within two days."})
    (change,) = [b for b in approval.card(about(it), "apr_1").blocks if len(b["elements"]) == 2]
    styled = {e["text"]: e.get("style") for e in change["elements"][1]["elements"]}
    assert styled["five"] == {"strike": True}
    assert styled["two"] == {"bold": True}
    assert styled["We refund you within"] is None
    long = asked(status=Stand.EDITED, value={"text": "so " * 700})
    assert "strike" not in str(approval.card(about(long), "apr_1").blocks)
    cut = asked(status=Stand.EDITED, value={"text": " ".join("😀" * 90 for _ in range(20))})
    assert "…" in str(approval.card(about(cut), "apr_1").blocks)


# --- pressing ------------------------------------------------------------------------------------


async def test_a_press_approves_and_who_comes_later_is_told_who_was_faster(slack: World) -> None:
    ts = await stands(slack, asked())
    await press(slack, Act.APPROVE, ts)
    command = await slack.bridge.next(Judge)
    assert (command.judge.id, command.verdict) == (ANA, Verdict(Act.APPROVE, revision=1))
    assert (await told(slack)).startswith("Approved by Ana")
    await press(slack, Act.APPROVE, ts)
    assert (await told(slack)).startswith("Too late. Approved by Ana")
    await press(slack, Act.REJECT, ts)
    assert (await told(slack)).startswith("Too late. Approved by Ana")
    done = about(slack.books.asked["apr_1"])
    slack.books.asked.clear()
    await press(slack, Act.APPROVE, ts)
    assert await told(slack) == "I know no such approval any more."
    await slack.desk.reviewer.redraw_approval(done)
    assert slack.message(ts).text.startswith("Approved by Ana")


async def test_the_words_are_edited_in_a_form_and_a_vote_may_not_be_enough(slack: World) -> None:
    ts = await stands(slack, asked(quorum=2))
    await press(slack, Act.EDIT, ts)
    form = await modal(slack.ana, "Edit")
    assert form["blocks"][1]["element"]["initial_value"] == DRAFT["text"]
    answer = await slack.ana.submit(form["id"], {"arg": "We refund you tomorrow."})
    assert answer["response_action"] == "update"
    assert "Others have to agree" in shown(await modal(slack.ana))
    assert slack.books.asked["apr_1"].value == {"text": "We refund you tomorrow."}
    await press(slack, Act.APPROVE, ts)
    assert (await told(slack)).startswith("Somebody has changed the draft since.")


async def test_it_is_rejected_with_a_reason_and_answered_instead(slack: World) -> None:
    for act, field, text in (
        (Act.REJECT, "reason", "Too much"),
        (Act.RESPOND, "value", {"text": "Too much"}),
    ):
        ts = await stands(slack, asked())
        await press(slack, act, ts)
        form = await modal(slack.ana, approval.LABELS[act][0].rstrip("…"))
        answer = await slack.ana.submit(form["id"], {"arg": " Too much "})
        assert answer["response_action"] == "clear"  # the card says it
        assert getattr(slack.books.asked["apr_1"], field) == text


async def test_an_action_is_edited_by_its_schema_with_faults_beside_their_fields(
    slack: World,
) -> None:
    ts = await stands(slack, ALONE)
    await press(slack, Act.EDIT, ts)
    form = await modal(slack.ana, "Edit")
    labels = [block["label"]["text"] for block in form["blocks"][1:]]
    assert labels == ["Amount", "why", "note", "fast", "items"]
    wrong = await slack.ana.submit(form["id"], {"amount": "many"})
    assert [*wrong["errors"]] == ["field_amount"]
    slack.bridge.answer = lambda _: Rejected("bad_value", {"fields": {"amount": "99 is too much"}})
    wrong = await slack.ana.submit(form["id"], {"amount": "99"})
    assert wrong["errors"] == {"field_amount": "99 is too much"}
    await stands(slack, ALONE)
    given = {"amount": "7.5", "note": "12", "items": "[1]"}
    await slack.ana.submit(form["id"], given)
    done = slack.books.asked["apr_1"].value
    assert done == {"amount": 7.5, "why": "late", "note": "12", "items": [1]}


def test_a_form_that_is_none_of_ours_and_one_that_is_too_long() -> None:
    assert deciding.read_form("") is None
    assert deciding.read("approval_approve", "apr_1|0") is None
    assert deciding.read("approval_dance", "apr_1|1") is None
    assert deciding.read("resolve", "apr_1|1") is None
    edit = deciding.Wish(Act.EDIT, "apr_1", 1)
    long = "x" * 3_001
    many = {"type": "object", "properties": {"note": {}}}
    for it in (asked(value={"text": long}), replace(ALONE, form=None, value=[long]),
               replace(ALONE, form=many, value={"note": long})):  # fmt: skip
        assert deciding.TOO_LONG in str(deciding.form(edit, it))


def test_what_has_no_fields_of_its_own_is_edited_as_json() -> None:
    edit = deciding.Wish(Act.EDIT, "apr_1", 1)
    for it in (replace(ALONE, form=None), replace(ALONE, value=[1]),
               replace(ALONE, form={"properties": {"a:b": {}}}, value={}),
               replace(ALONE, form={"properties": {"amount": {}}})):  # fmt: skip
        assert "as JSON" in str(deciding.form(edit, it))
        assert deciding.value_of(it, {"arg": "[2]"}) == ([2], {})
        assert "not valid JSON" in deciding.value_of(it, {"arg": "{"})[1]["arg"]
    assert deciding.faults_of(replace(ALONE, form=None), {"a.0": "no"}) == {"arg": "a.0: no"}
    assert deciding.faults_of(ALONE, {"value": "no"}) == {"field_amount": "no"}
    free = replace(ALONE, form={"properties": {"x": {"enum": ["", "a"]}}, "required": 5}, value={})
    assert deciding.value_of(free, {"field_x": "free words"}) == ({"x": "free words"}, {})
    assert "plain_text_input" in str(deciding.form(edit, free))


async def test_what_is_unknown_by_now_is_said_in_the_form(slack: World) -> None:
    ts = await stands(slack, asked())
    await press(slack, Act.EDIT, ts)
    form = await modal(slack.ana, "Edit")
    slack.books.asked.clear()
    wrong = await slack.ana.submit(form["id"], {"arg": "Hello"})
    assert wrong["errors"] == {"arg": "I know no such approval any more."}


async def test_a_group_is_asked_for_at_each_press(slack: World) -> None:
    ts = await stands(slack, asked(reviewers=(seed.ORDERS_GROUP, seed.BILLING_GROUP)))
    assert seed.ORDERS_GROUP in str(slack.message(ts).blocks)
    await press(slack, Act.APPROVE, ts)
    command = await slack.bridge.next(Judge)
    assert command.verdict.groups == (seed.ORDERS_GROUP,)


# --- where it stands -----------------------------------------------------------------------------


async def test_it_stands_in_the_thread_of_an_open_handoff_and_is_found_again(slack: World) -> None:
    thread = await slack.opened(assigned())
    it = asked(handoff_id=assigned().handoff.id)
    ts = await stands(slack, it, thread=thread)
    placed = replace(about(slack.books.asked["apr_1"]), thread=thread)
    receipt = await slack.desk.reviewer.asked_approval(placed, "apr_1", now())
    assert receipt is not None
    assert receipt.place == (thread.team, thread.channel, ts)
    assert await slack.desk.reviewer.asked_approval(placed, "apr_2", now()) is None
    called = await slack.desk.reviewer.call_reviewers(placed, (ANA,), "apr_1/again")
    assert called.place
    assert slack.message(called.place[2]).thread_ts == thread.ts
    gone = Thread(HandoffId("hnd_9"), 1, thread.team, thread.channel, "1.000001")
    with pytest.raises(Retry):
        await slack.desk.reviewer.call_reviewers(replace(placed, thread=gone), (), "apr_1/others")


async def test_without_a_thread_it_stands_in_a_channel_and_calls_below_itself(slack: World) -> None:
    ts = await stands(slack, ALONE)
    before = about(replace(ALONE, created_at=now()))
    found = await slack.desk.reviewer.asked_approval(before, "apr_1", now())
    assert found is not None
    assert await slack.desk.reviewer.asked_approval(before, "apr_7", now()) is None
    placed = about(slack.books.asked["apr_1"])
    called = await slack.desk.reviewer.call_reviewers(placed, ("default", ANA), "apr_1/again")
    assert called.place
    assert slack.message(called.place[2]).thread_ts == ts
