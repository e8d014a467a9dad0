"""Where the bytes of files are: in a folder, or in the database.

With SQLite they lie in a folder beside its file: a database of one file would carry every photo
through its log and its backups, and never shrink again. With PostgreSQL they are in the database,
in pieces: processes there may be on several machines that share no disk, there is nothing to set
up, and what belongs together is saved together. Who has a shared folder names it in FILES_DIR.

Neither holds more of a file in memory than one piece.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, exists, insert, select

from bridge.errors import Refused, StoreUnavailable
from bridge.model import SECOND, Micros
from storage.database import Database
from storage.tables import metadata
from storage.tables_files import FileChunkRow

T = TypeVar("T")
PIECE = 256 * 1024
"""Bytes that are read and written at once."""
FOLDERS = 256
GONE = "file_gone"


class Shelf(Protocol):
    """Keeps bytes by the ids of files. All raise StoreUnavailable."""

    async def put(self, id: str, chunks: AsyncIterable[bytes], at: Micros) -> None:
        """What is there after it returned is all of it, and on the disk."""
        ...

    def read(self, id: str) -> AsyncIterator[bytes]:
        """Raises Refused for what is not there (any more)."""
        ...

    async def drop(self, id: str) -> None:
        """It may be gone already."""
        ...

    async def strays(self, turn: int, before: Micros) -> list[str]:
        """Some ids of what was put before then, and that may be no file; `turn` counts the calls,
        and after some turns all have been told."""
        ...


class FolderShelf:
    """Files by their ids, in folders by the first letters of their random part."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, id: str) -> Path:
        return self._root / id[4:6] / id

    async def put(self, id: str, chunks: AsyncIterable[bytes], at: Micros) -> None:
        del at  # the file system notes it
        path = self._path(id)
        draft = path.with_suffix(".part")
        file = await _on_disk(_create, draft)
        try:
            async for chunk in chunks:
                await _on_disk(file.write, chunk)
            await _on_disk(_flush, file)
        finally:
            file.close()
        await _on_disk(_settle, draft, path)

    async def read(self, id: str) -> AsyncIterator[bytes]:
        file = await _on_disk(_open, self._path(id))
        if file is None:
            raise Refused(GONE)
        with file:
            while chunk := await _on_disk(file.read, PIECE):
                yield chunk

    async def drop(self, id: str) -> None:
        path = self._path(id)
        for each in (path, path.with_suffix(".part")):
            await _on_disk(_unlink, each)

    async def strays(self, turn: int, before: Micros) -> list[str]:
        folder = self._root / f"{turn % FOLDERS:02x}"
        return await _on_disk(lambda: list(_older(folder, before)))


async def _on_disk(work: Callable[..., T], *given: Any) -> T:
    """In a thread, with the disk's faults as ours; whatever the bytes come from has its own."""
    try:
        return await asyncio.to_thread(work, *given)
    except OSError as error:
        raise StoreUnavailable(f"the folder of files: {error.strerror}") from error


def _open(path: Path) -> IO[bytes] | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _unlink(path: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        path.unlink()


def _create(path: Path) -> IO[bytes]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _settle(draft: Path, path: Path) -> None:
    """The name must be on the disk too, before a row says that the file is there."""
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _older(folder: Path, before: Micros) -> Iterator[str]:
    with suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):
                if entry.stat().st_mtime * SECOND < before:
                    yield entry.name.removesuffix(".part")


_CHUNKS: Table = FileChunkRow.__table__  # type: ignore[attr-defined]
_chunk = _CHUNKS.c
_PIECE = select(_chunk.data).where(_chunk.file_id == bindparam("id"), _chunk.n == bindparam("n_"))
_DROP = delete(_CHUNKS).where(_chunk.file_id == bindparam("id"))
_file = metadata.tables["file"].c
_STRAYS = select(_chunk.file_id).where(
    _chunk.n == 0,
    _chunk.at < bindparam("before"),
    ~exists().where(_file.id == _chunk.file_id),
)


class TableShelf:
    """Files in pieces, as rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, id: str, chunks: AsyncIterable[bytes], at: Micros) -> None:
        n = 0
        async for piece in pieces(chunks):
            await self._add({"file_id": id, "n": n, "at": at, "data": piece})
            n += 1

    async def _add(self, row: dict[str, object]) -> None:
        def write(connection: Connection) -> None:
            connection.execute(insert(_CHUNKS), row)

        await self._database.write(write)

    async def read(self, id: str) -> AsyncIterator[bytes]:
        n = 0
        while (piece := await self._piece(id, n)) is not None:
            yield piece
            n += 1
        if n == 0:
            raise Refused(GONE)

    async def _piece(self, id: str, n: int) -> bytes | None:
        def read(connection: Connection) -> bytes | None:
            return connection.execute(_PIECE, {"id": id, "n_": n}).scalar()

        return await self._database.read(read)

    async def drop(self, id: str) -> None:
        await self._database.write(lambda connection: connection.execute(_DROP, {"id": id}).close())

    async def strays(self, turn: int, before: Micros) -> list[str]:
        del turn  # the database finds them all

        def read(connection: Connection) -> list[str]:
            return list(connection.execute(_STRAYS.limit(100), {"before": before}).scalars())

        return await self._database.read(read)


async def pieces(chunks: AsyncIterable[bytes], size: int = PIECE) -> AsyncIterator[bytes]:
    """The same bytes in pieces of one size, but the last."""
    rest = b""
    async for chunk in chunks:
        rest += chunk
        while len(rest) >= size:
            yield rest[:size]
            rest = rest[size:]
    if rest:
        yield rest
