"""`/v1/handoffs`, as contract §4 has it."""

from __future__ import annotations

import hmac
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from standardwebhooks.webhooks import Webhook

from bridge.commands import Resolve
from tests.bridge.running import (
    ANA,
    API_KEY,
    BOT_SECRET,
    UNLIMITED,
    Running,
    configured,
    in_file,
    running,
    with_bot,
)

USER = {"id": "sam", "name": "Sam Rivera", "email": "sam@example.com", "locale": "fr"}
ASKED = {"title": "My parcel", "channel": "webchat", "user": USER}


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(database_url, tmp_path, **with_bot())) as made:
        yield made


async def signed(
    desk: Running, body: dict[str, Any], secret: str = BOT_SECRET, age: float = 0.0
) -> httpx.Response:
    raw, at = orjson.dumps(body).decode(), datetime.now(UTC) - timedelta(seconds=age)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, raw),
        "content-type": "application/json",
    }
    return await desk.client.post("/v1/handoffs", content=raw, headers=headers)


async def test_a_handoff_is_taken_once_and_told_the_same_again(desk: Running) -> None:
    body = {**ASKED, "id": "h1", "context": {"order": [1, None, {"deep": True}]}}
    first = await desk.api("POST", "/handoffs", json=body)
    again = await desk.api("POST", "/handoffs", json=body)
    assert (first.status_code, again.status_code) == (202, 200)
    told = first.json()
    assert told == again.json()
    promised = {"id", "conversation_id", "status", "position", "estimated_wait", "open"}
    assert promised <= set(told)
    assert (told["status"], told["position"], told["open"]) == ("queued", 0, True)
    shown = (await desk.api("GET", f"/handoffs/{told['id']}")).json()
    assert shown["context"] == body["context"]
    assert (shown["number"], shown["title"], shown["queue"]) == (1, "My parcel", "default")
    person = (await desk.api("GET", f"/conversations/{told['conversation_id']}")).json()["user"]
    assert (person["name"], person["email"], person["locale"]) == (
        "Sam Rivera",
        "sam@example.com",
        "fr",
    )


async def test_the_position_counts_those_who_came_before(desk: Running) -> None:
    await desk.api("POST", "/handoffs", json=ASKED)
    kim = {**ASKED, "user": {"id": "kim"}}
    assert (await desk.api("POST", "/handoffs", json=kim)).json()["position"] == 1


