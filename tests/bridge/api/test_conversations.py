"""`/v1/conversations`: the bot speaks, is fenced off, and is paused."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api import routes
from bridge.commands import Assign, Rejected
from bridge.policy import Policy
from bridge.ports import Deps
from bridge.web import application
from tests.adapters.slack.world import served as server
from tests.bridge.running import (
    ANA,
    BEARER,
    BOT_SECRET,
    UNLIMITED,
    Running,
    Visitor,
    configured,
    in_file,
    running,
    with_bot,
)

OTHER = "whsec_" + "b" * 44
TWO_BOTS = f"""
[webchat]
messages_per_minute = 0
conversations_per_hour = 0
[[bots]]
id = "second"
url = "http://127.0.0.1:1/second"
secret = "{OTHER}"
channels = ["elsewhere"]
"""


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(database_url, tmp_path, **with_bot())) as made:
        yield made


@pytest.fixture
async def sam(desk: Running) -> Visitor:
    visitor = await desk.visitor()
    await visitor.say("Hello")
    return visitor


async def speak(desk: Running, sam: Visitor, text: str, **more: object) -> httpx.Response:
    path = f"/conversations/{sam.conversation}/messages"
    return await desk.api("POST", path, json={"text": text, **more})


async def shown(desk: Running, sam: Visitor) -> dict[str, object]:
    found: dict[str, object] = (await desk.api("GET", f"/conversations/{sam.conversation}")).json()
    return found


async def test_the_bot_speaks_and_the_user_reads_it(desk: Running, sam: Visitor) -> None:
    buttons = [{"text": "Yes", "value": "y"}, {"text": "No"}]
    said = await speak(desk, sam, "Really?", buttons=buttons, epoch=1)
    assert said.status_code == 202
    assert set(said.json()) == {"id", "seq", "epoch", "held"}
    assert said.json()["held"] is None
    *_, last = (await sam.read())["messages"]
    assert (last["author"]["kind"], last["text"], last["buttons"]) == ("bot", "Really?", buttons)


async def test_the_same_id_again_says_it_once_and_another_text_is_409(
    desk: Running, sam: Visitor
) -> None:
    first, again = [await speak(desk, sam, "Once", id="m1") for _ in range(2)]
    other = await speak(desk, sam, "Twice", id="m1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_reused")
    assert await sam.texts() == ["Hello", "Once"]


async def test_while_a_human_is_there_the_bot_is_told_who_and_the_epoch(
    desk: Running, sam: Visitor
) -> None:
    handoff = await desk.hand_over(sam.conversation)
    at = time.time_ns() // 1_000
    await desk.do(Assign(desk.key(), at, desk.to(sam.conversation), ANA, ANA))
    for body in ({}, {"epoch": 1}):
        refused = await speak(desk, sam, "But I", **body)
        assert refused.status_code == 409
        assert refused.json()["epoch"] == refused.json()["error"]["epoch"]
        error = refused.json()["error"]
        assert set(error) == {"code", "message", "by", "epoch", "handoff_id", "mode"}
        assert error["code"] == "human_in_control"
        now = await shown(desk, sam)
        assert (error["by"], error["epoch"], error["handoff_id"]) == ("Ana", now["epoch"], handoff)
    assert "But I" not in await sam.texts()


async def test_an_old_epoch_is_refused_even_when_the_bot_is_back(
    desk: Running, sam: Visitor
) -> None:
    await desk.hand_over(sam.conversation)
    assert (await sam.post("end")).status_code == 202
    stale = await speak(desk, sam, "Old news", epoch=1)
    assert (stale.status_code, stale.json()["error"]["mode"]) == (409, "bot")
    now = stale.json()["error"]["epoch"]
    assert (await speak(desk, sam, "Fresh", epoch=now)).status_code == 202


async def test_pausing_and_resuming_twice_is_as_once(desk: Running, sam: Visitor) -> None:
    path = f"/conversations/{sam.conversation}"
    for body in ({"json": {"reason": "VIP"}}, {}):
        paused = await desk.api("POST", f"{path}/pause", **body)
        assert (paused.status_code, paused.json()) == (200, {"paused": True})
    assert (await shown(desk, sam))["paused"] is True
    refused = await speak(desk, sam, "Psst")
    assert (refused.status_code, refused.json()["error"]["handoff_id"]) == (409, None)
    for _ in range(2):
        resumed = await desk.api("POST", f"{path}/resume")
        assert (resumed.status_code, resumed.json()) == (200, {"paused": False})
    assert (await shown(desk, sam))["mode"] == "bot"


async def test_inside_a_handoff_pausing_changes_nothing_and_resuming_is_409(
    desk: Running, sam: Visitor
) -> None:
    handoff = await desk.hand_over(sam.conversation)
    before = await shown(desk, sam)
    paused = await desk.api("POST", f"/conversations/{sam.conversation}/pause")
    resumed = await desk.api("POST", f"/conversations/{sam.conversation}/resume")
    assert paused.status_code == 200
    assert (resumed.status_code, resumed.json()["error"]["code"]) == (409, "handoff_open")
    after = await shown(desk, sam)
    assert (after["epoch"], after["handoff_id"]) == (before["epoch"], handoff)


async def test_a_conversation_shows_who_and_how_it_stands(desk: Running, sam: Visitor) -> None:
    now = await shown(desk, sam)
    assert (now["id"], now["channel"], now["mode"]) == (sam.conversation, "webchat", "bot")
    assert (now["paused"], now["epoch"], now["handoff_id"]) == (False, 1, None)
    assert isinstance(now["user"], dict)


async def test_messages_are_what_the_user_sees_and_notes_are_not(
    desk: Running, sam: Visitor
) -> None:
    handoff = await desk.hand_over(sam.conversation)
    await desk.agent_says(handoff, "!n a secret")
    await desk.agent_says(handoff, "!nonsense held")
    await desk.agent_says(handoff, "Hi Sam")
    path = f"/conversations/{sam.conversation}/messages"
    found = (await desk.api("GET", path)).json()["messages"]
    texts = [message["text"] for message in found]
    assert "Hi Sam" in texts
    assert not any("secret" in text or "nonsense" in text for text in texts)
    later = (await desk.api("GET", path, params={"after": found[0]["seq"]})).json()["messages"]
    assert later == found[1:]
    for wrong in ("x", "-1", "9" * 16):
        refused = await desk.api("GET", path, params={"after": wrong})
        assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, ["after"])


async def test_what_does_not_fit_is_named(desk: Running, sam: Visitor) -> None:
    more: dict[str, object] = {"as": "ghost", "attachments": [{"name": "a.pdf"}]}
    refused = await speak(desk, sam, "", buttons=[{"text": ""}], **more)
    assert refused.status_code == 422
    fields = {"text", "buttons.0.text", "as", "attachments.0.url"}
    assert set(refused.json()["error"]["fields"]) == fields
    path = f"/conversations/{sam.conversation}"
    assert (await desk.api("POST", f"{path}/messages", content=b"x")).status_code == 400
    kind = {"content-type": "text/plain"}
    assert (await desk.api("POST", f"{path}/pause", content=b"x", headers=kind)).status_code == 415


async def test_what_is_not_there_is_404(desk: Running) -> None:
    for method, rest in (
        ("GET", ""),
        ("GET", "/messages"),
        ("POST", "/messages"),
        ("POST", "/pause"),
    ):
        reply = await desk.api(method, f"/conversations/cnv_nobody{rest}", json={"text": "x"})
        assert reply.status_code == 404


async def speak_signed(
    desk: Running, sam: Visitor, body: dict[str, Any], secret: str = BOT_SECRET, name: str = "m"
) -> httpx.Response:
    raw, at = orjson.dumps(body).decode(), datetime.now(UTC)
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, at, raw),
    }
    url = f"/v1/conversations/{sam.conversation}/messages"
    return await desk.client.post(url, content=raw, headers=headers)


async def test_who_may_speak_is_told_by_the_settings_of_now(tmp_path: Path) -> None:
    url, renamed = f"sqlite:///{tmp_path}/desk.db", TWO_BOTS.replace("elsewhere", "webchat")
    async with running(configured(url, tmp_path, **with_bot())) as desk:
        sam = await desk.visitor()
        await sam.say("Hello")
    async with running(configured(url, tmp_path, renamed, **with_bot())) as desk:
        for secret, status in ((BOT_SECRET, 403), (OTHER, 202)):
            reply = await speak_signed(desk, sam, {"text": "It is me"}, secret)
            assert reply.status_code == status, reply.text


async def test_a_bot_that_signs_may_speak_for_itself_alone(tmp_path: Path) -> None:
    settings = configured(f"sqlite:///{tmp_path}/desk.db", tmp_path, TWO_BOTS, **with_bot())
    async with running(settings) as desk:
        sam = await desk.visitor()
        await sam.say("Hello")
        for secret, status in ((BOT_SECRET, 202), (OTHER, 403)):
            reply = await speak_signed(desk, sam, {"text": "It is me"}, secret)
            assert reply.status_code == status, reply.text
        assert await sam.texts() == ["Hello", "It is me"]
        assert (await speak(desk, sam, "By key")).status_code == 202


async def test_a_signed_request_that_is_sent_again_speaks_once(desk: Running, sam: Visitor) -> None:
    code = {"text": "Your code is 1234"}
    first = await speak_signed(desk, sam, code)
    again = await speak_signed(desk, sam, code)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    other = await speak_signed(desk, sam, {"text": "Other words"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_reused")
    assert (await speak_signed(desk, sam, code, name="another")).status_code == 202
    assert (await sam.texts()).count(code["text"]) == 2


async def test_what_no_database_can_keep_is_422(tmp_path: Path) -> None:
    async def poisoned(_command: object) -> Rejected:
        return Rejected("bad_data")

    async with running(configured(f"sqlite:///{tmp_path}/desk.db", tmp_path)) as desk:
        sam = await desk.visitor()
        await sam.say("Hello")
        inside = desk.process.now
        none: Any = None
        limiter = desk.process.shared.limiter
        deps = Deps(desk.settings, inside.reads, none, limiter, none, lambda: 1)
        app = application(routes(poisoned, deps, inside.records, {"webchat"}, policy=Policy()))
        transport = httpx.ASGITransport(app=app)
        found = await inside.reads.conversation(desk.to(sam.conversation).id)
        address = found.address if found else ""
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            person = f"/v1/channels/webchat/users/{address}"
            known = await client.patch(person, json={"name": "Sam"}, headers=BEARER)
            assert (known.status_code, known.json()["error"]["code"]) == (422, "bad_data")
            for path, body in (
                ("/v1/handoffs", {"title": "x", "conversation_id": sam.conversation}),
                (f"/v1/conversations/{sam.conversation}/messages", {"text": "x"}),
            ):
                reply = await client.post(path, json=body, headers=BEARER)
                assert (reply.status_code, reply.json()["error"]["code"]) == (422, "bad_data")


async def test_what_a_bot_sends_by_its_address_comes_as_a_file_or_else_as_a_link(
    tmp_path: Path,
) -> None:
    async def file(_request: Request) -> Response:
        return Response(b"%PDF-1.7", media_type="application/pdf")

    toml = f'{UNLIMITED}[webhooks]\nallow_private = ["127.0.0.1/32"]\n'
    settings = configured(in_file(tmp_path), tmp_path, toml, **with_bot())
    async with server(Starlette(routes=[Route("/a.pdf", file)])) as base, running(settings) as desk:
        sam = await desk.visitor()
        await sam.say("Hello")
        named = [{"name": name, "url": f"{base}/{name}"} for name in ("a.pdf", "gone")]
        said = await speak(desk, sam, "Here", attachments=named)
        assert said.status_code == 202

        async def shown_to_sam() -> Any:
            return (await sam.read())["messages"][1:]

        (message,) = await desk.until(shown_to_sam)
        assert message["text"] == f"Here\n[gone](<{base}/gone>)"
        (kept,) = message["attachments"]
        assert (kept["name"], kept["mime"]) == ("a.pdf", "application/pdf")
