"""Uploads and downloads of visitors over the webchat's routes, in front of the real bridge."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.webchat.attachments import read_ids
from bridge.commands import AgentDeleted, AgentSaid, ToMessage
from bridge.errors import BadRequest
from bridge.model import Attachment
from tests.bridge.running import ANA, Running, Visitor, configured, in_file, running, with_bot

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100_000


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(database_url, tmp_path, **with_bot())) as made:
        yield made


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as made:
        yield made


async def upload(visitor: Visitor, name: str = "a.png", content: bytes = PNG) -> httpx.Response:
    form = {"file": (name, content)}
    return await visitor.client.post("/webchat/files", files=form, headers=visitor.headers)


async def post(visitor: Visitor, **body: Any) -> httpx.Response:
    return await visitor.client.post("/webchat/messages", json=body, headers=visitor.headers)


async def read(visitor: Visitor, id: str) -> httpx.Response:
    return await visitor.client.get(f"/webchat/files/{id}", headers=visitor.headers)


async def test_a_file_is_there_for_who_sent_it_once_a_message_names_it(desk: Running) -> None:
    sam, eve = await desk.visitor(), await desk.visitor()
    answer = await upload(sam, "../my photo.gif")
    kept = answer.json()
    assert answer.status_code == 201
    assert kept == {
        "id": kept["id"],
        "name": "my photo.gif.png",
        "mime": "image/png",
        "size": len(PNG),
        "url": f"/webchat/files/{kept['id']}",
    }
    assert (await read(sam, kept["id"])).status_code == 404  # nobody has said anything yet
    stolen = await post(eve, client_id="1", text="x", attachments=[kept["id"]])
    assert (stolen.status_code, list(stolen.json()["error"]["fields"])) == (422, ["attachments"])
    said = [await post(sam, client_id="1", attachments=[kept["id"]]) for _ in range(2)]
    assert [each.status_code for each in said] == [202, 202]
    assert said[0].json() == said[1].json()
    other = await post(sam, client_id="1", text="x", attachments=[kept["id"]])
    assert other.status_code == 409
    (message,) = (await sam.read())["messages"]
    assert (message["text"], message["attachments"]) == ("", [kept])
    shown = await read(sam, kept["id"])
    assert (shown.status_code, shown.content) == (200, PNG)
    assert shown.headers["content-disposition"].startswith("attachment;")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert (await read(eve, kept["id"])).status_code == 404
    assert (await read(sam, "fil_0")).status_code == 404
    nobody = await sam.client.get(f"/webchat/files/{kept['id']}")
    assert nobody.status_code == 401


async def test_a_file_that_an_agent_took_back_is_there_no_more(desk: Running) -> None:
    sam = await desk.visitor()
    await sam.say("hello")
    thread = await desk.thread(await desk.hand_over(sam.conversation))
    kept = [(await upload(sam, name)).json() for name in ("a.png", "b.png")]
    files = tuple(Attachment(each["name"], each["mime"], each["size"], each["id"]) for each in kept)
    now = time.time_ns() // 1_000  # said long ago, the conversation would be idle
    said = AgentSaid("s1", now, thread, ANA, "Here", "s1", "1", files=2, attachments=files)
    await desk.do(said)
    assert (await sam.read())["messages"][-1]["attachments"] == kept
    await desk.do(AgentDeleted("d1", now, ToMessage(source="s1"), (0,)))
    shown = (await sam.read())["messages"][-1]
    assert (shown["text"], shown["attachments"]) == ("Here", kept[1:])
    assert [(await read(sam, each["id"])).status_code for each in kept] == [404, 200]


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", b"MZ", 415, "file_type"),
        ("a.txt", b"", 422, "file_empty"),
        ("a.bin", bytes(25 * 1024 * 1024 + 1), 413, "too_large"),
        ("a.bin", bytes(26 * 1024 * 1024), 413, "too_large"),
    ],
)
async def test_what_is_not_taken_is_refused_with_the_reason(
    chat: Running, name: str, content: bytes, status: int, code: str
) -> None:
    answer = await upload(await chat.visitor(), name, content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_what_is_no_form_with_a_file_is_refused(chat: Running) -> None:
    sam = await chat.visitor()

    async def send(**body: Any) -> int:
        answer = await sam.client.post("/webchat/files", headers=sam.headers, **body)
        return answer.status_code

    assert await send(json={"file": "x"}) == 415
    assert await send(content=PNG) == 415
    assert await send(data={"file": "words"}, files={"other": ("", b"")}) == 422
    assert await send(files=[("file", ("a", b"a")), ("file", ("b", b"b"))]) == 400
    broken = {**sam.headers, "content-type": "multipart/form-data; boundary=x"}
    answer = await sam.client.post("/webchat/files", headers=broken, content=b"--y\r\n")
    assert answer.status_code in (400, 422)
    nobody = await sam.client.post("/webchat/files", files={"file": ("a", b"a")})
    assert nobody.status_code == 401


async def test_five_files_in_ten_minutes_and_no_more(chat: Running) -> None:
    sam = await chat.visitor()
    answers = [await upload(sam, "a.txt", b"a") for _ in range(6)]
    assert [each.status_code for each in answers] == [201] * 5 + [429]
    assert int(answers[5].headers["retry-after"]) > 60
    assert (await upload(await chat.visitor(), "a.txt", b"a")).status_code == 201


async def test_a_full_room_is_said_to_be_full(tmp_path: Path) -> None:
    small = configured(in_file(tmp_path), tmp_path, "[files]\nroom = 0.0000001\n")
    async with running(small) as made:
        sam = await made.visitor()
        assert (await upload(sam)).status_code == 201
        full = await upload(sam)
        assert (full.status_code, full.json()["error"]["code"]) == (503, "no_room")


@pytest.mark.parametrize(
    "wrong", ["fil_1", {"a": 1}, [1], [None], ["a", "a"], [str(n) for n in range(11)]]
)
def test_what_is_no_list_of_ids_is_refused(wrong: object) -> None:
    with pytest.raises(BadRequest) as refused:
        read_ids(wrong)
    assert list(refused.value.fields) == ["attachments"]


def test_no_files_are_no_files() -> None:
    assert read_ids(None) == read_ids([]) == ()