async def test_the_same_id_again_has_the_same_answer_whatever_came_of_it(desk: Running) -> None:
    await desk.api("POST", "/handoffs", json={**ASKED, "user": {"id": "kim"}})
    first = await desk.api("POST", "/handoffs", json={**ASKED, "id": "h1"})
    to = desk.to(first.json()["conversation_id"])
    await desk.do(Resolve(desk.key(), time.time_ns() // 1_000, to, ANA, "done"))
    again = await desk.api("POST", "/handoffs", json={**ASKED, "id": "h1"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    assert first.json()["position"] == 1


async def test_while_one_is_open_another_is_409_with_its_id(desk: Running) -> None:
    opened = (await desk.api("POST", "/handoffs", json={**ASKED, "id": "h1"})).json()
    second = await desk.api("POST", "/handoffs", json={**ASKED, "id": "h2"})
    assert second.status_code == 409
    assert second.json()["id"] == second.json()["error"]["id"]
    error = second.json()["error"]
    assert (error["code"], error["id"]) == ("handoff_open", opened["id"])


async def test_the_same_id_for_something_else_is_409(desk: Running) -> None:
    await desk.api("POST", "/handoffs", json={**ASKED, "id": "h1"})
    other = await desk.api("POST", "/handoffs", json={**ASKED, "id": "h1", "title": "Else"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_reused")


async def test_after_its_end_the_next_one_opens(desk: Running) -> None:
    first = (await desk.api("POST", "/handoffs", json=ASKED)).json()
    to = desk.to(first["conversation_id"])
    await desk.do(Resolve(desk.key(), time.time_ns() // 1_000, to, ANA, "done"))
    second = await desk.api("POST", "/handoffs", json={"title": "Again", **_in(first)})
    assert second.status_code == 202
    assert second.json()["id"] != first["id"]
    ended = (await desk.api("GET", f"/handoffs/{first['id']}")).json()
    assert (ended["status"], ended["open"], ended["position"]) == ("resolved", False, None)
    assert ended["closed_at"].endswith("Z")


def _in(handoff: dict[str, Any]) -> dict[str, str]:
    return {"conversation_id": handoff["conversation_id"]}


async def test_a_stale_epoch_opens_nothing(desk: Running) -> None:
    sam = await desk.visitor()
    await sam.say("Hello")
    body = {"title": "Help", "conversation_id": sam.conversation, "epoch": 99}
    stale = await desk.api("POST", "/handoffs", json=body)
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "stale_epoch")
    assert stale.json()["error"]["epoch"] == 1


async def test_what_was_said_before_is_kept_with_its_times(desk: Running) -> None:
    said = [
        {"role": "user", "text": "Where is it?", "at": "2026-11-20T10:00:00"},
        {"role": "bot", "text": "On its way", "at": "2026-11-20T11:00:00+01:00"},
        {"role": "user", "text": "Really?"},
    ]
    opened = (await desk.api("POST", "/handoffs", json={**ASKED, "history": said})).json()
    path = f"/conversations/{opened['conversation_id']}/messages"
    found = (await desk.api("GET", path)).json()["messages"]
    assert [(m["role"], m["text"]) for m in found[:3]] == [(s["role"], s["text"]) for s in said]
    assert [m["at"] for m in found[:2]] == ["2026-11-20T10:00:00.000Z"] * 2


async def test_unknown_fields_are_ignored_and_nul_is_replaced(desk: Running) -> None:
    body = {**ASKED, "title": "a\x00b", "if_unavailable": "queue", "frobnicate": [1]}
    opened = (await desk.api("POST", "/handoffs", json=body)).json()
    shown = (await desk.api("GET", f"/handoffs/{opened['id']}")).json()
    assert shown["title"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": 7}, "title"),
        ({"priority": "soon"}, "priority"),
        ({"user": {"name": "x"}}, "user.id"),
        ({"user": {"id": "1", "attributes": {"a": "x" * 2_048}}}, "user.attributes"),
        ({"channel": None}, "body"),
        ({"channel": "pigeon"}, "channel"),
        ({"history": [{"role": "cat", "text": "x"}]}, "history.0.role"),
        ({"history": [{"role": "user", "text": "x"}] * 201}, "history"),
        ({"expires_in": 0}, "expires_in"),
        ({"expires_in": "nan"}, "expires_in"),
        ({"if_unavailable": "panic"}, "if_unavailable"),
        ({"messages": {"greeting": "Hi"}}, "messages.greeting"),
        ({"on_timeout": "panic"}, "on_timeout"),
        ({"id": ""}, "id"),
        ({"epoch": "x"}, "epoch"),
    ],
)
async def test_what_does_not_fit_is_422_by_field_and_nothing_is_stored(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    async with running(configured(url, tmp_path)) as desk:
        reply = await desk.api("POST", "/handoffs", json={**ASKED, **change})
        assert reply.status_code == 422, reply.text
        assert field in reply.json()["error"]["fields"]
        opened = await desk.api("POST", "/handoffs", json=ASKED)
        assert (opened.status_code, opened.json()["position"]) == (202, 0)


async def test_broken_bodies_and_other_types_are_refused(desk: Running) -> None:
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"title":"\\ud800","context":99999999999999999999999}', "application/json", 422),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b"x" * (1024 * 1024 + 1), "application/json", 413),
    ):
        headers = {"content-type": kind}
        reply = await desk.api("POST", "/handoffs", content=content, headers=headers)
        assert reply.status_code == status, reply.text
        assert reply.json()["error"]["code"]


async def test_unknown_things_are_404(desk: Running) -> None:
    nobody = {"title": "x", "conversation_id": "cnv_nobody"}
    for reply in (
        await desk.api("POST", "/handoffs", json=nobody),
        await desk.api("GET", "/handoffs/hnd_nothing"),
        await desk.api("GET", "/nothing"),
    ):
        assert (reply.status_code, reply.json()["error"]["code"]) == (404, "not_found")


async def test_a_bot_signs_with_its_secret_instead_of_a_key(desk: Running) -> None:
    opened = await signed(desk, ASKED)
    assert opened.status_code == 202
    assert (await signed(desk, {**ASKED, "id": "x"})).status_code == 409


async def test_a_signed_request_that_is_sent_again_opens_once_and_is_told_the_same(
    desk: Running,
) -> None:
    first, again = await signed(desk, ASKED), await signed(desk, ASKED)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["id"] == again.json()["id"]


async def test_a_bot_that_signs_hands_over_its_own_conversations_alone(tmp_path: Path) -> None:
    other = "whsec_" + "b" * 44
    bot = f'[[bots]]\nid = "second"\nurl = "http://127.0.0.1:1/second"\nsecret = "{other}"\n'
    toml = f'{UNLIMITED}{bot}channels = ["elsewhere"]\n'
    async with running(configured(in_file(tmp_path), tmp_path, toml, **with_bot())) as desk:
        sam = await desk.visitor()
        await sam.say("Hello")
        by_id = {"title": "Mine now", "conversation_id": sam.conversation}
        for asked in (by_id, {**ASKED, "user": {"id": "sam", "name": "Somebody else"}}):
            refused = await signed(desk, asked, other)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
        assert (await signed(desk, by_id)).status_code == 202
        assert (await desk.api("POST", "/handoffs", json=ASKED)).status_code == 202
        missing = await signed(desk, {"title": "x", "conversation_id": "cnv_none", "id": "1"})
        assert missing.status_code == 404


async def test_a_signature_that_is_wrong_or_old_is_401(desk: Running) -> None:
    other = "whsec_" + "b" * 44
    refused = [
        await signed(desk, ASKED, age=301),
        await signed(desk, ASKED, age=-3_600),
        await signed(desk, ASKED, secret=other),
    ]
    for name, value in (
        ("webhook-signature", "v1,AAAA"),
        ("webhook-signature", "nonsense"),
        ("webhook-signature", "v1,é"),
        ("webhook-timestamp", "nan"),
    ):
        headers = {
            b"webhook-id": b"m",
            b"webhook-timestamp": str(int(time.time())).encode(),
            b"webhook-signature": b"v1,AAAA",
            name.encode(): value.encode(),
        }
        refused.append(await desk.client.post("/v1/handoffs", json=ASKED, headers=headers))
    for reply in refused:
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "unauthorized")
        assert reply.headers["www-authenticate"] == "Bearer"
    assert (await desk.api("POST", "/handoffs", json=ASKED)).json()["position"] == 0


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic {key}", "Bearer {key}x", "Bearer é"]
)
async def test_without_the_key_nobody_gets_in(tmp_path: Path, header: str | None) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    headers = {} if header is None else {b"authorization": header.format(key=API_KEY).encode()}
    async with running(configured(url, tmp_path)) as desk:
        for method, path in (
            ("POST", "/v1/handoffs"),
            ("GET", "/v1/handoffs/x"),
            ("GET", "/v1/conversations/x"),
            ("POST", "/v1/conversations/x/messages"),
            ("POST", "/v1/conversations/x/pause"),
        ):
            reply = await desk.client.request(method, path, headers=headers)
            assert reply.status_code == 401, path


async def test_without_any_configured_key_none_fits(tmp_path: Path) -> None:
    settings = configured(f"sqlite:///{tmp_path}/desk.db", tmp_path).model_copy(
        update={"api_key": None}
    )
    async with running(settings) as desk:
        for header in ("Bearer", "Bearer "):
            headers = {"authorization": header}
            reply = await desk.client.get("/v1/handoffs/x", headers=headers)
            assert reply.status_code == 401


async def test_keys_are_compared_in_constant_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return a == b

    monkeypatch.setattr(hmac, "compare_digest", compare)
    async with running(configured(f"sqlite:///{tmp_path}/desk.db", tmp_path)) as desk:
        assert (await desk.api("GET", "/handoffs/x")).status_code == 404
    assert len(compared) == 1


async def test_what_a_bot_knows_of_the_user_comes_along(desk: Running) -> None:
    body = {**ASKED, "user": {**USER, "attributes": {"plan": "Pro"}}}
    opened = await desk.api("POST", "/handoffs", json=body)
    assert opened.status_code == 202
    contact = await desk.process.now.reads.contact(opened.json()["conversation_id"])
    assert contact
    assert contact.attributes == {"plan": "Pro"}
