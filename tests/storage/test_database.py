"""The engine: durability, locks, and errors that say what is to be done."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import Connection, text

from bridge.commands import Accepted
from bridge.errors import BadData, SettingsError, StoreUnavailable
from bridge.inbox import Inbox
from storage import postgresql
from storage import sqlite as engine
from storage.database import Database, connect
from storage.faults import translated
from storage.memory import MemoryBell
from storage.postgresql import raw_of
from tests.storage.stored import stored, user
from tests.waiting import PATIENCE

MAKE = "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL)"
PUT = "INSERT INTO thing (id, name) VALUES (:id, :name)"


def run(statement: str, **values: object) -> Callable[[Connection], None]:
    return lambda connection: connection.execute(text(statement), values).close()


def value(statement: str) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(text(statement)).scalar()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = connect(database_url)
    await made.write(run(MAKE))
    yield made
    await made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deskbridge.db"


@pytest.fixture
async def sqlite(file: Path) -> AsyncIterator[Database]:
    made = connect(f"sqlite:///{file}")
    await made.write(run(MAKE))
    yield made
    await made.close()


@pytest.fixture
def another(sqlite: Database, file: Path) -> Iterator[sqlite3.Connection]:
    """A command line at the same file, in the middle of a write."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


# --- both ----------------------------------------------------------------------------------------


async def test_a_write_is_there_when_it_returns(database: Database) -> None:
    await database.write(run(PUT, id=1, name="a"))
    assert await database.read(value("SELECT name FROM thing")) == "a"


async def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    def work(connection: Connection) -> None:
        run(PUT, id=1, name="a")(connection)
        raise LookupError("a mistake of ours")

    with pytest.raises(LookupError):
        await database.write(work)
    assert await database.read(value("SELECT count(*) FROM thing")) == 0
    await database.write(run(PUT, id=1, name="a"))


async def test_writes_that_come_together_are_all_kept(database: Database) -> None:
    await asyncio.gather(*(database.write(run(PUT, id=n, name="a")) for n in range(30)))
    assert await database.read(value("SELECT count(*) FROM thing")) == 30


async def test_a_key_that_is_taken_is_bad_data(database: Database) -> None:
    await database.write(run(PUT, id=1, name="a"))
    with pytest.raises(BadData):
        await database.write(run(PUT, id=1, name="b"))


async def test_what_must_be_given_and_is_not_is_bad_data(database: Database) -> None:
    with pytest.raises(BadData):
        await database.write(run(PUT, id=1, name=None))


async def test_a_number_too_big_is_bad_data(database: Database) -> None:
    with pytest.raises(BadData):
        await database.write(run(PUT, id=1 << 70, name="a"))


async def test_a_table_that_is_not_there_is_no_fault_of_the_value(database: Database) -> None:
    with pytest.raises(StoreUnavailable):
        await database.read(value("SELECT 1 FROM nowhere"))


