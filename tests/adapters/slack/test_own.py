"""Actions of the desk's own by every way: the word, the slash, *More…*, the buttons after `!`."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given

from adapters.slack import forms, menus, own
from adapters.slack.card import card
from adapters.slack.targets import of_view
from bridge.actions import NONE, Action, Actions, Field
from bridge.commands import Rejected, RunAction
from bridge.settings_actions import ActionSettings
from bridge.views import View
from sandbox.slack import seed
from tests.adapters.slack.checks import check
from tests.adapters.slack.test_looks import ME, views
from tests.adapters.slack.test_ways import modal, shown
from tests.adapters.slack.things import assigned
from tests.adapters.slack.world import Stage, World, world
from tests.waiting import until

SECRET = "whsec_" + base64.b64encode(b"the secret of an action, of thirty-two").decode()
GIVEN = {"url": "https://erp.example/x", "secret": SECRET}
SETTINGS = tuple(
    ActionSettings.model_validate({**GIVEN, **each})
    for each in (
        {"name": "refund", "label": "Refund", "fields": ["amount", {"name": "why", "required": 0}]},
        {"name": "block", "label": "Block the card"},
    )
)
MANY = Actions(
    tuple(Action(f"a{n}", "L" * 60, (Field("f", "F" * 60, multiline=True),)) for n in range(20))
)


@pytest.fixture
async def desk(stages: tuple[Stage, Stage]) -> AsyncIterator[World]:
    async with world(stages, actions=SETTINGS) as slack:
        yield slack


async def ran(desk: World) -> tuple[str, str]:
    command = await desk.bridge.next(RunAction)
    assert command.by.id == seed.ANA
    return command.name, command.text


async def filled(desk: World) -> None:
    form = await modal(desk.ana, "Refund")
    told = await desk.ana.submit(form["id"], {"amount": "20", "why": "late"})
    assert told["response_action"] == "update"
    assert "On its way: refund, for #42" in shown(await modal(desk.ana, "Deskbridge"))


async def test_its_word_in_the_thread(desk: World) -> None:
    thread = await desk.opened(assigned())
    ts = await desk.ana.reply(thread.channel, thread.ts, "!refund 20 EUR")
    command = await desk.bridge.next(RunAction)
    assert (command.name, command.text, command.said[-len(ts) :]) == ("refund", "20 EUR", ts)
    await desk.ana.reply(thread.channel, thread.ts, "!do refund 20")
    assert await ran(desk) == ("refund", "20")


async def test_behind_a_slash(desk: World) -> None:
    await desk.opened(assigned())
    await desk.ana.command(seed.GENERAL, "/desk do 42 block")
    assert await ran(desk) == ("block", "")
    assert (await desk.ana.ephemerals())[-1]["text"] == "On its way: block, for #42, Sam Rivera"


@pytest.mark.parametrize("name", ["refund", "block"])
async def test_in_more_at_once_or_with_its_form(desk: World, name: str) -> None:
    thread = await desk.opened(assigned())
    option = f"do:{name} hnd_1"
    await desk.ana.click("more", channel=thread.channel, ts=thread.ts, option=option)
    if name == "refund":
        await filled(desk)
    text = {"refund": "amount: 20\nwhy: late", "block": ""}[name]
    assert await ran(desk) == (name, text)


async def test_what_was_refused_stands_beside_its_first_field(desk: World) -> None:
    thread = await desk.opened(assigned())
    await desk.ana.click("more", channel=thread.channel, ts=thread.ts, option="do:refund hnd_1")
    form = await modal(desk.ana, "Refund")
    desk.bridge.answer = lambda _: Rejected("action_missing\nReason")
    told = await desk.ana.submit(form["id"], {"amount": "20"})
    said = "It needs more to be filled in; its form asks for it. Missing: Reason."
    assert told["errors"] == {"field_amount": said}


async def test_in_the_list_and_in_the_buttons_that_fit(desk: World) -> None:
    thread = await desk.opened(assigned())
    await desk.ana.command(seed.GENERAL, "/desk do 42")
    seen = (await desk.ana.ephemerals())[-1]
    assert "!refund" in str(seen)
    await desk.ana.click("do:block", channel=seed.GENERAL, ts=seen["ts"])
    assert await ran(desk) == ("block", "")
    await desk.ana.reply(thread.channel, thread.ts, "!")

    async def menus_below() -> list[dict[str, Any]]:
        return [each for each in await desk.ana.ephemerals() if each.get("thread_ts")]

    menu = await until(menus_below)
    await desk.ana.click("do:refund", channel=thread.channel, ts=menu[-1]["ts"])
    await filled(desk)
    assert await ran(desk) == ("refund", "amount: 20\nwhy: late")


async def test_one_that_is_gone_by_now_is_left_to_the_bridge(desk: World) -> None:
    """Which refuses it, and says which may have been meant."""
    thread = await desk.opened(assigned())
    option = "do:refnd hnd_1"
    await desk.ana.click("more", channel=thread.channel, ts=thread.ts, option=option)
    assert await ran(desk) == ("refnd", "")


def test_without_any_the_list_says_so() -> None:
    assert "[[actions]]" in own.page(NONE, of_view(assigned())).text


@given(views())
def test_however_many_there_are_they_fit(shown_: View) -> None:
    target = of_view(shown_)
    check(card(shown_, own=MANY))
    check(menus.menu(target, ME, own=MANY))
    check(own.page(MANY, target))
    made: dict[str, Any] = own.form(MANY.all[0], target)
    assert len(made["title"]["text"]) <= forms.MAX_TITLE
    assert [block["type"] for block in made["blocks"]] == ["rich_text", "input"]
