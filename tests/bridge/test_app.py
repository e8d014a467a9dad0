"""The composition root: what is made, started, stopped and told of its health."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from bridge import app as product
from bridge import policies
from bridge.commands import ToUser, UserSaid
from bridge.errors import Retry, SettingsError, StoreError
from bridge.model import DEFAULT_WORKSPACE, SECOND, contact_id, conversation_id
from bridge.ports import Receipt, Receive, Runs
from bridge.settings import Settings
from bridge.texts import leave_hint
from bridge.views import View
from storage.database import connect
from storage.migrate import current, newest
from tests.bridge.fakes import AbleDesk, ShieldingDesk
from tests.bridge.running import (
    BEARER,
    configured,
    in_file,
    make,
    running,
    with_bot,
)
from tests.servers import PostgresServer, RedisServer

NOWHERE = "postgresql://desk@127.0.0.1:1/desk"


class CheckedDesk(AbleDesk):
    """A desk that can tell how its platform is."""

    wrong = ""

    async def fault(self) -> str:
        return self.wrong


async def ready(client: httpx.AsyncClient) -> tuple[int, dict[str, Any]]:
    reply = await client.get("/readyz")
    return reply.status_code, reply.json()


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["web", "worker"])
def test_many_processes_need_postgresql(tmp_path: Path, role: product.Role) -> None:
    settings = configured(in_file(tmp_path), tmp_path)
    with pytest.raises(SettingsError) as caught:
        product.build(settings, role)
    assert list(caught.value.faults) == ["DATABASE_URL"]
    assert role in str(caught.value)
    assert not (tmp_path / "deskbridge.db").exists()


async def test_a_second_process_on_the_same_file_is_told_what_is_wrong(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path)
    async with running(settings):
        with pytest.raises(SettingsError) as caught:
            product.build(settings)
        assert "is in use by another deskbridge serve" in caught.value.faults["DATABASE_URL"]
    async with running(settings) as again:
        assert (await again.client.get("/healthz")).status_code == 200


def test_a_folder_that_is_not_there_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    settings = configured(f"sqlite:///{tmp_path}/nowhere/desk.db", tmp_path)
    with pytest.raises(SettingsError) as caught:
        product.build(settings)
    assert "No such file" in caught.value.faults["DATABASE_URL"]


def test_policy_is_what_the_settings_decide(tmp_path: Path) -> None:
    toml = (
        '[handoff]\npreview = 3\nuser_close_command = "/stop"\nreopen_within = 5\n'
        "assignment_timeout = { webchat = 2 }\n"
        '[messages.transfer]\nen = "Wait"\n'
    )
    settings = configured(in_file(tmp_path), tmp_path, toml, **with_bot())
    policy = policies.policy(settings, None, {})
    assert (policy.preview, policy.end_command, policy.reopen_within) == (3, "/stop", 5_000_000)
    assert policy.assignment_timeout == {"webchat": 2_000_000}
    assert [(bot.id, bot.patience) for bot in policy.bots] == [("default", 30_000_000)]
    desk = policies.policy(settings, AbleDesk(max_text=77), {})
    assert desk.desk_max_text == 77


def test_the_guard_knows_the_desks_links_and_spares_the_shops_own_pages(tmp_path: Path) -> None:
    toml = (
        '[leaks]\nlook_for = ["internal_link"]\npatterns = ["heron"]\n'
        '[alerts]\nlead = "U0LEAD"\nlead_after = 1.5\n'
    )
    settings = configured(in_file(tmp_path), tmp_path, toml, PUBLIC_URL="http://shop.local")
    desk = ShieldingDesk()
    policy = policies.policy(settings, desk, {})
    found = [policy.guard.find(text) for text in ("http://shop.local/x", "desk://1", "Heron")]
    assert found == [(), ("internal_link",), ("other",)]
    assert policy.guard.find("4111 1111 1111 1111") == ()
    assert (policy.alerts.lead, policy.alerts.lead_after) == ("U0LEAD", 1_500_000)


# --- the database --------------------------------------------------------------------------------


async def test_an_empty_database_is_made_ready_and_one_that_is_ready_left_alone(
    empty_database_url: str, tmp_path: Path
) -> None:
    settings = configured(empty_database_url, tmp_path)
    for _ in range(2):
        await product.prepare(settings)
        assert await revision(settings) == newest()
    await product.migrate(settings)


async def test_an_older_schema_on_postgresql_waits_for_its_operator(
    fresh_postgres: str, tmp_path: Path
) -> None:
    settings = configured(fresh_postgres, tmp_path)
    await product.migrate(settings)
    await becomes_old(settings)
    with pytest.raises(SettingsError) as caught:
        await product.prepare(settings)
    assert "deskbridge migrate" in caught.value.faults["DATABASE_URL"]
    made = make(settings, AbleDesk())
    with pytest.raises(SettingsError):
        async with made.process.app.router.lifespan_context(made.process.app):
            raise AssertionError("it must not start")
    await made.client.aclose()


async def test_a_database_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        await product.prepare(configured(NOWHERE, tmp_path))


async def revision(settings: Settings) -> str | None:
    database = connect(settings.database_url, exclusive=False)
    try:
        return await current(database)
    finally:
        await database.close()


async def becomes_old(settings: Settings) -> None:
    database = connect(settings.database_url, exclusive=False)
    statement = text("UPDATE alembic_version SET version_num = 'old'")
    await database.write(lambda connection: connection.execute(statement).close())
    await database.close()


# --- health --------------------------------------------------------------------------------------


async def test_a_process_without_its_database_is_alive_and_not_ready(tmp_path: Path) -> None:
    async with own_postgres() as (server, url), running(configured(url, tmp_path)) as made:
        assert await ready(made.client) == (200, {"status": "ok", "degraded": []})
        await asyncio.to_thread(server.stop)
        status, told = await ready(made.client)
        assert (status, told["status"]) == (503, "unavailable")
        assert list(told["failed"]) == ["database"]
        assert (await made.client.get("/healthz")).status_code == 200
        hello = await made.client.post("/webchat/sessions", json={})
        assert (hello.status_code, hello.headers["retry-after"]) == (503, "1")
        await asyncio.to_thread(server.start)

        async def is_back() -> bool:
            return (await ready(made.client))[0] == 200

        await made.until(is_back)


@asynccontextmanager
async def own_postgres() -> AsyncIterator[tuple[PostgresServer, str]]:
    """A server that this test may stop."""
    server = PostgresServer()
    await asyncio.to_thread(server.start)
    try:
        yield server, server.url(await server.create_database())
    finally:
        await asyncio.to_thread(server.close)


async def test_a_schema_that_changes_under_us_is_told(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path)
    async with running(settings) as made:
        await becomes_old(settings)
        status, told = await ready(made.client)
        failed = {"database": "not migrated: run deskbridge migrate"}
        assert (status, told["failed"]) == (503, failed)


async def test_what_is_wrong_at_the_desk_or_redis_only_degrades(
    tmp_path: Path, mortal_redis: RedisServer
) -> None:
    settings = configured(in_file(tmp_path), tmp_path, REDIS_URL=mortal_redis.url)
    desk = CheckedDesk()
    async with running(settings, desk=desk) as made:
        assert await ready(made.client) == (200, {"status": "ok", "degraded": []})
        desk.wrong = "token revoked"
        assert await ready(made.client) == (200, {"status": "ok", "degraded": ["desk"]})
        await asyncio.to_thread(mortal_redis.stop)

        async def is_missed() -> bool:
            sam = await made.visitor()
            await sam.post("typing", on=True)
            return list((await ready(made.client))[1]["degraded"]) == ["desk", "redis"]

        await made.until(is_missed)
        sam = await made.visitor()
        assert (await sam.say("Still here")).status_code == 202


# --- roles ---------------------------------------------------------------------------------------


async def test_a_web_process_serves_and_a_worker_works(fresh_postgres: str, tmp_path: Path) -> None:
    settings = configured(fresh_postgres, tmp_path)
    async with running(settings, role="web") as web:
        sam = await web.visitor()
        assert (await sam.say("Hello")).status_code == 202
        assert web.process.now.outbox.room() == 0
        assert web.desk.opened == []
        async with running(settings, role="worker") as worker:
            assert (await worker.client.get("/readyz")).status_code == 200
            assert (await worker.client.post("/webchat/sessions", json={})).status_code == 404

            async def opened() -> bool:
                return bool(worker.desk.opened)

            await worker.until(opened)


class Fetcher:
    """Writes down when it was started and ended; what it has in hand at its end is still taken."""

    def __init__(self, desk: FetchingDesk, receive: Receive) -> None:
        self.desk = desk
        self.receive = receive

    async def start(self) -> None:
        self.desk.life.append("started")

    async def close(self) -> None:
        answer = await self.receive(UserSaid("last", 1, visitor_of("sam"), "Still taken"))
        self.desk.life.append(type(answer).__name__)


class FetchingDesk(AbleDesk):
    """A desk that gets its events by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.life: list[str] = []

    def fetchers(self, receive: Receive) -> Sequence[Runs]:
        return [Fetcher(self, receive)]


