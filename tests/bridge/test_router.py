"""Routing's look and words to agents as the workers perform them, over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.attending import Seat
from bridge.commands import (
    Accepted,
    Answer,
    AssignNext,
    Attend,
    Claim,
    Command,
    Delivered,
    Doing,
    Routed,
    Stir,
    ToAgent,
    Transfer,
)
from bridge.effects import LeaveThread
from bridge.errors import Broken, Retry, Scope
from bridge.model import DEFAULT_WORKSPACE, Agent, AgentId, ConversationId, HandoffId
from bridge.queues import Queue, Routing
from bridge.router import Router
from bridge.routing import LOOK_AGAIN, Floor, Waiting
from bridge.stores import Work
from tests.bridge.driver import ANA, BEN
from tests.bridge.fakes import AbleDesk
from tests.bridge.house import POLICY, House, house

TWO = replace(POLICY, queues=(Queue(), Queue("billing", place="C2")))


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(f"sqlite:///{tmp_path}/desk.db", AbleDesk(), policy=TWO) as made:
        yield made


def attend(home: House, doing: Doing, active_at: int = 0) -> Attend:
    to = ToAgent(DEFAULT_WORKSPACE, ANA.id)
    return Attend(home.key(), home.clock.now, to, ANA.as_author(), doing, active_at)


async def test_a_look_that_finds_no_router_ends_and_a_word_reaches_the_agent(home: House) -> None:
    await home.do(attend(home, Doing.ONLINE))
    await home.quiet()
    await home.do(attend(home, Doing.ASKED, home.clock.now))
    await home.until(lambda: home.desk.told)
    await home.quiet()
    assert [agent for agent, _ in home.desk.told] == [ANA.id]


async def test_the_old_card_says_where_it_goes_on_once_that_is_there(home: House) -> None:
    await home.hands_over()
    await home.do(Transfer(home.key(), home.clock.now, home.thread, ANA, None, "billing"))
    await home.until(lambda: len(home.desk.opened) == 2)
    await home.quiet()
    assert home.desk.cards
    assert home.desk.opened[1].endswith("/2")
    left = LeaveThread(home.desk.cards[0].handoff.id, 1, "T1", "C1", "1.0")
    work = Work(Claim(9, "desk:x", "w"), ConversationId("x"), left, 0)
    home.desk.moods.say(Broken("message_not_found", Scope.THREAD), Broken("closed", Scope.CHANNEL))
    assert isinstance(await home.performer.perform(work), Delivered)
    with pytest.raises(Broken, match="closed"):
        await home.performer.perform(work)


@pytest.mark.parametrize(("routing", "stirs"), [(Routing.LEAST_BUSY, 1), (Routing.MANUAL, 0)])
async def test_what_waits_since_before_the_start_is_looked_at(routing: Routing, stirs: int) -> None:
    asked: list[Command] = []

    async def handle(command: Command) -> Answer:
        asked.append(command)
        return Accepted()

    rosters: Any = None
    policy = replace(POLICY, queues=(Queue(routing=routing),))
    router = Router(rosters, handle, policy, lambda: 7, None)
    await router.start()
    await router.close()
    assert [type(command) for command in asked] == [Stir] * stirs


async def test_who_is_there_is_given_it_and_who_is_idle_is_away_whoever_cannot_be_asked_for() -> (
    None
):
    now, asked = 10**15, list[Command]()

    async def handle(command: Command) -> Answer:
        asked.append(command)
        return Accepted()

    class Staff:
        async def agent(self, id: AgentId) -> Agent:
            if id == BEN.id:
                raise Retry("unreachable")
            return replace(ANA, id=id)

    class Rosters:
        async def floor(self, *_: object) -> Floor:
            active = {ANA.id: now, BEN.id: now, AgentId("idle"): 1}
            seats = (
                Seat(DEFAULT_WORKSPACE, who, online=True, active_at=at)
                for who, at in active.items()
            )
            return Floor(tuple(seats), (), (Waiting(HandoffId("hof_1"), "routed", 1),))

    policy = replace(POLICY, queues=(Queue("routed", routing=Routing.LEAST_BUSY),))
    made: Any = Rosters(), handle, policy, lambda: now, Staff()
    effect: Any = None
    work = Work(Claim(9, f"route:{DEFAULT_WORKSPACE}", "w"), ConversationId("x"), effect, 0)
    routed = await Router(*made).look(work)
    away, given = asked
    assert isinstance(away, Attend)
    assert isinstance(given, AssignNext)
    assert (away.doing, given.agent.id) == (Doing.IDLE, ANA.id)
    assert routed == Routed(work.claim, now, now + LOOK_AGAIN)
