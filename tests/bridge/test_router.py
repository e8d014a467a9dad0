"""Routing's look and words to agents as the workers perform them, over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.commands import Attend, Doing, ToAgent, Transfer
from bridge.model import DEFAULT_WORKSPACE
from bridge.queues import Queue
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


async def test_the_old_card_is_drawn_before_the_new_thread_is_opened(home: House) -> None:
    await home.hands_over()
    await home.do(Transfer(home.key(), home.clock.now, home.thread, ANA, None, "billing"))
    await home.until(lambda: len(home.desk.opened) == 2)
    await home.quiet()
    assert home.desk.cards
    assert home.desk.opened[1].endswith("/2")
