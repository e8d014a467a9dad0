"""Homes follow what nobody did in Slack: who is there, by a tool or by time, and a new start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from adapters.slack import homes
from bridge.attending import TOPIC_SEATS, Seat
from bridge.errors import StoreUnavailable
from bridge.model import AgentId
from bridge.settings_agents import AgentSettings
from sandbox.slack import membership, seed
from sandbox.slack.person import Person
from tests.adapters.slack.things import WORKSPACE
from tests.adapters.slack.world import Books, Stage, World, world
from tests.waiting import until


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "EVERY", 0.05)


def sits(slack: World, *online: str) -> None:
    """Who is online, of Ana and Ben, by whatever way it came."""
    slack.books.there = [
        Seat(WORKSPACE, AgentId(each), online=each in online) for each in (seed.ANA, seed.BEN)
    ]
    slack.deps.bell.ring([TOPIC_SEATS])


def says(person: Person, text: str) -> Callable[[], Any]:
    async def found() -> bool:
        view = await person.home()
        return view is not None and text in str(view["blocks"])

    return found


async def test_who_turns_online_or_away_by_no_word_of_theirs_sees_it_and_so_does_their_lead(
    stages: tuple[Stage, Stage],
) -> None:
    lead = AgentSettings.model_validate({"supervisors": [seed.ANA]})
    async with world(stages, agents=lead) as slack:
        sits(slack)
        await slack.desk.start()
        await slack.ana.open_home()
        await slack.ben.open_home()
        await until(says(slack.ana, "*Team* · 0 of"))
        await until(says(slack.ben, "*Away*"))
        sits(slack, seed.BEN)
        await until(says(slack.ben, "*Online*"))
        await until(says(slack.ana, "*Team* · 1 of"))


async def test_who_turns_again_within_a_second_sees_it_though_no_round_for_all_comes(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homes, "EVERY", 3_600.0)
    sits(slack)
    await slack.desk.start()
    await slack.ana.open_home()
    await until(says(slack.ana, "*Away*"))
    for online, word in (((seed.ANA,), "*Online*"), ((), "*Away*"), ((seed.ANA,), "*Online*")):
        sits(slack, *online)
        await until(says(slack.ana, word))


async def test_after_a_start_those_who_were_there_see_how_it_is_now(slack: World) -> None:
    """Their Homes are as the process before left them, and other settings may be in force."""
    sits(slack, seed.ANA)
    await slack.desk.start()
    await until(says(slack.ana, "*Online*"))
    await slack.desk.idle()
    assert await slack.ben.home() is None


async def test_a_store_that_cannot_tell_who_is_there_is_asked_again(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def away(self: Books, workspace: str) -> list[Seat]:
        asked.set()
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(Books, "seats", away)
        await slack.desk.start()
        await asked.wait()
    await slack.ana.open_home()
    await until(says(slack.ana, "not online yet"))
    sits(slack, seed.ANA)
    await until(says(slack.ana, "*Online*"))


async def test_who_comes_into_a_channel_or_leaves_it_sees_what_is_theirs(slack: World) -> None:
    await slack.desk.start()
    await slack.ana.open_home()
    await until(says(slack.ana, "Today: "))
    orders = slack.box.workspace.channels[seed.ORDERS]
    membership.leave(slack.box.workspace, orders, seed.ANA)
    await until(says(slack.ana, "Only members"))
    membership.join(slack.box.workspace, orders, seed.ANA)
    await until(says(slack.ana, "Today: "))


async def test_many_homes_are_shown_no_faster_than_slack_takes_them(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    take = slack.deps.limiter.take

    async def slow(key: str, rate: float, burst: int, cost: int = 1) -> float:
        asked.append(key)
        first = key == "slack:homes" and asked.count(key) == 1
        return 0.001 if first else await take(key, rate, burst, cost)

    monkeypatch.setattr(slack.deps.limiter, "take", slow)
    sits(slack, seed.ANA)
    await slack.desk.start()
    await until(says(slack.ana, "*Online*"))
    assert asked.count("slack:homes") > 1
