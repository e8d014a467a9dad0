"""Two customers are one person: who says so, and what they are shown before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack import joining, pages
from adapters.slack.joining import Side
from adapters.slack.targets import Target
from bridge.attributes import MAX_BYTES
from bridge.commands import Accepted, Answer, MergeContacts, Rejected, Request, ToConversation
from bridge.model import Contact, ContactId, Conversation, ConversationId, Mode, Visibility
from bridge.settings_agents import AgentSettings
from bridge.settings_sections import DEFAULT_QUEUE, QueueSettings
from sandbox.slack import seed
from tests.adapters.slack.test_ways import modal, shown, typed
from tests.adapters.slack.things import contact, conversation, message, view
from tests.adapters.slack.world import Stage, World, world

ANN, BEA = ConversationId("cnv_1"), ConversationId("cnv_2")
BOTH = f"{ANN} {BEA}"


def person(number: int, name: str, **known: Any) -> tuple[Conversation, Contact]:
    """Who is with the bot, on Messenger."""
    who = ContactId(f"con_{number}")
    talk = conversation(
        id=ConversationId(f"cnv_{number}"), contact_id=who, handoff_id=None, mode=Mode.BOT
    )
    known_as = contact(
        id=who, name=name, channel="messenger", email=f"{number}@example.org", **known
    )
    return talk, known_as


def floor(slack: World) -> None:
    slack.books.users = [
        person(1, "Ann Lee", attributes={"plan": "pro", "order": 1009}),
        person(2, "Ann L.", attributes={"plan": "free", "size": 44}),
        person(3, "Annabel"),
    ]
    slack.books.said = [message("twice angry", visibility=Visibility.INTERNAL), message("hello")]


async def found(slack: World, text: str = "ann") -> dict[str, Any]:
    """From the profile of Ann to those who may be the same person."""
    profile = await typed(slack, "/desk profile Lee")
    await slack.ana.click("same_person", channel=seed.GENERAL, ts=profile["ts"])
    form = await modal(slack.ana, "Same person")
    told = await slack.ana.submit(form["id"], {"arg": text})
    if told.get("errors"):
        return dict(told["errors"])
    return await modal(slack.ana, "Same person")


async def previewed(slack: World) -> dict[str, Any]:
    list_ = await found(slack)
    await slack.ana.click("same_chosen", view_id=list_["id"], block_id=f"same:{BEA}")
    await slack.desk.idle()
    return await modal(slack.ana, "Same person")


def refusing(slack: World, answer: Answer) -> None:
    def answered(command: Request) -> Answer:
        return answer if isinstance(command, MergeContacts) else Accepted()

    slack.bridge.answer = answered


async def test_from_the_profile_by_a_search_and_a_preview_they_are_made_one(slack: World) -> None:
    floor(slack)
    list_ = await found(slack)
    assert "Ann L." in shown(list_)
    assert "Annabel" in shown(list_)
    assert "Ann Lee · messenger" not in shown(list_)
    preview = await previewed(slack)
    for words in ("1 note and 0 handoffs", "“pro” stays, “free” goes", "size “44”", "order “1009”"):
        assert words in shown(preview)
    assert "cannot be undone" in shown(preview)
    await slack.ana.submit(preview["id"], {})
    asked = await slack.bridge.next(MergeContacts)
    assert (asked.to, asked.other) == (ToConversation(ANN), BEA)
    assert (asked.by.id, asked.asker.id, asked.proven) == (seed.ANA, seed.ANA, False)
    told = shown(await modal(slack.ana, "Same person"))
    assert "Ann Lee and Ann L. are one person now." in told


async def test_the_second_time_does_no_harm_and_says_so(slack: World) -> None:
    floor(slack)
    refusing(slack, Accepted({"merged": True, "already": True}))
    preview = await previewed(slack)
    await slack.ana.submit(preview["id"], {})
    assert "are one person already." in shown(await modal(slack.ana, "Same person"))
    slack.books.users = [(talk, replace(who, person_id="con_1")) for talk, who in slack.books.users]
    assert await found(slack) == {"arg": "I found nobody else for “ann”."}
    view = await slack.ana.modal()
    assert view is not None
    assert view["callback_id"] == joining.FIND


async def test_who_became_one_meanwhile_is_not_shown_as_two(slack: World) -> None:
    floor(slack)
    list_ = await found(slack)
    slack.books.users = [(talk, replace(who, person_id="con_1")) for talk, who in slack.books.users]
    await slack.ana.click("same_chosen", view_id=list_["id"], block_id=f"same:{BEA}")
    await slack.desk.idle()
    assert "are one person already." in shown(await modal(slack.ana, "Same person"))


@pytest.mark.parametrize(
    ("code", "words"),
    [("not_allowed", "Ask a supervisor"), ("unknown_user", "I know no customer"),
     ("not_a_member", "Only members")],
)  # fmt: skip
async def test_why_they_were_not_merged_is_told_in_the_window(
    slack: World, code: str, words: str
) -> None:
    floor(slack)
    refusing(slack, Rejected(code))
    preview = await previewed(slack)
    await slack.ana.submit(preview["id"], {})
    assert words in shown(await modal(slack.ana, "Same person"))


async def test_a_number_finds_whose_handoff_it_is(slack: World) -> None:
    floor(slack)
    slack.books.views = [view(contact={"id": ContactId("con_9"), "name": "Zoe"})]
    slack.books.views[0] = replace(
        slack.books.views[0],
        conversation=replace(slack.books.views[0].conversation, id=ConversationId("cnv_9")),
    )
    assert "Zoe" in shown(await found(slack, "#42"))
    assert await found(slack, "#43") == {"arg": "I found nobody else for “#43”."}


async def test_agents_merge_whom_they_may_look_at(stages: tuple[Stage, Stage]) -> None:
    """On both sides, and at each step."""
    billing = QueueSettings(name="billing", members=(seed.CHLOE,))
    named = AgentSettings(admins=(seed.BEN,))
    async with world(stages, queues=(*DEFAULT_QUEUE, billing), agents=named) as slack:
        floor(slack)
        slack.books.hidden = {BEA}
        list_ = await found(slack)
        assert "Annabel" in shown(list_)
        assert "Ann L." not in shown(list_)
        refused = "queue that is not yours"
        slack.books.hidden = set()
        list_ = await found(slack)
        slack.books.hidden = {BEA}
        await slack.ana.click("same_chosen", view_id=list_["id"], block_id=f"same:{BEA}")
        await slack.desk.idle()
        assert refused in shown(await modal(slack.ana, "Same person"))
        slack.books.hidden = set()
        preview = await previewed(slack)
        slack.books.hidden = {BEA}
        await slack.ana.submit(preview["id"], {})
        assert refused in shown(await modal(slack.ana, "Same person"))
        slack.books.hidden = set()
        profile = await typed(slack, "/desk profile Lee")
        slack.books.hidden = {ANN}
        await slack.ana.click("same_person", channel=seed.GENERAL, ts=profile["ts"])
        assert refused in shown(await modal(slack.ana, "Same person"))
        slack.books.hidden = set()
        await slack.ana.click("same_person", channel=seed.GENERAL, ts=profile["ts"])
        await slack.desk.idle()
        form = await modal(slack.ana, "Same person")
        slack.books.hidden = {ANN}
        told = await slack.ana.submit(form["id"], {"arg": "ann"})
        assert refused in told["errors"]["arg"]
        assert slack.bridge.commands == []


async def test_the_profile_tells_who_is_the_same_person(slack: World) -> None:
    floor(slack)
    talk, ann = slack.books.users[0]
    slack.books.users[0] = (talk, replace(ann, person_id="con_1"))
    slack.books.mates = [slack.books.users[1][1]]
    told = str((await typed(slack, "/desk profile Lee"))["blocks"])
    assert "Same person as: " in told
    assert "Ann L. (messenger)" in told


# --- what the preview tells ----------------------------------------------------------------------


def told(mine: Contact, other: Contact, *more: Contact, may: bool = True) -> str:
    sides = Side(mine, (mine,)), Side(other, (other, *more), 1, 2)
    return shown(joining.preview(BOTH, *sides, may_block=may))


def test_who_is_called_nothing_gets_the_others_name() -> None:
    sam = contact(email="sam@example.org")
    nobody = contact(id=ContactId("con_2"), name="")
    for one, other in ((sam, nobody), (nobody, sam)):
        assert "Sam Rivera, for both" in told(one, other)
    assert "for both" not in told(sam, sam)
    assert "for both" not in told(nobody, nobody)


def test_who_is_one_with_either_comes_along() -> None:
    kim = contact(id=ContactId("con_3"), name="Kim", channel="relay")
    assert "Kim (relay)" in told(contact(), contact(id=ContactId("con_2")), kim)


def test_what_there_is_no_room_for_is_named() -> None:
    mine = contact(attributes={f"n{n}": "x" * 90 for n in range(15)})
    other = contact(attributes={"long": "y" * (MAX_BYTES - 20)})
    text = told(mine, other)
    assert "Too much to be kept: " in text
    assert "long." in text
    assert "and 5 more" in text


def test_a_block_spreads_and_only_supervisors_may_have_it_so() -> None:
    blocked = contact(id=ContactId("con_2"), name="Mallory", blocked_at=1)
    assert "Mallory; then all of them are, and what is open ends" in told(contact(), blocked)
    one = Side(contact(), (contact(),)), Side(blocked, (blocked,))
    assert "submit" in joining.preview(BOTH, *one, may_block=True)
    refused = joining.preview(BOTH, *one, may_block=False)
    assert "submit" not in refused
    assert "only supervisors" in shown(refused)
    assert "Mallory; then" not in told(blocked, blocked)


def test_over_a_hundred_handoffs_are_not_counted() -> None:
    side = Side(contact(), (contact(),), 1, 100, more=True)
    assert side.amount == "1 note and over 100 handoffs"
    assert Side(contact(), (contact(),), 0, 1).amount == "0 notes and 1 handoff"


def test_the_question_before_deleting_says_what_stays_of_the_person() -> None:
    for person_id, stays in (("", False), ("con_1", True)):
        target = Target(conversation(), contact(person_id=person_id))
        assert ("Their other conversations" in pages.delete(target).text) is stays
