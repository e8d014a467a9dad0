"""Endpoints of tools, as they are kept: with their circuits, and with what is sent once more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import asyncpg
import pytest

from bridge.circuit import PROBE_EVERY, Circuit
from bridge.commands import SwitchBot, ToBot
from bridge.effects import CallHook
from bridge.hooks import Endpoint, Secret
from bridge.model import DEFAULT_WORKSPACE, SECOND, Author, Role
from storage.feed import SqlFeed
from storage.hooks import SqlHooks
from storage.mapping import read_effect
from storage.tables import FAR
from tests.bridge.driver import CNV
from tests.storage.stored import CHAIN, Stored, stored, user

ADMIN = Author(Role.SYSTEM, "key:default", "key:default")
ONE = Endpoint(
    "whk_1",
    "https://tool.example/hook",
    ("message.created", "handoff.*"),
    "CRM",
    owner="key:default",
    secrets=(Secret("new"), Secret("old", 9)),
    created_at=1,
    updated_at=1,
)
LANE = f"hook:whk_1:{CNV}"


@dataclass
class Desk:
    stored: Stored
    hooks: SqlHooks

    async def told(self) -> list[CallHook]:
        """What waits in the endpoints' lanes, in order."""
        found = [
            read_effect(row["kind"], row["body"])
            for row in await self.stored.rows("effect")
            if row["lane"].startswith("hook:")
        ]
        return [effect for effect in found if isinstance(effect, CallHook)]

    async def kinds(self) -> list[str]:
        return [row["kind"] for row in await self.stored.rows("event")]


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with stored(database_url) as made:
        yield Desk(made, SqlHooks(made.database, made.store.now))


async def test_an_endpoint_is_read_as_it_was_written(desk: Desk) -> None:
    assert await desk.hooks.add(ONE, ADMIN, most=1)
    assert not await desk.hooks.add(replace(ONE, id="whk_2"), ADMIN, most=1)
    assert await desk.hooks.endpoints(DEFAULT_WORKSPACE) == [ONE]
    changed = await desk.hooks.change(
        "whk_1", ADMIN, 7, events=("*",), secrets=(Secret("x"),), enabled=False
    )
    expected = replace(ONE, events=("*",), secrets=(Secret("x"),), enabled=False, updated_at=7)
    assert changed == await desk.hooks.endpoint("whk_1") == expected
    await desk.hooks.change("whk_1", ADMIN, 8, enabled=True)
    for _ in range(2):
        await desk.hooks.disable("whk_1", "gone", 9)
    assert [await desk.hooks.remove("whk_1", ADMIN, 9) for _ in range(2)] == [True, False]
    assert await desk.hooks.endpoint("whk_1") is None
    assert await desk.hooks.change("whk_1", ADMIN, 9, enabled=True) is None
    assert await desk.kinds() == [
        "webhook.created",
        "webhook.changed",
        "webhook.changed",
        "webhook.disabled",
        "webhook.deleted",
    ]
    bodies = [row["body"] for row in await desk.stored.rows("event")]
    assert all("whk_1" in body and "tool.example" not in body for body in bodies)


async def test_a_circuit_opens_gives_one_probe_a_minute_and_closes(desk: Desk) -> None:
    await desk.hooks.add(ONE, ADMIN, most=9)
    await desk.hooks.failed("whk_1", "a", "http_500", 10 * SECOND)
    after = await desk.hooks.failed("whk_1", "b", "http_502", 20 * SECOND)
    assert after == Circuit(2, 10 * SECOND, "", 20 * SECOND + PROBE_EVERY, 0, "http_502")
    found = await desk.hooks.endpoint("whk_1")
    assert found is not None
    assert found.circuit == after
    assert not await desk.hooks.take_probe("whk_1", after.probe_at - 1)
    taken = [await desk.hooks.take_probe("whk_1", after.probe_at) for _ in range(2)]
    assert taken == [True, False]
    assert await desk.hooks.answered("whk_1", 90 * SECOND) == Circuit(recovered_at=90 * SECOND)
    assert await desk.hooks.failed("unknown", "a", "http_500", 1) == Circuit()


async def test_what_waits_is_due_when_the_circuit_closes_and_nothing_else(desk: Desk) -> None:
    made = desk.stored
    await desk.hooks.add(ONE, ADMIN, most=9)
    made.store.endpoints = lambda: (ONE,)
    await made.do(made.says("k1"), made.says("k2", to=user("bob")))
    made.room = 99
    for work in await made.store.claim(99):
        await made.store.put_back(work, 3_600, failed=True, doubtful=False)
    due = {row["key"]: row["due_at"] for row in await made.rows("lane")}
    assert all(at > made.clock.now for at in due.values() if at != FAR)
    await desk.hooks.release("whk_1")
    for row in await made.rows("lane"):
        mine = row["key"].startswith("hook:whk_1:")
        assert row["due_at"] == (made.clock.now if mine else due[row["key"]])


async def test_events_are_sent_once_more_in_order_under_their_ids(desk: Desk) -> None:
    made = desk.stored
    await desk.hooks.add(ONE, ADMIN, most=9)
    made.store.endpoints = lambda: (ONE,)
    for n in range(6):
        made.clock.move(3_600)
        await made.do(made.says(f"k{n}", str(n)))
    to, by = ToBot(DEFAULT_WORKSPACE, "robo"), ADMIN
    await made.do(SwitchBot("s1", made.clock.now, to, by, False, ""))
    first = await desk.told()
    assert [each.type for each in first[:3]] == [
        "message.created",
        "handoff.queued",
        "message.created",
    ]
    feed = SqlFeed(made.database, CHAIN)
    await feed.seal(99)
    since = made.clock.now - 2 * 3_600 * SECOND
    done = await desk.hooks.replay(ONE, since, 0, 99)
    again = (await desk.told())[len(first) :]
    assert (done.events, done.next) == (3, None)
    assert [each.id for each in again] == [each.id for each in first[-3:]]
    assert [each.message_id for each in again] == [each.message_id for each in first[-3:]]
    page = await desk.hooks.replay(ONE, 0, 1, 2)
    assert (page.events, page.next) == (1, 3)  # of a conversation's start it wants nothing
    lane = await made.lane(LANE)
    assert (lane["due_at"] <= made.clock.now, lane["owner"]) == (True, None)


async def test_a_release_waits_for_nobody(fresh_postgres: str) -> None:
    async with stored(fresh_postgres) as made:
        hooks = SqlHooks(made.database, made.store.now)
        made.store.endpoints = lambda: (ONE,)
        await made.do(made.says("k1"), made.says("k2", to=user("bob")))
        made.room = 99
        for work in await made.store.claim(99):
            await made.store.put_back(work, 3_600, failed=True, doubtful=False)
        aside = await asyncpg.connect(fresh_postgres)
        try:
            async with aside.transaction():
                await aside.execute("SELECT 1 FROM lane WHERE key = $1 FOR UPDATE", LANE)
                await hooks.release("whk_1")
        finally:
            await aside.close()
        due = {row["key"]: row["due_at"] for row in await made.rows("lane")}
        assert due.pop(LANE) > made.clock.now
        assert made.clock.now in {at for key, at in due.items() if key.startswith("hook:")}
