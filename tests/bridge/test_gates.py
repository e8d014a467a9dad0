"""What people decide about a draft, as pure data: settled once, one vote for each person."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import gates
from bridge.gates import TRANSITIONS, VERDICTS, Act, Approval, Gate, Stand, Verdict, Vote
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Agent,
    AgentId,
    Contact,
    ContactId,
    ConversationId,
)

AT = 1_700_000_000 * SECOND
DRAFT = {"text": "We refund you."}
PEOPLE = tuple(Agent(AgentId(f"U{n}"), f"Person {n}") for n in range(4))
ANA, BEN, CLEO, _ = PEOPLE


def approval(**fields: object) -> Approval:
    made = Approval(
        "apr_1", DEFAULT_WORKSPACE, ConversationId("cnv_1"), 1, draft=DRAFT, value=DRAFT
    )
    made = replace(made, created_at=AT, expires_at=AT + 900 * SECOND)
    return replace(made, **fields)  # type: ignore[arg-type]


def verdict(act: Act, **fields: object) -> Verdict:
    return replace(Verdict(act, value={"text": "Other"}, text="Words"), **fields)  # type: ignore[arg-type]


def done(one: Approval, act: Act, by: Agent = ANA) -> Approval:
    """Any act, as whoever may do it does it."""
    if act is Act.EXPIRE:
        return gates.expired(one, AT)
    if act is Act.CANCEL:
        return gates.cancelled(one, AT, "human_in_control")
    after, fault = gates.judged(one, by, verdict(act), AT)
    assert not fault
    return after


@pytest.mark.parametrize(("quorum", "act"), [*product((1, 2), Act)])
def test_every_act_leads_where_the_table_says(quorum: int, act: Act) -> None:
    after = done(approval(quorum=quorum), act)
    assert after.status in TRANSITIONS[Stand.PENDING][act]
    assert after.version == 2
    assert (after.usable is not None) == (
        after.status in (Stand.APPROVED, Stand.EDITED, Stand.RESPONDED)
    )


@pytest.mark.parametrize(("status", "act"), [*product(Stand, VERDICTS)])
def test_what_is_settled_is_never_settled_again(status: Stand, act: Act) -> None:
    one = approval(status=status)
    after, fault = gates.judged(one, ANA, verdict(act), AT)
    assert (fault == "already_decided") == (status is not Stand.PENDING)
    assert (after is one) == (status is not Stand.PENDING)


def test_an_edit_is_what_is_voted_on_from_then_on() -> None:
    first, _ = gates.judged(approval(quorum=2), ANA, verdict(Act.APPROVE), AT)
    edited, _ = gates.judged(first, BEN, verdict(Act.EDIT), AT)
    assert [vote.by for vote in edited.votes] == ["U1"]
    assert (edited.value, edited.revision, edited.usable) == ({"text": "Other"}, 2, None)
    _, fault = gates.judged(edited, CLEO, verdict(Act.APPROVE, revision=1), AT)
    assert fault == "draft_changed"
    after, fault = gates.judged(edited, ANA, verdict(Act.APPROVE, revision=2), AT)
    assert (after.status, after.usable, fault) == (Stand.EDITED, {"text": "Other"}, "")
    assert (after.decided_by, after.decided_name) == ("U0", "Person 0")


def test_nobody_votes_twice_for_the_same_and_may_change_their_mind() -> None:
    first, _ = gates.judged(approval(quorum=3), ANA, verdict(Act.APPROVE), AT)
    assert gates.judged(first, ANA, verdict(Act.APPROVE), AT) == (first, "already_voted")
    after, _ = gates.judged(first, ANA, verdict(Act.REJECT), AT)
    assert after.votes == (Vote("U0", "Person 0", "reject", AT),)
    assert (after.status, after.reason, after.usable) == (Stand.REJECTED, "Words", None)


def test_a_response_takes_the_place_of_an_action() -> None:
    after, _ = gates.judged(approval(draft={"refund": 5}), ANA, verdict(Act.RESPOND), AT)
    assert (after.status, after.usable) == (Stand.RESPONDED, {"text": "Words"})


def test_only_what_is_allowed_is_taken() -> None:
    one = approval(allowed=("approve",))
    assert gates.judged(one, ANA, verdict(Act.EDIT), AT) == (one, "act_not_allowed")


@pytest.mark.parametrize(
    ("reviewers", "by", "wish", "may"),
    [
        ((), ANA, verdict(Act.APPROVE), True),
        (("U0",), ANA, verdict(Act.APPROVE), True),
        (("U1",), ANA, verdict(Act.APPROVE), False),
        (("orders",), ANA, verdict(Act.APPROVE, groups=("orders",)), True),
        (("S1",), ANA, verdict(Act.APPROVE, groups=("S1",)), True),
        (("S1",), ANA, verdict(Act.APPROVE, groups=("S2",)), False),
        (("U1",), ANA, verdict(Act.APPROVE, anyhow=True), True),
    ],
)
def test_only_who_is_asked_decides(
    reviewers: tuple[str, ...], by: Agent, wish: Verdict, may: bool
) -> None:
    _, fault = gates.judged(approval(reviewers=reviewers), by, wish, AT)
    assert fault == ("" if may else "not_a_reviewer")


def test_in_time_it_is_decided_by_itself_as_was_asked_for() -> None:
    edited, _ = gates.judged(approval(quorum=2), ANA, verdict(Act.EDIT), AT)
    assert gates.expired(edited, AT).usable is None
    approved = gates.expired(replace(edited, on_timeout="approve"), AT)
    assert (approved.status, approved.usable, approved.reason) == (Stand.EXPIRED, DRAFT, "timeout")


def test_it_is_reminded_of_at_half_and_others_are_asked_at_three_quarters() -> None:
    one = approval()
    assert one.next_due(AT) == AT + 450 * SECOND
    assert one.next_due(one.remind_at) == one.expires_at
    with_others = approval(reviewers=("U0",), others=("S1",))
    assert with_others.next_due(with_others.remind_at) == AT + 675 * SECOND
    after = gates.escalated(with_others)
    assert (after.reviewers, after.others) == (("U0", "S1"), ())
    assert after.next_due(with_others.escalate_at) == one.expires_at
    assert gates.escalated(approval(others=("S1",))).reviewers == ()


def contact(address: str = "sam", email: str = "") -> Contact:
    return Contact(ContactId("con_1"), DEFAULT_WORKSPACE, "webchat", address, email=email)


@pytest.mark.parametrize(
    ("gate", "who", "why"),
    [
        (Gate(), contact(), ""),
        (Gate(everything=True), contact(), "everything"),
        (Gate(users=frozenset({"webchat:sam"})), contact("Sam"), "user"),
        (Gate(users=frozenset({"sam@shop.example"})), contact(email="Sam@shop.example"), "user"),
        (Gate(users=frozenset({"webchat:kim"})), contact(), ""),
        (Gate(queues=frozenset({"orders"})), contact(), "queue"),
        (Gate(queues=frozenset({"billing"})), contact(), ""),
        (Gate(intents=frozenset({"refund"})), contact(), "intent"),
        (Gate(intents=frozenset({"greeting"})), contact(), ""),
    ],
)
def test_the_settings_say_which_answers_are_approved_first(
    gate: Gate, who: Contact, why: str
) -> None:
    assert gate.holds(who, "orders", "Refund") == why


ACTS = st.tuples(
    st.sampled_from([*VERDICTS, Act.EXPIRE, Act.CANCEL]),
    st.sampled_from(PEOPLE),
    st.one_of(st.none(), st.integers(1, 4)),
)


@given(st.lists(ACTS, max_size=20), st.integers(1, 3), st.sampled_from(["approve", "reject"]))
def test_whatever_is_done_in_whatever_order_it_is_settled_once_and_by_enough(
    acts: list[tuple[Act, Agent, int | None]], quorum: int, on_timeout: str
) -> None:
    one, ends = approval(quorum=quorum, on_timeout=on_timeout), 0
    for act, by, revision in acts:
        before = one
        if act in VERDICTS:
            one, fault = gates.judged(one, by, verdict(act, revision=revision), AT)
            assert (one is before) == bool(fault)
        elif one.is_pending:
            one = done(one, act)
        ends += before.is_pending and not one.is_pending
        assert one is before or before.is_pending
        assert one.status is before.status or one.status in TRANSITIONS[before.status][act]
        assert len({vote.by for vote in one.votes}) == len(one.votes)
        by_people = one.status in (Stand.APPROVED, Stand.EDITED, Stand.RESPONDED)
        assert not by_people or len(one.votes) == quorum
        assert not (one.status is Stand.REJECTED and one.usable)
    assert ends <= 1
