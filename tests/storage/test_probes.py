"""Facts for the doctor, each from a real server or file in that very state."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from bridge.errors import StoreUnavailable
from storage import probes
from storage.database import connect
from storage.migrate import newest, upgrade
from tests.servers import PostgresServer, RedisServer, free_port


async def migrated(url: str) -> str:
    database = connect(url, exclusive=False)
    await upgrade(database)
    await database.close()
    return url


async def executed(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def made_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@asynccontextmanager
async def answering(words: bytes) -> AsyncIterator[int]:
    """A server that says this to everybody."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(words)
        writer.close()
        await writer.wait_closed()
        done.set()

    done = asyncio.Event()
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await done.wait()


# --- both databases ------------------------------------------------------------------------------


async def test_a_migrated_database_is_at_the_newest_schema_and_takes_writes(
    database_url: str,
) -> None:
    facts = await probes.database(await migrated(database_url))
    assert (facts.fault, facts.refusal) == ("", "")
    assert facts.revision == facts.newest == newest()
    assert facts.known
    assert abs(facts.skew) < 60


async def test_an_empty_database_has_no_schema_and_is_left_so(empty_database_url: str) -> None:
    await connect(empty_database_url).close()  # which makes a file, and no table
    for _ in range(2):
        facts = await probes.database(empty_database_url)
        assert (facts.fault, facts.revision, facts.absent) == ("", None, False)


async def test_a_schema_of_a_newer_program_is_not_known(database_url: str) -> None:
    database = connect(await migrated(database_url), exclusive=False)
    statement = text("UPDATE alembic_version SET version_num = '9999'")
    await database.write(lambda connection: connection.execute(statement))
    await database.close()
    facts = await probes.database(database_url)
    assert (facts.revision, facts.known) == ("9999", False)


# --- SQLite --------------------------------------------------------------------------------------


async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    facts = await probes.database(f"sqlite:///{tmp_path}/desk.db")
    assert facts.absent
    assert facts.free == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.2)
    assert not made_in(tmp_path)


async def test_a_file_is_durable_and_its_disk_is_looked_at(tmp_path: Path) -> None:
    facts = await probes.database(await migrated(f"sqlite:///{tmp_path}/desk.db"))
    assert (facts.durability, facts.weakness) == ("WAL, synchronous=FULL", "")
    assert facts.free


async def test_a_file_that_is_read_without_wal_cannot_be_switched_to_it(tmp_path: Path) -> None:
    url = await migrated(f"sqlite:///{tmp_path}/desk.db")
    other = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
    other.execute("PRAGMA journal_mode=DELETE")
    other.execute("BEGIN")
    other.execute("SELECT * FROM alembic_version").fetchall()
    try:
        facts = await probes.database(url)
    finally:
        other.close()
    assert facts.fault == "locked"


async def test_a_folder_that_is_not_there_is_the_fault(tmp_path: Path) -> None:
    assert (await probes.database(f"sqlite:///{tmp_path}/no/desk.db")).fault == "no_folder"


async def test_a_folder_in_place_of_the_file_is_the_fault(tmp_path: Path) -> None:
    assert (await probes.database(f"sqlite:///{tmp_path}")).fault == "no_access"


async def test_a_file_that_is_no_database_is_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(b"hello " * 1_000)
    assert (await probes.database(f"sqlite:///{path}")).fault == "not_a_database"


async def test_a_file_that_another_program_keeps_locked_takes_no_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.LOCKED_FOR", 0.05)
    url = await migrated(f"sqlite:///{tmp_path}/desk.db")
    other = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        facts = await probes.database(url)
    finally:
        other.close()
    assert (facts.fault, facts.refusal) == ("", "locked")


# --- PostgreSQL ----------------------------------------------------------------------------------


async def test_a_server_names_its_version_and_what_weakens_it(fresh_postgres: str) -> None:
    facts = await probes.database(await migrated(fresh_postgres))
    assert facts.kind.startswith("PostgreSQL 1")
    assert facts.weakness == "fsync = off"  # as the tests' server is
    assert facts.place.startswith("postgresql://127.0.0.1:")
    assert facts.free is None


