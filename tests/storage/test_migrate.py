"""Migrations: an empty database becomes what the models say, once, however many start together."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, select, text

from bridge.scores import Rating
from storage.database import Database, connect
from storage.dialects import dump
from storage.migrate import HERE, current, newest, revisions, upgrade
from storage.tables import metadata


@pytest.fixture
async def database(empty_database_url: str) -> AsyncIterator[Database]:
    made = connect(empty_database_url)
    yield made
    await made.close()


async def test_an_empty_database_is_at_no_revision(database: Database) -> None:
    assert await current(database) is None


def test_revisions_are_what_the_names_of_their_files_begin_with() -> None:
    scripts = ScriptDirectory(str(HERE))
    assert tuple(each.revision for each in reversed([*scripts.walk_revisions()])) == revisions()
    assert scripts.get_current_head() == newest()


async def test_an_upgraded_database_is_at_the_newest_revision(database: Database) -> None:
    await upgrade(database)
    assert await current(database) == newest()


async def test_models_and_migrations_agree(database: Database) -> None:
    await upgrade(database)

    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))

    assert await database.read(differences) == []


async def test_both_know_the_one_open_handoff_of_a_conversation(database: Database) -> None:
    """A condition of an index is nothing that Alembic compares."""
    await upgrade(database)

    def condition(connection: Connection) -> str:
        # A first real query: SQLite's PRAGMAs alone may tell of the schema before the upgrade.
        assert "handoff" in inspect(connection).get_table_names()
        indexes = inspect(connection).get_indexes("handoff")
        (one,) = (index for index in indexes if index["name"] == "uq_handoff_one_open")
        assert one["unique"]
        return str(one["dialect_options"][f"{database.dialect}_where"])

    said = await database.read(condition)
    assert all(status in said for status in ("queued", "assigned", "snoozed"))
    assert "resolved" not in said


async def test_upgrading_again_changes_nothing(database: Database) -> None:
    await upgrade(database)
    await upgrade(database)
    assert await current(database) == newest()


async def test_processes_that_start_together_migrate_once(empty_postgres: str) -> None:
    databases = [connect(empty_postgres) for _ in range(3)]
    try:
        # All three wait for one lock; whoever comes second finds everything done.
        await asyncio.gather(*(upgrade(database) for database in databases))
        assert await current(databases[0]) == newest()
    finally:
        for database in databases:
            await database.close()


async def test_who_answered_first_is_read_from_what_happened_before_it_was_kept(
    database: Database,
) -> None:
    """Where nothing tells of it any more, who has it is taken for who answered."""
    await upgrade(database)
    revision = ScriptDirectory(str(HERE)).get_revision("0020")
    spoken = {"conversation_id": "c1", "kind": "message.agent", "workspace_id": "w"}
    had = {"workspace_id": "w", "status": "resolved", "assignee": "U2", "assignee_name": "Ben"}

    def found(connection: Connection) -> list[tuple[str, ...]]:
        handoff, event = metadata.tables["handoff"], metadata.tables["event"]
        for number, at in enumerate((5, 7, 0), 1):
            row = {"id": f"h{number}", "number": number, "first_reply_at": at}
            connection.execute(insert(handoff).values(**had, **row, conversation_id=f"c{number}"))
        for at, name in ((5, "Ana"), (6, "Ben")):
            who = {"handoff_id": "h1", "at": at, "actor_id": f"U{name}", "actor_name": name}
            connection.execute(insert(event).values(**spoken, **who))
        for statement in revision.module.FILL:
            connection.execute(text(statement))
        of = select(handoff.c.first_reply_by, handoff.c.first_reply_name).order_by(handoff.c.id)
        return [tuple(row) for row in connection.execute(of)]

    assert await database.write(found) == [("UAna", "Ana"), ("U2", "Ben"), ("", "")]


async def test_channels_and_scores_are_read_from_where_they_were_before(database: Database) -> None:
    await upgrade(database)
    revision = ScriptDirectory(str(HERE)).get_revision("0021")

    def found(connection: Connection) -> list[tuple[object, ...]]:
        handoff, conversation = metadata.tables["handoff"], metadata.tables["conversation"]
        talk = {"id": "c1", "workspace_id": "w", "channel": "email", "contact_id": "u1"}
        connection.execute(insert(conversation).values(**talk))
        for number, rating in enumerate(("{}", dump(Rating("?", 3)), dump(Rating("?", 3, 4))), 1):
            row = {"id": f"h{number}", "number": number, "workspace_id": "w", "rating": rating}
            its = {"status": "resolved", "conversation_id": f"c{min(number, 2)}"}
            connection.execute(insert(handoff).values(**row, **its))
        connection.execute(text(revision.module.FILL[database.dialect]))
        of = select(handoff.c.channel, handoff.c.score).order_by(handoff.c.id)
        return [tuple(row) for row in connection.execute(of)]

    assert await database.write(found) == [("email", 0), ("", 0), ("", 4)]
