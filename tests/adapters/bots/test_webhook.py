"""A bot behind a URL: signed calls, and what its answers mean."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import respx
from standardwebhooks.webhooks import Webhook

from adapters.bots import webhook
from adapters.bots.webhook import MAX_ANSWER, WebhookBot
from bridge.commands import Reply
from bridge.errors import Refused, Retry
from bridge.model import SECOND, Button
from bridge.ports import BotCall, BotReply, Deps
from tests.bridge.running import BOT_SECRET, configured, in_file, with_bot

URL = "https://bot.example/hook"
NOW = 1_763_700_000 * SECOND
CALL = BotCall("msg_1", "message.created", {"type": "message.created", "data": {"text": "é🙂"}})


@pytest.fixture
async def bot() -> AsyncIterator[WebhookBot]:
    made = WebhookBot("default", URL, BOT_SECRET, 1.0, lambda: NOW)
    await made.start()
    yield made
    await made.close()
    await made.close()


@pytest.fixture
def there() -> Iterator[respx.Route]:
    with respx.mock() as mock:
        yield mock.post(URL)


async def test_a_call_is_signed_over_its_very_bytes(bot: WebhookBot, there: respx.Route) -> None:
    there.respond(200, json={})
    await bot.call(CALL)
    request = there.calls.last.request
    headers = request.headers
    assert orjson.loads(request.content) == CALL.body
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", "1763700000")
    assert headers["content-type"] == "application/json"
    at = datetime.fromtimestamp(NOW // SECOND, UTC)
    signature = Webhook(BOT_SECRET).sign("msg_1", at, request.content.decode())
    assert headers["webhook-signature"] == signature


class Dripping(httpx.AsyncByteStream):
    """An answer whose every byte comes in time, and whose end never does."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b" "


async def test_an_answer_that_drips_is_too_slow_as_a_whole(there: respx.Route) -> None:
    there.mock(return_value=httpx.Response(200, stream=Dripping()))
    bot = WebhookBot("default", URL, BOT_SECRET, 0.1, lambda: NOW)
    async with asyncio.timeout(60):
        with pytest.raises(Retry, match="bot_TimeoutError"):
            await bot.call(CALL)
    await bot.close()


async def test_the_same_call_again_has_the_same_id(bot: WebhookBot, there: respx.Route) -> None:
    there.respond(200, json={})
    for _ in range(2):
        await bot.call(CALL)
    assert {call.request.headers["webhook-id"] for call in there.calls} == {"msg_1"}


async def test_an_answer_may_hold_messages_and_a_handoff(
    bot: WebhookBot, there: respx.Route
) -> None:
    there.respond(
        200,
        json={
            "messages": [
                {"text": "Hi\x00", "buttons": [{"text": "Yes", "value": "y"}, {"text": "No"}]},
                {"text": "More", "unknown": 1},
            ],
            "handoff": {"title": "Help"},
            "epoch": 4,
        },
    )
    assert await bot.call(CALL) == BotReply(
        (Reply("Hi\ufffd", (Button("Yes", "y"), Button("No"))), Reply("More")), {"title": "Help"}, 4
    )


@pytest.mark.parametrize(
    ("answer", "silent"),
    [
        (b"", False),
        (b"  \n", False),
        (b"{}", False),
        (b'{"messages":null}', False),
        (b'{"messages":[]}', True),
    ],
)
async def test_no_message_on_purpose_is_not_no_answer(
    bot: WebhookBot, there: respx.Route, answer: bytes, silent: bool
) -> None:
    there.respond(200, content=answer)
    assert await bot.call(CALL) == BotReply(silent=silent)


async def test_an_empty_list_with_a_handoff_is_not_silence(
    bot: WebhookBot, there: respx.Route
) -> None:
    there.respond(202, json={"messages": [], "handoff": {"title": "Help"}})
    assert await bot.call(CALL) == BotReply(handoff={"title": "Help"})


@pytest.mark.parametrize(
    "answer",
    [
        b"{",
        b"[]",
        b'"ok"',
        b"<html>",
        b'{"messages":"hello"}',
        b'{"messages":[{"text":""}]}',
        b'{"messages":[{"text":"x","buttons":[{}]}]}',
        b'{"handoff":7}',
        b'{"epoch":"x"}',
    ],
)
async def test_an_answer_that_makes_no_sense_is_refused(
    bot: WebhookBot, there: respx.Route, answer: bytes
) -> None:
    there.respond(200, content=answer)
    with pytest.raises(Refused) as caught:
        await bot.call(CALL)
    assert caught.value.reason == "bot_bad_answer"


async def test_an_answer_without_end_is_refused(bot: WebhookBot, there: respx.Route) -> None:
    there.respond(200, content=b"x" * (MAX_ANSWER + 1))
    with pytest.raises(Refused) as caught:
        await bot.call(CALL)
    assert caught.value.reason == "bot_answer_too_large"


@pytest.mark.parametrize(
    ("status", "after"),
    [(500, "7"), (503, ""), (429, "30"), (408, ""), (425, "soon"), (599, "-1")],
)
async def test_a_bot_in_trouble_is_asked_again(
    bot: WebhookBot, there: respx.Route, status: int, after: str
) -> None:
    there.respond(status, headers={"Retry-After": after} if after else {})
    with pytest.raises(Retry) as caught:
        await bot.call(CALL)
    assert caught.value.reason == f"bot_http_{status}"
    assert caught.value.after == (float(after) if after.isdigit() else 0)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410])
async def test_a_bot_that_does_not_want_it_is_not_asked_again(
    bot: WebhookBot, there: respx.Route, status: int
) -> None:
    there.respond(status, headers={"Location": "https://elsewhere.example/"})
    with pytest.raises(Refused) as caught:
        await bot.call(CALL)
    assert caught.value.reason == f"bot_http_{status}"
    assert there.call_count == 1


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
async def test_a_bot_that_cannot_be_reached_is_asked_again(
    bot: WebhookBot, there: respx.Route, error: type[httpx.TransportError]
) -> None:
    there.mock(side_effect=error("secret detail"))
    with pytest.raises(Retry) as caught:
        await bot.call(CALL)
    assert caught.value.reason == f"bot_{error.__name__}"


async def test_a_bot_that_was_not_started_can_be_called(there: respx.Route) -> None:
    there.respond(200, json={})
    bot = WebhookBot("default", URL, BOT_SECRET, 1.0, lambda: NOW)
    assert await bot.call(CALL) == BotReply()
    await bot.close()


async def test_it_is_made_from_the_settings(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path, **with_bot("https://bot.example/x/"))
    none: Any = None
    made = webhook(settings.bots[0], Deps(settings, none, none, none, none, lambda: 0))
    assert made.id == "default"
