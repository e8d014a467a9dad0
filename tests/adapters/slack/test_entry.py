"""Whoever does something in Slack is there, whether or not a command comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bridge.commands import Answer, Request
from bridge.errors import StoreUnavailable
from bridge.model import Thread
from sandbox.slack import seed
from sandbox.slack.person import Person
from tests.adapters.slack.things import assigned
from tests.adapters.slack.world import World
from tests.waiting import until

Does = Callable[[Person, Thread], Awaitable[object]]


async def opens_a_form(who: Person, thread: Thread) -> None:
    await who.click("note", channel=thread.channel, ts=thread.ts)


async def uses_a_shortcut(who: Person, thread: Thread) -> None:
    await who.shortcut("handoff", channel=thread.channel, ts=thread.ts)


async def types_a_slash_command(who: Person, thread: Thread) -> None:
    await who.command(thread.channel, "/desk queue")


WAYS = (opens_a_form, uses_a_shortcut, types_a_slash_command)


@pytest.mark.parametrize("does", WAYS)
async def test_what_makes_no_command_is_a_sign_of_who_did_it(slack: World, does: Does) -> None:
    thread = await slack.opened(assigned())
    await does(slack.ben, thread)
    await until(lambda: slack.bridge.signs)
    [sign] = slack.bridge.signs
    assert (sign.to.id, sign.by.id) == (seed.BEN, seed.BEN)
    assert slack.bridge.commands == []


async def test_who_is_no_member_gives_no_sign_and_nor_does_what_only_happens(slack: World) -> None:
    thread = await slack.opened(assigned())
    async with Person(slack.base, seed.GIL) as gil:
        await gil.join(thread.channel)
        for does in WAYS:
            await does(gil, thread)
    await slack.ben.open_home()
    await slack.ben.join(seed.GENERAL)
    await slack.desk.idle()
    assert slack.bridge.signs == []


async def test_that_a_sign_could_not_be_kept_hides_nothing(slack: World) -> None:
    def unavailable(_: Request) -> Answer:
        raise StoreUnavailable

    thread = await slack.opened(assigned())
    slack.bridge.answer = unavailable
    await opens_a_form(slack.ben, thread)
    await slack.desk.idle()
    assert await slack.ben.modal() is not None
