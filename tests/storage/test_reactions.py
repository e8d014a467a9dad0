"""Emoji find the message that a post shows, and wait for a post that is not known yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bridge.commands import Accepted, AgentReacted, Rejected, ToPost, ToThread
from bridge.effects import PostMessage
from bridge.model import Role
from tests.bridge.driver import ANA, CNV, NO_BOT
from tests.storage.stored import Stored, stored

POST = ToPost("T1", "C1", "2.0")
WEBCHAT = NO_BOT.channels["webchat"]
REACTING = replace(NO_BOT, channels={"webchat": replace(WEBCHAT, reactions=True)})


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url, REACTING) as made:
        await made.hands_over()
        yield made


def reacts(desk: Stored, key: str, *, on: bool, early: bool = True) -> AgentReacted:
    return AgentReacted(key, desk.clock.now, POST, ANA, "🎉", on, key, early)


async def is_posted(desk: Stored) -> None:
    """Sam writes, and the post that shows it is known."""
    desk.room = 100
    work = (await desk.commit(desk.says("k1", "thanks"))).work
    place = ToThread(POST.team, POST.channel, POST.ts)
    (post,) = [each for each in work if isinstance(each.effect, PostMessage)]
    await desk.commit(desk.delivered(post, place))


async def reactions(desk: Stored) -> list[tuple[str, bool]]:
    said = await desk.reads.before(CNV, 99, 99)
    (thanks,) = [message for message in said if message.author.role is Role.USER]
    return [(each.emoji, each.on) for each in thanks.reactions]


async def test_a_reaction_finds_the_message_that_the_post_shows(desk: Stored) -> None:
    await is_posted(desk)
    await desk.do(reacts(desk, "r1", on=True, early=False))
    assert await reactions(desk) == [("🎉", True)]
    await desk.do(reacts(desk, "r2", on=False, early=False))
    assert await reactions(desk) == [("🎉", False)]


async def test_a_reaction_before_we_know_of_the_post_waits_for_it(desk: Stored) -> None:
    for key, on in (("r2", False), ("r1", True)):
        assert await desk.do(reacts(desk, key, on=on)) == (Accepted({"waiting": True}),)
    await is_posted(desk)
    assert await reactions(desk) == [("🎉", False)]
    assert await desk.rows("early") == []


async def test_an_old_post_that_is_not_known_never_will_be(desk: Stored) -> None:
    answer = await desk.do(reacts(desk, "r1", on=True, early=False))
    assert answer == (Rejected("unknown_post"),)
    assert await desk.rows("early") == []
