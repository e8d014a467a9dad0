"""Stages for the stories, started once for all of them and cleared after each; then they end, since
servers that stand idle take their part of two cores, too."""

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

from tests.scenarios.puppet import SECRET, Puppet, puppet
from tests.scenarios.stage import DESK_TOML, Setting, Stage, on_stage
from tests.servers import PostgresServer, RedisServer

PATIENCE = 3.0
"""Seconds until a silent bot has had its chance."""


@pytest.fixture(scope="package")
async def bot() -> AsyncIterator[Puppet]:
    async with puppet() as bot:
        yield bot


@pytest.fixture(scope="package")
def sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture(scope="package")
async def on_sqlite(bot: Puppet, sqlite_folder: Path) -> AsyncIterator[Stage]:
    url = f"sqlite:///{sqlite_folder}/deskbridge.db"
    more = DESK_TOML.format(url=bot.url, secret=SECRET)
    setting = Setting(url, bot=bot, patience=PATIENCE, more_toml=more)
    async with on_stage(setting, sqlite_folder) as stage:
        yield stage


@pytest.fixture(scope="package")
async def on_postgres(
    bot: Puppet,
    postgres: PostgresServer,
    redis_server: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Stage]:
    url = postgres.url(await postgres.create_database())
    setting = Setting(url, redis_server.url, bot=bot, patience=PATIENCE)
    async with on_stage(setting, tmp_path_factory.mktemp("postgres")) as stage:
        yield stage


@pytest.fixture(scope="package")
async def on_sockets(bot: Puppet, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("sockets")
    url = f"sqlite:///{folder}/deskbridge.db"
    async with on_stage(Setting(url, bot=bot, patience=PATIENCE, sockets=True), folder) as stage:
        yield stage


@pytest.fixture(scope="package")
async def without_bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("no-bot")
    async with on_stage(Setting(f"sqlite:///{folder}/deskbridge.db"), folder) as stage:
        yield stage


async def _one_story(stage: Stage) -> AsyncIterator[Stage]:
    """Slack would have refused nothing that was posted meanwhile."""
    await stage.oracle.begins()
    before = len(await stage.oracle.violations())
    try:
        yield stage
        assert (await stage.oracle.violations())[before:] == []
    finally:
        await stage.clear()


@pytest.fixture(params=["on_sqlite", "on_postgres", "on_sockets"])
def each_stage(request: pytest.FixtureRequest) -> Stage:
    stage: Stage = request.getfixturevalue(request.param)
    return stage


@pytest.fixture
async def stage(each_stage: Stage) -> AsyncIterator[Stage]:
    """With a bot, once on each database, and once with Slack over sockets."""
    async for one in _one_story(each_stage):
        yield one


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def each_door(request: pytest.FixtureRequest) -> Stage:
    stage: Stage = request.getfixturevalue(request.param)
    return stage


@pytest.fixture
async def over_http(each_door: Stage) -> AsyncIterator[Stage]:
    """With a bot, once on each database, for requests that are signed as Slack's."""
    async for one in _one_story(each_door):
        yield one


@pytest.fixture
async def one_stage(on_sqlite: Stage) -> AsyncIterator[Stage]:
    """With a bot, for what has nothing to do with the database."""
    async for one in _one_story(on_sqlite):
        yield one


@pytest.fixture
async def desk_alone(without_bot: Stage) -> AsyncIterator[Stage]:
    """Without any bot."""
    async for one in _one_story(without_bot):
        yield one


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A story that failed tells what its servers had to say."""
    report = yield
    if report.failed and report.when == "call":
        used = getattr(item, "funcargs", {}).values()
        for stage in {id(value): value for value in used if isinstance(value, Stage)}.values():
            report.sections.append(("servers", stage.logs()))
    return report