def visitor_of(address: str) -> ToUser:
    contact = contact_id(DEFAULT_WORKSPACE, "webchat", address)
    conversation = conversation_id(DEFAULT_WORKSPACE, "webchat", address)
    return ToUser(DEFAULT_WORKSPACE, conversation, contact, "webchat", address)


@pytest.mark.parametrize(
    ("role", "life"),
    [("all", ["started", "Accepted"]), ("worker", ["started", "Accepted"]), ("web", [])],
)
async def test_who_fetches_does_so_where_the_work_is_done_and_ends_before_it(
    fresh_postgres: str, tmp_path: Path, role: product.Role, life: list[str]
) -> None:
    desk = FetchingDesk()
    async with running(configured(fresh_postgres, tmp_path), role=role, desk=desk):
        assert desk.life == life[:1]
    assert desk.life == life


async def test_more_routes_stand_beside_our_own(tmp_path: Path) -> None:
    async def extra(_request: Request) -> Response:
        return Response(b"beside")

    more = [Route("/extra", extra)]
    async with running(configured(in_file(tmp_path), tmp_path), more=more) as made:
        assert (await made.client.get("/extra")).content == b"beside"
        assert (await made.client.get("/healthz")).status_code == 200


async def test_without_a_desk_and_with_slack_it_is_built_from_what_is_installed(
    tmp_path: Path,
) -> None:
    slack = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_CHANNEL": "C1",
        "SLACK_API_URL": "http://127.0.0.1:1/",
    }
    for env, status in (({}, 404), (slack, 401)):
        with capture_logs() as said:
            async with installed(tmp_path, **env) as client:
                assert (await client.post("/slack/events", content=b"{}")).status_code == status
                _, told = await ready(client)
                assert ("desk" in told["degraded"]) is (not env)
        warned = {line["event"]: line for line in said if line["log_level"] == "warning"}
        assert ("no_desk" in warned) is (not env)
        assert ("unusual_setting" in warned) is bool(env)


