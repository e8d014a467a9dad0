"""Who is away is told so by each way of taking something, and has it by one press more."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.slack import lines, replies
from bridge.commands import Accepted, Answer, Assign, Attend, Doing, Rejected, Request, SendHeld
from bridge.effects import Line
from bridge.views import LinePost
from sandbox.slack import seed
from tests.adapters.slack.checks import buttons
from tests.adapters.slack.test_ways import modal
from tests.adapters.slack.things import assigned, ended, held, view
from tests.adapters.slack.world import World
from tests.waiting import until


def away(slack: World) -> None:
    """Until they say that they are there."""
    there = False

    def answer(command: Request) -> Answer:
        nonlocal there
        there = there or (isinstance(command, Attend) and command.doing is Doing.ONLINE)
        claims = isinstance(command, Assign | SendHeld)
        return Rejected("online_required") if claims and not there else Accepted()

    slack.bridge.answer = answer


async def told(slack: World) -> dict[str, Any]:
    return (await until(slack.ben.ephemerals))[-1]


@pytest.mark.parametrize("way", ["card", "slash"])
async def test_who_is_away_goes_online_and_takes_it_with_one_press(slack: World, way: str) -> None:
    thread = await slack.opened(view())
    away(slack)
    if way == "card":
        await slack.ben.click("assign_me", channel=thread.channel, ts=thread.ts)
    else:
        await slack.ben.command(seed.ORDERS, "/desk assign 42 me")
    refused = await slack.bridge.next(Assign)
    answer = await told(slack)
    assert replies.REFUSALS["online_required"] in str(answer)
    [action] = buttons_of(answer)
    await slack.ben.click(action, channel=answer["channel"], ts=answer["ts"])
    came = await slack.bridge.next(Attend)
    taken = await slack.bridge.next(Assign)
    assert (came.doing, came.to.id) == (Doing.ONLINE, seed.BEN)
    assert (taken.to, taken.agent.id, taken.only_free) == (
        refused.to, seed.BEN, refused.only_free,
    )  # fmt: skip
    assert taken.key != came.key != refused.key


async def test_a_form_says_so_with_the_button_in_it(slack: World) -> None:
    thread = await slack.opened(view())
    away(slack)
    await slack.ben.click("assign", channel=thread.channel, ts=thread.ts)
    form = await modal(slack.ben)
    await slack.ben.submit(form["id"], {"arg": seed.BEN})
    await slack.bridge.next(Assign)
    shown = await modal(slack.ben, "Deskbridge")
    assert "online:pick_assign" in str(shown)


async def test_a_held_message_is_sent_by_going_online(slack: World) -> None:
    thread = await slack.opened(view())
    away(slack)
    said = LinePost(Line.HELD, held("online_required"), seed.BEN, "Ben", "online_required")
    receipt = await slack.desk.post(thread, view(), said, "line/1")
    assert receipt.place is not None
    place = {"channel": thread.channel, "ts": receipt.place[2]}
    await slack.ben.click("online:send_held", **place)
    assert (await slack.bridge.next(Attend)).doing is Doing.ONLINE
    await slack.bridge.next(SendHeld)


async def test_a_press_that_takes_it_by_sending_is_told_the_same(slack: World) -> None:
    thread = await slack.opened(ended())
    away(slack)
    said = LinePost(Line.HELD, held("ended"), seed.BEN, "Ben", "ended")
    receipt = await slack.desk.post(thread, ended(), said, "line/1")
    assert receipt.place is not None
    await slack.ben.click("send_held", channel=thread.channel, ts=receipt.place[2])
    await slack.bridge.next(SendHeld)
    assert buttons_of(await told(slack)) == ["online:send_held"]


def test_the_line_of_a_word_in_the_thread_has_the_button() -> None:
    said = LinePost(Line.REFUSED, None, seed.BEN, "Ben", "online_required")
    assert buttons(lines.line(assigned(), said, "k")).keys() == {"online:take"}


def buttons_of(message: dict[str, Any]) -> list[str]:
    found = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return [element["action_id"] for row in found for element in row]