async def test_a_database_for_reading_only_refuses(
    fresh_postgres: str, postgres: PostgresServer
) -> None:
    url = await migrated(fresh_postgres)
    name = url.rpartition("/")[2]
    statement = f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'
    await executed(postgres.url(), statement)
    facts = await probes.database(url)
    assert (facts.fault, facts.refusal) == ("", "read_only")


@pytest.fixture
async def reader(fresh_postgres: str) -> AsyncIterator[str]:
    """The URL of a user who may look and no more."""
    await migrated(fresh_postgres)
    statements = (
        "CREATE ROLE reader LOGIN PASSWORD 'hunter2'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    )
    await executed(fresh_postgres, *statements)
    yield f"postgresql://reader:hunter2@{fresh_postgres.partition('@')[2]}"
    await executed(fresh_postgres, "DROP OWNED BY reader", "DROP ROLE reader")


async def test_a_user_who_may_not_write_is_refused_and_no_password_is_told(reader: str) -> None:
    facts = await probes.database(reader)
    assert (facts.fault, facts.refusal) == ("", "no_privilege")
    assert "hunter2" not in repr(facts)


async def test_a_database_or_a_user_that_does_not_exist_is_the_fault(
    postgres: PostgresServer,
) -> None:
    assert (await probes.database(postgres.url("nowhere"))).fault == "no_database"
    somebody = f"postgresql://nobody:x@{postgres.url().partition('@')[2]}"
    assert (await probes.database(somebody)).fault == "password"


async def test_a_server_that_is_not_there_is_the_fault() -> None:
    facts = await probes.database(f"postgresql://desk:hunter2@127.0.0.1:{free_port()}/desk")
    assert facts.fault == "refused"
    assert "hunter2" not in repr(facts)


async def test_a_server_that_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probes, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes calls and never answers
        port = silent.getsockname()[1]
        assert (await probes.database(f"postgresql://127.0.0.1:{port}/desk")).fault == "timeout"
        assert (await probes.redis(f"redis://127.0.0.1:{port}/0")).fault == "timeout"


def test_the_first_cause_with_a_name_is_the_fault() -> None:
    error = StoreUnavailable("OSError")
    error.__cause__ = socket.gaierror()
    assert probes.fault_of(error) == "unknown_host"
    assert probes.fault_of(StoreUnavailable("TooManyConnectionsError")) == "TooManyConnectionsError"
    assert probes.fault_of(ValueError()) == "ValueError"


# --- Redis ---------------------------------------------------------------------------------------


async def test_a_redis_tells_version_role_and_time(redis_url: str) -> None:
    facts = await probes.redis(redis_url)
    assert (facts.fault, facts.primary) == ("", True)
    assert int(facts.version.split(".")[0]) >= 5
    assert abs(facts.skew) < 60


async def test_a_replica_is_none_to_write_to(
    mortal_redis: RedisServer, redis_server: RedisServer
) -> None:
    import redis  # noqa: PLC0415 - the one test that speaks to it itself

    with redis.Redis(port=mortal_redis.port) as client:
        client.replicaof("127.0.0.1", redis_server.port)
    assert not (await probes.redis(mortal_redis.url)).primary


async def test_a_redis_that_is_not_there_is_the_fault() -> None:
    facts = await probes.redis(f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    assert facts.fault == "refused"
    assert "hunter2" not in repr(facts)


async def test_a_redis_that_wants_another_password_says_so(mortal_redis: RedisServer) -> None:
    import redis  # noqa: PLC0415

    with redis.Redis(port=mortal_redis.port) as client:
        client.config_set("requirepass", "secret")
    assert (await probes.redis(mortal_redis.url)).fault == "password"
    wrong = mortal_redis.url.replace("redis://", "redis://:hunter2@")
    assert (await probes.redis(wrong)).fault == "password"


async def test_what_is_no_redis_is_the_fault() -> None:
    async with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert (await probes.redis(f"redis://127.0.0.1:{port}/0")).fault == "not_redis"
