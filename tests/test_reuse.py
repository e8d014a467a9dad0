"""A database that is used again is as good as new."""

import asyncpg
import pytest

from tests.reuse import Spare
from tests.servers import PostgresServer

COUNTER = "INSERT INTO counter (workspace_id, name, value) VALUES ('w', 'n', 7)"


async def test_who_is_given_one_finds_nothing_and_nobody_in_it(
    postgres: PostgresServer, spare_postgres: Spare
) -> None:
    name = await spare_postgres.take()
    before = await asyncpg.connect(postgres.url(name))
    await before.execute(COUNTER)
    numbered = await before.fetchval("SELECT sequencename FROM pg_sequences ORDER BY 1 LIMIT 1")
    assert await before.fetchval(f"SELECT nextval('{numbered}')") == 1
    await spare_postgres.give_back(name)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await before.fetchval("SELECT 1")
    assert await spare_postgres.take() == name
    after = await asyncpg.connect(postgres.url(name))
    assert await after.fetchval("SELECT count(*) FROM counter") == 0
    assert await after.fetchval(f"SELECT nextval('{numbered}')") == 1
    await after.close()
    await spare_postgres.give_back(name)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '0'",
        "ALTER TABLE counter ADD more int",
        "DROP INDEX uq_handoff_one_open",
        "REVOKE SELECT ON counter FROM postgres",
        "ALTER DATABASE {name} SET default_transaction_read_only = on",
        "DROP TABLE alembic_version",
    ],
)
async def test_one_of_which_more_than_rows_was_changed_is_nobodys(
    postgres: PostgresServer, spare_postgres: Spare, change: str
) -> None:
    name = await spare_postgres.take()
    connection = await asyncpg.connect(postgres.url(name))
    await connection.execute(change.format(name=name))
    await connection.close()
    await spare_postgres.give_back(name)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(postgres.url(name))
