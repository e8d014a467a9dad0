"""The soak in small: the product is killed under traffic, and nothing shows but a pause."""

from pathlib import Path

import pytest

from tests.scenarios.stage import Setting
from tests.servers import PostgresServer, RedisServer
from tests.soak.databases import databases
from tests.soak.guards import trials, turns_red
from tests.soak.run import LATE, Plan, four, soak

KILLS = 5
OF_FOUR = 3


@pytest.mark.timeout(300)
async def test_five_kills_lose_and_double_nothing_on_sqlite(tmp_path: Path) -> None:
    plan = Plan(Setting(f"sqlite:///{tmp_path}/soak.db", quarantine=LATE), kills=KILLS)
    verdict = await soak(plan, tmp_path)
    assert verdict.green, verdict


@pytest.mark.timeout(300)
async def test_two_web_and_two_worker_processes_lose_nothing_when_any_is_killed_and_redis_flushed(
    postgres: PostgresServer, redis_server: RedisServer, tmp_path: Path
) -> None:
    url = postgres.url(await postgres.create_database())
    plan = Plan(four(Setting(url, redis_server.url, quarantine=LATE)), kills=OF_FOUR, flush=1.0)
    verdict = await soak(plan, tmp_path)
    assert verdict.green, verdict


@pytest.mark.timeout(300)
async def test_without_unique_receipts_the_soak_turns_red(tmp_path: Path) -> None:
    trial = next(trial for trial in trials() if trial.guard == "receipt-index")
    async with databases(trial.database, tmp_path) as where:
        _, verdict = await turns_red(trial, where, tmp_path)
    assert verdict.doubled, verdict
