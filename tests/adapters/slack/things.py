"""Examples of what the bridge shows a desk: a handoff, its user, their messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.model import (
    SECOND,
    AgentId,
    Author,
    Awaiting,
    Contact,
    ContactId,
    Conversation,
    ConversationId,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Mode,
    Role,
    Standing,
    Status,
    WorkspaceId,
)
from bridge.views import CustomerPost, View

NOW = 1_763_700_000 * SECOND
WORKSPACE = WorkspaceId("default")
ANA = "U06ANAT0RR5"
BEN = "U06BENOK4F0"


def contact(**fields: Any) -> Contact:
    made = Contact(
        id=ContactId("con_1"),
        workspace_id=WORKSPACE,
        channel="webchat",
        address="v1",
        name="Sam Rivera",
        locale="en-GB",
        attributes={"plan": "Pro"},
    )
    return replace(made, **fields)


def conversation(**fields: Any) -> Conversation:
    made = Conversation(
        id=ConversationId("cnv_1"),
        workspace_id=WORKSPACE,
        contact_id=ContactId("con_1"),
        channel="webchat",
        address="v1",
        mode=Mode.HUMAN,
        awaiting=Awaiting.AGENT,
        awaiting_since=NOW,
        page_url="https://shop.example/checkout?x=1",
        handoff_id=HandoffId("hnd_1"),
    )
    return replace(made, **fields)


def handoff(**fields: Any) -> Handoff:
    made = Handoff(
        id=HandoffId("hnd_1"),
        workspace_id=WORKSPACE,
        conversation_id=ConversationId("cnv_1"),
        status=Status.QUEUED,
        number=42,
        title="My parcel never arrived",
        description="Ordered two weeks ago, order 1009.",
        reason="user_request",
        opened_at=NOW,
        version=1,
    )
    return replace(made, **fields)


def view(**fields: Any) -> View:
    """A waiting handoff; `contact`, `conversation` and `handoff` are dicts of fields."""
    return View(
        handoff=handoff(**fields.get("handoff", {})),
        conversation=conversation(**fields.get("conversation", {})),
        contact=contact(**fields.get("contact", {})),
        bot=fields.get("bot", True),
        earlier=fields.get("earlier", 0),
    )


def assigned(**fields: Any) -> View:
    given = {"status": Status.ASSIGNED, "assignee": AgentId(ANA), "assignee_name": "Ana Torres"}
    return view(handoff={**given, **fields.pop("handoff", {})}, **fields)


def ended(**fields: Any) -> View:
    given = {
        "status": Status.RESOLVED,
        "closed_by": "Ana Torres",
        "closed_at": NOW + 720 * SECOND,
        "outcome": "refund",
    }
    return view(handoff={**given, **fields.pop("handoff", {})}, **fields)


def message(text: str = "Where is it?", **fields: Any) -> Message:
    made = Message(
        id=MessageId("msg_1"),
        conversation_id=ConversationId("cnv_1"),
        workspace_id=WORKSPACE,
        seq=1,
        rev=1,
        author=Author(Role.USER, "con_1", "Sam Rivera"),
        text=text,
        sent_at=NOW,
    )
    return replace(made, **fields)


def held(reason: str, text: str = "see you at nine", **fields: Any) -> Message:
    author = Author(Role.AGENT, BEN, "Ben Okafor")
    return message(text, author=author, standing=Standing.HELD, held_for=reason, **fields)


def post(text: str = "Where is it?", **fields: Any) -> CustomerPost:
    return CustomerPost(message(text, **fields), text)
