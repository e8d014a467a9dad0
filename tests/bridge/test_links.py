"""Signed links to files: for some minutes, for one conversation's file, from our keys alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bridge.downloads import routes
from bridge.errors import Refused
from bridge.filing import Filed, NoFiles
from bridge.links import GOOD_FOR, Links
from bridge.model import SECOND, Attachment, ConversationId
from bridge.web import application

NOW = 1_763_700_000 * SECOND
CNV = ConversationId("cnv_1")
KEYS = [b"n" * 32, b"o" * 32]
FILED = Filed("fil_1", CNV, "a b ü.png", "image/png", 4, NOW)


def parts(link: str) -> tuple[str, str]:
    query = parse_qs(urlsplit(link).query)
    return query["expires"][0], query["signature"][0]


def link(keys: list[bytes] = KEYS, now: int = NOW, of: str = CNV) -> tuple[str, str]:
    made = Links(keys, "https://desk.example/").to(ConversationId(of), FILED.as_attachment(), now)
    assert made.startswith("https://desk.example/files/fil_1?")
    return parts(made)


def test_a_link_is_good_for_ten_minutes_by_any_of_the_keys() -> None:
    links = Links(KEYS, "https://desk.example")
    for keys in (KEYS, KEYS[1:]):
        expires, signature = link(keys)
        assert links.admits(FILED, expires, signature, NOW + GOOD_FOR - SECOND)
        assert not links.admits(FILED, expires, signature, NOW + GOOD_FOR)


def test_a_link_of_another_conversation_key_or_time_is_none() -> None:
    links = Links(KEYS, "https://desk.example")
    expires, signature = link()
    later = str(int(expires) + 1)
    wrong = [link([b"x" * 32]), link(of="cnv_2"), (later, signature), (expires, "é"), (expires, "")]
    wrong += [("", signature), ("²", signature), ("9" * 30, signature), ("-1", signature)]
    assert not [each for each in wrong if links.admits(FILED, *each, NOW)]


def test_what_is_not_here_has_no_link() -> None:
    away = Attachment("a", "image/png", 1, "slack:F1")
    assert Links(KEYS, "https://desk.example").to(CNV, away, NOW) == ""


class OneFile(NoFiles):
    """Knows one, and where its bytes are."""

    def __init__(self, filed: Filed = FILED, *chunks: bytes) -> None:
        self.filed, self.chunks = filed, chunks

    async def find(self, id: str) -> Filed | None:
        return self.filed if id == self.filed.id else None

    async def _read(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk

    def read(self, file: Filed) -> AsyncIterator[bytes]:
        return self._read() if self.chunks else super().read(file)


async def get(files: OneFile, path: str) -> httpx.Response:
    app = application(routes(files, Links(KEYS, "https://desk.example"), lambda: NOW))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as web:
        return await web.get(path)


def path(id: str = "fil_1") -> str:
    expires, signature = link()
    return f"/files/{id}?expires={expires}&signature={signature}"


async def test_a_file_is_saved_and_never_shown() -> None:
    reply = await get(OneFile(FILED, b"ab", b"cd"), path())
    assert (reply.status_code, reply.content) == (200, b"abcd")
    assert reply.headers["content-type"] == "image/png"
    named = "attachment; filename*=UTF-8''a%20b%20%C3%BC.png"
    assert reply.headers["content-disposition"] == named
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert reply.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/zip"])
async def test_what_could_hold_a_script_is_only_bytes(mime: str) -> None:
    filed = Filed("fil_1", CNV, "a", mime, 1, NOW)
    reply = await get(OneFile(filed, b"x"), path())
    assert reply.headers["content-type"] == "application/octet-stream"


async def test_where_nothing_is_kept_nothing_is_found() -> None:
    none, file = NoFiles(), FILED
    assert await none.find(file.id) is None
    assert not await none.is_shown(file)
    with pytest.raises(Refused, match="no_room"):
        await none.keep(CNV, "a", OneFile(FILED, b"x").read(FILED))
    with pytest.raises(Refused, match="file_gone"):
        none.read(file)


async def test_whatever_is_wrong_is_404() -> None:
    there = OneFile(FILED, b"ab", b"cd")
    for wrong in ("/files/fil_1", path("fil_2"), f"{path()}0"):
        assert (await get(there, wrong)).status_code == 404
    assert (await get(OneFile(FILED), path())).status_code == 404