async def test_the_clocks_of_one_machine_agree(database: Database) -> None:
    assert database.now() is None
    await database.measure_clock()
    now = time.time_ns() // 1_000
    assert abs((database.now() or now) - now) < 1_000_000


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "deskbridge.db", ""])
def test_a_url_that_is_none_of_ours_is_told_to_whoever_starts(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        connect(url)


# --- SQLite --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pragma", "wanted"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
async def test_a_commit_that_returned_is_on_the_disk(
    sqlite: Database, pragma: str, wanted: object
) -> None:
    """2 is FULL. In WAL mode that is one fsync for each commit."""
    assert await sqlite.write(value(f"PRAGMA {pragma}")) == wanted
    assert await sqlite.read(value(f"PRAGMA {pragma}")) == wanted


async def test_a_file_has_one_process(sqlite: Database, file: Path) -> None:
    with pytest.raises(SettingsError, match="in use by another"):
        connect(f"sqlite:///{file}")
    await sqlite.write(run(PUT, id=1, name="a"))


async def test_a_file_that_was_closed_may_be_opened_again(file: Path) -> None:
    await connect(f"sqlite:///{file}").close()
    await connect(f"sqlite:///{file}").close()


async def test_a_command_line_may_look_at_the_file_meanwhile(sqlite: Database, file: Path) -> None:
    await sqlite.write(run(PUT, id=1, name="a"))
    beside = connect(f"sqlite:///{file}", exclusive=False)
    assert await beside.read(value("SELECT name FROM thing")) == "a"
    await beside.close()


async def test_a_file_that_is_locked_is_waited_for(
    sqlite: Database, another: sqlite3.Connection
) -> None:
    writing = asyncio.create_task(sqlite.write(run(PUT, id=1, name="a")))
    # Reads go on meanwhile, and the write has not given up.
    for _ in range(3):
        assert await sqlite.read(value("SELECT count(*) FROM thing")) == 0
        await asyncio.sleep(0)
    assert not writing.done()
    another.execute("COMMIT")
    await writing
    assert await sqlite.read(value("SELECT count(*) FROM thing")) == 1


async def test_a_file_that_stays_locked_is_unavailable_and_recovers(
    sqlite: Database, another: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCKED_FOR", 0.02)
    with pytest.raises(StoreUnavailable):
        await sqlite.write(run(PUT, id=1, name="a"))
    another.execute("COMMIT")
    await sqlite.write(run(PUT, id=1, name="a"))


async def test_a_caller_that_goes_away_leaves_the_file_usable(sqlite: Database) -> None:
    writing = asyncio.create_task(sqlite.write(run(PUT, id=1, name="a")))
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait([writing])
    await sqlite.write(run(PUT, id=2, name="b"))
    assert await sqlite.read(value("SELECT count(*) FROM thing WHERE id = 2")) == 1


# --- PostgreSQL ----------------------------------------------------------------------------------

OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
AND datname = current_database()"


@pytest.fixture
async def served(fresh_postgres: str) -> AsyncIterator[Database]:
    made = connect(fresh_postgres)
    await made.write(run(MAKE))
    yield made
    await made.close()


@pytest.fixture
async def operator(fresh_postgres: str) -> AsyncIterator[Database]:
    """Somebody else at the same database."""
    made = connect(fresh_postgres)
    yield made
    await made.close()


async def test_who_is_cancelled_amid_a_statement_is_cancelled_and_nothing_else() -> None:
    """asyncpg's roll back fails then. A loop that goes on after errors would never end."""
    begun = asyncio.Event()

    async def amid() -> None:
        with translated():
            try:
                begun.set()
                await asyncio.Event().wait()
            finally:
                raise asyncpg.InterfaceError("another operation is in progress")

    task = asyncio.create_task(amid())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_transaction_whose_backend_ends_is_unavailable_and_the_next_call_works(
    served: Database,
) -> None:
    """The session ends itself in the middle, as when the server is told to stop."""

    def work(connection: Connection) -> None:
        run(PUT, id=1, name="lost")(connection)
        run("SELECT pg_terminate_backend(pg_backend_pid())")(connection)
        run(PUT, id=2, name="lost")(connection)

    with pytest.raises(StoreUnavailable):
        await served.write(work)
    await served.write(run(PUT, id=1, name="a"))
    assert await served.read(value("SELECT name FROM thing")) == "a"


async def test_connections_that_were_ended_while_idle_are_replaced(
    served: Database, operator: Database
) -> None:
    await operator.write(run(OTHERS))
    try:
        await served.write(run(PUT, id=1, name="a"))
    except StoreUnavailable:  # the news of the end had not come yet; nothing is recorded then
        await served.write(run(PUT, id=1, name="a"))
    assert await served.read(value("SELECT count(*) FROM thing")) == 1


@pytest.mark.parametrize("error", [KeyError, asyncio.CancelledError])
async def test_a_connection_that_breaks_hides_nothing_of_what_happened_on_it(
    served: Database, error: type[BaseException]
) -> None:
    """SQLAlchemy has taken the driver's connection away by then."""
    one = served._shared.one()  # type: ignore[attr-defined]
    await (await one.__aenter__()).invalidate()
    assert not await one.__aexit__(error, error(), None)
    assert await served.read(value("SELECT count(*) FROM thing")) == 0


async def test_where_all_connections_are_taken_for_too_long_it_is_unavailable(
    served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", 0.01)
    async with AsyncExitStack() as all_of_them:
        for _ in range(postgresql.POOL):
            await all_of_them.enter_async_context(served._shared.one())  # type: ignore[attr-defined]
        async with asyncio.timeout(60):
            with pytest.raises(StoreUnavailable):
                await served.read(value("SELECT count(*) FROM thing"))
    assert await served.read(value("SELECT count(*) FROM thing")) == 0


async def test_a_lock_that_is_held_too_long_is_unavailable(
    served: Database, operator: Database
) -> None:
    held, free = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        # A reader of a table blocks nobody, so the table itself is locked.
        async with operator._shared.one() as connection:  # type: ignore[attr-defined]
            raw = raw_of(connection)
            async with raw.transaction():
                await raw.execute("LOCK TABLE thing")
                held.set()
                await free.wait()

    holding = asyncio.create_task(hold())
    await held.wait()
    with pytest.raises(StoreUnavailable):
        await served.write(run(PUT, id=1, name="a"))
    free.set()
    await holding
    await served.write(run(PUT, id=1, name="a"))


HANGS = (
    "CREATE SEQUENCE hangs",
    """CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('hangs') = 1 THEN PERFORM pg_sleep(600); END IF; RETURN NULL; END $$""",
    "CREATE TRIGGER hang BEFORE INSERT ON receipt EXECUTE FUNCTION hang()",
)
"""The first that writes receipts hangs; no roll back takes that back."""
HANGS_NO_MORE = ("DROP FUNCTION hang() CASCADE", "DROP SEQUENCE hangs")


async def test_a_statement_that_hangs_is_ended_and_what_waited_for_it_is_taken_again(
    fresh_postgres: str, operator: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "STATEMENT_TIMEOUT_MS", 3_000)
    async with stored(fresh_postgres) as desk:
        inbox = Inbox(desk.store, MemoryBell(), lambda work: None)
        for statement in HANGS:
            await operator.write(run(statement))
        both = (inbox.handle(desk.says("a")), inbox.handle(desk.says("b", to=user("ann"))))
        answers = await asyncio.gather(*both)
        for statement in HANGS_NO_MORE:
            await operator.write(run(statement))
        assert [type(answer) for answer in answers] == [Accepted, Accepted]
        assert len(await desk.rows("message")) == len(both)


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    nobody = connect("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StoreUnavailable):
        await nobody.read(value("SELECT 1"))
    await nobody.close()


async def test_what_is_read_apart_holds_up_nobody_however_long_it_takes(sqlite: Database) -> None:
    others = threading.Event()

    def long(connection: Connection) -> object:
        assert others.wait(PATIENCE)
        return value("SELECT count(*) FROM thing")(connection)

    reading = asyncio.create_task(sqlite.read(long, apart=True))
    await sqlite.write(run(PUT, id=1, name="one"))
    assert await sqlite.read(value("SELECT name FROM thing")) == "one"
    others.set()
    assert await reading == 1


async def test_what_is_read_apart_is_what_is_committed(database: Database) -> None:
    for number in (1, 2):
        await database.write(run(PUT, id=number, name="one"))
        count = await database.read(value("SELECT count(*) FROM thing"), apart=True)
        assert count == number
    with pytest.raises(StoreUnavailable):
        await database.read(value("SELECT nothing FROM nowhere"), apart=True)
    assert await database.read(value("SELECT count(*) FROM thing"), apart=True) == 2
