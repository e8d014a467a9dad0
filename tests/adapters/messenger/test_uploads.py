"""Agents' files on their way to Messenger: brought there by stream, sent by name, found again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from adapters.messenger.uploads import Form
from bridge.errors import Broken, Paced, Refused, Retry
from bridge.model import SECOND, Attachment
from bridge.ports import Outgoing, Receipt
from sandbox.graph.model import Upload
from tests.adapters.messenger.things import (
    ANA,
    CONFIG,
    CONVERSATION,
    KEY,
    MSG,
    NOW,
    PAGE,
    PSID,
    World,
    outgoing,
    world,
)

BYTES = b"\x89PNG" + bytes(range(256)) * 9


@pytest.fixture
async def page() -> AsyncIterator[World]:
    async with world() as made:
        yield made


def a_file(mime: str = "image/png", name: str = 'my "own" پیک.png', size: int = 0) -> Attachment:
    return Attachment(name, mime, size or len(BYTES), f"fil_{mime}")


async def read() -> AsyncIterator[bytes]:
    for start in range(0, len(BYTES), 1_000):
        yield BYTES[start : start + 1_000]


async def send(page: World, file: Attachment) -> Any:
    upload = await page.channel.upload(CONVERSATION, file, read)
    out = with_file(file, upload)
    receipt = await page.channel.send(CONVERSATION, out, KEY)
    message = page.meta.world.messages[-1]
    assert receipt == Receipt(("messenger", PAGE, message.mid))
    return message


def is_whole(upload: Upload) -> bool:
    """Told apart from the comparison, of which a failing test would make a long story."""
    return upload.content == BYTES


def with_file(file: Attachment, upload: str = "") -> Outgoing:
    return replace(outgoing(""), file=file, upload=upload)


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/png", "image"),
        ("image/webp", "file"),
        ("audio/ogg", "audio"),
        ("video/mp4", "video"),
        ("application/pdf", "file"),
    ],
)
async def test_a_file_arrives_whole_under_the_agents_face_and_our_key(
    page: World, mime: str, kind: str
) -> None:
    said = await send(page, a_file(mime))
    [kept] = page.meta.world.uploads.values()
    assert (is_whole(kept), kept.mime, kept.kind) == (True, mime, kind)
    assert kept.name == "my %22own%22 پیک.png"
    assert said.attachments[0]["type"] == kind
    assert (said.text, said.metadata) == ("", KEY)
    assert page.meta.world.personas[said.persona]["name"] == ANA.name
    await page.idle()
    assert {sign["action"] for sign in page.meta.world.signs} == {"typing_on", "mark_seen"}


async def test_a_send_that_is_tried_again_uploads_nothing_again(page: World) -> None:
    for _ in range(2):
        await send(page, a_file())
    assert len(page.meta.world.uploads) == 1
    page.meta.world.uploads.clear()
    with pytest.raises(Refused, match="bad_attachment"):
        await send(page, a_file())
    await send(page, a_file())  # with a new name


async def test_what_meta_does_not_keep_is_refused(
    page: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    with pytest.raises(Refused, match="bad_attachment"):
        await page.channel.upload(CONVERSATION, replace(a_file(), size=0), nothing)
    monkeypatch.setattr("sandbox.graph.judge.MAX_BYTES", len(BYTES) - 1)
    with pytest.raises(Refused, match="bad_attachment"):
        await page.channel.upload(CONVERSATION, a_file(), read)


async def test_an_upload_whose_answer_is_lost_is_made_again_and_nobody_is_asked(
    page: World,
) -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    page.channel._graph._session = httpx.AsyncClient(transport=httpx.MockTransport(lost))
    with pytest.raises(Retry, match="no_answer"):
        await page.channel.upload(CONVERSATION, a_file(), read)
    nameless = httpx.MockTransport(lambda _: httpx.Response(200, json={}))
    page.channel._graph._session = httpx.AsyncClient(transport=nameless)
    with pytest.raises(Retry, match="no_attachment_id"):
        await page.channel.upload(CONVERSATION, a_file(), read)


async def test_the_bytes_are_read_anew_for_the_next_token() -> None:
    async with world(tokens={PAGE: ("of yesterday", *CONFIG.tokens[PAGE])}) as page:
        await send(page, a_file())
        [kept] = page.meta.world.uploads.values()
        assert is_whole(kept)
        page.meta.world.revoked = True
        with pytest.raises(Broken, match="token_refused"):
            await page.channel.upload(CONVERSATION, a_file("image/gif"), read)


async def test_sounds_and_videos_have_a_slower_pace_of_their_own(page: World) -> None:
    for _ in range(8):
        await send(page, a_file("audio/ogg"))
    with pytest.raises(Paced):
        await send(page, a_file("audio/ogg"))
    await send(page, a_file("image/png"))


async def test_a_lost_send_of_a_file_is_found_by_its_kind_and_its_time(page: World) -> None:
    await page.channel.send(CONVERSATION, outgoing("image"), KEY)
    sent = await send(page, a_file())
    page.clock.now += 61 * SECOND
    where = Receipt(("messenger", PAGE, sent.mid))
    for mime, found in (("image/gif", where), ("video/mp4", None)):
        out = with_file(a_file(mime))
        looked = await page.channel.find(CONVERSATION, out, KEY, NOW, NOW)
        assert looked == found
    page.meta.world.say(PSID, "", by_page=True)
    page.reads.known = {sent.mid}
    assert await page.channel.find(CONVERSATION, with_file(a_file()), KEY, NOW, NOW) is None


async def test_a_forms_length_is_told_before_its_bytes_are_read() -> None:
    form = Form(a_file(), read, boundary="b")
    whole = b"".join([chunk async for chunk in form.stream()])
    assert int(form.headers["Content-Length"]) == len(whole)
    assert MSG not in whole.decode("latin-1")


async def test_an_upload_is_waited_for_while_meta_looks_at_it_and_nothing_else_is(
    page: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, waits = page.channel._graph.session(), {}
    sent = session.send

    async def seen(request: httpx.Request, **more: Any) -> httpx.Response:
        waits[request.url.path.rpartition("/")[2]] = request.extensions["timeout"]
        return await sent(request, **more)

    monkeypatch.setattr(session, "send", seen)
    await send(page, a_file("video/mp4"))
    assert waits["message_attachments"]["read"] > 75
    assert waits["message_attachments"]["write"] == waits["messages"]["read"] == CONFIG.timeout
