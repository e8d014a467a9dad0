"""A customer at a terminal, before the whole product: words in, lines out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest

from adapters import console
from bridge.commands import AgentDeleted, AgentEdited, ToMessage
from bridge.model import conversation_id
from tests.bridge.running import ANA, Json, Running, configured, in_file, running

TOKEN = "token-of-these-tests-with-more-than-32-characters"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
HERE = conversation_id("default", "console", "sam")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Running]:
    """Without a bot: the first word opens a handoff."""
    settings = configured(in_file(tmp_path), tmp_path, CONSOLE_TOKEN=TOKEN)
    async with running(settings, channels={"console": console.channel}) as made:
        yield made


async def say(desk: Running, text: str, **headers: str) -> httpx.Response:
    sent = {**BEARER, **headers}
    return await desk.client.post("/console/sam", content=text.encode(), headers=sent)


async def lines(desk: Running, **query: str) -> list[Json]:
    told = await desk.client.get("/console/sam", params=query, headers=BEARER)
    assert told.status_code == 200, told.text
    return [orjson.loads(line) for line in told.text.splitlines()]


async def test_a_conversation_at_the_terminal(desk: Running) -> None:
    first = await say(desk, "Where is it?\n", **{"Idempotency-Key": "1"})
    again = await say(desk, "Where is it?\n", **{"Idempotency-Key": "1"})
    assert (first.status_code, again.json()) == (202, first.json())
    other = await say(desk, "Hello?", **{"Idempotency-Key": "1"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_reused")
    begun = await lines(desk)
    assert [line["text"] for line in begun if line["role"] == "user"] == ["Where is it?"]
    asked = asyncio.create_task(lines(desk, after=str(begun[-1]["rev"]), wait="25"))
    shown = (await desk.api("GET", f"/conversations/{HERE}")).json()
    assert shown["user"]["name"] == "sam"
    source = await desk.agent_says(shown["handoff_id"], "On its way")
    assert (await asked)[0]["role"] in {"agent", "system"}
    to = ToMessage(source=source)
    await desk.do(AgentEdited(desk.key(), 1, to, ANA, "On its way, Sam", "2"))
    said = (await lines(desk))[-1]
    assert (said["name"], said["text"], said["edited"]) == ("Ana", "On its way, Sam", True)
    await desk.do(AgentDeleted(desk.key(), 2, to))
    assert [(line["text"], line["deleted"]) for line in await lines(desk)][-1] == ("", True)


async def test_only_who_has_the_token_is_heard_and_only_words_are(desk: Running) -> None:
    for token in (b"", b"Bearer none", b"Bearer \xff"):
        told = await desk.client.get("/console/sam", headers=[(b"Authorization", token)])
        assert told.status_code == 401
    for text in ("  \n", "x" * 10_001):
        told = await say(desk, text)
        assert (told.status_code, list(told.json()["error"]["fields"])) == (422, ["body"])
    for query in ({"after": "x"}, {"wait": "nan"}, {"wait": "-1"}):
        told = await desk.client.get("/console/sam", params=query, headers=BEARER)
        assert (told.status_code, list(told.json()["error"]["fields"])) == (422, list(query))


async def test_who_waits_is_let_go_when_the_process_stops(desk: Running) -> None:
    desk.process.drain()
    assert await lines(desk, wait="25") == []


async def test_without_a_token_there_is_no_console(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path)
    async with running(settings, channels={"console": console.channel}) as desk:
        assert (await desk.client.get("/console/sam", headers=BEARER)).status_code == 404
