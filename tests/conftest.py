"""What every test may ask for: real servers, fresh databases, a browser.

Everything runs on one event loop for the whole session (see pyproject.toml), so a fixture of
session scope may hold a connection that a test uses.
"""

import gc
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from playwright.async_api import Browser, async_playwright, expect

from storage.database import connect
from storage.migrate import upgrade
from tests.reuse import Spare
from tests.servers import Missing, PostgresServer, RedisServer, chromium_path
from tests.thorough import THOROUGH
from tests.tracing import Tracing

# httpcore looks for it at each request, and pytest then looks through the whole path for it.
if find_spec("sniffio") is None:
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

# What a shell runs in the background ignores it, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline: a machine may have much else to do. What everybody runs tries the same examples each
# time, so that a change is never refused for what it did not do; `make soak` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True, max_examples=30)
settings.register_profile("new", deadline=None, max_examples=1_000)
settings.load_profile("new" if THOROUGH else "same")
expect.set_options(timeout=60_000)  # ms; as long as everything else is waited for

S = TypeVar("S", PostgresServer, RedisServer)
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",  # Chromium's own sandbox refuses to run as root, as containers do
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


SLOW = (
    "tests/virtual/",
    "tests/scenarios/test_kills.py",
    "tests/scenarios/test_browser_story.py",
    "tests/scenarios/",
    "tests/bridge/api/test_openapi.py",
    "tests/sandbox/",
)
"""What takes long, before all else: what is short fills the gaps at the end."""


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Tracing(config))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((at for at, path in enumerate(SLOW) if item.nodeid.startswith(path)), len(SLOW))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """What is there by now stays: it need not be gone through again, a million things each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as in `bridge.serving`


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The PostgreSQL server of this session."""
    yield from _running(PostgresServer)


@pytest.fixture(scope="session")
def postgres_url(postgres: PostgresServer) -> str:
    """Its maintenance database: for looking, not for writing. Tests write to `fresh_postgres`."""
    return postgres.url()


@pytest.fixture
async def empty_postgres(postgres: PostgresServer) -> AsyncIterator[str]:
    """The URL of a new, empty database, gone after the test."""
    name = await postgres.create_database()
    yield postgres.url(name)
    await postgres.drop_database(name)


@pytest.fixture(scope="session")
async def spare_postgres(postgres: PostgresServer) -> Spare:
    """Databases of the newest schema."""
    template = await postgres.create_database()
    await _upgraded(postgres.url(template))
    return Spare(postgres, template)


@pytest.fixture
async def fresh_postgres(postgres: PostgresServer, spare_postgres: Spare) -> AsyncIterator[str]:
    """The URL of an empty database of the newest schema, which is nobody's after the test."""
    name = await spare_postgres.take()
    yield postgres.url(name)
    await spare_postgres.give_back(name)


@pytest.fixture(scope="session")
async def newest_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("newest") / "deskbridge.db"
    await _upgraded(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database of the newest schema, once on each engine."""
    url: str
    if request.param == "postgresql":
        url = request.getfixturevalue("fresh_postgres")
    else:
        path = tmp_path / "deskbridge.db"
        shutil.copyfile(request.getfixturevalue("newest_sqlite"), path)
        url = f"sqlite:///{path}"
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/deskbridge.db"
    url: str = request.getfixturevalue("empty_postgres")
    return url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The Valkey (or Redis) server of this session. Do not stop it: others use it."""
    yield from _running(RedisServer)


@pytest.fixture
def mortal_redis() -> Iterator[RedisServer]:
    """A server of this test alone, to be stopped and started again."""
    yield from _running(RedisServer)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of an empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium; each test opens its own context, which is a profile of its own."""
    try:
        path = chromium_path()
    except Missing as missing:
        pytest.fail(str(missing), pytrace=False)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=path, args=list(CHROMIUM_ARGUMENTS)
        )
        yield chromium
        await chromium.close()


async def _upgraded(url: str) -> None:
    database = connect(url)
    await upgrade(database)
    await database.close()


def _running(kind: type[S]) -> Iterator[S]:
    try:
        server = kind()
    except Missing as missing:
        pytest.fail(str(missing), pytrace=False)
    try:
        server.start()
        yield server
    finally:
        server.close()