@asynccontextmanager
async def installed(folder: Path, **env: str) -> AsyncIterator[httpx.AsyncClient]:
    """Built from what is installed, so without a desk where no Slack is set up."""
    process = product.build(configured(in_file(folder), folder, **env))
    transport = httpx.ASGITransport(app=process.app)
    async with (
        process.app.router.lifespan_context(process.app),
        httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client,
    ):
        yield client


async def test_without_a_desk_nobody_is_promised_a_human(tmp_path: Path) -> None:
    async with installed(tmp_path, **with_bot()) as client:
        session = (await client.post("/webchat/sessions", json={})).json()
        there = session["conversation_id"]
        headers = {"Authorization": f"Bearer {session['token']}"}
        said = {"client_id": "1", "text": "I want a human"}
        await client.post("/webchat/messages", json=said, headers=headers)
        wish = {"title": "Help", "conversation_id": there}
        no = {**wish, "if_unavailable": "reject"}
        rejected = await client.post("/v1/handoffs", json=no, headers=BEARER)
        assert rejected.status_code == 202
        assert rejected.json() == {
            "id": None,
            "conversation_id": there,
            "status": "rejected",
            "position": None,
            "estimated_wait": None,
            "open": False,
        }
        kept = (await client.post("/v1/handoffs", json=wish, headers=BEARER)).json()
        assert (kept["status"], kept["open"]) == ("queued", False)
        page = (await client.get("/webchat/messages", headers=headers)).json()
        assert [message["text"] for message in page["messages"]] == [
            "I want a human",
            f"Nobody is free just yet. Your message is kept; {leave_hint('/end', 'en')}",
        ]
        by_name = {"title": "Help", "channel": "webchat", "user": {"id": "sam"}}
        named = await client.post(
            "/v1/handoffs", json={**by_name, "if_unavailable": "reject"}, headers=BEARER
        )
        assert named.json()["status"] == "rejected"


