"""Between rows and objects: nothing is forgotten and nothing changes on the way."""

from dataclasses import fields, replace
from typing import Any

import pytest

from bridge.alerts import Alert, Ring, SendAlert
from bridge.commands import (
    AgentDeleted,
    AgentEdited,
    AgentReacted,
    AgentSaid,
    ToMessage,
    ToPost,
    ToThread,
    UserSaid,
)
from bridge.effects import (
    CallBot,
    CallHook,
    CancelTimer,
    Effect,
    FetchFiles,
    LeaveThread,
    Line,
    Linger,
    Mark,
    OpenThread,
    PostFile,
    PostLine,
    PostMessage,
    PostPreview,
    PutMark,
    PutReaction,
    RefreshCard,
    SendMail,
    SendToUser,
    SetTimer,
    SettleLine,
    ShowSeen,
    TellAgent,
    TimerKind,
)
from bridge.errors import BadData
from bridge.events import Event, Kind
from bridge.favours import (
    AskApproval,
    AskElsewhere,
    CallAction,
    CallReviewers,
    RefreshApproval,
)
from bridge.gates import Approval, Stand, Vote
from bridge.lanes import DIRECTIONS
from bridge.model import (
    DEFAULT_WORKSPACE,
    AgentId,
    Attachment,
    Author,
    Awaiting,
    Button,
    Contact,
    Conversation,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Mode,
    Priority,
    Reaction,
    Role,
    Standing,
    Status,
    Thread,
    Visibility,
)
from bridge.scores import Rating
from storage import mapping
from storage.approvals import APPROVAL
from storage.mapping import CONTACT, CONVERSATION, HANDOFF, MESSAGE, THREAD, Mapper
from storage.tables import metadata
from tests.bridge.driver import ANA, CNV, SAM

HND, MSG = HandoffId("hnd_1"), MessageId("msg_1")
CONTACTS = Contact(
    SAM.contact_id,
    DEFAULT_WORKSPACE,
    "webchat",
    "sam",
    "Zoë ✨",
    "sam@example.org",
    "https://x/y.png",
    "de",
    {"plan": "pro", "tags": ["a", {"b": None}]},
    1,
    2,
)
CONVERSATIONS = Conversation(
    CNV,
    DEFAULT_WORKSPACE,
    SAM.contact_id,
    "webchat",
    "sam",
    mode=Mode.HUMAN,
    epoch=4,
    handoff_id=HND,
    awaiting=Awaiting.AGENT,
    agent_order="17.5",
)
HANDOFFS = Handoff(
    HND,
    DEFAULT_WORKSPACE,
    CNV,
    Status.SNOOZED,
    7,
    priority=Priority.URGENT,
    labels=("a", "b"),
    had_since=1 << 51,
    given_back_by=AgentId("U3"),
    collaborators=(AgentId("U2"),),
    context={"deep": [1, 2.5, None, "é"]},
    assignee=AgentId("U1"),
    snoozed_until=1 << 52,
)
THREADS = Thread(HND, 2, "T1", "C1", "1.5")
MESSAGES = Message(
    MSG,
    CNV,
    DEFAULT_WORKSPACE,
    3,
    5,
    Author(Role.AGENT, "U1", "Ana", "https://x/a.png"),
    "**hi**\n🙂",
    Visibility.INTERNAL,
    Standing.HELD,
    HND,
    (Button("Yes", "1"), Button("No")),
    (Attachment("a.pdf", "application/pdf", 12, "ref"),),
    source="slack:1",
    order="1.5",
    before=MessageId("msg_0"),
    deleted=True,
    reactions=(Reaction("👍", Role.USER, "con_1", True, "7"),),
)
EFFECTS: tuple[Effect, ...] = (
    OpenThread(HND, 2),
    PostPreview(HND),
    PostMessage(HND, MSG, 1, 2),
    PostFile(HND, MSG, 1),
    FetchFiles(MSG),
    SendMail(2, 5, HND),
    SendAlert("lead", "alert:1", Alert.OVERDUE, 9, 2, (Ring("1", 7, "vip", HND, 42),), 3, 1),
    Linger(MSG, 1),
    PostLine(HND, Line.HELD, MSG, "U1", "Ana", "foreign"),
    RefreshCard(HND),
    LeaveThread(HND, 1, "T1", "C1", "1.0"),
    TellAgent(AgentId("U2"), "Are you there?"),
    AskElsewhere(HND, MSG, "C5", "slack:1"),
    CallAction(HND, "refund", "Refund", "act_1", 9, AgentId("U1"), "Ana", {"sum": "1"}, "slack:1"),
    PutMark("slack:1", Mark.TAKEN),
    PutReaction("slack:1", "👍", True),
    ShowSeen("slack:2", "slack:1"),
    SettleLine(HND, MSG, "sent", "Ana"),
    SendToUser(MSG, 0, 1, "edit"),
    CallBot("message.created", 3, MSG, HND, {"payload": "x"}),
    CallHook("whk_1", "evt_1", "a.b", 9, 3, {"role": "bot"}, {"status": "q"}, MSG, HND, (1, 2)),
    SetTimer(TimerKind.PATIENCE, 1 << 52, 3, "about"),
    AskApproval("apr_1"),
    CallReviewers("apr_1", ("U1", "S1"), True),
    RefreshApproval("apr_1"),
)
APPROVALS = Approval(
    "apr_1",
    DEFAULT_WORKSPACE,
    CNV,
    3,
    HND,
    draft={"amount": 5},
    form={"type": "object"},
    reviewers=("U1",),
    others=("S1",),
    send=True,
    context=[1],
    status=Stand.EDITED,
    value={"amount": 4},
    votes=(Vote("U1", "Ana", "edit", 5),),
    place=("T1", "C1", "1.5"),
)
EARLY = (
    AgentSaid(
        "k",
        1,
        ToThread("T", "C", "1"),
        ANA,
        "hi",
        "s",
        "1",
        mentions=True,
        files=2,
        attachments=(Attachment("a.pdf", "application/pdf", 12, "slack:F1"),),
    ),
    AgentEdited("k", 1, ToMessage(source="s"), ANA, "hi", "2"),
    AgentDeleted("k", 1, ToMessage(source="s")),
    AgentReacted("k", 1, ToPost("T", "C", "1"), ANA, "🎉", True, "2", early=True),
)
MAPPERS: tuple[tuple[str, Mapper[Any], Any], ...] = (
    ("contact", CONTACT, CONTACTS),
    ("conversation", CONVERSATION, CONVERSATIONS),
    ("handoff", HANDOFF, HANDOFFS),
    ("thread", THREAD, THREADS),
    ("approval", APPROVAL, APPROVALS),
)
NOT_OF_THE_OBJECT = {"thread": {"workspace_id"}, "handoff": {"score"}}
"""Columns that the store adds by itself."""


