"""The bodies in docs/bots.md are those that the code makes, and those that it takes."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.bots.webhook import AnswerShape
from bridge.api import shapes
from bridge.api.refusals import refused
from bridge.effects import CallBot
from bridge.escalation import read_escalation
from bridge.events import Kind
from bridge.model import (
    AgentId,
    Author,
    Contact,
    ContactId,
    Conversation,
    ConversationId,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Role,
    Status,
    WorkspaceId,
)
from bridge.webhooks import body

PAGE = (Path(__file__).parents[2] / "docs" / "bots.md").read_text("utf-8")
AT = 1_795_231_445_123_000
LATER = AT + 720_000_000
HERE, US = ConversationId("cnv_5k2v9"), WorkspaceId("wsp_1")
SAM = Contact(
    ContactId("cnt_1"),
    US,
    "webchat",
    "id:sam-1",
    "Sam Rivera",
    "sam@customer.example",
    locale="en",
    attributes={"plan": "Trail Club"},
)
CONVERSATION = Conversation(HERE, US, SAM.id, "webchat", SAM.address)
HANDOFF = Handoff(
    HandoffId("hnd_7"),
    US,
    HERE,
    Status.RESOLVED,
    42,
    labels=("refund",),
    context={"order": 1009},
    assignee=AgentId("U06ANAT0RR5"),
    assignee_name="Ana",
)


def example(name: str) -> Any:
    """The JSON of the block that is called so."""
    found = re.search(rf"^```json {re.escape(name)}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found, name
    return json.loads(found[1])


def said(role: Role, name: str, text: str, place: int, number: int) -> Message:
    author = Author(role, "x", name)
    return Message(MessageId(f"msg_{number}"), HERE, US, place, place, author, text, sent_at=AT)


def test_a_message_looks_like_this() -> None:
    asked = said(Role.USER, "Sam Rivera", "Where is order 1009?", 1, 1)
    call = CallBot("message.created", 0, asked.id)
    assert example("message.created") == body(call, AT, CONVERSATION, SAM, None, message=asked)


def test_a_conversation_that_comes_back_looks_like_this() -> None:
    answered = said(Role.AGENT, "Ana", "I have refunded it, Sam.", 4, 2)
    call = CallBot("control.returned", 3, body={"outcome": "resolved", "reason": "refunded"})
    here = replace(CONVERSATION, epoch=3)
    assert example("control.returned") == body(
        call, LATER, here, SAM, HANDOFF, transcript=[answered]
    )


def test_the_answer_is_one_that_is_taken_whole() -> None:
    answer = AnswerShape.model_validate(example("answer"))
    assert answer.messages
    reply = answer.messages[0].reply()
    assert reply.buttons[0].value == "human"
    assert reply.attachments[0].ref == "web:https://shop.example/labels/1009.pdf"
    assert read_escalation(answer.handoff or {}, AT).context == {"order": 1009}
    assert set(example("answer")) == set(AnswerShape.model_fields)


def test_the_requests_are_taken_and_all_their_fields_known() -> None:
    handoff = shapes.read(json.dumps(example("handoff")).encode(), shapes.HandoffRequest)
    assert set(example("handoff")) == handoff.model_fields_set
    message = shapes.read(json.dumps(example("message")).encode(), shapes.MessageRequest)
    assert set(example("message")) == message.model_fields_set


def test_every_event_that_a_bot_may_get_is_in_the_table() -> None:
    table = PAGE.partition("## Signatures")[0]
    ends = [kind for kind in Kind if str(kind).startswith("handoff.")]
    told = {"queued", "assigned", "transferred", "resolved", "rejected", "expired", "cancelled"}
    for kind in ends:
        name = str(kind).partition(".")[2]
        assert (f"`handoff.{name}`" in table or f"`.{name}`" in table) == (name in told)


def test_a_bot_that_speaks_at_the_wrong_time_is_refused_like_this() -> None:
    shown = example("human_in_control")["error"]
    known = {"by": "Ana", "epoch": 4, "handoff_id": "hnd_7c2m1", "mode": "human"}
    answer = refused("human_in_control", known)
    assert (answer.status_code, json.loads(bytes(answer.body))) == (409, {**known, "error": shown})
