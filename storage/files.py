"""Files that are kept: `bridge.filing.Files` over a database and a shelf, and what takes them away.

The bytes come first and the row last, so a file that is known is whole; bytes without a row are
nobody's, and are swept. So is a file that no message names (any more): an upload that was never
sent, or what came with a message that was taken back. While a message names it, it is kept, for as
long as `[retention] files` says.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Collection
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select

from bridge.background import Background
from bridge.errors import Refused, StoreError
from bridge.filetypes import HEAD, Danger, clean_name, judge
from bridge.filing import MAX_FILE, OURS, Filed
from bridge.model import DEFAULT_WORKSPACE, SECOND, Attachment, ConversationId, Micros
from bridge.ports import Clock
from storage.database import Database
from storage.dialects import among, ids
from storage.shelves import Shelf
from storage.tables import metadata
from storage.tables_files import FileRow

UNNAMED_FOR: Micros = 3_600 * SECOND
"""So long an upload waits for its message."""
BATCH = 100
EVERY = 60.0
"""Seconds between two looks for what nobody needs."""

log = structlog.get_logger("files")

_FILES: Table = FileRow.__table__  # type: ignore[attr-defined]
_file, _message = _FILES.c, metadata.tables["message"].c
_COLUMNS = (_file.id, _file.conversation_id, _file.name, _file.mime, _file.size, _file.created_at)
_ONE = select(*_COLUMNS).where(_file.id == bindparam("id"))
_TOTAL = select(func.coalesce(func.sum(_file.size), 0))
_NEXT = (
    select(*_COLUMNS)
    .where(_file.id > bindparam("after"), _file.created_at < bindparam("before"))
    .order_by(_file.id)
    .limit(bindparam("most"))
)
_NAMED = select(_message.visibility, _message.standing).where(
    _message.conversation_id == bindparam("conversation"),
    _message.attachments.like(bindparam("named")),
)
_LEAVING = {("public", "pending"), ("public", "sent")}


@dataclass(frozen=True, slots=True)
class Limits:
    """`room`: bytes of all files together; `keep_for`: µs, zero: as long as their messages."""

    room: int
    keep_for: Micros = 0
    largest: int = MAX_FILE


class SqlFiles:
    """Implements `bridge.filing.Files`."""

    def __init__(self, database: Database, shelf: Shelf, clock: Clock, limits: Limits) -> None:
        self._database = database
        self._shelf = shelf
        self._clock = clock
        self._limits = limits

    async def keep(
        self, conversation: ConversationId, name: str, chunks: AsyncIterable[bytes]
    ) -> Attachment:
        if await self._database.read(_total) >= self._limits.room:
            raise Refused("no_room")
        key, now = f"{OURS}{secrets.token_hex(16)}", self._clock()
        looked = Looked(chunks, name, self._limits.largest)
        try:
            await self._shelf.put(key, looked.whole(), now)
            mime = looked.mime
            filed = Filed(key, conversation, clean_name(name, mime), mime, looked.size, now)
            await self._write(filed)
        except BaseException:
            await asyncio.shield(self._shelf.drop(key))
            raise
        return filed.as_attachment()

    async def _write(self, filed: Filed) -> None:
        row = {
            "id": filed.id,
            "workspace_id": DEFAULT_WORKSPACE,
            "conversation_id": filed.conversation_id,
            "name": filed.name,
            "mime": filed.mime,
            "size": filed.size,
            "created_at": filed.created_at,
        }
        await self._database.write(
            lambda connection: connection.execute(insert(_FILES), row).close()
        )

    async def find(self, id: str) -> Filed | None:
        if not id.startswith(OURS):
            return None

        def read(connection: Connection) -> Filed | None:
            row = connection.execute(_ONE, {"id": id}).first()
            return Filed(*row) if row else None

        return await self._database.read(read)

    def read(self, file: Filed) -> AsyncIterator[bytes]:
        return self._shelf.read(file.id)

    async def is_shown(self, file: Filed) -> bool:
        return bool(_LEAVING & await self._standings(file))

    async def _standings(self, file: Filed) -> set[tuple[str, str]]:
        """(visibility, standing) of the messages that name it."""
        given = {"conversation": file.conversation_id, "named": f'%"{file.id}"%'}

        def read(connection: Connection) -> set[tuple[str, str]]:
            return {(row[0], row[1]) for row in connection.execute(_NAMED, given)}

        return await self._database.read(read)

    # --- taking away -----------------------------------------------------------------------------

    async def sweep(self, after: str) -> str:
        """Takes away what nobody needs of the next files by id; the answer is where the next call
        begins, empty at the end."""
        now = self._clock()
        given = {"after": after, "before": now - UNNAMED_FOR, "most": BATCH}

        def read(connection: Connection) -> list[Filed]:
            return [Filed(*row) for row in connection.execute(_NEXT, given)]

        found = await self._database.read(read)
        for file in found:
            if self._is_old(file, now) or not await self._standings(file):
                await self._remove(file.id)
        return found[-1].id if len(found) == BATCH else ""

    def _is_old(self, file: Filed, now: Micros) -> bool:
        return bool(self._limits.keep_for) and file.created_at < now - self._limits.keep_for

    async def _remove(self, id: str) -> None:
        """The row first: bytes without one are swept, a row without bytes would be a promise."""
        statement = delete(_FILES).where(_file.id == bindparam("gone"))
        await self._database.write(
            lambda connection: connection.execute(statement, {"gone": id}).close()
        )
        await self._shelf.drop(id)

    async def sweep_strays(self, turn: int) -> None:
        """Takes away bytes that are no file's."""
        found = await self._shelf.strays(turn, self._clock() - UNNAMED_FOR)
        known = await self._known(found) if found else set()
        for stray in set(found) - known:
            await self._shelf.drop(stray)

    async def _known(self, wanted: Collection[str]) -> set[str]:
        dialect = self._database.dialect
        statement = select(_file.id).where(among(dialect, _file.id, "ids"))
        given = {"ids": ids(dialect, wanted)}
        return await self._database.read(
            lambda connection: set(connection.execute(statement, given).scalars())
        )


