"""The bodies of the bot's webhooks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.api.answers import User
from bridge.effects import CallBot, CallHook
from bridge.model import (
    Attachment,
    Author,
    Contact,
    Conversation,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Role,
    Status,
)
from bridge.scores import Rating
from bridge.webhooks import body, iso, rated, spoken, told, user
from tests.bridge.driver import CNV, SAM

AT = 1_795_231_445_123_000
CONTACT = Contact(
    SAM.contact_id,
    SAM.workspace_id,
    "webchat",
    "sam",
    "Sam",
    "sam@example.org",
    locale="fr",
    attributes={"plan": "pro"},
)
CONVERSATION = Conversation(CNV, SAM.workspace_id, SAM.contact_id, "webchat", "sam", epoch=4)
HANDOFF = Handoff(
    HandoffId("hnd_1"),
    SAM.workspace_id,
    CNV,
    Status.ASSIGNED,
    42,
    labels=("vip",),
    context={"order": 1009},
    assignee_name="Ana",
)


def said(role: Role, text: str, seq: int = 1) -> Message:
    author = Author(role, "x", "Sam")
    return Message(
        MessageId(f"msg_{seq}"), CNV, SAM.workspace_id, seq, seq, author, text, sent_at=AT
    )


@pytest.mark.parametrize(
    ("at", "text"),
    [(AT, "2026-11-21T03:24:05.123Z"), (0, "1970-01-01T00:00:00.000Z")],
)
def test_times_are_written_in_utc_with_milliseconds(at: int, text: str) -> None:
    assert iso(at) == text


def test_what_is_known_of_where_a_user_writes_goes_with_them() -> None:
    seen = replace(CONVERSATION, device="Chrome on Android", time_zone="Europe/Berlin")
    known = user(CONTACT, seen)
    assert (known["device"], known["time_zone"]) == ("Chrome on Android", "Europe/Berlin")
    assert user(CONTACT, replace(seen, device="")).keys() ^ known.keys() == {"device"}
    for each in (known, user(CONTACT, CONVERSATION)):
        assert User(**each).model_dump() == each


def test_a_message_comes_with_who_said_it_and_what_was_chosen() -> None:
    call = CallBot("message.created", 4, MessageId("msg_1"), None, {"payload": "YES"})
    made = body(call, AT, CONVERSATION, CONTACT, None, message=said(Role.USER, "hello"))
    assert made == {
        "type": "message.created",
        "timestamp": "2026-11-21T03:24:05.123Z",
        "data": {
            "conversation_id": CNV,
            "channel": "webchat",
            "epoch": 4,
            "user": {
                "id": "sam",
                "name": "Sam",
                "email": "sam@example.org",
                "avatar_url": "",
                "locale": "fr",
                "attributes": {"plan": "pro"},
            },
            "message": {
                "id": "msg_1",
                "seq": 1,
                "role": "user",
                "author": {"name": "Sam", "avatar_url": ""},
                "text": "hello",
                "at": "2026-11-21T03:24:05.123Z",
                "payload": "YES",
            },
        },
    }


def test_a_handoff_comes_with_its_number_agent_and_the_bots_own_context() -> None:
    made = body(CallBot("handoff.queued", 5), AT, CONVERSATION, CONTACT, HANDOFF)
    assert (
        made["data"]
        | {
            "handoff_id": "hnd_1",
            "number": 42,
            "status": "assigned",
            "labels": ["vip"],
            "agent": {"id": None, "name": "Ana"},
            "context": {"order": 1009},
        }
        == made["data"]
    )


def test_nobody_has_it_means_no_agent() -> None:
    waiting = replace(HANDOFF, assignee_name="")
    made = body(CallBot("handoff.queued", 5), AT, CONVERSATION, CONTACT, waiting)
    assert made["data"]["agent"] is None


def test_a_call_says_how_things_were_even_when_the_handoff_has_moved_on() -> None:
    call = CallBot("handoff.assigned", 5, body={"agent": {"id": "U1", "name": "Ana"}})
    made = body(call, AT, CONVERSATION, CONTACT, replace(HANDOFF, assignee_name="Ben"))
    assert made["data"]["agent"] == {"id": "U1", "name": "Ana"}


def test_a_returned_conversation_comes_with_what_people_said_in_it() -> None:
    call = CallBot("control.returned", 5, body={"outcome": "resolved", "reason": "refund"})
    transcript = [
        said(Role.USER, "hello", 1),
        said(Role.SYSTEM, "Ana has joined", 2),
        said(Role.AGENT, "hi", 3),
    ]
    made = body(call, AT, CONVERSATION, CONTACT, HANDOFF, transcript=transcript)
    assert [m["text"] for m in made["data"]["transcript"]] == ["hello", "hi"]
    assert made["data"]["outcome"] == "resolved"


def test_the_conversations_language_comes_before_the_users() -> None:
    here = replace(CONVERSATION, locale="de")
    made = body(CallBot("x", 1), AT, here, CONTACT, None)
    assert made["data"]["user"]["locale"] == "de"
    assert "transcript" not in made["data"]


def test_files_are_told_with_an_address_where_there_is_one() -> None:
    here = Attachment("a.png", "image/png", 5, "fil_1")
    away = Attachment("b.png", "image/png", 6, "slack:F1")
    message = replace(said(Role.USER, ""), attachments=(here, away))
    call = CallBot("message.created", 4, message.id)
    links = {here: "https://desk.example/files/fil_1?signature=x"}
    made = body(call, AT, CONVERSATION, CONTACT, None, message=message,
                link=lambda file: links.get(file, ""))  # fmt: skip
    told = made["data"]["message"]["attachments"]
    named = {"name": "a.png", "mime": "image/png", "size": 5}
    assert told == [
        {**named, "url": links[here]},
        {"name": "b.png", "mime": "image/png", "size": 6},
    ]
    assert spoken(message)["attachments"][0] == named


def test_tools_are_told_what_a_customer_thinks_as_it_is_by_now() -> None:
    rating = Rating("How was it?", 9, 4, "Quick", AT)
    handoff = replace(HANDOFF, rating=rating)
    call = CallHook("whk_1", "evt_1", "handoff.rated", AT, 4, {}, {"score": 3}, None, HANDOFF.id)
    data = told(call, CONVERSATION, CONTACT, handoff)["data"]
    assert data["rating"] == {"score": 4, "comment": "Quick", "at": "2026-11-21T03:24:05.123Z"}
    assert rated(HANDOFF.rating) is None
    assert "rating" not in told(call, CONVERSATION, CONTACT, None)["data"]
    other = replace(call, type="handoff.resolved")
    assert "rating" not in told(other, CONVERSATION, CONTACT, handoff)["data"]
