"""Streams read on from their place: none missed, none twice, and they end when they should."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest

from adapters.webchat.feed import PAGE, Feed, event
from bridge.errors import StoreUnavailable
from bridge.latest import Fresh
from bridge.model import ConversationId, Handoff, Message, MessageId
from bridge.ports import Deps, topic_of
from bridge.stores import LATEST
from bridge.views import News, in_chat
from storage.memory import MemoryBell, MemoryPresence
from tests.adapters.slack.things import message, view

CNV = ConversationId("cnv_1")


class Store:
    """Messages by rev, and how often it was asked."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.current = view().conversation
        self.handoff: Handoff | None = None
        self.away = False
        self.asked = asyncio.Event()

    def add(self, count: int = 1, **changes: Any) -> None:
        for _ in range(count):
            rev = len(self.messages) + 1
            said = replace(message(), id=MessageId(f"msg_{rev}"), seq=rev, rev=rev, text=f"{rev}")
            self.messages.append(replace(said, **changes))

    async def shown(self, _name: ConversationId, after: int, limit: int = 200) -> list[Message]:
        if self.away:
            raise StoreUnavailable("gone")
        self.asked.set()
        return [said for said in self.messages if said.rev > after][:limit]

    async def news(self, name: ConversationId, after: int = LATEST, limit: int = 200) -> News:
        return News(self.current, self.handoff, await self.shown(name, after, limit))

    async def ahead(self, _handoff: Handoff) -> int:
        return 0

    async def waits(self, _workspace: str, _queue: str, _since: int) -> list[int]:
        return []


class World:
    def __init__(self, poll: float = 60.0, gone_after: float = 0.0) -> None:
        self.store, self.bell, self.now = Store(), MemoryBell(), 0.0
        none: Any = None
        presence = self.presence = MemoryPresence(lambda: self.now)
        deps = Deps(none, cast(Any, self.store), self.bell, none, presence, lambda: 0)
        self.latest = deps.latest
        self.feed = Feed(deps, has_bot=True, poll=poll, gone_after=gone_after)

    def ring(self) -> None:
        self.bell.ring([topic_of(CNV)])

    def commit(self) -> None:
        """A message, by this process, which tells what it is."""
        before = len(self.store.messages)
        self.store.add()
        news = News(replace(self.store.current, rev=before + 1), None, self.store.messages[before:])
        self.latest.tell({CNV: Fresh(before, news)})
        self.ring()

    def stream(self, after: int = 0) -> AsyncGenerator[bytes]:
        return self.feed.stream(CNV, after)