def _total(connection: Connection) -> int:
    return int(connection.execute(_TOTAL).scalar_one())


class Looked:
    """A file on its way in: what it is and how long, known once all of it has passed."""

    def __init__(self, chunks: AsyncIterable[bytes], name: str, largest: int) -> None:
        self._chunks = chunks
        self._name = name
        self._largest = largest
        self._head = b""
        self.size = 0
        self.mime = ""

    async def whole(self) -> AsyncIterator[bytes]:
        """The same bytes. Raises Refused."""
        async for chunk in self._chunks:
            self.size += len(chunk)
            if self.size > self._largest:
                raise Refused("file_too_large")
            self._look(chunk)
            yield chunk
        if not self.size:
            raise Refused("file_empty")
        self._judge()

    def _look(self, chunk: bytes) -> None:
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
            if len(self._head) == HEAD:
                self._judge()

    def _judge(self) -> None:
        try:
            self.mime = judge(self._head, self._name)
        except Danger as error:
            raise Refused("file_type") from error


class FileSweep:
    """Implements `bridge.ports.Runs`: looks again and again for what nobody needs."""

    def __init__(self, files: SqlFiles, every: float = EVERY) -> None:
        self._files = files
        self._every = every
        self._background = Background()

    async def start(self) -> None:
        self._background.start("file-sweep", self._run())

    async def close(self) -> None:
        await self._background.close()

    async def _run(self) -> None:
        turn, after = 0, ""
        while True:
            await asyncio.sleep(self._every)
            try:
                after = await self._files.sweep(after)
                await self._files.sweep_strays(turn)
            except (StoreError, OSError) as error:
                log.warning("files_not_swept", error=type(error).__name__)
            turn += 1
