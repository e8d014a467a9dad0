"""Keys are found by their digest, have a name of their own while they are good, and end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bridge.keys import Scope, digest_of, new_key
from storage.database import connect
from storage.keys import SqlKeys
from storage.migrate import upgrade

DESK = frozenset({Scope.DESK, Scope.BOT})


@pytest.fixture
async def keys(database_url: str) -> AsyncIterator[SqlKeys]:
    database = connect(database_url)
    await upgrade(database)
    yield SqlKeys(database)
    await database.close()


async def test_a_key_is_found_by_its_digest_alone(keys: SqlKeys) -> None:
    secret, key = new_key("crm", DESK, 5)
    assert await keys.add(key)
    assert await keys.find(digest_of(secret)) == key
    assert await keys.find(digest_of("another")) is None
    assert secret not in repr(await keys.every())


async def test_a_name_is_one_keys_until_it_is_revoked(keys: SqlKeys) -> None:
    (_, first), (_, second) = (new_key("crm", DESK, at) for at in (5, 6))
    assert await keys.add(first)
    assert not await keys.add(second)
    ended = await keys.revoke("crm", 7)
    assert ended
    assert (ended.id, ended.is_good) == (first.id, False)
    assert await keys.revoke("crm", 8) is None
    assert await keys.add(second)
    assert (await keys.revoke(second.id, 9)) is not None
    assert [key.revoked_at for key in await keys.every()] == [7, 9]
