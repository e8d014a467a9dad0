"""Which tools are told of a decision, and of what in it."""

from __future__ import annotations

import pytest

from bridge.cases import Decision
from bridge.commands import UserSaid
from bridge.events import Event, Kind
from bridge.hooks import NAMES, TYPES, Endpoint, calls, is_a_filter, of_event
from bridge.model import DEFAULT_WORKSPACE, Author, Conversation, Role, Standing, replace
from tests.bridge.driver import ANA, CNV, NO_BOT, SAM, START, World

ALL = Endpoint("whk_1", "https://tool.example")
BY = ANA.as_author()


def conversation_of(bot_id: str) -> Conversation:
    return Conversation(CNV, DEFAULT_WORKSPACE, SAM.contact_id, "webchat", "sam", bot_id=bot_id)


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        (("*",), set(NAMES)),
        (("handoff.*",), {name for name in NAMES if name.startswith("handoff.")}),
        (("control.returned", "message.created"), {"control.returned", "message.created"}),
    ],
)
def test_an_endpoint_is_told_of_what_it_asked_for(
    events: tuple[str, ...], wanted: set[str]
) -> None:
    endpoint = Endpoint("whk_1", "https://tool.example", events)
    assert {name for name in NAMES if endpoint.wants(name)} == wanted
    assert all(is_a_filter(each) for each in events)


@pytest.mark.parametrize("text", ["message.read", "note.*", "handoff", "", "**"])
def test_a_filter_that_would_never_fit_is_none(text: str) -> None:
    assert not is_a_filter(text)


def test_of_what_stays_inside_nobody_is_told() -> None:
    assert not {Kind.NOTE_ADDED, Kind.MESSAGE_HELD, Kind.DELIVERY_FAILED} & TYPES.keys()


def test_control_returns_to_a_bot_and_to_nobody_else() -> None:
    for bot_id, told in (("robo", ["conversation.resumed", "control.returned"]), ("", None)):
        event = Event(Kind.RESUMED, START, CNV, BY, None, 3, {}, "evt_1")
        conversation = conversation_of(bot_id)
        found = list(of_event([ALL], event, conversation, None))
        assert [each.type for each in found] == (told or ["conversation.resumed"])
        assert {each.endpoint for each in found} == {"whk_1"}
        assert len({each.id for each in found}) == len(found)


def test_times_are_told_as_times_and_ids_as_ids() -> None:
    snoozed = Event(Kind.HANDOFF_SNOOZED, START, CNV, BY, None, 1, {"until": START}, "evt_1")
    assigned = Event(Kind.HANDOFF_ASSIGNED, START, CNV, BY, None, 1, {"agent": "U1"}, "evt_2")
    bodies = [
        call.body
        for event in (snoozed, assigned)
        for call in of_event([ALL], event, conversation_of(""), None)
    ]
    assert bodies == [{"until": "2023-11-14T22:13:20.000Z"}, {"agent_id": "U1"}]


def test_a_message_that_does_not_leave_is_passed_over() -> None:
    world = World(NO_BOT)
    world.do(UserSaid(world.key(), world.tick(), SAM, "hello"))
    said = Event(Kind.USER_SPOKE, START, CNV, Author(Role.USER, "sam"), None, 1, {}, "evt_1")
    message = next(iter(world.messages.values()))
    for leaves in (True, False):
        kept = message if leaves else replace(message, standing=Standing.HELD)
        about = Event(said.kind, said.at, CNV, said.actor, None, 1, {"message": kept.id}, "evt_1")
        decision = Decision(world.conversation, world.contact, None, (kept,), (about,))
        told = calls([ALL], decision)
        assert [each.message_id for each in told] == [message.id] * leaves
