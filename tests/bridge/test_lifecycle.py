"""The table, walked whole, and the promises that hold whatever is asked in whatever order."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.actions import Action, Actions, Field
from bridge.attending import Seat
from bridge.cases import Case, Decision
from bridge.commands import (
    AddNote,
    AgentCommand,
    AgentDeleted,
    AgentEdited,
    AgentReacted,
    AgentSaid,
    Ask,
    Assign,
    AssignNext,
    Block,
    BotAnswered,
    BotSaid,
    Claim,
    Command,
    DeleteConversation,
    Delivered,
    Describe,
    DismissSuggestion,
    Duplicate,
    Echoed,
    Escalation,
    FalseAlarm,
    HandBack,
    Judge,
    KeepAsNote,
    Look,
    MergeContacts,
    NotDelivered,
    OpenHandoff,
    Pause,
    RanMacro,
    Rate,
    Recall,
    Reject,
    Rejected,
    Release,
    Remark,
    Reopen,
    Reply,
    Request,
    RequestApproval,
    Resolve,
    Resume,
    RunAction,
    Say,
    SendAgain,
    SendHeld,
    SendTemplate,
    SetLabels,
    SetPriority,
    Snooze,
    Suggest,
    TakeOver,
    ThreadLost,
    TimerFired,
    ToConversation,
    ToHandoff,
    ToMessage,
    ToPost,
    ToThread,
    Transfer,
    Unblock,
    UserEnded,
    UserReacted,
    UserRead,
    UserSaid,
    UseSuggestion,
    Wake,
)
from bridge.effects import (
    CallBot,
    Line,
    Mark,
    OpenThread,
    PostLine,
    PostMessage,
    PutMark,
    SendToUser,
    SetTimer,
)
from bridge.gates import VERDICTS, Act, Verdict
from bridge.gates import Ask as Asking
from bridge.lanes import lane_of
from bridge.lifecycle import ENDS, TRANSITIONS, State, decide, state_of
from bridge.model import (
    OPEN,
    Author,
    Conversation,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Mode,
    Priority,
    Role,
    Standing,
    Status,
    Visibility,
)
from bridge.policy import Policy
from bridge.routing import Bench
from tests.bridge.driver import ANA, BEN, BOT, CNV, GUEST, MAIL, NO_BOT, SAM, START, World

HND = HandoffId("hnd_1")
MSG = MessageId("msg_1")
THREAD = ToThread("T1", "C1", "100.1")
HERE = ToConversation(CNV)
THIS = ToHandoff(HND)
AT = START + 60_000_000
API = Author(Role.SYSTEM, "key_1", "crm")

SAMPLES: tuple[Request, ...] = (
    UserSaid("k", AT, SAM, "hello"),
    UserSaid("k", AT, SAM, "/end"),
    UserEnded("k", AT, HERE),
    UserRead("k", AT, HERE, 1),
    Rate("k", AT, HERE, 5, "good"),
    Describe("k", AT, HERE, API, {"name": "Sam R.", "attributes": {"plan": "pro"}}),
    MergeContacts("k", AT, SAM, CNV, API),
    AgentSaid("k", AT, THREAD, ANA, "hello", "s:2", "2"),
    AgentSaid("k", AT, THREAD, BEN, "hello", "s:2", "2"),
    AgentSaid("k", AT, THREAD, BEN, "!n a note", "s:2", "2"),
    AgentEdited("k", AT, ToMessage(MSG), ANA, "other words", "3"),
    AgentDeleted("k", AT, ToMessage(MSG)),
    AgentReacted("k", AT, ToPost("T1", "C1", "100.2"), ANA, "🎉", True, "4"),
    UserReacted("k", AT, ToMessage(MSG), CNV, "🎉", True),
    Remark("k", AT, HERE, "email_bounced", "It came back"),
    Echoed("k", AT, ToMessage(MSG), CNV, 0, ("channel", "page", "m1")),
    SendHeld("k", AT, ToMessage(MSG), ANA),
    SendHeld("k", AT, ToMessage(MSG), BEN, take_over=True),
    SendHeld("k", AT, ToMessage(MSG), BEN, join=True),
    Recall("k", AT, ToMessage(MSG), ANA),
    KeepAsNote("k", AT, ToMessage(MSG), ANA),
    SendAgain("k", AT, ToMessage(MSG), ANA),
    AddNote("k", AT, THIS, ANA, "note"),
    Assign("k", AT, THREAD, ANA, ANA, "s:3"),
    Assign("k", AT, THIS, ANA, BEN),
    Assign("k", AT, THIS, ANA, GUEST),
    Release("k", AT, THREAD, ANA, "s:3"),
    Resolve("k", AT, THREAD, ANA, "refunded", said="s:3"),
    Reject("k", AT, THREAD, ANA, "spam", "s:3"),
    Snooze("k", AT, THREAD, ANA, AT + 1_000_000, "s:3"),
    Snooze("k", AT, THIS, ANA, AT),
    Wake("k", AT, THREAD, ANA, "s:3"),
    Reopen("k", AT, THREAD, ANA, "s:3"),
    SetPriority("k", AT, THREAD, ANA, Priority.HIGH, "s:3"),
    SetLabels("k", AT, THREAD, ANA, ("vip",), ("spam",), "s:3"),
    Pause("k", AT, HERE, API),
    Pause("k", AT, THREAD, ANA.as_author(), said="s:3"),
    Resume("k", AT, HERE, API),
    Resume("k", AT, THREAD, ANA.as_author(), "s:3"),
    Block("k", AT, HERE, API, "spam"),
    Block("k", AT, THREAD, ANA.as_author(), said="s:3", asker=ANA),
    Unblock("k", AT, HERE, API),
    Unblock("k", AT, THREAD, ANA.as_author(), "s:3", ANA),
    Resolve("k", AT, THIS, ANA, undoable=True),
    Reopen("k", AT, THIS, ANA, for_last=True),
    FalseAlarm("k", AT, THIS, ANA, "evt_1", "angry"),
    Look("k", AT, THREAD, ANA, "help", said="s:3"),
    Transfer("k", AT, THREAD, ANA, BEN, "", "he is angry", "s:3"),
    Transfer("k", AT, THIS, ANA, None, "default", "he is angry"),
    Transfer("k", AT, THIS, ANA, None, "nowhere", "he is angry"),
    TakeOver("k", AT, HERE, ANA),
    TakeOver("k", AT, THREAD, BEN, "s:3"),
    Say("k", AT, HERE, API, "We are closed today"),
    SendTemplate("k", AT, THREAD, ANA, "hello", said="s:3"),
    SendTemplate("k", AT, THIS, BEN, "hello", "Hello you"),
    SendTemplate("k", AT, THREAD, ANA, "order", said="s:3"),
    Ask("k", AT, THREAD, ANA, "C5", "Did it arrive?", "s:3"),
    RunAction("k", AT, THREAD, ANA, "refund", "20", "s:3"),
    RunAction("k", AT, THIS, ANA, "nothing"),
    Suggest("k", AT, THIS, API, "It is on its way"),
    UseSuggestion("k", AT, ToMessage(MSG), ANA),
    DismissSuggestion("k", AT, ToMessage(MSG), ANA),
    RanMacro("k", AT, THREAD, ANA, "spam", said="s:3"),
    RanMacro("k", AT, THREAD, ANA, "spam", "wake", "not_now", "s:3"),
    Say("k", AT, THREAD, ANA.as_author(), "We are closed today", "s:3"),
    Recall("k", AT, THREAD, ANA, "s:3"),
    Recall("k", AT, ToMessage(MSG), ANA),
    DeleteConversation("k", AT, HERE, API),
    DeleteConversation("k", AT, THIS, ANA.as_author()),
    BotSaid("k", AT, HERE, "robo", Reply("hi")),
    BotSaid("k", AT, HERE, "robo", Reply("hi"), epoch=0),
    OpenHandoff("k", AT, HERE, API, Escalation("help")),
    OpenHandoff("k", AT, SAM, API, Escalation("help"), epoch=0),
    ThreadLost("k", AT, THREAD, "thread_gone"),
    AssignNext("k", AT, THIS, BEN),
    AssignNext("k", AT, THIS, GUEST),
    HandBack("k", AT, THIS, ANA.id),
    HandBack("k", AT, THIS, BEN.id),
    RequestApproval("k", AT, HERE, API, "robo", Asking("Refund", {"text": "Yes"}, send=True)),
    RequestApproval("k", AT, HERE, API, "robo", Asking("Refund", {"amount": 5})),
    *(Judge("k", AT, HERE, "apr_1", ANA, Verdict(act, {"text": "x"}, "x")) for act in VERDICTS),
    Judge("k", AT, HERE, "apr_1", GUEST, Verdict(Act.APPROVE)),
)
OWN = Actions((Action("refund", "Refund", (Field("amount", "Amount"),)),))
POLICIES = {
    "bot": BOT,
    "no bot": NO_BOT,
    "mail": MAIL,
    "may delete": replace(BOT, may_delete=True, actions=OWN),
}
STANDINGS = (Standing.HELD, Standing.FAILED, Standing.SENT)


def case_in(state: State, standing: Standing = Standing.HELD, assignee: bool = True) -> Case:
    """A case that meets every command in this state."""
    with_bot = state in (State.BOT, *ENDS)
    conversation = Conversation(
        CNV,
        SAM.workspace_id,
        SAM.contact_id,
        "webchat",
        "sam",
        bot_id="robo",
        mode=Mode.BOT if with_bot else Mode.HUMAN,
        epoch=7,
        seq=3,
        rev=3,
        paused_by="Ana" if state is State.PAUSED else "",
    )
    subject = Message(
        MSG,
        CNV,
        SAM.workspace_id,
        1,
        1,
        ANA.as_author(),
        "words",
        handoff_id=HND,
        standing=standing,
        source="s:1",
        order="1",
    )
    handoff = None
    if state not in (State.BOT, State.PAUSED):
        conversation = replace(conversation, handoff_id=HND)
        has = state is State.ASSIGNED or (assignee and state is not State.QUEUED)
        handoff = Handoff(
            HND,
            SAM.workspace_id,
            CNV,
            Status(state),
            number=1,
            assignee=ANA.id if has else None,
            assignee_name="Ana" if has else "",
            closed_at=AT - 1 if state in ENDS else 0,
        )
    bench = Bench(Seat(SAM.workspace_id, BEN.id, online=True))
    return Case(conversation, World().contact, handoff, subject, bench=bench)


def after(decision: Decision, case: Case, met: State) -> State:
    """Where the thing is now that the command was about; it may have made a handoff."""
    handoff = decision.handoff
    opened = handoff is not None and handoff is not case.handoff and handoff.is_open
    if handoff and (met not in (State.BOT, State.PAUSED) or opened):
        return State(handoff.status)
    return State.BOT if decision.conversation.mode is Mode.BOT else State.PAUSED


def name_of(value: object) -> str:
    return value if isinstance(value, str) else type(value).__name__


def test_there_is_a_sample_of_every_command_that_the_table_knows() -> None:
    known = {kind for rules in TRANSITIONS.values() for kind in rules}
    assert known == {type(sample) for sample in SAMPLES}
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("policy", POLICIES)
def test_every_command_in_every_state_ends_where_the_table_says_or_is_rejected(
    state: State, policy: str
) -> None:
    for sample, standing, assignee in itertools.product(SAMPLES, STANDINGS, (True, False)):
        case = case_in(state, standing, assignee)
        if isinstance(sample, HandBack):
            case = replace(case, bench=Bench(None))
        if policy == "no bot" and state is State.BOT and isinstance(sample, BotSaid):
            continue
        meets = state_of(case, sample)
        rule = TRANSITIONS[meets].get(type(sample))
        outcome = decide(case, sample, POLICIES[policy])
        where = (str(state), sample, str(standing), assignee)
        if rule is None or isinstance(outcome, Rejected) or "rejected" in outcome.data:
            assert_refused(outcome, case, sample)
        else:
            assert after(outcome, case, meets) in rule.to, where


def assert_refused(outcome: Decision | Rejected, case: Case, command: Command) -> None:
    """Nothing has changed, and who asked in the thread is told there."""
    if isinstance(outcome, Rejected):
        assert outcome.reason
        assert not getattr(command, "said", "")
        return
    said = getattr(command, "said", "")
    assert said
    assert outcome.data["rejected"]
    assert replace(outcome.conversation, bot_id="robo") == case.conversation
    assert outcome.handoff == case.handoff
    assert (outcome.messages, outcome.events, outcome.thread) == ((), (), None)
    told = [e for e in outcome.effects if isinstance(e, PostLine)]
    assert [line.line for line in told] == ([Line.REFUSED] if case.handoff else [])
    assert PutMark(said, Mark.FAILED) in outcome.effects


@pytest.mark.parametrize(
    "sample", [s for s in SAMPLES if hasattr(s, "by") and hasattr(s.by, "member")], ids=name_of
)
@pytest.mark.parametrize("state", [State.QUEUED, State.ASSIGNED, State.SNOOZED])
def test_who_is_no_member_of_the_queue_changes_nothing_and_reaches_nobody(
    state: State, sample: Any
) -> None:
    case = case_in(state)
    outcome = decide(case, replace(sample, by=GUEST), BOT)
    if isinstance(outcome, Rejected):
        assert outcome.reason == "not_a_member"
        return
    assert outcome.conversation.epoch == case.conversation.epoch
    assert not any(isinstance(e, SendToUser | CallBot) for e in outcome.effects)
    assert not any(message.leaves for message in outcome.messages)


def test_a_command_about_an_old_handoff_meets_that_one_and_not_the_conversation() -> None:
    old = case_in(State.RESOLVED)
    now = replace(old.conversation, mode=Mode.HUMAN, handoff_id=HandoffId("hnd_2"))
    case = replace(old, conversation=now)
    assert not case.is_current
    assert state_of(case, Resolve("k", AT, THREAD, ANA)) is State.RESOLVED
    outcome = decide(case, Reopen("k", AT, THREAD, ANA), BOT)
    assert outcome == Rejected("handoff_open", {"id": "hnd_2"})
    outcome = decide(case, SendHeld("k", AT, ToMessage(MSG), ANA), BOT)
    assert outcome == Rejected("handoff_open", {"id": "hnd_2"})


def test_resume_in_an_old_thread_does_not_give_the_bot_an_open_handoff() -> None:
    old = case_in(State.RESOLVED)
    now = replace(old.conversation, mode=Mode.HUMAN, handoff_id=HandoffId("hnd_2"))
    outcome = decide(replace(old, conversation=now), Resume("k", AT, THREAD, API), BOT)
    assert outcome == Rejected("handoff_open", {"id": "hnd_2"})


def test_a_result_without_its_effect_is_a_mistake_of_the_caller() -> None:
    case = case_in(State.BOT)
    fired = TimerFired(Claim(1, "timer:patience:x", "w"), AT)
    decision = decide(case, fired, BOT, CallBot("message.created", 7))
    assert isinstance(decision, Decision)
    assert decision.effects == ()


# --- whatever is asked in whatever order ---------------------------------------------------------


TEXTS = (
    "hello",
    "SECRET plan",
    "!n SECRET",
    "note: SECRET",
    ";; SECRET",
    "!r plain",
    "!what SECRET",
    "/end",
    "a longer text, which a narrow channel takes only in parts",
    "",
)
AGENTS = (ANA, BEN, GUEST)
Move = Callable[[World], Command | None]


def _to(world: World, about: int) -> Any:
    """A thread or a handoff of the conversation, by any number."""
    known: list[Any] = [*world.threads, *(ToHandoff(each) for each in world.handoffs), HERE]
    return known[about % len(known)]


def _message(world: World, about: int) -> ToMessage | None:
    named = [m for m in world.in_order() if m.source]
    return ToMessage(source=named[about % len(named)].source or "") if named else None


def _thread(world: World, about: int) -> ToThread | None:
    threads = list(world.threads)
    return threads[about % len(threads)] if threads else None


@st.composite
def moves(draw: st.DrawFn) -> Move:
    """Something that somebody does; None: there is nothing to do it to."""
    text, by, about = draw(st.sampled_from(TEXTS)), draw(st.sampled_from(AGENTS)), draw(NUMBERS)
    said = draw(st.booleans())
    kind = draw(st.sampled_from(KINDS))
    return lambda world: kind(world, text, by, about, f"w:{about}" if said else "")


NUMBERS = st.integers(0, 30)


def user_said(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    return UserSaid(world.key(), world.now, SAM, text)


def rate(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    return Rate(world.key(), world.now, HERE, 1 + about % 5, text)


def agent_said(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    to = _thread(world, about)
    key = world.key()
    order = f"{max(0, world.count - about):05}"
    if to is None:
        return None
    return AgentSaid(key, world.now, to, by, text, key, order, mentions=about == 3)


def of_message(kind: Any) -> Any:
    def make(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
        to = _message(world, about)
        made: Command | None = kind(world.key(), world.now, to, by) if to else None
        return made

    return make


def agent_edited(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    to = _message(world, about)
    if to is None:
        return None
    return AgentEdited(world.key(), world.now, to, by, text, f"{world.count:05}")


def agent_deleted(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    to = _message(world, about)
    return AgentDeleted(world.key(), world.now, to) if to else None


def of_handoff(kind: Any, *more: Any, **fields: Any) -> Any:
    def make(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
        to = _to(world, about)
        made: Command = kind(world.key(), world.now, to, by, *more, **fields, said=said)
        return made

    return make


def assign(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    return Assign(world.key(), world.now, _to(world, about), by, AGENTS[about % 3], said)


def snooze(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    until = world.now + (about - 2) * 1_000_000
    return Snooze(world.key(), world.now, _to(world, about), by, until, said)


def add_note(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    return AddNote(world.key(), world.now, _to(world, about), by, "SECRET note")


def send_template(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    to, name = _to(world, about), ("hello", "order", "nobody")[about % 3]
    key = f"w:{world.key()}"  # one word asks for one
    return SendTemplate(key, world.now, to, by, name, text if about % 2 else "", said and key)


def pause(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    return Pause(world.key(), world.now, _to(world, about), by.as_author(), said=said)


def resume(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    return Resume(world.key(), world.now, _to(world, about), by.as_author(), said)


def user_ended(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    return UserEnded(world.key(), world.now, HERE)


def bot_said(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    epoch = world.conversation.epoch - about % 3 if about % 4 else None
    return BotSaid(world.key(), world.now, HERE, "robo", Reply("from the bot"), epoch)


def open_handoff(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    wish = Escalation("help", history=((Author(Role.USER, "u"), "earlier", 0),))
    return OpenHandoff(world.key(), world.now, SAM, API, wish)


def performed(world: World, text: str, by: Any, about: int, said: str) -> Command | None:
    """The outbox answers one of the effects that wait."""
    if not world.waiting:
        return None
    number = list(world.waiting)[about % len(world.waiting)]
    effect = world.waiting[number]
    claim = Claim(number, lane_of(effect, CNV), "w.1")
    if isinstance(effect, SetTimer):
        return TimerFired(claim, world.now)
    if about % 5 == 4:
        return NotDelivered(claim, world.now, "refused")
    if isinstance(effect, CallBot):
        wish = Escalation("the bot asks") if about % 7 == 0 else None
        replies = tuple(Reply(f"answer {n}") for n in range(about % 3))
        return BotAnswered(claim, world.now, replies, wish, silent=about % 11 == 0)
    place = ("T1", "C1", f"{number}.0") if isinstance(effect, OpenThread) else None
    return Delivered(claim, world.now, place)


KINDS: tuple[Any, ...] = (
    rate,
    user_said,
    user_said,
    agent_said,
    agent_said,
    agent_edited,
    agent_deleted,
    of_message(SendHeld),
    of_message(KeepAsNote),
    of_message(SendAgain),
    assign,
    of_handoff(Release),
    of_handoff(Resolve, "done"),
    of_handoff(Reject),
    snooze,
    of_handoff(Wake),
    of_handoff(Reopen),
    of_handoff(SetPriority, Priority.URGENT),
    of_handoff(SetLabels, ("vip",)),
    add_note,
    send_template,
    pause,
    resume,
    user_ended,
    bot_said,
    open_handoff,
    performed,
    performed,
    performed,
)


@given(policy=st.sampled_from([BOT, NO_BOT, MAIL]), plan=st.lists(moves(), min_size=3, max_size=30))
@settings(max_examples=150, deadline=None)
def test_whatever_is_asked_in_whatever_order_the_promises_hold(
    policy: Policy, plan: list[Move]
) -> None:
    world = World(policy)
    world.do(UserSaid(world.key(), world.now, SAM, "first words"))
    for move in plan:
        world.tick()
        command = move(world)
        if command is None:
            continue
        before = replace(world, handoffs=dict(world.handoffs), messages=dict(world.messages))
        case = world.case(command)
        answer = world.do(command)
        assert_one_open_handoff(world)
        assert_numbers_grow(before, world, answer)
        assert_nothing_internal_leaves(world)
        assert_ends_say_why(world)
        assert_old_bots_are_refused(command, before, answer)
        if case is not None and not isinstance(command, Delivered | NotDelivered | BotAnswered):
            assert_twice_is_harmless(world, command)


def assert_one_open_handoff(world: World) -> None:
    open_ones = [h for h in world.handoffs.values() if h.status in OPEN]
    assert len(open_ones) <= 1
    assert all(h.id == world.conversation.handoff_id for h in open_ones)
    human = world.conversation.mode is Mode.HUMAN
    assert human == bool(open_ones or world.conversation.paused_by)


def assert_numbers_grow(before: World, world: World, answer: object) -> None:
    old, new = before.conversation, world.conversation
    assert new.epoch >= old.epoch
    if owner_of(before) != owner_of(world):
        assert new.epoch > old.epoch
    if isinstance(answer, Rejected):
        assert (new.epoch, new.seq, new.rev) == (old.epoch, old.seq, old.rev)
    seqs = [m.seq for m in world.messages.values()]
    assert len(set(seqs)) == len(seqs)
    assert max(seqs) <= new.seq
    changed = [m for key, m in world.messages.items() if before.messages.get(key) is not m]
    revs = [m.rev for m in changed if m.leaves and before.messages.get(m.id, m).rev != m.rev]
    assert all(old.rev < rev <= new.rev for rev in revs)
    assert len(set(revs)) == len(revs)
    assert all(m.seq > old.seq for m in changed if m.id not in before.messages)


def owner_of(world: World) -> object:
    conversation = world.conversation
    if conversation.handoff_id and (handoff := world.handoff).is_open:
        return handoff.id, handoff.assignee
    return conversation.mode


def assert_nothing_internal_leaves(world: World) -> None:
    for effect in world.effects(SendToUser):
        message = world.messages[effect.message_id]
        assert message.visibility is Visibility.PUBLIC
        assert message.standing is not Standing.HELD
    for call in world.effects(CallBot):
        if call.message_id:
            assert world.messages[call.message_id].author.role is Role.USER
        assert "SECRET" not in str(call.body)
    for post in world.effects(PostMessage):
        message = world.messages[post.message_id]
        typed_elsewhere = message.visibility is Visibility.INTERNAL and not message.source
        readymade = (message.source or "w:").startswith("w:")
        assert message.leaves or typed_elsewhere or readymade  # what is held stands there already
    shown = [m for m in world.messages.values() if m.leaves and m.author.role is Role.AGENT]
    assert all("!n" not in m.text and not m.text.startswith(("note", ";;")) for m in shown)


def assert_ends_say_why(world: World) -> None:
    for handoff in world.handoffs.values():
        if not handoff.is_open:
            assert handoff.outcome or handoff.closed_by
            assert handoff.closed_at


def assert_old_bots_are_refused(command: Command, before: World, answer: object) -> None:
    if not isinstance(command, BotSaid) or command.epoch is None:
        return
    if command.epoch != before.conversation.epoch:
        assert isinstance(answer, Rejected)
        assert answer.reason in ("human_in_control", "not_now")


def assert_twice_is_harmless(world: World, command: Command) -> None:
    before = (world.conversation, dict(world.messages), dict(world.handoffs), len(world.events))
    again = world.do(command)
    assert isinstance(again, Duplicate | Rejected)
    assert before == (world.conversation, world.messages, world.handoffs, len(world.events))


@given(plan=st.lists(moves(), min_size=1, max_size=12))
@settings(max_examples=50, deadline=None)
def test_the_same_history_decided_again_is_the_same_to_the_last_id(plan: list[Move]) -> None:
    def play() -> World:
        world = World()
        world.do(UserSaid(world.key(), world.now, SAM, "first words"))
        for move in plan:
            world.tick()
            if command := move(world):
                world.do(command)
        return world

    one, two = play(), play()
    assert one.history == two.history
    assert one.waiting == two.waiting


def test_every_kind_of_agents_command_is_in_the_samples() -> None:
    listed = set(AgentCommand.__args__)
    assert listed <= {type(sample) for sample in SAMPLES}
