"""A desk behind Botpress' HITL interface 2.x: what an integration calls, and what it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.keys import Scope
from tests.bridge.api.test_access import made
from tests.bridge.api.test_webhooks import ALLOWED, Tool, register, tool
from tests.bridge.running import Json, Running, configured, running

__all__ = ["tool"]


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(database_url, tmp_path, ALLOWED)) as made:
        yield made


async def call(desk: Running, operation: str, status: int = 200, /, **body: Any) -> Json:
    answer = await desk.api("POST", f"/botpress/{operation}", json=body)
    assert answer.status_code == status, answer.text
    told: Json = answer.json()
    return told


async def session(desk: Running, **more: Any) -> str:
    user = (await call(desk, "createUser", name="Sam Rivera", botpressUserId="bp_1"))["userId"]
    wanted = {"userId": user, "title": "Parcel", "botpressConversationId": "conv_1", **more}
    return str((await call(desk, "startHitl", **wanted))["conversationId"])


def told(tool: Tool, kind: str) -> list[Json]:
    return [body["data"] for _, body in tool.taken if body["type"] == kind]


async def until_told(desk: Running, tool: Tool, kind: str) -> Json:
    async def look() -> bool:
        return bool(told(tool, kind))

    await desk.until(look)
    return told(tool, kind)[0]


def said(source: str, text: str) -> Json:
    return {"source": {"type": source}, "type": "text", "payload": {"text": text}}


async def test_a_session_begins_is_talked_in_and_ends_on_both_sides(
    desk: Running, tool: Tool
) -> None:
    await register(desk, tool, events=["conversation.paused"])
    history = [
        said("user", "Where is it?"),
        said("bot", "I do not know."),
        said("user", "A human!"),
    ]
    extra = {"priority": "high", "labels": ["vip"], "expiresIn": 600}
    started = await session(desk, messageHistory=history, hitlSession=extra)
    assert await session(desk) == started
    shown = (await desk.api("GET", f"/handoffs/{started}")).json()
    assert (shown["title"], shown["user"]["name"], shown["priority"], shown["labels"]) == (
        "Parcel",
        "Sam Rivera",
        "high",
        ["vip"],
    )
    person = shown["user"]["id"].partition("botpress:")[2]
    elsewhere = {"userId": person, "botpressConversationId": "conv_2"}
    assert (await call(desk, "startHitl", 409, **elsewhere))["error"]["code"] == "handoff_open"
    for _ in range(2):
        await call(
            desk,
            "messages",
            conversationId=started,
            userId=person,
            messageId="m1",
            payload={"text": "Hello?"},
        )
    await call(desk, "messages", conversationId=started, payload={"text": "( The user left. )"})
    talk = (await desk.api("GET", f"/conversations/{shown['conversation_id']}/messages")).json()
    words = [each["text"] for each in talk["messages"]]
    assert words == ["Where is it?", "I do not know.", "A human!", "Hello?"]
    await desk.agent_says(started, "Hi **Sam**")
    assigned = await until_told(desk, tool, "hitlAssigned")
    assert (assigned["conversationId"], assigned["userId"], assigned["botpressConversationId"]) == (
        started,
        "U1",
        "conv_1",
    )
    message = await until_told(desk, tool, "message.created")
    assert (message["conversationId"], message["type"], message["payload"]) == (
        started,
        "text",
        {"text": "Hi **Sam**"},
    )
    assert message["agent"]["name"] == "Ana"
    assert len(told(tool, "message.created")) == 1
    for _ in range(2):
        assert await call(desk, "stopHitl", conversationId=started) == {}
    stopped = await until_told(desk, tool, "hitlStopped")
    assert (stopped["conversationId"], stopped["status"]) == (started, "cancelled")
    late = {"conversationId": started, "userId": person, "payload": {"text": "Late"}}
    assert (await call(desk, "messages", 409, **late))["error"]["code"] == "already_ended"
    again = await session(desk, messageHistory=[said("bot", "Back with me.")])
    assert again != started
    summary = (await desk.api("GET", f"/handoffs/{again}")).json()["summary"]
    assert summary == "bot: Back with me."


async def test_the_http_bridge_has_the_same_by_its_own_names(desk: Running, tool: Tool) -> None:
    webhook = await register(desk, tool)
    await call(desk, "ping", type="ping")
    person = {
        "role": "end-user",
        "name": "Kim",
        "email": "kim@example.com",
        "replyTo": webhook["id"],
    }
    user = await call(desk, "createRemoteUser", type="createRemoteUser", payload=person)
    asked = {
        "userId": user["id"],
        "messages": [{"text": "Hi", "author": "Kim"}, {"text": "Hello, Kim"}, {"text": ""}],
    }
    begin = {"type": "createRemoteConversation", "payload": asked}
    started = (await call(desk, "createRemoteConversation", **begin))["id"]
    assert (await call(desk, "createRemoteConversation", 409, **begin))["id"] == started
    sent = {"type": "botSendsMessage", "remoteConversationId": started}
    picture = {"imageUrl": "https://pictures.example/1.png", "title": "Parcel"}
    await call(desk, "botSendsMessage", **sent, remoteUserId=user["id"], payload=picture)
    await call(desk, "botSendsMessage", **sent, remoteUserId="BOT", payload={"text": "Bye"})
    await call(desk, "botSendsMessage", **sent, remoteUserId=user["id"], payload={"shrug": True})
    shown = (await desk.api("GET", f"/handoffs/{started}")).json()
    talk = (await desk.api("GET", f"/conversations/{shown['conversation_id']}/messages")).json()
    assert [(each["role"], each["text"]) for each in talk["messages"]] == [
        ("user", "Hi"),
        ("bot", "Hello, Kim"),
        ("user", "Parcel https://pictures.example/1.png"),
        ("user", '[message] {"shrug": true}'),
    ]
    end = {"type": "closeRemoteTicket", "payload": {"remoteConversationId": started}}
    await call(desk, "closeRemoteTicket", **end)
    assert (await desk.api("GET", f"/handoffs/{started}")).json()["status"] == "cancelled"


async def test_a_message_is_no_longer_than_what_other_users_may_write(
    desk: Running, tool: Tool
) -> None:
    """A mebibyte of it would keep the team's channel busy for minutes."""
    await register(desk, tool, events=["conversation.paused"])
    started = await session(desk)
    for length, status in ((10_000, 200), (10_001, 422)):
        for kind in ("text", "bloc"):
            text = {"text": "x" * length}
            payload = text if kind == "text" else {"items": [{"type": "text", "payload": text}]}
            sent = {"conversationId": started, "userId": "u", "type": kind, "payload": payload}
            answer = await desk.api("POST", "/botpress/messages", json=sent)
            assert answer.status_code == status, answer.text
    assert [*answer.json()["error"]["fields"]] == ["payload"]


