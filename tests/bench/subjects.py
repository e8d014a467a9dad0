"""What is measured: the product on each of its databases, and the baselines it is compared with."""

import asyncio
import itertools
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from tests.bench.bare import token_for
from tests.bench.client import Connection, Stream, listen, request
from tests.bench.process import Server, cpu_of, module, serving
from tests.bench.report import BASELINE
from tests.bench.signing import JSON, SLACK_SECRET, webchat_request
from tests.bench.workspace import TOKEN, Workspace, workspace
from tests.servers import PostgresServer, RedisServer, free_port

SQLITE = "sqlite"
POSTGRES = "postgresql+redis"
CONFIG = """
[slack]
posts_per_second = {posts}
[webchat]
messages_per_minute = 0
conversations_per_hour = 0
"""
"""A user says what users say; Slack takes so many posts a second."""
UNPACED = 1_000_000.0
"""Posts a second and channel, as though Slack took any number: it is the relay that is measured.
Marks and cards, which a relay by hand has not, keep to Slack's limits as always."""


@dataclass(slots=True)
class Subject:
    """A running server, what it needs besides, and how its customers write to it and read.

    `say(conversation, id, text)` is a request; `hear` opens the stream of a conversation.
    """

    name: str
    server: Server
    say: Callable[[int, str, str], bytes]
    hear: Callable[[int, Callable[[bytes], None]], asyncio.Future[Stream]]
    workspace: Workspace | None = None
    helpers: list[int] = field(default_factory=list)
    """Process ids of its database and Redis."""
    numbers: Iterator[int] = field(default_factory=itertools.count)
    threads: dict[int, str] = field(default_factory=dict)
    """The Slack thread of each conversation, once known."""

    def cpu(self) -> float:
        return self.server.cpu()

    def helpers_cpu(self) -> float:
        return sum(cpu_of(pid) for pid in self.helpers)


@asynccontextmanager
async def bare(folder: Path) -> AsyncIterator[Subject]:
    command = module("tests.bench.bare")
    async with serving(command, folder / "bare.log", "/nothing") as server:

        def say(conversation: int, id: str, text: str) -> bytes:
            return webchat_request(token_for(f"visitor-{conversation}"), id, text)

        def hear(conversation: int, heard: Callable[[bytes], None]) -> asyncio.Future[Stream]:
            return asyncio.ensure_future(listen(server.address, "/webchat/stream", heard))

        yield Subject(BASELINE, server, say, hear)


@asynccontextmanager
async def hand_relay(folder: Path) -> AsyncIterator[Subject]:
    port = free_port()
    async with workspace(BASELINE, folder, port) as slack:
        command = module(
            "tests.bench.hand_relay",
            *("--api-url", slack.api_url, "--token", TOKEN, "--secret", SLACK_SECRET),
            *("--channel", slack.channel),
        )
        async with serving(command, folder / "relay.log", "/nothing", port=port) as server:

            def say(conversation: int, id: str, text: str) -> bytes:
                body = orjson.dumps({"conversation": str(conversation), "text": text})
                return request("POST", "/messages", body, {"Content-Type": JSON})

            def hear(conversation: int, heard: Callable[[bytes], None]) -> asyncio.Future[Stream]:
                path = f"/stream?conversation={conversation}"
                return asyncio.ensure_future(listen(server.address, path, heard))

            yield Subject(BASELINE, server, say, hear, slack)


@asynccontextmanager
async def product(name: str, folder: Path, posts: float, visitors: int) -> AsyncIterator[Subject]:
    """`deskbridge serve` on the database called `name`, with so many visitors' sessions."""
    async with AsyncExitStack() as stack:
        env, helpers = await stores(name, folder, stack)
        port = free_port()
        slack = await stack.enter_async_context(workspace(name, folder, port))
        env |= _settings(folder / f"{name}.toml", posts, slack, port)
        await migrated(env)
        server = await stack.enter_async_context(
            serving([*deskbridge(), "serve"], folder / f"{name}.log", "/healthz", env, port)
        )
        tokens = [await _session(server) for _ in range(visitors)]

        def say(conversation: int, id: str, text: str) -> bytes:
            return webchat_request(tokens[conversation], id, text)

        def hear(conversation: int, heard: Callable[[bytes], None]) -> asyncio.Future[Stream]:
            headers = {"Authorization": f"Bearer {tokens[conversation]}"}
            return asyncio.ensure_future(listen(server.address, "/webchat/stream", heard, headers))

        yield Subject(name, server, say, hear, slack, helpers)


async def stores(
    name: str, folder: Path, stack: AsyncExitStack
) -> tuple[dict[str, str], list[int]]:
    """Starts what the product stores in; durable, for that is what costs."""
    if name == SQLITE:
        return {"DATABASE_URL": f"sqlite:///{folder}/deskbridge.db"}, []
    postgres, redis = PostgresServer(durable=True), RedisServer()
    stack.callback(postgres.close)
    stack.callback(redis.close)
    postgres.start()
    redis.start()
    database = postgres.url(await postgres.create_database())
    return {"DATABASE_URL": database, "REDIS_URL": redis.url}, [postgres.pid, redis.pid]


def _settings(config: Path, posts: float, slack: Workspace, port: int) -> dict[str, str]:
    config.write_text(CONFIG.format(posts=posts))
    return {
        "DESKBRIDGE_CONFIG": str(config),
        "SECRET_KEY": "bench-secret-key-of-at-least-32-characters",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SLACK_SECRET,
        "SLACK_CHANNEL": slack.channel,
        "LOG_LEVEL": "warning",
    }


def deskbridge() -> list[str]:
    """The command that is installed beside this Python."""
    return [str(Path(sys.executable).parent / "deskbridge")]


async def migrated(env: dict[str, str]) -> None:
    whole = {**os.environ, **env}
    process = await asyncio.create_subprocess_exec(*deskbridge(), "migrate", env=whole)
    if await process.wait() != 0:
        raise RuntimeError("deskbridge migrate failed")


async def _session(server: Server) -> str:
    connection = Connection(server.address)
    raw = request("POST", "/webchat/sessions", b"{}", {"Content-Type": JSON})
    answer = await connection.send(raw)
    connection.close()
    if answer.status != 201:
        raise RuntimeError(f"no session: {answer.status} {answer.body.decode()}")
    token: str = orjson.loads(answer.body)["token"]
    return token