async def soon(stream: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(60):
        return await anext(stream)


async def begun(world: World, after: int = 0) -> AsyncGenerator[bytes]:
    """A stream past its first bytes and its first status."""
    stream = world.stream(after)
    assert await soon(stream) == b": ok\n\n"
    assert (await soon(stream)).startswith(b"event: status\ndata: ")
    return stream


def test_an_event_has_an_id_only_when_it_must_not_be_lost() -> None:
    assert event("message", {"a": 1}, 7) == b'event: message\nid: 7\ndata: {"a":1}\n\n'
    assert event("status", {"a": 1}) == b'event: status\ndata: {"a":1}\n\n'


async def test_the_first_bytes_come_before_anything_is_looked_up() -> None:
    world = World()
    world.store.away = True
    assert await soon(world.stream()) == b": ok\n\n"


async def test_what_comes_is_told_once_and_from_the_place_on() -> None:
    world = World()
    world.store.add(3)
    stream = await begun(world, after=1)
    told = await soon(stream)
    assert [line for line in told.split(b"\n") if line.startswith(b"id:")] == [b"id: 2", b"id: 3"]
    coming = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    world.ring()  # nothing new: nothing is said
    world.store.add()
    world.ring()
    assert b"id: 4\n" in await coming


async def test_a_change_is_an_update_and_a_new_message_a_message() -> None:
    world = World()
    world.store.add()
    world.store.add(edited_at=5)
    world.store.add(deleted=True)
    kinds = (await soon(await begun(world))).split(b"\n")
    assert [line for line in kinds if line.startswith(b"event")] == [
        b"event: message",
        b"event: update",
        b"event: update",
    ]


async def test_more_than_a_page_comes_without_waiting() -> None:
    world = World()
    world.store.add(PAGE + 5)
    stream = await begun(world)
    first, second = await soon(stream), await soon(stream)
    assert (first.count(b"id: "), second.count(b"id: ")) == (PAGE, 5)


async def test_a_silent_stream_says_that_it_lives() -> None:
    stream = await begun(World(poll=0.01))
    assert await soon(stream) == b": ping\n\n"
    assert await soon(stream) == b": ping\n\n"


async def test_a_status_comes_again_only_when_it_changed() -> None:
    world = World()
    stream = await begun(world)
    world.store.handoff = view().handoff
    coming = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    world.ring()
    assert (await coming).startswith(b"event: status")


async def test_a_stream_ends_at_once_when_the_process_begins_to_stop() -> None:
    world = World()
    stream = await begun(world)
    ending = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    world.feed.end()
    with pytest.raises(StopAsyncIteration):
        await ending
    late = world.stream()
    assert await soon(late) == b": ok\n\n"
    with pytest.raises(StopAsyncIteration):
        await soon(late)


async def test_a_stream_ends_when_the_store_is_away() -> None:
    world = World()
    stream = await begun(world)
    world.store.away = True
    ending = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    world.ring()
    with pytest.raises(StopAsyncIteration):
        await ending


async def test_who_goes_is_not_listened_for_any_more() -> None:
    world = World()
    one, two = await begun(world), await begun(world)
    await one.aclose()
    assert list(world.feed._heard) == [CNV]
    await two.aclose()
    assert not world.feed._heard
    assert not world.bell._listeners


async def test_a_long_poll_answers_with_what_is_there() -> None:
    world = World()
    world.store.add(2)
    found, cursor = await world.feed.messages(CNV, 1, 25)
    assert ([said.rev for said in found], cursor) == ([2], 2)


async def test_a_long_poll_waits_for_something_and_not_for_any_ring() -> None:
    world = World()
    asking = asyncio.create_task(world.feed.messages(CNV, 0, 25))
    for _ in range(3):
        world.store.asked.clear()
        world.ring()
        await asyncio.wait_for(world.store.asked.wait(), 60)
    assert not asking.done()
    world.store.add()
    world.ring()
    found, cursor = await asyncio.wait_for(asking, 60)
    assert (len(found), cursor) == (1, 1)


def test_where_nobody_listens_nobody_is_rung_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    rung: list[Any] = []
    monkeypatch.setattr(world.bell, "ring", rung.append)
    world.feed.end()
    assert rung == []


async def test_a_long_poll_ends_at_its_time_and_when_the_process_stops() -> None:
    world = World()
    assert await world.feed.messages(CNV, 7, 0.01) == ([], 7)
    assert await world.feed.messages(CNV, 7, 0) == ([], 7)
    asking = asyncio.create_task(world.feed.messages(CNV, 0, 25))
    await asyncio.wait_for(world.store.asked.wait(), 60)
    world.feed.end()
    assert await asyncio.wait_for(asking, 60) == ([], 0)


async def test_what_this_process_committed_is_not_read_again() -> None:
    world = World()
    stream = await begun(world)
    world.store.asked.clear()
    coming = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    world.commit()
    assert b"id: 1\n" in await coming
    assert not world.store.asked.is_set()


async def test_a_stream_that_lacks_more_than_the_last_commit_reads() -> None:
    world = World()
    stream = await begun(world)
    coming = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    world.store.add()  # another process's, whose ring is still on its way
    world.commit()
    told = await coming
    assert b"id: 1\n" in told
    assert b"id: 2\n" in told


@pytest.mark.parametrize("afar", [True, False], ids=["another process", "nobody knows what"])
async def test_a_ring_that_the_last_commit_does_not_explain_is_looked_into(afar: bool) -> None:
    world = World()
    stream = await begun(world)
    coming = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    world.commit()
    if afar:
        world.store.add()
        world.bell.ring([topic_of(CNV)], afar=True)
        assert b"id: 2\n" in await coming
        return
    assert b"id: 1\n" in await coming
    coming = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    world.store.add()
    world.ring()
    assert b"id: 2\n" in await coming


# --- who is there --------------------------------------------------------------------------------


async def test_who_has_a_stream_or_asks_is_there_and_gone_some_time_after() -> None:
    world = World(poll=15.0, gone_after=120.0)
    assert not await world.feed.is_there(CNV)
    stream = world.stream()
    await anext(stream)
    await anext(stream)
    assert await world.feed.is_there(CNV)
    await cast(Any, stream).aclose()
    world.now = 142.0
    assert await world.feed.is_there(CNV)
    world.now = 143.0
    assert not await world.feed.is_there(CNV)
    await world.feed.messages(CNV, 0, 0)
    assert await world.feed.is_there(CNV)


async def test_who_left_the_chat_is_not_in_it_for_long_whoever_else_counts_them_as_there() -> None:
    world = World(poll=15.0, gone_after=120.0)
    stream = world.stream()
    await anext(stream)
    await anext(stream)
    await cast(Any, stream).aclose()
    key = in_chat(CNV)
    assert await world.presence.present([key]) == {key}
    world.now = 23.0
    assert await world.presence.present([key]) == set()
    assert await world.feed.is_there(CNV)


async def test_where_nobody_wants_to_know_who_is_there_nobody_is() -> None:
    world = World()
    await world.feed.messages(CNV, 0, 0)
    assert not await world.feed.is_there(CNV)