async def test_what_is_nobodys_or_another_keys_is_refused(desk: Running, tool: Tool) -> None:
    none = await call(desk, "createUser", 409, name="Sam")
    assert none["error"]["fields"] == {"replyTo": "is needed: this key has 0 webhooks"}
    await call(desk, "createUser", 404, replyTo="whk_none")
    await register(desk, tool)
    await call(desk, "startHitl", 404, userId="usr_none")
    await call(desk, "stopHitl", 404, conversationId="hnd_none")
    started = await session(desk)
    await call(desk, "messages", 422, conversationId=started, type="dance", payload={})
    relayed = await desk.visitor()
    await relayed.say("Hello")
    ours = (await desk.api("GET", "/handoffs")).json()["handoffs"][0]["id"]
    await call(desk, "stopHitl", 404, conversationId=ours)
    other = {"Authorization": f"Bearer {await made(desk, Scope.BOT)}"}
    asked = {"conversationId": started}
    answer = await desk.api("POST", "/botpress/stopHitl", json=asked, headers=other)
    assert answer.status_code == 404


async def test_a_webhook_that_asks_for_hitlnext_is_told_in_its_words(
    desk: Running, tool: Tool
) -> None:
    await register(desk, tool, events=["hitlnext.*"])
    sam = await desk.visitor()
    await sam.say("A human, please")

    async def changes() -> list[Json]:
        return [body for _, body in tool.taken if body["resource"] == "handoff"]

    [made] = await desk.until(changes)
    assert (made["type"], made["payload"]["status"]) == ("create", "pending")
    assert made["payload"]["userThreadId"] == sam.conversation
    await desk.agent_says(made["id"], "Hello")

    async def updated() -> bool:
        return len(tool.taken) > 1

    await desk.until(updated)
    assert [(each["type"], each["payload"]["agentId"]) for each in await changes()] == [
        ("create", None),
        ("update", "U1"),
    ]
