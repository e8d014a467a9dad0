"""Where API keys are kept: few rows, asked for by digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Table, insert, select, update

from bridge.errors import BadData
from bridge.events import Kind
from bridge.keys import ApiKey, Scope
from bridge.model import DEFAULT_WORKSPACE, Author, Micros, WorkspaceId
from storage.database import Database
from storage.dialects import dump
from storage.notes import note
from storage.tables import metadata
from storage.tables_keys import ApiKeyRow

T: Table = metadata.tables[str(ApiKeyRow.__tablename__)]


class SqlKeys:
    """Implements `bridge.keys.Keys`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _some(self, *conditions: Any) -> list[ApiKey]:
        statement = select(T).where(*conditions).order_by(T.c.created_at, T.c.id)

        def read(connection: Connection) -> list[ApiKey]:
            return [_key(row) for row in connection.execute(statement).all()]

        return await self._database.read(read)

    async def find(self, digest: str) -> ApiKey | None:
        return next(iter(await self._some(T.c.digest == digest)), None)

    async def every(self) -> Sequence[ApiKey]:
        return await self._some(T.c.workspace_id == DEFAULT_WORKSPACE)

    async def add(self, key: ApiKey, by: Author) -> bool:
        statement = insert(T).values(
            id=key.id,
            workspace_id=key.workspace_id,
            name=key.name,
            digest=key.digest,
            hint=key.hint,
            scopes=dump(sorted(key.scopes)),
            created_at=key.created_at,
            revoked_at=key.revoked_at,
        )

        def write(connection: Connection) -> None:
            connection.execute(statement).close()
            told = {"key": key.id, "name": key.name, "scopes": sorted(key.scopes)}
            note(connection, Kind.KEY_CREATED, by, key.created_at, "keys create", **told)

        try:
            await self._database.write(write)
        except BadData:  # the index of names
            return False
        return True

    async def revoke(self, name: str, at: Micros, by: Author) -> ApiKey | None:
        named = (T.c.name == name) | (T.c.id == name)
        statement = (
            update(T)
            .where(T.c.workspace_id == DEFAULT_WORKSPACE, named, T.c.revoked_at == 0)
            .values(revoked_at=at)
            .returning(T)
        )

        def write(connection: Connection) -> ApiKey | None:
            row = connection.execute(statement).first()
            if row is None:
                return None
            told = {"key": row.id, "name": row.name}
            note(connection, Kind.KEY_REVOKED, by, at, "keys revoke", **told)
            return _key(row)

        return await self._database.write(write)


def _key(row: Any) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        digest=row.digest,
        hint=row.hint,
        scopes=frozenset(Scope(scope) for scope in orjson.loads(row.scopes)),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        workspace_id=WorkspaceId(row.workspace_id),
    )
