"""Who may call what: keys by scope, and for how long one that was revoked is still believed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
import pytest
from starlette.requests import Request

from bridge.api import access as doors
from bridge.api.access import BELIEVED, Access
from bridge.errors import BadRequest, TooMany
from bridge.keys import ApiKey, Scope, new_key
from bridge.model import Author, Role
from bridge.ports import Clock
from bridge.problems import answer_to
from bridge.settings import Settings
from bridge.settings_sections import ApiSettings
from storage.memory import MemoryLimiter
from tests.bridge.running import Running, configured, in_file, running, with_bot


async def made(desk: Running, *scopes: Scope) -> str:
    secret, key = new_key(" ".join(scopes), frozenset(scopes), 1)
    assert await desk.process.now.records.keys.add(key, Author(Role.SYSTEM))
    return secret


async def ask(desk: Running, key: str, method: str, path: str, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return await desk.client.request(method, f"/v1{path}", headers=headers, json=body or None)


SAY = {"text": "hello"}
CALLS: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("GET", "/handoffs", {}, {"bot", "desk"}),
    ("GET", "/conversations/x", {}, {"bot", "desk"}),
    ("GET", "/agents", {}, {"bot", "desk"}),
    ("POST", "/conversations/x/pause", {}, {"bot", "desk"}),
    ("POST", "/conversations/x/messages", SAY, {"bot"}),
    ("POST", "/conversations/x/messages", {**SAY, "as": "desk"}, {"desk"}),
    ("POST", "/handoffs/x/resolve", {}, {"desk"}),
    ("POST", "/bots/x/pause", {}, {"desk"}),
    ("DELETE", "/conversations/x", {}, {"admin"}),
]


async def test_a_key_does_what_its_scopes_say_and_nothing_else(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as desk:
        keys = {str(scope): await made(desk, scope) for scope in Scope}
        for method, path, body, may in CALLS:
            for scope, key in keys.items():
                answer = await ask(desk, key, method, path, **body)
                allowed = answer.status_code != 403
                assert answer.status_code in {200, 403, 404}, answer.text
                assert allowed == (scope in may), (method, path, scope)
        for scope, key in keys.items():
            figures = await desk.client.get("/metrics", headers={"Authorization": f"Bearer {key}"})
            assert (figures.status_code == 200) == (scope == "admin")


async def test_what_a_key_does_is_done_in_its_name(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as desk:
        sam = await desk.visitor()
        await sam.say("Hello")
        handoff = await desk.hand_over(sam.conversation)
        key = await made(desk, Scope.DESK)
        done = await ask(desk, key, "POST", f"/handoffs/{handoff}/resolve", reason="by hand")
        assert (done.status_code, done.json()["closed_by"]) == (200, "desk")


async def test_the_same_id_of_two_keys_is_two_things(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as desk:
        keys = [await made(desk, Scope.BOT), await made(desk, Scope.BOT, Scope.DESK)]
        for number, key in enumerate(keys):
            user = {"id": f"user-{number}"}
            body = {"id": "h1", "title": "Help", "channel": "webchat", "user": user}
            assert (await ask(desk, key, "POST", "/handoffs", **body)).status_code == 202


# --- what is believed, and how long --------------------------------------------------------------


class Shelf:
    """Keys that may be taken away, and a count of questions."""

    def __init__(self, key: ApiKey) -> None:
        self.key: ApiKey | None = key
        self.asked = 0

    async def find(self, digest: str) -> ApiKey | None:
        self.asked += 1
        return self.key if self.key and self.key.digest == digest else None


def asking(key: str) -> Request:
    header = (b"authorization", f"Bearer {key}".encode())
    return Request({"type": "http", "headers": [header]})


def access_to(
    shelf: Shelf,
    clock: Clock = lambda: 0,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    limiter: MemoryLimiter | None = None,
) -> Access:
    limits = MemoryLimiter() if limiter is None else limiter
    deps = SimpleNamespace(settings=settings, clock=clock, limiter=limits)
    return Access(deps, shelf)  # type: ignore[arg-type]


async def test_a_key_is_looked_up_now_and_then_and_refused_soon_after_its_end() -> None:
    secret, key = new_key("crm", frozenset({Scope.BOT}), 1)
    now, shelf = [0], Shelf(key)
    access = access_to(shelf, lambda: now[0])
    for _ in range(3):
        assert (await access.admit(asking(secret))).title == "crm"
    assert shelf.asked == 1
    shelf.key = None
    now[0] = BELIEVED
    await access.admit(asking(secret))
    now[0] = BELIEVED + 1
    with pytest.raises(BadRequest) as refused:
        await access.admit(asking(secret))
    assert refused.value.status == 401


async def test_strangers_are_not_remembered_and_of_friends_only_so_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doors, "REMEMBERED", 0)
    secret, key = new_key("crm", frozenset({Scope.BOT}), 1)
    shelf = Shelf(key)
    access = access_to(shelf)
    for _ in range(2):
        await access.admit(asking(secret))
        with pytest.raises(BadRequest):
            await access.admit(asking("dbk_nobody"))
    assert shelf.asked == 4


async def test_each_key_may_ask_so_often_and_is_then_told_when_to_come_again() -> None:
    now, settings = [0.0], Settings(api=ApiSettings(requests_per_minute=60))
    limiter = MemoryLimiter(lambda: now[0])
    keys = [new_key(name, frozenset({Scope.BOT}), 1) for name in ("crm", "erp")]
    for secret, key in keys:
        access = access_to(Shelf(key), settings=settings, limiter=limiter)
        for _ in range(60):
            await access.admit(asking(secret))
        with pytest.raises(TooMany) as refused:
            await access.admit(asking(secret))
        answer = await answer_to(asking(secret), refused.value)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        assert orjson.loads(answer.body)["error"]["code"] == "too_many_requests"
    now[0] = 1.0
    await access.admit(asking(secret))
    endless = Settings(api=ApiSettings(requests_per_minute=0))
    access = access_to(Shelf(key), settings=endless, limiter=limiter)
    for _ in range(3):
        await access.admit(asking(secret))