async def test_the_front_says_what_this_is_and_where_the_rest_is(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as made:
        front = await made.client.get("/")
        assert (front.status_code, front.json()["name"]) == (200, "deskbridge")
        for link in ("health", "ready", "widget"):
            assert (await made.client.get(front.json()[link])).status_code == 200


# --- stopping ------------------------------------------------------------------------------------


async def test_what_is_in_hand_is_finished_and_what_waits_is_there_afterwards(
    tmp_path: Path,
) -> None:
    settings = configured(in_file(tmp_path), tmp_path)
    begun, go_on = asyncio.Event(), asyncio.Event()

    class SlowDesk(AbleDesk):
        async def open(self, view: View, key: str) -> Receipt:
            begun.set()
            await go_on.wait()
            return await super().open(view, key)

    slow = SlowDesk()
    made = make(settings, slow)
    life = made.process.app.router.lifespan_context(made.process.app)
    await life.__aenter__()
    sam = await made.visitor()
    await sam.say("Hello")
    await asyncio.wait_for(begun.wait(), 60)
    stopping = asyncio.create_task(life.__aexit__(None, None, None))
    while made.process.now.outbox.room() >= 0:  # until it takes no more work
        await asyncio.sleep(0)
    assert not stopping.done()
    go_on.set()
    await asyncio.wait_for(stopping, 60)
    assert len(slow.opened) == 1
    await made.client.aclose()
    async with running(settings) as again:

        async def posted() -> bool:
            return bool(again.desk.posted)

        await again.until(posted)
        assert again.desk.opened == []


async def test_the_next_process_on_a_file_takes_over_what_a_dead_one_held(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path)
    desk = AbleDesk()
    desk.moods.say(Retry("away", 3_600.0))
    async with running(settings, desk=desk) as made:
        sam = await made.visitor()
        await sam.say("Hello")

        async def was_tried() -> bool:
            return not desk.moods.errors

        await made.until(was_tried)
    assert desk.opened == []
    database = connect(settings.database_url, exclusive=False)
    later = time.time_ns() // 1_000 + 3_600 * SECOND
    held = text("UPDATE lane SET owner = 'dead-1.1', due_at = :later WHERE owner IS NULL")
    await database.write(lambda connection: connection.execute(held, {"later": later}).close())
    await database.close()
    async with running(settings) as again:

        async def opened() -> bool:
            return bool(again.desk.opened)

        await again.until(opened)


def test_the_clock_is_wall_time_in_microseconds() -> None:
    before = time.time() * SECOND
    assert before - SECOND <= product.now() <= time.time() * SECOND + SECOND
