"""The libraries' errors as ours, by remedy."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
    StatementError,
)

from bridge.errors import BadData, StoreUnavailable


class Moved(Exception):
    """What a transaction was made on is not so any more, and nothing of it is written: it is made
    again, with locks. Never leaves the storage."""


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """The libraries' errors as ours, by remedy. Who is cancelled amid a statement stays so: asyncpg
    cannot roll back then, and says that in place of the cancellation."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, *_ASYNCPG, OSError) as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from error
        kind = BadData if _is_the_values_fault(error) else StoreUnavailable
        raise kind(type(error).__name__) from error
    except (UnicodeError, OverflowError) as error:  # refused by the driver itself
        raise BadData(type(error).__name__) from error


_VALUE_CLASSES = ("22", "23")
"""SQLSTATE classes that are the value's fault: data exception, integrity violation."""


_ASYNCPG = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_OF_VALUES = (
    DataError,
    IntegrityError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,  # a type that it cannot bind
    asyncpg.DataError,
)


def _is_the_values_fault(error: Exception) -> bool:
    if isinstance(error, _OF_VALUES):
        return True
    state = str(getattr(getattr(error, "orig", error), "sqlstate", ""))
    plain = isinstance(error, StatementError) and not isinstance(error, DBAPIError)
    return plain or state.startswith(_VALUE_CLASSES)
