"""Keys are found by their digest, have a name of their own while they are good, and end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bridge.keys import Scope, digest_of, new_key
from bridge.model import Author, Role
from storage.database import connect
from storage.keys import SqlKeys
from storage.migrate import upgrade
from storage.tables import metadata

ALICE = Author(Role.SYSTEM, "command line", "alice")
DESK = frozenset({Scope.DESK, Scope.BOT})


@pytest.fixture
async def keys(database_url: str) -> AsyncIterator[SqlKeys]:
    database = connect(database_url)
    await upgrade(database)
    yield SqlKeys(database)
    await database.close()


async def test_a_key_is_found_by_its_digest_alone(keys: SqlKeys) -> None:
    secret, key = new_key("crm", DESK, 5)
    assert await keys.add(key, ALICE)
    assert await keys.find(digest_of(secret)) == key
    assert await keys.find(digest_of("another")) is None
    assert secret not in repr(await keys.every())


async def test_a_name_is_one_keys_until_it_is_revoked(keys: SqlKeys) -> None:
    (_, first), (_, second) = (new_key("crm", DESK, at) for at in (5, 6))
    assert await keys.add(first, ALICE)
    assert not await keys.add(second, ALICE)
    ended = await keys.revoke("crm", 7, ALICE)
    assert ended
    assert (ended.id, ended.is_good) == (first.id, False)
    assert await keys.revoke("crm", 8, ALICE) is None
    assert await keys.add(second, ALICE)
    assert (await keys.revoke(second.id, 9, ALICE)) is not None
    assert [key.revoked_at for key in await keys.every()] == [7, 9]


async def test_that_a_key_was_made_and_ended_is_noted_in_the_same_transaction(
    keys: SqlKeys,
) -> None:
    _, key = new_key("crm", DESK, 5)
    await keys.add(key, ALICE)
    assert not await keys.add(new_key("crm", DESK, 6)[1], ALICE)
    await keys.revoke("crm", 7, ALICE)
    await keys.revoke("crm", 8, ALICE)
    columns = metadata.tables["event"].c
    wanted = select(columns.kind, columns.at, columns.actor_name, columns.body).order_by(columns.id)
    rows = await keys._database.read(lambda to: [tuple(row) for row in to.execute(wanted)])
    assert [row[:3] for row in rows] == [("key.created", 5, "alice"), ("key.revoked", 7, "alice")]
    assert key.id in rows[0][3]
