"""The shop's assistant knows orders, hands over, and remembers what the human said."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.bot import BotConfig, create_bot
from tests.sandbox.support import Inbox, serving

Json = dict[str, Any]
SECRET = "whsec_c2FuZGJveC1ib3Qtc2VjcmV0LXNhbmRib3g="


class Talk:
    """The product's side of one conversation with the bot."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._count = 0

    async def deliver(self, kind: str, data: Json, webhook_id: str = "") -> Json:
        self._count += 1
        body = json.dumps({"type": kind, "timestamp": "2026-11-21T10:00:00Z", "data": data})
        name, now = webhook_id or f"msg_{self._count}", datetime.now(UTC)
        headers = {
            "webhook-id": name, "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(SECRET).sign(name, now, body),
        }  # fmt: skip
        answer = await self._client.post("/bot", content=body, headers=headers)
        assert answer.status_code == 200
        found: Json = answer.json()
        return found

    async def ask(self, text: str, locale: str = "en", webhook_id: str = "") -> Json:
        data: Json = {
            "conversation_id": "c1", "channel": "webchat", "epoch": 1,
            "user": {"id": "u1", "name": "Sam", "locale": locale},
            "message": {"id": f"m{self._count}", "text": text}, "later": "unknown fields",
        }  # fmt: skip
        return await self.deliver("message.created", data, webhook_id)

    async def text(self, text: str, locale: str = "en") -> str:
        return str((await self.ask(text, locale))["messages"][0]["text"])

    async def returned(self, *lines: Json) -> None:
        data: Json = {
            "conversation_id": "c1", "epoch": 3, "handoff_id": "h1", "outcome": "resolved",
            "reason": None, "labels": [], "agent": {"name": "Ana Torres"},
            "transcript": list(lines), "context": {},
        }  # fmt: skip
        assert await self.deliver("control.returned", data) == {}


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    app = create_bot(BotConfig(SECRET))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as client:
        yield Talk(client)


async def test_it_knows_where_an_order_is(talk: Talk) -> None:
    assert "two days" in await talk.text("Where is order 1009?")
    assert "cannot find order 4711" in await talk.text("and 4711?")


@pytest.mark.parametrize(
    ("text", "locale", "part"),
    [
        ("When are you open?", "en", "Monday to Saturday"),
        ("I want to return my boots", "en", "30 days"),
        ("Hello!", "en", "where an order is"),
        ("thanks", "en", "welcome"),
        ("Where is my parcel?", "en", "Which order"),
        ("Où est ma commande 1010 ?", "fr", "demain"),
        ("Wo ist Bestellung 1012?", "en", "vier Tage"),
        ("¿Dónde está el pedido 1007?", "es", "doce días"),
    ],
)
async def test_it_answers_in_the_persons_language(
    talk: Talk, text: str, locale: str, part: str
) -> None:
    assert part in await talk.text(text, locale)


@pytest.mark.parametrize(
    "text",
    [
        "I want a human", "Can I talk to a person?", "customer service please",
        "Je veux parler à un humain", "Ich möchte mit einem Menschen sprechen",
        "mit einem Mitarbeiter bitte", "Quiero hablar con una persona", "un agente, por favor",
    ],
)  # fmt: skip
async def test_it_hands_over_when_asked_for_a_human(talk: Talk, text: str) -> None:
    await talk.ask("Where is order 1009?")
    answer = await talk.ask(text)
    assert answer["messages"] == []
    assert answer["handoff"]["title"] == "Where is order 1009?"
    assert answer["handoff"]["reason"]["code"] == "requested"
    assert answer["handoff"]["context"] == {"order": "1009"}


async def test_it_hands_over_when_it_failed_twice_in_a_row(talk: Talk) -> None:
    assert "not sure" in await talk.text("qwertz")
    await talk.text("hello")
    assert "not sure" in await talk.text("asdf")
    answer = await talk.ask("yxcv")
    assert answer["handoff"]["reason"]["code"] == "bot_failed"


async def test_it_knows_once_what_the_human_said(talk: Talk) -> None:
    await talk.returned(
        {"role": "user", "text": "well?"},
        {"role": "agent", "text": "It arrives on Monday.", "author": {"name": "Ana Torres"}},
        {"role": "user", "text": "thanks"},
    )
    answer = await talk.text("Where is order 1009?")
    assert answer.startswith("Ana told you: “It arrives on Monday.”")
    assert "courier" in answer
    assert "Ana" not in await talk.text("Where is order 1009?")


async def test_a_human_who_said_nothing_is_not_quoted(talk: Talk) -> None:
    await talk.returned({"role": "user", "text": "well?"})
    assert "told you" not in await talk.text("Where is order 1009?")


async def test_the_same_webhook_gets_the_same_answer(talk: Talk) -> None:
    first = await talk.ask("qwertz", webhook_id="msg_same")
    assert await talk.ask("qwertz", webhook_id="msg_same") == first


async def test_what_is_not_signed_is_refused() -> None:
    transport = httpx.ASGITransport(create_bot(BotConfig(SECRET)))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as client:
        assert (await client.post("/bot", content="{}")).status_code == 401


async def test_other_events_are_taken_without_a_word(talk: Talk) -> None:
    assert await talk.deliver("handoff.assigned", {"conversation_id": "c1"}) == {}


async def test_a_slow_answer_is_said_later_over_the_api() -> None:
    said = Inbox()

    async def messages(request: Request) -> Response:
        path = request.path_params["conversation"]
        body = await request.json()
        await said.add({**body, "conversation": path, **request.headers})
        return JSONResponse({}, 202)

    product = Starlette(
        routes=[Route("/v1/conversations/{conversation}/messages", messages, methods=["POST"])]
    )
    async with serving(product) as base:
        app = create_bot(BotConfig(SECRET, base, "key", slow_answer=0.0))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://b.example") as client:
            answer = await Talk(client).text("Send me the invoice of order 1009")
            later = (await said.at_least(1))[0]
        await app.state.bot.close()
    assert "One moment" in answer
    assert (later["conversation"], later["epoch"]) == ("c1", 1)
    assert later["authorization"] == "Bearer key"
    assert "e-mail" in later["text"]
