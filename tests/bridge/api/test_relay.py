"""A bot that keeps its own channel: words in by call, words out to a webhook of the same key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.commands import AgentDeleted, AgentEdited, ToMessage
from bridge.errors import Refused
from bridge.keys import Scope, new_key
from bridge.model import Author, Role
from bridge.ports import no_webhooks
from tests.bridge.api.test_webhooks import ALLOWED, Tool, register, tool
from tests.bridge.running import ANA, Json, Running, configured, running, with_bot

__all__ = ["tool"]
SAM = {"id": "sam", "name": "Sam Rivera"}


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    """Without a bot of its own: what is passed in is for a human."""
    async with running(configured(database_url, tmp_path, ALLOWED)) as made:
        yield made


async def pass_in(desk: Running, webhook: Json, text: str, id: str = "m1") -> httpx.Response:
    body = {"conversation": "chat/7", "user": SAM, "id": id, "text": text}
    return await desk.api("POST", "/relay/messages", json={**body, "reply_to": webhook["id"]})


def said(tool: Tool) -> list[tuple[str, str, str]]:
    messages = [told for _, told in tool.taken if told["type"].startswith("message.")]
    parts = [(told["type"], told["data"]["message"]) for told in messages]
    return [(kind, message["role"], message["text"]) for kind, message in parts]


async def until_said(desk: Running, tool: Tool, wanted: list[tuple[str, str, str]]) -> None:
    async def look() -> bool:
        return len(said(tool)) >= len(wanted)

    await desk.until(look)
    assert said(tool) == wanted


async def handoff_of(desk: Running, taken: httpx.Response) -> str:
    shown = await desk.api("GET", f"/conversations/{taken.json()['conversation_id']}")
    return str(shown.json()["handoff_id"])


async def test_what_agents_say_and_change_goes_to_the_webhook_once(
    desk: Running, tool: Tool
) -> None:
    webhook = await register(desk, tool, events=["*"])
    taken = await pass_in(desk, webhook, "I want a human")
    again = await pass_in(desk, webhook, "I want a human")
    assert (taken.status_code, again.json()) == (202, taken.json())
    other = await pass_in(desk, webhook, "I want something else")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_reused")
    handoff = await handoff_of(desk, taken)
    source = await desk.agent_says(handoff, "Hi **Sam**")
    first = [
        ("message.created", "system", "Ana has joined the conversation."),
        ("message.created", "agent", "Hi **Sam**"),
    ]
    await until_said(desk, tool, first)
    data = next(told for _, told in tool.taken if told["type"] == "message.created")["data"]
    assert (data["conversation"], data["channel"], data["handoff_id"]) == (
        "chat/7",
        "relay",
        handoff,
    )
    to = ToMessage(source=source)
    await desk.do(AgentEdited(desk.key(), 1, to, ANA, "Hello Sam", "2"))
    edited = [*first, ("message.edited", "agent", "Hello Sam")]
    await until_said(desk, tool, edited)
    await desk.do(AgentDeleted(desk.key(), 2, to))
    await until_said(desk, tool, [*edited, ("message.deleted", "agent", "")])
    names = [name for name, _ in tool.taken]
    assert len(names) == len(set(names))


async def test_the_longest_words_are_told_once_and_whole(desk: Running, tool: Tool) -> None:
    webhook = await register(desk, tool, events=["approval.decided"])
    taken = await pass_in(desk, webhook, "Hello?")
    here = f"/conversations/{taken.json()['conversation_id']}/messages"
    file = {"name": "a.pdf", "url": "https://example.com/a.pdf"}
    long = {"as": "desk", "text": "x" * 40_000, "attachments": [file]}
    for said_ in (long, {"as": "desk", "text": "end"}):
        assert (await desk.api("POST", here, json=said_)).status_code == 202

    async def ended() -> bool:
        return bool(said(tool)) and said(tool)[-1][2] == "end"

    await desk.until(ended)
    texts = [text for _, _, text in said(tool)]
    assert texts == ["x" * 40_000 + "\n[a\\.pdf](<https://example.com/a.pdf>)", "end"]


async def test_a_webhook_that_fails_gets_it_later_in_order(desk: Running, tool: Tool) -> None:
    webhook = await register(desk, tool, events=["approval.decided"])
    handoff = await handoff_of(desk, await pass_in(desk, webhook, "Hello?"))
    tool.status = 500
    await desk.agent_says(handoff, "one")
    await desk.agent_says(handoff, "two")

    async def tried() -> bool:
        return bool(said(tool))

    await desk.until(tried)
    tool.status, tool.taken[:] = 204, []

    async def both() -> bool:
        return [text for _, role, text in said(tool) if role == "agent"][-2:] == ["one", "two"]

    await desk.until(both)


async def test_a_webhook_of_another_key_or_none_is_404_and_nothing_is_kept(
    desk: Running, tool: Tool
) -> None:
    webhook = await register(desk, tool)
    secret, key = new_key("other", frozenset({Scope.BOT}), 1)
    await desk.process.now.records.keys.add(key, Author(Role.SYSTEM))
    body: dict[str, Any] = {"conversation": "c", "user": SAM, "id": "1", "text": "x"}
    other = {"Authorization": f"Bearer {secret}"}
    foreign = {**body, "reply_to": webhook["id"]}
    refused = [
        await desk.client.post("/v1/relay/messages", json=foreign, headers=other),
        await desk.api("POST", "/relay/messages", json={**body, "reply_to": "whk_none"}),
        await desk.api(
            "POST", "/handoffs", json={"title": "x", "channel": "relay", "user": {"id": "c"}}
        ),
    ]
    for answer in refused:
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (404, ["reply_to"])
    assert (await desk.api("GET", "/conversations")).json()["conversations"] == []


async def test_a_handoff_that_is_asked_for_is_of_the_same_conversation(
    database_url: str, tmp_path: Path, tool: Tool
) -> None:
    async with running(configured(database_url, tmp_path, ALLOWED, **with_bot())) as desk:
        webhook = await register(desk, tool, events=["approval.decided"])
        body = {"title": "Help", "channel": "relay", "user": {**SAM, "id": "chat/7"}}
        opened = await desk.api("POST", "/handoffs", json={**body, "reply_to": webhook["id"]})
        assert opened.status_code == 202, opened.text
        taken = await pass_in(desk, webhook, "Are you there?")
        assert taken.json()["conversation_id"] == opened.json()["conversation_id"]
        await desk.api("POST", f"/handoffs/{opened.json()['id']}/resolve")

        async def resolved() -> bool:
            return "handoff.resolved" in tool.types()

        await desk.until(resolved)


async def test_a_webhook_that_is_named_hears_of_that_handoff_whatever_it_asked_for(
    desk: Running, tool: Tool
) -> None:
    webhook = await register(desk, tool, events=["approval.decided"])
    for name, more in (("kim", {}), ("sam", {"reply_to": webhook["id"]})):
        body = {"title": name, "channel": "webchat", "user": {"id": name}, **more}
        opened = (await desk.api("POST", "/handoffs", json=body)).json()
        await desk.api("POST", f"/handoffs/{opened['id']}/resolve")

    async def resolved() -> bool:
        return "handoff.resolved" in tool.types()

    await desk.until(resolved)
    about = {told["data"]["handoff_id"] for _, told in tool.taken}
    assert about == {opened["id"]}


async def test_one_that_is_gone_is_told_under_the_agents_words(desk: Running, tool: Tool) -> None:
    webhook = await register(desk, tool)
    handoff = await handoff_of(desk, await pass_in(desk, webhook, "Hello?"))
    await desk.api("DELETE", f"/webhooks/{webhook['id']}")
    source = await desk.agent_says(handoff, "Hi")

    async def failed() -> bool:
        message = await desk.process.now.reads.by_message(source)
        return message is not None and message.held_for == "webhook_gone"

    await desk.until(failed)


async def test_one_that_says_that_it_is_gone_is_told_so_too(desk: Running, tool: Tool) -> None:
    webhook = await register(desk, tool)
    tool.status = 410
    handoff = await handoff_of(desk, await pass_in(desk, webhook, "Hello?"))
    source = await desk.agent_says(handoff, "Hi")

    async def failed() -> bool:
        message = await desk.process.now.reads.by_message(source)
        return message is not None and message.held_for == "webhook_gone"

    await desk.until(failed)
    shown = await desk.api("GET", f"/webhooks/{webhook['id']}")
    assert shown.json()["enabled"] is False


async def test_where_there_are_no_webhooks_nobody_can_be_told() -> None:
    with pytest.raises(Refused) as caught:
        await no_webhooks("whk_1", "msg_1", {})
    assert caught.value.reason == "webhook_gone"
