"""Routing's look and words to agents as the workers perform them, over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    Answer,
    Attend,
    Claim,
    Command,
    Delivered,
    Doing,
    Stir,
    ToAgent,
    Transfer,
)
from bridge.effects import LeaveThread
from bridge.errors import Broken, Scope
from bridge.model import DEFAULT_WORKSPACE, ConversationId
from bridge.queues import Queue, Routing
from bridge.router import Router
from bridge.stores import Work
from tests.bridge.driver import ANA
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
