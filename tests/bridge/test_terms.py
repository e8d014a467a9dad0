"""What who opened a handoff asked for beside it: its own texts, and what a time-out does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.commands import (
    DeleteConversation,
    Describe,
    Resolve,
    TimerFired,
    ToConversation,
    UserEnded,
    UserSaid,
)
from bridge.effects import RefreshCard, SetTimer
from bridge.escalation import BadEscalation, read_escalation
from bridge.gates import Gate
from bridge.model import SECOND, Author, Role, Status
from bridge.terms import NO_TERMS, OnTimeout, Terms
from tests.bridge.driver import ANA, BOT, CNV, SAM, World
from tests.bridge.test_handoffs import WISH, opened

HERE = ToConversation(CNV)
HELD = replace(BOT, gate=Gate(everything=True))


def said(world: World) -> list[str]:
    return [message.text for message in world.said_by(Role.SYSTEM)]


def with_terms(terms: Terms, due: int = 0, world: World | None = None) -> World:
    return opened(replace(WISH, terms=terms, expires_at=due), world)


def test_the_handoffs_own_texts_come_before_those_of_the_settings_and_may_silence() -> None:
    own = {"transfer": {"en": ""}, "resolved": {"en": "Bye {{userName}}", "fr": "Au revoir"}}
    world = with_terms(Terms(messages=own))
    assert said(world) == []
    world.do(Resolve("end", world.tick(), HERE, ANA))
    assert said(world) == ["Bye Sam"]


def test_where_bots_are_held_the_handoffs_own_texts_are_not_said_but_may_silence() -> None:
    own = {"transfer": {"en": ""}, "resolved": {"en": "We refund you all of it"}}
    world = with_terms(Terms(messages=own), world=World(HELD))
    world.do(Resolve("end", world.tick(), HERE, ANA))
    (bye,) = said(world)
    assert "refund" not in bye


def test_where_bots_are_held_what_they_tell_of_before_is_for_the_team_alone() -> None:
    roles = Role.USER, Role.BOT, Role.AGENT
    history = tuple((Author(role, f"history-{role}"), "A refund!", 0) for role in roles)
    world = opened(replace(WISH, history=history), World(HELD))
    assert [m.leaves for m in world.in_order()[:3]] == [True, False, False]


def test_the_next_handoff_has_the_usual_texts_again() -> None:
    world = with_terms(Terms(messages={"cancelled": {"en": "Gone"}}))
    world.do(UserEnded("end", world.tick(), HERE))
    opened(world=world)
    world.do(UserEnded("end again", world.tick(), HERE))
    assert said(world)[-3] == "Gone"
    assert "You have left" in said(world)[-1]


def test_one_that_is_to_wait_on_does_and_its_user_is_told() -> None:
    world = World()
    with_terms(Terms(OnTimeout.WAIT), world.now + 60 * SECOND, world)
    version = world.handoff.version
    world.tick(60)
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))
    assert (world.handoff.status, world.handoff.expires_at) == (Status.QUEUED, 0)
    assert world.handoff.version > version
    assert "Your message is kept" in said(world)[-1]


def test_deleting_takes_the_texts_with_it() -> None:
    world = World(replace(BOT, may_delete=True))
    with_terms(Terms(messages={"resolved": {"en": "Bye Sam"}}), world=world)
    by = Author(Role.SYSTEM, "key:1", "crm")
    world.do(DeleteConversation("gone", world.tick(), HERE, by))
    assert world.handoff.terms == NO_TERMS
    assert world.conversation.is_gone
    opened(world=world)
    assert not world.conversation.is_gone


def test_what_is_known_of_a_user_without_a_handoff_shows_on_no_card() -> None:
    world = World()
    world.do(UserSaid("hello", world.tick(), SAM, "hello"))
    by = Author(Role.SYSTEM, "key:1", "crm")
    world.do(Describe("known", world.tick(), HERE, by, {"name": "Sam Rivera"}))
    assert world.contact.name == "Sam Rivera"
    assert world.effects(RefreshCard) == []


def test_texts_are_told_for_every_language_or_by_language() -> None:
    told = {"timeout": "Later", "resolved": {"en": "Bye", "fr": "Salut"}, "assigned": None}
    wish = read_escalation({"title": "x", "messages": told, "on_timeout": "wait"}, 0)
    assert wish.terms.on_timeout is OnTimeout.WAIT
    assert wish.terms.messages == {
        "timeout": {"en": "Later"},
        "resolved": {"en": "Bye", "fr": "Salut"},
    }


def test_files_of_the_history_are_links_that_say_what_they_are() -> None:
    files = [{"name": "a [b].pdf", "url": "https://x.example/a_(1).pdf"}]
    history = [{"role": "user", "text": "Look", "attachments": files}]
    wish = read_escalation({"title": "x", "history": history}, 0)
    assert wish.history[0][1] == "Look\n[a \\[b\\]\\.pdf](<https://x.example/a_(1).pdf>)"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x.example/a>b", "https://x y"])
def test_what_is_no_address_of_the_web_is_no_file(url: str) -> None:
    history = [{"role": "user", "text": "x", "attachments": [{"name": "a", "url": url}]}]
    with pytest.raises(BadEscalation):
        read_escalation({"title": "x", "history": history}, 0)
