"""Where a soak's product keeps its things: a SQLite file, or PostgreSQL and Redis of its own."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from storage.database import connect
from tests.scenarios.processes import environment
from tests.servers import PostgresServer, RedisServer

KINDS = ("sqlite", "postgresql")
MANY = "many"
"""Two web and two worker processes, on PostgreSQL and Redis."""
UNIQUE_SOURCE = ("DROP INDEX uq_message_source",)
UNIQUE_RECEIPT = (
    "CREATE TABLE copy AS SELECT * FROM receipt",
    "DROP TABLE receipt",
    "ALTER TABLE copy RENAME TO receipt",
)
"""What takes them from a SQLite file."""


@dataclass(frozen=True, slots=True)
class Place:
    url: str
    redis_url: str = ""


@dataclass(slots=True)
class Databases:
    """Gives each run a new, empty database."""

    kind: str
    folder: Path
    postgres: PostgresServer | None = None
    redis: RedisServer | None = None
    _count: int = 0

    async def fresh(self) -> Place:
        if self.postgres is None:
            self._count += 1
            return Place(f"sqlite:///{self.folder}/soak-{self._count}.db")
        url = self.postgres.url(await self.postgres.create_database())
        return Place(url, self.redis.url if self.redis else "")


@asynccontextmanager
async def databases(kind: str, folder: Path) -> AsyncIterator[Databases]:
    """Starts the servers that this kind needs, and ends them with the block."""
    if kind == "sqlite":
        yield Databases(kind, folder)
        return
    postgres, redis = PostgresServer(), RedisServer()
    try:
        postgres.start()
        redis.start()
        yield Databases(kind, folder, postgres, redis)
    finally:
        redis.close()
        postgres.close()


async def weaken(url: str, *statements: str) -> None:
    """Makes the tables, and takes from them what these say."""
    settings = {"DATABASE_URL": url, "SECRET_KEY": "soak-secret-key-of-at-least-32-characters"}
    command = [sys.executable, "-m", "bridge.cli", "migrate"]
    run = subprocess.run
    await asyncio.to_thread(run, command, check=True, env=environment(settings))
    database = connect(url)

    def change(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    try:
        await database.write(change)
    finally:
        await database.close()
