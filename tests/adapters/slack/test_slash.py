"""Slash commands: a number, a link, a name, or a list to pick from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack import replies, slash
from adapters.slack.pickers import Choice, read_choice
from adapters.slack.targets import Target
from bridge.commands import (
    Accepted,
    Answer,
    Assign,
    Duplicate,
    Pause,
    Rejected,
    Request,
    Resolve,
    Resume,
    Say,
    ToConversation,
    ToHandoff,
    Transfer,
)
from bridge.errors import StoreUnavailable
from bridge.model import AgentId, ConversationId, HandoffId, Status
from bridge.settings_sections import DEFAULT_QUEUE, QueueSettings
from bridge.views import View
from sandbox.slack import seed
from sandbox.slack.person import Person
from tests.adapters.slack.things import assigned, contact, conversation, ended, view
from tests.adapters.slack.world import Stage, World, world


def numbered(made: View, number: int, name: str = "Sam Rivera", **fields: Any) -> View:
    """Another handoff of another person."""
    handoff, talk = HandoffId(f"hnd_{number}"), ConversationId(f"cnv_{number}")
    return replace(
        made,
        handoff=replace(made.handoff, id=handoff, number=number, **fields),
        conversation=replace(made.conversation, id=talk),
        contact=replace(made.contact, name=name),
    )


async def typed(slack: World, text: str, by: Person | None = None) -> dict[str, Any]:
    """What who typed it sees."""
    person = by or slack.ana
    await person.command(seed.GENERAL, text)
    seen: dict[str, Any] = (await person.ephemerals())[-1]
    return seen


def said(slack: World) -> Request | None:
    return slack.bridge.commands[-1] if slack.bridge.commands else None


def actions_of(seen: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (each["action_id"], each["value"])
        for block in seen["blocks"]
        if block["type"] == "actions"
        for each in block["elements"]
    ]


# --- naming one ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["/assign 42", "/assign #42 me", "/desk assign 42"])
async def test_one_takes_a_handoff_by_its_number(slack: World, text: str) -> None:
    slack.books.views = [view()]
    assert (await typed(slack, text))["text"] == "Assigned #42, Sam Rivera, to you"
    command = said(slack)
    assert isinstance(command, Assign)
    assert (command.to, command.by.id, command.agent.id) == (
        ToHandoff(HandoffId("hnd_1")), seed.ANA, seed.ANA,
    )  # fmt: skip
    assert command.key.startswith("slack:trigger:")
    assert command.said == ""


async def test_a_colleague_is_given_a_handoff(slack: World) -> None:
    slack.books.views = [view()]
    assert (await typed(slack, "/assign 42 @Ben"))["text"] == "Assigned #42, Sam Rivera, to Ben"
    command = said(slack)
    assert isinstance(command, Assign)
    assert command.agent.id == seed.BEN


async def test_a_link_names_the_thread(slack: World) -> None:
    thread = await slack.opened()
    link = f"https://northwind.slack.com/archives/{thread.channel}/p{thread.ts.replace('.', '')}"
    seen = await typed(slack, f"/resolve {link} all good")
    assert seen["text"] == "Resolved #42, Sam Rivera"
    command = said(slack)
    assert isinstance(command, Resolve)
    assert command.reason == "all good"
    other = link.replace("archives/C", "archives/G")
    assert (await typed(slack, f"/resolve {other}"))["text"] == (
        "There is no conversation in that thread."
    )


async def test_an_unknown_number_is_told(slack: World) -> None:
    for verb in ("assign", "resolve", "pause", "resume"):
        assert (await typed(slack, f"/{verb} 7"))["text"] == "I know no conversation #7."
    assert slack.bridge.commands == []


async def test_nobody_knows_who_is_meant(slack: World) -> None:
    slack.books.views = [view()]
    assert (await typed(slack, "/assign 42 somebody"))["text"].startswith("Say who:")
    assert slack.bridge.commands == []


async def test_a_silent_end_is_silent(slack: World) -> None:
    slack.books.views = [assigned()]
    await typed(slack, "/resolve 42 silent: spam")
    command = said(slack)
    assert isinstance(command, Resolve)
    assert (command.silent, command.reason) == (True, "spam")


# --- without a number ----------------------------------------------------------------------------


async def test_without_a_number_the_only_one_of_mine_is_meant(slack: World) -> None:
    slack.books.views = [numbered(view(), 41, "Kim"), assigned()]
    assert (await typed(slack, "/resolve refund"))["text"] == "Resolved #42, Sam Rivera"
    command = said(slack)
    assert isinstance(command, Resolve)
    assert command.reason == "refund"


async def test_the_only_one_that_waits_is_taken(slack: World) -> None:
    slack.books.views = [assigned(), numbered(view(), 41, "Kim")]
    assert (await typed(slack, "/assign"))["text"] == "Assigned #41, Kim, to you"


async def test_several_are_shown_to_pick_from_and_the_pick_is_done(slack: World) -> None:
    mine = {"status": Status.ASSIGNED, "assignee": AgentId(seed.ANA)}
    slack.books.views = [numbered(view(), n, f"Kim {n}", **mine) for n in (41, 43)]
    seen = await typed(slack, "/resolve refund sent")
    assert slack.bridge.commands == []
    assert [each for each, _ in actions_of(seen)] == ["pick_resolve", "pick_resolve"]
    value = actions_of(seen)[1][1]
    assert read_choice("pick_resolve", value) == Choice("resolve", "hnd_43", "refund sent")
    await slack.ana.click(
        "pick_resolve", channel=seed.GENERAL, ts=seen["ts"], block_id="pick:hnd_43"
    )
    command = await slack.bridge.next(Resolve)
    assert (command.to, command.reason) == (ToHandoff(HandoffId("hnd_43")), "refund sent")
    await slack.desk.idle()
    assert [each["text"] for each in await slack.ana.ephemerals()] == ["Resolved #43, Kim 43"]


async def test_whom_to_assign_is_picked_too(slack: World) -> None:
    slack.books.views = [numbered(view(), n, f"Kim {n}") for n in (41, 43)]
    seen = await typed(slack, "/assign @Ben")
    await slack.ana.click(
        "pick_assign", channel=seed.GENERAL, ts=seen["ts"], block_id="pick:hnd_41"
    )
    command = await slack.bridge.next(Assign)
    assert (command.to, command.agent.id) == (ToHandoff(HandoffId("hnd_41")), seed.BEN)


async def test_a_colleague_gets_one_of_mine(slack: World) -> None:
    slack.books.views = [assigned(), numbered(view(), 41, "Kim")]
    assert (await typed(slack, "/assign @Ben"))["text"] == "Assigned #42, Sam Rivera, to Ben"


async def test_with_nothing_there_that_is_said(slack: World) -> None:
    assert (await typed(slack, "/assign"))["text"] == "Nobody is waiting."
    assert (await typed(slack, "/resolve"))["text"] == "Nothing is open."
    seen = await typed(slack, "/pause")
    assert seen["text"] == "Say for whom: /desk pause 42, or /desk pause and a name."


async def test_a_reason_too_long_for_a_button_is_not_cut(slack: World) -> None:
    slack.books.views = [view(), numbered(view(), 41)]
    seen = await typed(slack, "/resolve " + "x" * 2_500)
    assert seen["text"] == "Say which, with a text so long: /desk resolve 42 …"


# --- pause and resume ----------------------------------------------------------------------------


async def test_the_bot_is_paused_for_somebody_by_name(slack: World) -> None:
    slack.books.users = [(conversation(), contact())]
    assert (await typed(slack, "/pause sam"))["text"] == "The bot is silent for Sam Rivera now"
    command = said(slack)
    assert isinstance(command, Pause)
    assert (command.to, command.by.name) == (ToConversation(ConversationId("cnv_1")), "Ana")
    assert (await typed(slack, "/resume @Sam Rivera"))["text"] == "The bot answers Sam Rivera now"
    assert isinstance(said(slack), Resume)


async def test_several_of_that_name_are_shown(slack: World) -> None:
    two = replace(conversation(), id=ConversationId("cnv_2"))
    slack.books.users = [(conversation(), contact()), (two, contact(name="Sam Lee"))]
    seen = await typed(slack, "/pause sam")
    assert [read_choice(*each) for each in actions_of(seen)] == [
        Choice("pause", "cnv_1"), Choice("pause", "cnv_2"),
    ]  # fmt: skip
    await slack.ana.click("pick_pause", channel=seed.GENERAL, ts=seen["ts"], block_id="pick:cnv_2")
    assert (await slack.bridge.next(Pause)).to == ToConversation(ConversationId("cnv_2"))


async def test_nobody_of_that_name_is_told(slack: World) -> None:
    assert (await typed(slack, "/pause zoe"))["text"] == "I found nobody called “zoe”."


async def test_after_the_end_the_bot_can_be_paused_by_number(slack: World) -> None:
    slack.books.views = [ended()]
    assert (await typed(slack, "/pause 42"))["text"] == "The bot is silent for Sam Rivera now"


async def test_in_an_open_handoff_the_bot_is_silent_anyway(slack: World) -> None:
    slack.books.views = [assigned()]
    seen = await typed(slack, "/pause")
    assert seen["text"] == "Sam is with a person (#42), so the bot is silent anyway."
    asked = await typed(slack, "/resume 42")
    assert "Resolve the conversation" in asked["text"]
    assert slack.bridge.commands == []
    await slack.ana.click("resolve", channel=seed.GENERAL, ts=asked["ts"])
    assert (await slack.bridge.next(Resolve)).to == ToHandoff(HandoffId("hnd_1"))


async def test_whom_to_resume_is_picked_from_all_that_is_open(slack: World) -> None:
    slack.books.views = [view()]
    seen = await typed(slack, "/resume")
    assert [each for each, _ in actions_of(seen)] == ["pick_resume"]


# --- what is typed, and who is meant -------------------------------------------------------------


async def test_what_is_typed_reaches_nobody_with_slacks_ids_and_marks(slack: World) -> None:
    slack.books.views = [assigned()]
    await typed(slack, "/desk say 42 ask @Ben & co, #general knows: 1 < 2 :tada:")
    command = said(slack)
    assert isinstance(command, Say)
    assert command.text == "ask @colleague & co, our channel knows: 1 < 2 🎉"
    await typed(slack, "/desk transfer 42 @Ben R&D knows")
    handed = said(slack)
    assert isinstance(handed, Transfer)
    assert (handed.agent and handed.agent.id, handed.word) == (seed.BEN, "R&D knows")
    await typed(slack, "/resolve 42 R&D")
    resolved = said(slack)
    assert isinstance(resolved, Resolve)
    assert resolved.reason == "R&D"
    assert "“R&amp;D”" in (await typed(slack, "/desk find R&D"))["text"]


async def test_who_gives_a_handoff_to_a_queue_that_is_closed_is_told_in_the_answer(
    slack: World,
) -> None:
    slack.books.views = [assigned()]
    slack.bridge.answer = lambda _: Accepted(
        {"closed": "billing is closed and opens again tomorrow"}
    )
    seen = await typed(slack, "/desk transfer 42 billing")
    assert seen["text"].endswith(" · billing is closed and opens again tomorrow")


@pytest.mark.parametrize("name", ["sam", "parcel"])
async def test_who_is_found_but_not_called_so_is_asked_about_first(slack: World, name: str) -> None:
    slack.books.users = [(conversation(), contact(name="Samantha Parcels"))]
    seen = await typed(slack, f"/desk say {name} it is on its way")
    assert slack.bridge.commands == []
    assert [read_choice(*each) for each in actions_of(seen)] == [
        Choice("say", "cnv_1", "it is on its way")
    ]


@pytest.mark.parametrize("name", ["rivera", "@Sam", "sam@example.org", "cnv_1"])
def test_people_are_called_by_their_names_their_e_mail_and_their_id(name: str) -> None:
    target = Target(conversation(), contact(name="Sam Rivera", email="sam@example.org"))
    assert slash.is_called(target, name)


# --- /desk ---------------------------------------------------------------------------------------


async def test_the_queue_shows_who_waits_first_with_links(slack: World) -> None:
    thread = await slack.opened(assigned())
    slack.books.views.append(numbered(view(), 43, "Kim"))
    seen = await typed(slack, "/desk queue")
    assert seen["text"] == "Waiting (1) · open (2)"
    lines = seen["blocks"][1]["elements"]
    assert "Kim" in str(lines[0])
    link = lines[1]["elements"][0]
    assert link["url"] == (
        f"https://northwind.slack.com/archives/{thread.channel}/p{thread.ts.replace('.', '')}"
    )
    assert link["text"] == "#42"


async def test_the_queues_of_others_are_not_shown(stages: tuple[Stage, Stage]) -> None:
    theirs = QueueSettings(name="billing", members=(seed.CHLOE,))
    async with world(stages, queues=(*DEFAULT_QUEUE, theirs)) as slack:
        for number, queue in enumerate(("billing", "default", "nobody-knows-it")):
            slack.books.views.append(numbered(view(), number, queue=queue))
        assert (await typed(slack, "/desk queue"))["text"] == "Waiting (2) · open (2)"


async def test_mine_are_mine(slack: World) -> None:
    slack.books.views = [assigned(), numbered(view(), 43, "Kim")]
    seen = await typed(slack, "/desk mine")
    assert seen["text"] == "Yours (1)"
    assert "Kim" not in str(seen["blocks"])
    assert (await typed(slack, "/desk mine", slack.ben))["text"] == "You have nothing open."


async def test_help_is_there_for_everybody_and_lists_only_what_works(slack: World) -> None:
    for text in ("/desk", "/desk help", "/desk dance"):
        assert replies.HEAD.split("\n")[0] in (await typed(slack, text))["text"]
    strange = "I do not know that command."
    assert (await typed(slack, "/desk dance"))["text"].startswith(f"{strange}\n")
    meant = (await typed(slack, "/desk snoze 42"))["text"]
    assert meant.startswith(f"{strange} Did you mean `snooze`?\n")


@pytest.mark.parametrize(
    ("command", "text", "expected"),
    [
        ("/assign", "42", ("assign", "42")),
        ("/acme-assign", "42", ("assign", "42")),
        ("/acme-desk", "Resolve 42 x", ("resolve", "42 x")),
        ("/desk", "", ("help", "")),
    ],
)
def test_the_verb_is_read_behind_a_prefix(
    command: str, text: str, expected: tuple[str, str]
) -> None:
    assert slash.read_verb(command, text) == expected


# --- refusals ------------------------------------------------------------------------------------


async def test_who_is_no_member_is_told_so_and_sees_nothing(slack: World) -> None:
    slack.books.views = [view()]
    async with Person(slack.base, seed.GIL) as gil:
        for text in ("/assign 42", "/resolve 42", "/pause 42", "/desk queue", "/desk mine"):
            assert (await typed(slack, text, gil))["text"] == replies.NOT_MEMBER
    assert slack.bridge.commands == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Rejected("already_ended"), "This conversation has ended already."),
        (Rejected("bad_data"), "I could not write that down, so nothing was done."),
        (
            Rejected("assignee_not_a_member"),
            "Ben is not a member of this desk, so they cannot take it.",
        ),
        (Rejected("brand_new"), "That did not work (brand_new)."),
        (Duplicate({"rejected": "already_ended"}), "This conversation has ended already."),
        (Accepted(), "Assigned #42, Sam Rivera, to Ben"),
        (Duplicate(), "Assigned #42, Sam Rivera, to Ben"),
    ],
)
async def test_the_answer_is_what_the_bridge_said(
    slack: World, answer: Answer, expected: str
) -> None:
    slack.books.views = [view()]
    slack.bridge.answer = lambda _: answer
    assert (await typed(slack, "/assign 42 @Ben"))["text"] == expected


async def test_when_nothing_could_be_written_that_is_said(slack: World) -> None:
    def unavailable(_: Request) -> Answer:
        raise StoreUnavailable

    slack.books.views = [view()]
    slack.bridge.answer = unavailable
    assert (await typed(slack, "/resolve 42"))["text"] == replies.REFUSALS["store_unavailable"]


async def test_when_slack_does_not_say_who_asks_that_is_said(slack: World) -> None:
    rule = {"kind": "error", "methods": ["users.info"], "error": "fatal_error"}
    slack.box.faults.install({"rules": [rule]}, 0)
    assert (await typed(slack, "/desk queue"))["text"] == replies.REFUSALS["membership_unknown"]


async def test_a_pick_of_what_is_gone_is_told(slack: World) -> None:
    slack.books.views = [view(), numbered(view(), 41)]
    seen = await typed(slack, "/resolve")
    slack.books.views = []
    await slack.ana.click(
        "pick_resolve", channel=seed.GENERAL, ts=seen["ts"], block_id="pick:hnd_41"
    )
    await slack.desk.idle()
    assert (await slack.ana.ephemerals())[-1]["text"] == "I know no conversation like that."
    slack.books.users = [(conversation(), contact()), (conversation(), contact())]
    slack.books.users[1] = (replace(conversation(), id=ConversationId("cnv_2")), contact())
    paused = await typed(slack, "/pause sam")
    slack.books.users = []
    await slack.ana.click(
        "pick_pause", channel=seed.GENERAL, ts=paused["ts"], block_id="pick:cnv_2"
    )
    await slack.desk.idle()
    assert (await slack.ana.ephemerals())[-1]["text"] == "I know no conversation like that."


@pytest.mark.parametrize(
    ("action", "value"),
    [("pick_resolve", ""), ("pick_resolve", "[]"), ("pick_resolve", "{}"),
     ("pick_dance", '{"about":"x"}'), ("resolve", "hnd_1")],
)  # fmt: skip
def test_only_our_own_buttons_are_choices(action: str, value: str) -> None:
    assert read_choice(action, value) is None
