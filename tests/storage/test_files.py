"""Files that are kept: whole or not at all, on both databases and in both places."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.commands import AgentDeleted, AgentSaid, ToMessage, UserSaid
from bridge.errors import Refused, StoreUnavailable
from bridge.filing import Filed
from bridge.model import SECOND, Attachment
from storage.files import UNNAMED_FOR, FileSweep, Limits, SqlFiles
from storage.shelves import PIECE, FolderShelf, Shelf, TableShelf, pieces
from tests.bridge.driver import ANA, CNV, SAM
from tests.storage.stored import THREAD, Stored, stored
from tests.waiting import until

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
HOUR = 3_600 * SECOND


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url) as made:
        yield made


@pytest.fixture
def shelf(desk: Stored, tmp_path: Path) -> Shelf:
    """As it is where nothing is set."""
    sqlite = desk.database.dialect == "sqlite"
    return FolderShelf(tmp_path / "kept") if sqlite else TableShelf(desk.database)


@pytest.fixture
def files(desk: Stored, shelf: Shelf) -> SqlFiles:
    limits = Limits(room=2_000_000, keep_for=90 * 24 * HOUR, largest=1_000_000)
    return SqlFiles(desk.database, shelf, desk.clock, limits)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def cut_off(part: bytes) -> AsyncIterator[bytes]:
    yield part
    raise ConnectionResetError


async def keeps(files: SqlFiles, *parts: bytes, name: str = "a.png") -> Attachment:
    return await files.keep(CNV, name, chunks(*parts))


async def content(files: SqlFiles, file: Attachment) -> bytes:
    filed = await files.find(file.ref)
    assert filed
    return b"".join([chunk async for chunk in files.read(filed)])


async def what_is_left(desk: Stored, tmp_path: Path) -> int:
    """Files and pieces of files, wherever."""
    kept = [name for _, _, names in os.walk(tmp_path / "kept") for name in names]
    return len(kept) + len(await desk.rows("file_chunk")) + len(await desk.rows("file"))


async def test_a_file_is_kept_with_what_it_is_and_read_as_it_came(files: SqlFiles) -> None:
    long = PNG + os.urandom(2 * PIECE)
    kept = await keeps(files, long[:5], long[5:70_000], b"", long[70_000:], name="../b.gif")
    assert (kept.name, kept.mime, kept.size) == ("b.gif.png", "image/png", len(long))
    assert kept.ref.startswith("fil_")
    assert await content(files, kept) == long
    other = await keeps(files, b"hello", name="a.txt")
    assert other.ref != kept.ref
    assert await content(files, other) == b"hello"
    for unknown in ("fil_0", "slack:F1", ""):
        assert await files.find(unknown) is None


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((PNG, b"x" * 1_000_000), "file_too_large"),
        ((b"M", b"Z"), "file_type"),
        ((b"MZ" + b"x" * 5_000, b"y" * 900_000), "file_type"),
        ((b"", b""), "file_empty"),
        ((), "file_empty"),
    ],
)
async def test_of_what_is_refused_nothing_is_left(
    files: SqlFiles, desk: Stored, tmp_path: Path, parts: tuple[bytes, ...], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        await keeps(files, *parts)
    assert await what_is_left(desk, tmp_path) == 0


async def test_of_what_does_not_come_whole_nothing_is_left(
    files: SqlFiles, desk: Stored, tmp_path: Path
) -> None:
    with pytest.raises(ConnectionResetError):
        await files.keep(CNV, "a", cut_off(PNG * 4_000))
    assert await what_is_left(desk, tmp_path) == 0


async def test_when_the_room_is_full_no_more_is_taken(files: SqlFiles) -> None:
    for _ in range(3):
        await keeps(files, PNG + b"x" * 700_000)
    with pytest.raises(Refused, match="no_room"):
        await keeps(files, b"x")


# --- who may see it, and for how long ------------------------------------------------------------


async def shown(desk: Stored, files: SqlFiles, kept: Attachment) -> bool:
    filed = await files.find(kept.ref)
    assert filed
    return await files.is_shown(filed)


async def test_a_file_is_shown_while_a_message_names_it_that_its_user_sees(
    desk: Stored, files: SqlFiles
) -> None:
    await desk.hands_over()
    kept = await keeps(files, PNG)
    assert not await shown(desk, files, kept)
    await desk.do(UserSaid("k1", desk.clock.now, SAM, "look", attachments=(kept,)))
    assert await shown(desk, files, kept)
    held = await keeps(files, PNG)
    said = AgentSaid("k2", desk.clock.now, THREAD, ANA, "!what", "s2", "1.2", files=1,
                     attachments=(held,))  # fmt: skip
    await desk.do(said)
    assert not await shown(desk, files, held)


async def test_what_no_message_names_for_an_hour_is_swept_and_all_else_stays(
    desk: Stored, files: SqlFiles
) -> None:
    orphan, named = await keeps(files, PNG), await keeps(files, PNG)
    await desk.do(UserSaid("k1", desk.clock.now, SAM, "look", attachments=(named,)))
    await files.sweep("")
    assert await content(files, orphan) == PNG
    desk.clock.move(UNNAMED_FOR / SECOND + 1)
    young = await keeps(files, PNG)
    await files.sweep("")
    assert await files.find(orphan.ref) is None
    assert await content(files, named) == await content(files, young) == PNG
    gone = Filed(orphan.ref, CNV, "a", "image/png", 1)
    with pytest.raises(Refused, match="file_gone"):
        _ = [chunk async for chunk in files.read(gone)]


async def test_what_was_taken_back_or_is_too_old_is_swept(desk: Stored, files: SqlFiles) -> None:
    await desk.hands_over()
    taken_back, old = await keeps(files, PNG), await keeps(files, PNG)
    said = AgentSaid("k1", desk.clock.now, THREAD, ANA, "look", "s1", "1.2", files=1,
                     attachments=(taken_back,))  # fmt: skip
    await desk.do(said, UserSaid("k2", desk.clock.now, SAM, "and", attachments=(old,)))
    await desk.do(AgentDeleted("k3", desk.clock.now, ToMessage(source="s1")))
    desk.clock.move(2 * 3_600)
    await files.sweep("")
    assert [await files.find(each.ref) is None for each in (taken_back, old)] == [True, False]
    desk.clock.move(90 * 24 * 3_600)
    await files.sweep("")
    assert await files.find(old.ref) is None


async def test_bytes_without_a_file_are_swept_once_they_are_old(
    desk: Stored, shelf: Shelf, files: SqlFiles, tmp_path: Path
) -> None:
    kept = await keeps(files, PNG)
    await shelf.put("fil_ab12", chunks(PNG), desk.clock.now)
    half = tmp_path / "kept" / "ab" / "fil_ab34.part"
    if isinstance(shelf, FolderShelf):
        half.write_bytes(b"half")
    before = await what_is_left(desk, tmp_path)
    _age(tmp_path, desk.clock.now)
    places = (0xAB, int(kept.ref[4:6], 16))
    for turn in places:
        await files.sweep_strays(turn)
    assert await what_is_left(desk, tmp_path) == before
    desk.clock.move(UNNAMED_FOR / SECOND + 1)
    for turn in places:
        await files.sweep_strays(turn)
    assert not half.exists()
    with pytest.raises(Refused):
        _ = [chunk async for chunk in shelf.read("fil_ab12")]
    assert await content(files, kept) == PNG


def _age(folder: Path, now: int) -> None:
    """The file system's clock is not the test's."""
    for place, _, names in os.walk(folder / "kept"):
        for name in names:
            os.utime(Path(place) / name, (now / SECOND, now / SECOND))


async def test_the_sweep_goes_on_where_it_was_and_begins_again(
    desk: Stored, files: SqlFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.files.BATCH", 2)
    for _ in range(3):
        await keeps(files, PNG)
    desk.clock.move(2 * 3_600)
    after = await files.sweep("")
    assert (len(await desk.rows("file")), bool(after)) == (1, True)
    assert await files.sweep(after) == ""
    assert await desk.rows("file") == []


async def _none(desk: Stored, table: str) -> bool:
    return not await desk.rows(table)


async def test_the_sweeper_outlives_what_goes_wrong(
    desk: Stored, files: SqlFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeps(files, PNG)
    desk.clock.move(2 * 3_600)
    moods = [StoreUnavailable("away")]
    whole = files.sweep

    async def sweep(after: str) -> str:
        if moods:
            raise moods.pop()
        return await whole(after)

    monkeypatch.setattr(files, "sweep", sweep)
    sweeper = FileSweep(files, every=0.001)
    await sweeper.start()
    await until(lambda: _none(desk, "file"))
    await sweeper.close()
    assert not moods
    await FileSweep(files).close()


async def test_a_folder_that_cannot_be_written_is_an_unavailable_store(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    shelf = FolderShelf(tmp_path / "taken")
    with pytest.raises(StoreUnavailable):
        await shelf.put("fil_ab", chunks(PNG), 1)
    with pytest.raises(StoreUnavailable):
        _ = [chunk async for chunk in shelf.read("fil_ab")]


@given(st.lists(st.binary(max_size=12), max_size=8), st.integers(1, 7))
async def test_pieces_are_the_same_bytes_in_one_size(parts: list[bytes], size: int) -> None:
    found = [piece async for piece in pieces(chunks(*parts), size)]
    assert b"".join(found) == b"".join(parts)
    assert all(len(piece) == size for piece in found[:-1])
    assert all(0 < len(piece) <= size for piece in found)