def columns(table: str) -> set[str]:
    return {column.name for column in metadata.tables[table].c}


def names(kind: type[Any]) -> set[str]:
    return {field.name for field in fields(kind)}


@pytest.mark.parametrize(("table", "mapper", "thing"), MAPPERS)
def test_every_field_has_a_column_and_every_column_a_field(
    table: str, mapper: Mapper[Any], thing: object
) -> None:
    assert names(type(thing)) == columns(table) - NOT_OF_THE_OBJECT.get(table, set())
    assert mapper.kind is type(thing)


def test_every_field_of_a_message_has_a_column() -> None:
    of_author = {f"author_{name}" for name in names(Author)}
    assert (names(Message) - {"author"}) | of_author == columns("message")


def test_every_field_of_an_event_has_a_column() -> None:
    event = Event(Kind.USER_SPOKE, 1, CNV, MESSAGES.author, HND, 3, {"message": "msg_1"})
    row = dict(zip(mapping.EVENT.columns, mapping.write_event(event, "default"), strict=True))
    of_the_sealer = {"id", "position", "salt", "content", "said", "seal"}
    assert row.keys() == columns("event") - of_the_sealer
    assert (row["actor_name"], row["body"]) == ("Ana", '{"message":"msg_1"}')


@pytest.mark.parametrize(("table", "mapper", "thing"), MAPPERS)
def test_what_is_written_is_read_again(table: str, mapper: Mapper[Any], thing: object) -> None:
    assert mapper.shape.table == table
    read = [c.name for c in mapper.columns(metadata.tables[table])]
    assert read == [*mapper.shape.columns][: len(read)]
    assert mapper.read(mapper.write(thing)) == thing


def test_what_figures_ask_for_is_written_beside_what_it_is_a_part_of() -> None:
    handoff = replace(HANDOFFS, rating=Rating("How was it?", score=4))
    row = dict(zip(HANDOFF.shape.columns, HANDOFF.write(handoff), strict=True))
    assert row["score"] == 4
    assert "score" not in [c.name for c in HANDOFF.columns(metadata.tables["handoff"])]


def test_a_row_is_read_from_any_place() -> None:
    row = ["other", "columns", *HANDOFF.write(HANDOFFS), "and more"]
    assert HANDOFF.read(row, 2) == HANDOFFS


@pytest.mark.parametrize("message", [MESSAGES, replace(MESSAGES, buttons=(), reactions=())])
def test_a_message_is_read_with_its_author(message: Message) -> None:
    assert mapping.read_message(MESSAGE.write(message)) == message


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
def test_an_effect_is_read_as_it_was_written(effect: Effect) -> None:
    assert mapping.read_effect(*mapping.write_effect(effect)) == effect


def test_every_effect_that_is_kept_is_tried_here() -> None:
    assert {type(effect) for effect in EFFECTS} == DIRECTIONS.keys() - {CancelTimer}


@pytest.mark.parametrize("command", EARLY, ids=lambda command: type(command).__name__)
def test_a_command_that_waits_is_read_as_it_was_written(
    command: AgentSaid | AgentEdited | AgentDeleted | AgentReacted,
) -> None:
    assert mapping.read_waiting(*mapping.write_command(command)) == command


def test_what_json_cannot_say_is_bad_data() -> None:
    with pytest.raises(BadData):
        CONTACT.write(replace(CONTACTS, attributes={"plan": "\udc00"}))


def test_poison_is_written_whatever_it_holds() -> None:
    kind, body = mapping.write_poison(UserSaid("k", 1, SAM, "\udc00\x00"))
    assert kind == "UserSaid"
    assert body.isascii()
