"""Contacts that are one person: what becomes of each when two are merged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.cases import Case, Decision
from bridge.commands import MergeContacts, Rejected, ToConversation
from bridge.effects import RefreshCard
from bridge.events import Kind
from bridge.lifecycle import decide
from bridge.model import Author, Contact, ContactId, Role, WorkspaceId
from bridge.queues import Queue
from bridge.ranks import Rank
from tests.bridge.driver import ANA, BOT, CNV, SAM, START, World
from tests.bridge.test_talk import handed_over

API = Author(Role.SYSTEM, "key_1", "crm")


def contact(id: str, **known: Any) -> Contact:
    return replace(World().contact, id=ContactId(id), address=id, **known)


def merge(
    mine: Contact,
    *merging: Contact,
    person: tuple[Contact, ...] = (),
    proven: bool = False,
    world: World | None = None,
) -> Decision | Rejected:
    handoff = world.handoff if world else None
    talk = (world or World()).conversation
    case = Case(talk, mine, handoff, person=person, merging=merging)
    to = SAM if proven else ToConversation(CNV)
    command = MergeContacts("k", START, to, SAM.conversation_id, API, proven)
    return decide(case, command, BOT)


def merged(*given: Contact, **how: Any) -> dict[str, Contact]:
    done = merge(*given, **how)
    assert isinstance(done, Decision)
    return {each.id: each for each in (done.contact, *done.others)}


def test_what_is_known_of_the_one_stands_and_the_other_fills_the_gaps() -> None:
    sam = contact("sam", name="Sam", email="s@example.com", attributes={"plan": "pro"})
    nobody = contact("nobody", email="x@example.com", attributes={"plan": "free", "size": 44})
    done = merged(sam, nobody)
    for each in done.values():
        assert (each.person_id, each.name) == ("sam", "Sam")
        assert each.attributes == {"plan": "pro", "size": 44}
    assert [each.email for each in done.values()] == ["s@example.com", "x@example.com"]


def test_who_is_one_with_either_is_one_with_both_and_there_is_no_chain() -> None:
    mine, hers = contact("a", person_id="a"), contact("c", person_id="c")
    done = merged(
        mine,
        hers,
        contact("d", person_id="c"),
        person=(contact("b", person_id="a"),),
    )
    assert {name: each.person_id for name, each in done.items()} == dict.fromkeys("abcd", "a")


@pytest.mark.parametrize("who", ["a", "b", "c", "d"])
def test_when_one_is_blocked_all_are_with_the_same_reason(who: str) -> None:
    why = {"blocked_at": START, "blocked_by": "Ana", "blocked_for": "threats"}
    a, b, c, d = (contact(each, **(why if each == who else {})) for each in "abcd")
    done = merged(a, c, d, person=(b,))
    told = {(c.blocked_at, c.blocked_by, c.blocked_for) for c in done.values()}
    assert (len(done), told) == (4, {(START, "Ana", "threats")})


def test_it_is_an_event_and_the_card_follows() -> None:
    done = merge(contact("sam"), contact("kim"), proven=True, world=handed_over())
    assert isinstance(done, Decision)
    [event] = done.events
    assert (event.kind, event.actor) == (Kind.USER_MERGED, API)
    assert done.contact.name == done.others[0].name == SAM.name  # as their proof tells
    assert event.body == {"with_user": "kim", "proven": True}
    assert any(isinstance(effect, RefreshCard) for effect in done.effects)


def test_oneself_or_the_same_person_once_more_changes_nothing() -> None:
    sam, kim = contact("sam", person_id="sam"), contact("kim", person_id="sam")
    for done in (merge(sam, sam, kim, person=(kim,)), merge(sam, kim, sam, person=(kim,))):
        assert isinstance(done, Decision)
        assert (done.contact, done.others, done.events) == (sam, (), ())
        assert done.data == {"merged": True, "already": True}


def test_who_is_somebody_already_is_no_one_elses_by_proof() -> None:
    """A browser that two people share would make one of them otherwise."""
    known = (contact("nobody", person_id="sam"), contact("sam", person_id="sam"))
    done = merge(contact("kim"), *known, proven=True)
    assert isinstance(done, Decision)
    assert (done.data["merged"], done.others, done.contact.person_id) == (False, (), "")


def test_one_who_is_not_there_or_of_another_workspace_is_unknown() -> None:
    stranger = contact("kim", workspace_id=WorkspaceId("another"))
    assert merge(contact("sam")) == merge(contact("sam"), stranger) == Rejected("unknown_user")


@pytest.mark.parametrize(("rank", "refused"), [(Rank.AGENT, True), (Rank.SUPERVISOR, False)])
@pytest.mark.parametrize("blocked", ["sam", "kim"])
def test_who_may_not_block_makes_nobody_one_with_who_is_blocked(
    rank: Rank, refused: bool, blocked: str
) -> None:
    """They would be blocked by that."""
    asker = replace(ANA, rank=rank)
    one, other = (contact(each, blocked_at=START * (each == blocked)) for each in ("sam", "kim"))
    to, by = ToConversation(CNV), asker.as_author()
    command = MergeContacts("k", START, to, SAM.conversation_id, by, asker=asker)

    def asked(*merging: Contact) -> Decision | Rejected:
        return decide(Case(World().conversation, one, merging=merging), command, BOT)

    assert (asked(other) == Rejected("not_allowed")) is refused
    alike = replace(other, blocked_at=one.blocked_at)
    assert isinstance(asked(alike), Decision)


def test_where_a_colleague_of_another_queue_has_them_nobody_is_merged() -> None:
    asker = replace(ANA, queues=("billing",))
    world, by = handed_over(), asker.as_author()
    merging = contact("kim")
    command = MergeContacts("k", START, ToConversation(CNV), SAM.conversation_id, by, asker=asker)
    case = Case(world.conversation, world.contact, world.handoff, merging=(merging,))
    policy = replace(BOT, queues=(Queue(place="C1"), Queue("billing", "C2")))
    assert decide(case, command, policy) == Rejected("not_a_member")
