"""`GET /v1/stream`: every event by its sealed position, none missed and none twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.api.stream import Stream
from bridge.errors import StoreUnavailable
from bridge.hook_store import Sealed
from storage.memory import MemoryBell
from tests.bridge.running import BEARER, Event, Served, configured, events, served


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(configured(database_url, tmp_path)) as made:
        yield made


@asynccontextmanager
async def feed(desk: Served, **more: Any) -> AsyncIterator[AsyncIterator[Event]]:
    headers = {**BEARER, **more.pop("headers", {})}
    client = desk.made.client
    async with client.stream("GET", "/v1/stream", headers=headers, **more) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer)


async def take(told: AsyncIterator[Event], number: int) -> list[Event]:
    found: list[Event] = []
    async with asyncio.timeout(60):
        async for event in told:
            if event.kind != "comment":
                found.append(event)
            if len(found) == number:
                break
    return found


async def test_who_comes_back_misses_nothing_and_hears_nothing_twice(desk: Served) -> None:
    visitor = await desk.made.visitor()
    await visitor.say("I need help")
    async with feed(desk, params={"after": 0}) as told:
        first = await take(told, 3)
    handoff = json.loads(first[-1].data)["data"]["handoff_id"]
    await desk.made.agent_says(handoff, "welcome")
    again = {"after": 0}  # as a browser asks, which has its own last id, too
    async with feed(desk, params=again, headers={"Last-Event-ID": first[1].id}) as told:
        rest = await take(told, 4)
    assert rest[0] == first[2]
    every = [*first, *rest[1:]]
    assert [event.id for event in every] == [str(n) for n in range(1, 7)]
    assert [event.kind for event in every] == [
        "conversation.started",
        "message.created",
        "handoff.queued",
        "thread.opened",
        "handoff.assigned",
        "message.created",
    ]
    bodies = [json.loads(event.data) for event in every]
    assert len({body["id"] for body in bodies}) == len(bodies)
    said = [b["data"]["message"]["text"] for b in bodies if b["type"] == "message.created"]
    assert said == ["I need help", "welcome"]


async def test_without_a_position_it_begins_now_and_ends_with_the_process(desk: Served) -> None:
    visitor = await desk.made.visitor()
    await visitor.say("before")
    async with feed(desk, params={"after": 0}) as told:
        await take(told, 3)
    async with feed(desk) as told:
        assert (await anext(told)).kind == "comment"
        await visitor.say("after")
        (event, *_) = await take(told, 1)
        while json.loads(event.data)["type"] != "message.created":
            (event,) = await take(told, 1)
        assert json.loads(event.data)["data"]["message"]["text"] == "after"
        desk.made.process.drain()
        assert await take(told, 99) is not None


async def test_only_with_a_key_and_only_after_a_position(desk: Served) -> None:
    client = desk.made.client
    assert (await client.get("/v1/stream")).status_code == 401
    for wrong in ("x", "-1", "1" * 19, "²"):
        answer = await client.get("/v1/stream", params={"after": wrong}, headers=BEARER)
        assert answer.status_code == 422
    for wrong in ("x", "-1", "1" * 19):
        answer = await client.get("/v1/stream", headers={**BEARER, "Last-Event-ID": wrong})
        assert answer.json()["error"]["fields"] == {"last-event-id": "must be a position"}


class Quiet:
    """A feed in which nothing happens, or that is away."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away

    async def seal(self, most: int) -> int:
        return 0

    async def last(self) -> int:
        return 0

    async def after(self, position: int, limit: int) -> list[Sealed]:
        if self.away:
            raise StoreUnavailable("away")
        return []


class Things:
    """As many of `Deps` as a silent stream needs."""

    def __init__(self) -> None:
        self.bell = MemoryBell()
        self.reads = self

    async def messages(self, _ids: list[str]) -> dict[str, Any]:
        return {}


async def test_a_silent_stream_says_that_it_lives_and_ends_at_its_time() -> None:
    stream = Stream(Quiet(), Things(), poll=0.01, lasts=0.2)  # type: ignore[arg-type]
    await stream.start()
    told = [chunk async for chunk in stream._told(0)]
    assert told[0] == b": ok\n\n"
    assert set(told[1:]) == {b": ping\n\n"}
    assert stream.open() == 0
    await stream.close()


async def test_a_stream_ends_where_the_store_is_away() -> None:
    stream = Stream(Quiet(away=True), Things())  # type: ignore[arg-type]
    assert [chunk async for chunk in stream._told(0)] == [b": ok\n\n"]
