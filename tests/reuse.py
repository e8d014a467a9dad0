"""PostgreSQL's databases, used again: emptying one takes a twentieth of the time of a new one."""

from __future__ import annotations

import asyncpg

from tests.servers import PostgresServer

SHAPE = """
SELECT md5(concat_ws('|',
  (SELECT string_agg(concat(oid::regclass, relkind, relacl), ',' ORDER BY relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace),
  (SELECT string_agg(concat(attrelid::regclass, attname, atttypid, attnotnull, atthasdef), ','
      ORDER BY attrelid::regclass::text, attnum) FROM pg_attribute
    WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class
      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)),
  (SELECT string_agg(pg_get_constraintdef(oid), ',' ORDER BY conname) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace),
  (SELECT string_agg(pg_get_indexdef(indexrelid), ',' ORDER BY indexrelid::regclass::text)
    FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class
      WHERE relnamespace = 'public'::regnamespace)),
  (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_event_trigger),
  (SELECT string_agg(nspname || nspacl::text, ',' ORDER BY nspname) FROM pg_namespace),
  (SELECT datacl FROM pg_database WHERE datname = current_database()),
  (SELECT count(*) FROM pg_db_role_setting),
  (SELECT string_agg(version_num, ',') FROM alembic_version)))
"""
"""One text for all that a test may have changed beside rows."""
ALONE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
EMPTY = """
DO $$ DECLARE each record; BEGIN
  SET LOCAL session_replication_role = replica;  -- in any order
  FOR each IN SELECT oid::regclass AS name, pg_relation_size(oid) AS size FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  LOOP
    IF each.size > 1000000 THEN
      EXECUTE format('TRUNCATE %s CASCADE', each.name);
    ELSIF each.size > 0 THEN
      EXECUTE format('DELETE FROM %s', each.name);
    END IF;
  END LOOP;
  FOR each IN SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences
    WHERE last_value IS NOT NULL
  LOOP
    EXECUTE format('ALTER SEQUENCE %s RESTART', each.name);
  END LOOP;
END $$
"""


class Spare:
    """Databases of the newest schema that are empty. `template` has that schema, and nobody is
    connected to it."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._shape = ""
        self._names: list[str] = []

    async def take(self) -> str:
        """The name of one."""
        if self._names:
            return self._names.pop()
        return await self._server.create_database(self._template)

    async def give_back(self, name: str) -> None:
        """Whoever is still connected is thrown out. Where more than rows was changed, it goes."""
        if await self._emptied(name):
            self._names.append(name)
        else:
            await self._server.drop_database(name)

    async def _emptied(self, name: str) -> bool:
        self._shape = self._shape or await self._shape_of(self._template)
        connection = await asyncpg.connect(self._server.url(name))
        try:
            if await connection.fetchval(SHAPE) != self._shape:
                return False
            await connection.fetch(ALONE)
            await connection.execute(EMPTY)
        except asyncpg.PostgresError:
            return False
        finally:
            await connection.close()
        return True

    async def _shape_of(self, name: str) -> str:
        connection = await asyncpg.connect(self._server.url(name))
        try:
            return str(await connection.fetchval(SHAPE))
        finally:
            await connection.close()
