"""Slack's own presence as a sign that an agent is there, where the settings wish it."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.slack.presences import MOST, Presences
from bridge.attending import FRESH, Seat
from bridge.commands import Attend, Doing
from bridge.model import DEFAULT_WORKSPACE, SECOND, Agent, AgentId
from bridge.settings_agents import AgentSettings
from sandbox.slack import seed
from tests.adapters.slack.world import Stage, World, now, world


def watch(slack: World) -> Presences:
    [found] = [
        each
        for each in slack.desk.fetchers(slack.bridge.receive)
        if isinstance(each, Presences)
    ]  # fmt: skip
    return found


def seat(agent: str, *, online: bool, ago: int = FRESH) -> Seat:
    who = AgentId(agent)
    return Seat(DEFAULT_WORKSPACE, who, online=online, active_at=now() - ago)


@pytest.fixture
def agents() -> AgentSettings:
    return AgentSettings(presence="slack")


async def test_who_is_active_in_slack_is_there_and_who_is_not_is_away(
    stages: tuple[Stage, Stage], agents: AgentSettings
) -> None:
    async with world(stages, agents=agents) as slack:
        await slack.ana.presence("active")
        await slack.ben.presence("away")
        slack.books.there = [seat(seed.BEN, online=True)]
        await watch(slack).once()
        told = {c.to.id: c.doing for c in slack.bridge.commands if isinstance(c, Attend)}
        assert (told[AgentId(seed.ANA)], told[AgentId(seed.BEN)]) == (Doing.PRESENT, Doing.ABSENT)
        slack.bridge.commands.clear()
        slack.books.there = [
            seat(each, online=each != seed.BEN, ago=SECOND) for each in told
        ]  # fmt: skip
        await watch(slack).once()
        assert slack.bridge.commands == []  # everybody knows that already


async def test_a_slack_that_does_not_answer_changes_nothing(
    stages: tuple[Stage, Stage], agents: AgentSettings
) -> None:
    async with world(stages, agents=agents) as slack:
        rule = {"kind": "error", "methods": ["users.getPresence"], "error": "fatal_error"}
        slack.box.faults.install({"rules": [rule]}, 0)
        await watch(slack).once()
        assert slack.bridge.commands == []


async def test_a_round_begins_with_the_process_and_in_one_of_them_alone(
    stages: tuple[Stage, Stage], agents: AgentSettings
) -> None:
    async with world(stages, agents=agents) as slack:
        await slack.ana.presence("active")
        first, second = watch(slack), watch(slack)
        await first.close()
        await first.start()
        await slack.bridge.next(Attend, 30.0)
        await second.start()
        assert await slack.deps.limiter.take("slack:presence", 1.0, 1) > 0
        await first.close()
        await second.close()


async def test_without_that_wish_slack_is_not_asked(slack: World) -> None:
    found = slack.desk.fetchers(slack.bridge.receive)
    assert not any(isinstance(each, Presences) for each in found)


def test_of_many_so_many_are_looked_at_in_a_round_and_all_in_turn() -> None:
    none: Any = None
    watching = Presences(none, none, none, none, limiter=none, clock=none)
    everybody = [Agent(AgentId(f"U{n}"), str(n)) for n in range(MOST + 5)]
    rounds = [[agent.id for agent in watching._turn(everybody)] for _ in range(3)]
    assert [len(each) for each in rounds] == [MOST, 5, MOST]
    assert rounds[0] + rounds[1] == [agent.id for agent in everybody]
