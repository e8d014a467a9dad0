"""What a decision changed stands at the event that it is of: codes as they are, words by length."""

from __future__ import annotations

from dataclasses import replace

from bridge.changes import audited, changes_of
from bridge.events import Event, Kind
from bridge.model import Author, Contact, Conversation, Handoff, Message, Mode, Role, Status
from tests.docs.test_bots import AT, CONVERSATION, HANDOFF, SAM

BY = Author(Role.AGENT, "U1", "Ana")


def event(kind: Kind) -> Event:
    return Event(kind, AT, CONVERSATION.id, BY)


def changes(
    events: list[Event],
    *,
    conversation: Conversation = CONVERSATION,
    contact: Contact = SAM,
    handoff: tuple[Handoff | None, Handoff | None] = (HANDOFF, HANDOFF),
    message: tuple[Message | None, Message | None] = (None, None),
) -> list[object]:
    talk, user = (CONVERSATION, conversation), (SAM, contact)
    return [each.changes for each in audited(events, changes_of(talk, user, handoff, message))]


def test_where_nothing_changed_events_are_as_they_were() -> None:
    assert changes([event(Kind.USER_SPOKE)]) == [None]
    same = replace(HANDOFF, version=9)
    assert changes([event(Kind.USER_SPOKE)], handoff=(HANDOFF, same)) == [None]


def test_each_change_stands_at_the_last_event_of_its_kind_or_the_very_last() -> None:
    events = [event(Kind.HANDOFF_REOPENED), event(Kind.HANDOFF_ASSIGNED), event(Kind.AGENT_SPOKE)]
    after = replace(HANDOFF, status=Status.SNOOZED, labels=("vip",))
    other = Mode.BOT if CONVERSATION.mode is Mode.HUMAN else Mode.HUMAN
    first, second, third = changes(
        events, conversation=replace(CONVERSATION, mode=other), handoff=(HANDOFF, after)
    )
    assert first is None
    assert second == {
        "handoff": {
            "status": [HANDOFF.status, Status.SNOOZED],
            "labels": [HANDOFF.labels, ("vip",)],
        }
    }
    assert third == {"conversation": {"mode": [CONVERSATION.mode, other]}}


def test_of_words_their_length_is_told() -> None:
    blank = Contact(SAM.id, SAM.workspace_id, "webchat", "sam", attributes={"plan": "pro"})
    talk = (CONVERSATION, CONVERSATION)
    told = replace(blank, name="Sam", attributes={"plan": "pro", "vip": True})
    nothing = (None, None)
    found = changes_of(talk, (blank, told), nothing, nothing)
    assert found == {"user": {"name": [0, 3], "attributes": [1, 2]}}


def test_of_a_new_handoff_all_that_is_not_empty_is_told() -> None:
    new = replace(HANDOFF, status=Status.QUEUED, title="Help", description="", context=[1])
    [(found)] = changes([event(Kind.HANDOFF_QUEUED)], handoff=(None, new))
    assert isinstance(found, dict)
    assert found["handoff"]["status"] == [None, Status.QUEUED]
    assert found["handoff"]["title"] == [0, 4]
    assert found["handoff"]["context"] == [0, 3]
    assert "description" not in found["handoff"]
