"""Buttons on cards and lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack import card, helping, lines, menus, pickers, replies
from adapters.slack.buttons import BUTTONS
from adapters.slack.targets import of_view
from adapters.slack.verbs import VERBS
from bridge.commands import (
    Accepted,
    Assign,
    KeepAsNote,
    Look,
    Rejected,
    Reopen,
    SendAgain,
    SendHeld,
    ToHandoff,
    ToMessage,
    Wake,
)
from bridge.effects import Line
from bridge.model import Agent, AgentId, HandoffId, MessageId, Status, Visibility
from bridge.views import LinePost, View
from sandbox.slack import seed
from sandbox.slack.person import Person
from tests.adapters.slack.checks import buttons
from tests.adapters.slack.things import NOW, assigned, ended, held, view
from tests.adapters.slack.world import World

HANDOFF = ToHandoff(HandoffId("hnd_1"))
MESSAGE = ToMessage(MessageId("msg_1"))


@pytest.mark.parametrize(
    ("shown", "action", "kind"),
    [
        (view(), "assign_me", Assign),
        (assigned(handoff={"status": Status.SNOOZED, "snoozed_until": NOW}), "wake", Wake),
    ],
)
async def test_a_button_of_the_card_is_one_command(
    slack: World, shown: View, action: str, kind: type[Any]
) -> None:
    thread = await slack.opened(shown)
    await slack.ben.click(action, channel=thread.channel, ts=thread.ts)
    command = await slack.bridge.next(kind)
    assert (command.to, command.by.id) == (HANDOFF, seed.BEN)
    assert command.key.endswith(f":{action}")
    assert await slack.ben.ephemerals() == []


@pytest.mark.parametrize(
    ("reason", "action", "kind", "after"),
    [
        ("foreign", "send_held", SendHeld, "✋ Held at first, then sent by Ben"),
        ("foreign", "take_over_and_send", SendHeld, "✋ Held at first, then sent by Ben"),
        ("foreign", "keep_as_note", KeepAsNote, "🔒 Kept as a note by Ben"),
    ],
)
async def test_a_held_message_is_decided_by_a_button(
    slack: World, reason: str, action: str, kind: type[Any], after: str
) -> None:
    thread = await slack.opened(assigned())
    said = LinePost(Line.HELD, held(reason), seed.BEN, "Ben", reason)
    receipt = await slack.desk.post(thread, assigned(), said, "line/1")
    assert receipt.place is not None
    await slack.ben.click(action, channel=thread.channel, ts=receipt.place[2])
    command = await slack.bridge.next(kind)
    assert command.to == MESSAGE
    assert getattr(command, "take_over", False) is (action == "take_over_and_send")
    await slack.desk.idle()
    [_, line] = await slack.ana.thread(thread.channel, thread.ts)
    assert line["text"] == after
    assert [block["type"] for block in line["blocks"]] == ["rich_text"]


async def test_a_failed_message_is_sent_again_by_a_button(slack: World) -> None:
    thread = await slack.opened(assigned())
    failed = LinePost(Line.FAILED, held("window_closed"), detail="window_closed")
    receipt = await slack.desk.post(thread, assigned(), failed, "line/1")
    assert receipt.place is not None
    await slack.ben.click("send_again", channel=thread.channel, ts=receipt.place[2])
    assert (await slack.bridge.next(SendAgain)).to == MESSAGE


async def test_an_ended_handoff_is_reopened_by_a_button(slack: World) -> None:
    thread = await slack.opened(ended())
    end = LinePost(Line.ENDED, who=seed.ANA, name="Ana", detail="resolved")
    receipt = await slack.desk.post(thread, ended(), end, "line/1")
    assert receipt.place is not None
    await slack.ben.click("reopen", channel=thread.channel, ts=receipt.place[2])
    assert (await slack.bridge.next(Reopen)).to == HANDOFF
    await slack.desk.idle()
    [_, line] = await slack.ana.thread(thread.channel, thread.ts)
    assert "actions" in [block["type"] for block in line["blocks"]]


async def test_who_is_no_member_is_told_so_and_nothing_is_done(slack: World) -> None:
    thread = await slack.opened(assigned())
    async with Person(slack.base, seed.GIL) as gil:
        await gil.join(thread.channel)
        await gil.click("resolve", channel=thread.channel, ts=thread.ts)
        await slack.desk.idle()
        assert [each["text"] for each in await gil.ephemerals()] == [replies.NOT_MEMBER]
    assert slack.bridge.commands == []


async def test_a_refusal_is_told_to_who_pressed_only(slack: World) -> None:
    thread = await slack.opened(assigned())
    slack.bridge.answer = lambda _: Rejected("already_ended")
    await slack.ana.click("resolve", channel=thread.channel, ts=thread.ts)
    await slack.desk.idle()
    [told] = await slack.ana.ephemerals()
    assert told["text"] == "This conversation has ended already."
    assert await slack.ben.ephemerals() == []
    assert len(await slack.ana.thread(thread.channel, thread.ts)) == 1


async def test_assign_to_me_is_for_what_nobody_has(slack: World) -> None:
    thread = await slack.opened(view())
    slack.bridge.answer = lambda _: Rejected("assigned_already", {"name": "Ben"})
    await slack.ana.click("assign_me", channel=thread.channel, ts=thread.ts)
    assert (await slack.bridge.next(Assign)).only_free
    await slack.desk.idle()
    [told] = await slack.ana.ephemerals()
    assert told["text"].startswith("Somebody else has it by now.")


async def test_what_came_of_a_menu_in_a_thread_takes_its_place_there(slack: World) -> None:
    thread = await slack.opened(assigned())
    await slack.ana.reply(thread.channel, thread.ts, "!")
    await slack.bridge.next(Look)
    await slack.desk.idle()
    [menu] = await slack.ana.ephemerals()
    await slack.ana.click("release", channel=thread.channel, ts=menu["ts"])
    await slack.desk.idle()
    [told] = await slack.ana.ephemerals()
    assert told["text"] == "Back in the queue: #42, Sam Rivera"
    assert told["thread_ts"] == thread.ts


async def test_a_refused_decision_leaves_the_line_as_it_is(slack: World) -> None:
    thread = await slack.opened(assigned())
    said = LinePost(Line.HELD, held("foreign"), seed.BEN, "Ben", "foreign")
    receipt = await slack.desk.post(thread, assigned(), said, "line/1")
    assert receipt.place is not None
    slack.bridge.answer = lambda _: Accepted({"rejected": "already_decided"})
    await slack.ana.click("send_held", channel=thread.channel, ts=receipt.place[2])
    await slack.desk.idle()
    [told] = await slack.ana.ephemerals()
    assert told["text"] == "Somebody has decided that already."


def test_every_button_that_is_shown_does_something() -> None:
    snoozed = {"status": Status.SNOOZED, "snoozed_until": NOW}
    shown = [card.card(each) for each in (view(), assigned(), assigned(handoff=snoozed), ended())]
    shown += [
        menus.menu(of_view(each), Agent(AgentId(seed.BEN), "Ben"))
        for each in (view(), assigned(), ended())
    ]
    for reason in replies.HELD:
        said = LinePost(Line.HELD, held(reason), seed.BEN, "Ben", reason)
        shown.append(lines.line(assigned(), said, "k"))
    shown.append(lines.line(assigned(), LinePost(Line.FAILED, held("x")), "k"))
    shown.append(lines.line(assigned(), LinePost(Line.RECALL, held("x")), "k"))
    shown.append(lines.line(ended(), LinePost(Line.ENDED), "k"))
    idea = replace(held("suggestion:reply"), visibility=Visibility.INTERNAL)
    shown.append(lines.line(assigned(), LinePost(Line.SUGGESTED, idea), "k"))
    shown.append(
        lines.line(assigned(), LinePost(Line.TRIGGERED, None, "", "", "evt_1\tangry\twhy"), "k")
    )
    known = {*BUTTONS, pickers.ASSIGN_ME, helping.EDIT, *VERBS}
    actions = {action.removeprefix(replies.ONLINE) for body in shown for action in buttons(body)}
    assert actions <= known
    assert set(BUTTONS) <= actions
    for verb in VERBS.values():
        picker = pickers.which(verb, [of_view(view())])
        assert set(buttons(picker)) == {f"pick_{verb.name}"}
