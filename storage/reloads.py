"""Wishes that all processes of an installation read their settings again, wherever they run."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from itertools import chain, count

from sqlalchemy import Connection, Table, delete, func, insert, select

from storage.database import Database
from storage.tables import metadata
from storage.tables_reloads import ReloadRow

T: Table = metadata.tables[str(ReloadRow.__tablename__)]


class SqlReloads:
    """Implements `bridge.reloading.Reloads`."""

    def __init__(self, database: Database, process: str = "") -> None:
        self._database = database
        self._process = process or f"{socket.gethostname()}, process {os.getpid()}"

    async def wish(self) -> int:
        """Its number. What came of those before is forgotten."""

        def write(connection: Connection) -> int:
            number = _newest(connection) + 1
            connection.execute(delete(T)).close()
            connection.execute(insert(T).values(wish=number, process="", text="")).close()
            return number

        return await self._database.write(write)

    async def newest(self) -> int:
        """0: nobody has ever wished for one."""
        return await self._database.read(_newest)

    async def answer(self, wish: int, text: str) -> None:
        """Of two processes of one name (containers that share their host's, each with its own
        process 1) the second has a number behind it."""

        def write(connection: Connection) -> None:
            taken = set(connection.execute(select(T.c.process).where(T.c.wish == wish)).scalars())
            names = (f"{self._process} ({n})" for n in count(2))
            name = next(each for each in chain([self._process], names) if each not in taken)
            connection.execute(insert(T).values(wish=wish, process=name, text=text)).close()

        await self._database.write(write)

    async def answers(self, wish: int) -> Mapping[str, str]:
        """What each process says that has answered."""
        statement = select(T.c.process, T.c.text).where(T.c.wish == wish, T.c.process != "")

        def read(connection: Connection) -> Mapping[str, str]:
            rows = connection.execute(statement.order_by(T.c.process)).all()
            return {row.process: row.text for row in rows}

        return await self._database.read(read)


def _newest(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(T.c.wish), 0))).scalar_one())
