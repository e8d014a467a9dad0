"""Botpress' words for our things."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.botpress import (
    KINDS,
    channel_of,
    event_of,
    handoff_of,
    ids,
    is_hitl,
    source_of,
    status_of,
    their_channel,
    thread_of,
    told_as,
    words,
)
from bridge.events import Event, Kind
from bridge.model import (
    DEFAULT_WORKSPACE,
    AgentId,
    Author,
    Conversation,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Role,
    Status,
    replace,
)
from tests.bridge.driver import ANA, CNV, SAM, START

TALK = Conversation(CNV, DEFAULT_WORKSPACE, SAM.contact_id, "webchat", "sam", bot_id="shop")
HANDOFF = Handoff(HandoffId("hnd_1"), DEFAULT_WORKSPACE, CNV, Status.QUEUED, number=7)


@pytest.mark.parametrize(
    ("status", "assignee", "theirs"),
    [
        (Status.QUEUED, None, "pending"),
        (Status.ASSIGNED, "U1", "assigned"),
        (Status.SNOOZED, "U1", "assigned"),
        (Status.SNOOZED, None, "pending"),
        (Status.RESOLVED, "U1", "resolved"),
        (Status.CANCELLED, None, "resolved"),
        (Status.REJECTED, None, "rejected"),
        (Status.EXPIRED, None, "expired"),
    ],
)
def test_every_status_has_one_of_theirs(status: Status, assignee: str | None, theirs: str) -> None:
    agent = AgentId(assignee) if assignee else None
    assert status_of(replace(HANDOFF, status=status, assignee=agent)) == theirs


def test_the_webchat_is_called_web() -> None:
    assert (channel_of("web"), their_channel("webchat")) == ("webchat", "web")
    assert (channel_of("messenger"), their_channel("messenger")) == ("messenger", "messenger")


@pytest.mark.parametrize(
    ("context", "thread"),
    [
        ({"userThreadId": "t1"}, "t1"),
        ({"userThreadId": ""}, CNV),
        ({"userThreadId": 7}, CNV),
        (None, CNV),
    ],
)
def test_a_thread_is_called_as_who_opened_it_calls_it(context: Any, thread: str) -> None:
    assert thread_of(replace(HANDOFF, context=context)) == thread


def test_what_the_desk_itself_says_is_an_agents() -> None:
    message = Message(MessageId("m"), CNV, DEFAULT_WORKSPACE, 1, 1, Author(Role.SYSTEM), "Hi")
    assert source_of(message) == "agent"
    assert source_of(replace(message, author=Author(Role.BOT))) == "bot"


def test_changes_of_handoffs_alone_have_a_webhook() -> None:
    event = Event(Kind.HANDOFF_QUEUED, START, CNV, ANA.as_author(), HANDOFF.id)
    assert told_as(event, TALK, HANDOFF) == {
        "botId": "shop",
        "resource": "handoff",
        "type": "create",
        "id": "hnd_1",
        "payload": handoff_of(HANDOFF, TALK),
    }
    assert told_as(replace(event, kind=Kind.HANDOFF_RESOLVED), TALK, HANDOFF)["type"] == "update"
    assert told_as(replace(event, kind=Kind.USER_SPOKE), TALK, HANDOFF) == {}
    assert told_as(event, TALK, None) == {}


def test_the_interface_is_told_its_own_names() -> None:
    assert (event_of("handoff.expired"), event_of("handoff.queued")) == (
        "hitlStopped",
        "handoff.queued",
    )
    assert is_hitl(replace(TALK, address="whk_1/botpress:usr_1"))
    assert not is_hitl(replace(TALK, address="botpress:usr_1"))
    nothing = {"conversationId": None, "userId": None, "botpressConversationId": None}
    assert ids(None, None) == nothing
    assert ids(HANDOFF, "U1") == {**nothing, "conversationId": "hnd_1", "userId": "U1"}


CARD = {
    "title": "Boots",
    "subtitle": "Size 42",
    "imageUrl": "https://shop.example/b.png",
    "actions": [{"action": "say", "label": "Buy", "value": "b"}, {"label": ""}, "no action"],
}
OPTIONS = {"text": "Which?", "options": [{"label": "A"}, {"label": "B"}]}
URL = "https://files.example/1"


@pytest.mark.parametrize(
    ("kind", "payload", "text"),
    [
        ("text", {"text": " Hi "}, "Hi"),
        ("text", {"text": 7}, ""),
        ("markdown", {"markdown": "**Hi**"}, "**Hi**"),
        ("image", {"imageUrl": URL}, URL),
        ("audio", {"audioUrl": URL, "title": "Voice"}, f"Voice {URL}"),
        ("video", {"title": "Nothing"}, ""),
        ("file", {"fileUrl": URL}, URL),
        (
            "location",
            {"latitude": 46.2, "longitude": 6, "title": "Geneva", "address": "Rue 1"},
            "Geneva\nRue 1\n46.2, 6",
        ),
        ("location", {"latitude": True, "longitude": 6}, ""),
        ("card", CARD, "Boots\nSize 42\nhttps://shop.example/b.png\n- Buy"),
        ("carousel", {"items": [{"title": "A"}, {"title": "B"}]}, "A\n\nB"),
        ("carousel", {"items": "none"}, ""),
        ("choice", OPTIONS, "Which?\n- A\n- B"),
        ("dropdown", OPTIONS, "Which?\n- A\n- B"),
        (
            "bloc",
            {
                "items": [
                    {"type": "text", "payload": {"text": "Look:"}},
                    {"type": "image", "payload": {"imageUrl": URL}},
                    {"type": "bloc", "payload": {"items": []}},
                    {"type": "text"},
                ]
            },
            f"Look:\n{URL}",
        ),
        ("dance", {"text": "Hi"}, ""),
    ],
)
def test_every_kind_of_message_is_read_as_text(kind: str, payload: Any, text: str) -> None:
    assert words(kind, payload) == text


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "payload", "items", "text"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = sorted(
    {"text", "items", "options", "actions", "latitude", "longitude", "imageUrl", "title"}
)


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES), values, max_size=4))
def test_no_payload_is_a_fault(kind: str, payload: dict[str, Any]) -> None:
    assert isinstance(words(kind, payload), str)
