"""How Slack's Web API is called, and what becomes of it when it does not answer as it should."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from adapters.slack import client as client_module
from adapters.slack.client import POST_BURST, Client
from adapters.slack.config import SlackConfig, from_settings
from bridge.errors import Broken, DeliveryError, Paced, Refused, Retry, Scope, Unknown
from storage.memory import MemoryLimiter
from tests.adapters.slack.script import Script
from tests.adapters.slack.world import TOKEN, Stage, settings


@pytest.fixture
def script(stages: tuple[Stage, Stage]) -> Script:
    made = Script()
    stages[0].app = made.app
    return made


@pytest.fixture
def config(stages: tuple[Stage, Stage]) -> SlackConfig:
    made = from_settings(settings(stages[0].url))
    assert made is not None
    return made


Make = Callable[..., Client]


@pytest.fixture
async def make(config: SlackConfig) -> AsyncIterator[Make]:
    """Clients with other settings; all are closed in the end."""
    made: list[Client] = []

    def one(**changes: Any) -> Client:
        made.append(Client(replace(config, **changes), MemoryLimiter()))
        return made[-1]

    yield one
    for client in made:
        await client.close()


@pytest.fixture
def client(make: Make) -> Client:
    return make()


async def test_writing_is_json_and_reading_is_a_query(client: Client, script: Script) -> None:
    await client.call("reactions.add", channel="C1", name="lock")
    await client.call("conversations.replies", channel="C1", limit=5, inclusive=True)
    assert script.calls == [
        ("reactions.add", {"channel": "C1", "name": "lock"}),
        ("conversations.replies", {"channel": "C1", "limit": "5", "inclusive": "true"}),
    ]
    assert {each["authorization"] for each in script.headers} == {f"Bearer {TOKEN}"}


async def test_one_session_serves_all_calls(client: Client, script: Script) -> None:
    session = client.session()
    await client.call("auth.test")
    await client.call("auth.test")
    assert client.session() is session


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"ok": False, "error": "channel_not_found"}, Broken),
        ({"ok": False, "error": "invalid_arguments"}, Refused),
        ({"ok": False}, Retry),
        (PlainTextResponse("<html>Blocked by your administrator</html>", 403), Retry),
        ({}, Unknown),
        ([], Unknown),
        (PlainTextResponse("upstream fell over", 200), Unknown),
        (PlainTextResponse("<html>Bad gateway</html>", 502), Unknown),
        (JSONResponse({"ok": False, "error": "fatal_error"}, 500), Unknown),
        (Response(b"\xff\xfe", 503), Unknown),
    ],
)
async def test_a_post_that_went_wrong_is_told_by_its_remedy(
    client: Client, script: Script, answer: object, kind: type[DeliveryError]
) -> None:
    script.on("chat.postMessage", answer)
    with pytest.raises(DeliveryError) as failed:
        await client.post("T1", "C1", text="x")
    assert type(failed.value) is kind
    assert len(script.calls) == 1


async def test_nothing_is_repeated_when_the_answer_is_lost(make: Make, script: Script) -> None:
    script.on("chat.postMessage", 2.0)
    script.on("chat.update", 2.0)
    client = make(send_timeout=0.5)
    with pytest.raises(Unknown):
        await client.post("T1", "C1", text="x")
    with pytest.raises(Retry):
        await client.call("chat.update", "T1", channel="C1")
    assert [name for name, _ in script.calls] == ["chat.postMessage", "chat.update"]


async def test_a_connection_that_breaks_after_the_request_is_doubtful(make: Make) -> None:
    seen: list[bytes] = []

    async def cut_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(cut_off, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}/api/"
    client = make(api_url=address)
    async with server:
        with pytest.raises(Unknown):
            await client.post("T1", "C1", text="x")
    assert len(seen) == 1
    with pytest.raises(Retry, match="unreachable"):
        await client.post("T1", "C1", text="x")


async def test_a_rate_limit_holds_for_its_channel_only(make: Make, script: Script) -> None:
    client = make(posts_per_second=1_000.0)
    limited = JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "30"})
    script.on("chat.postMessage", limited, {"ok": True})
    with pytest.raises(Retry) as failed:
        await client.post("T1", "C1", text="x")
    assert (failed.value.after, failed.value.counts) == (30.0, False)
    with pytest.raises(Retry) as held:
        await client.post("T1", "C1", text="x")
    assert 29.0 < held.value.after <= 30.0
    assert not held.value.counts
    await client.post("T1", "C2", text="x")
    assert [arguments["channel"] for _, arguments in script.calls] == ["C1", "C2"]


async def test_a_channel_gets_no_more_than_its_pace(make: Make, script: Script) -> None:
    client = make(posts_per_second=0.001)
    for _ in range(3):
        await client.post("T1", "C1", text="x")
    with pytest.raises(Retry) as failed:
        await client.post("T1", "C1", text="x")
    assert failed.value.after > 100
    assert len(script.calls) == 3


async def test_where_a_burst_was_refused_there_is_none_for_an_hour(
    make: Make, script: Script
) -> None:
    client = make(posts_per_second=0.001)
    await client.post("T1", "C1", text="one")
    refused = Response(status_code=429, headers={"Retry-After": "0"})
    script.on("chat.postMessage", refused, {"ok": True})
    with pytest.raises(Paced):
        await client.post("T1", "C1", text="two")
    with pytest.raises(Paced) as told:  # the third of three that may come together elsewhere
        await client.post("T1", "C1", text="three")
    assert told.value.every > 1_000.0
    for _ in range(3):
        await client.post("T1", "C2", text="elsewhere")


class Counting(MemoryLimiter):
    """Remembers what was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []

    async def take(self, key: str, rate: float, burst: int, cost: int = 1) -> float:
        self.taken.append(key)
        return await super().take(key, rate, burst, cost)


@pytest.fixture
async def paced(config: SlackConfig) -> AsyncIterator[tuple[Client, Counting]]:
    limiter = Counting()
    client = Client(replace(config, posts_per_second=1.0), limiter)
    yield client, limiter
    await client.close()


async def test_a_post_that_was_expected_has_its_turn(
    paced: tuple[Client, Counting], script: Script
) -> None:
    client, limiter = paced
    client.expect("T1", "C1")
    client.expect("T1", "C1")  # one at most
    await client.post("T1", "C1", text="x")
    assert limiter.taken == ["slack:T1:post:C1"]
    await client.post("T1", "C1", text="y")
    assert limiter.taken == ["slack:T1:post:C1"] * 2
    assert len(script.calls) == 2


async def test_a_turn_is_good_until_another_has_grown(
    config: SlackConfig, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "NEAR", 0.0)
    limiter = Counting()
    client = Client(replace(config, posts_per_second=1e9), limiter)
    client.expect("T1", "C1")
    client.expect("T1", "C1")
    await client.post("T1", "C1", text="x")
    await client.close()
    assert limiter.taken == ["slack:T1:post:C1"] * 3
    assert len(script.calls) == 1


async def test_where_no_turn_was_there_ahead_it_is_asked_for_again(
    make: Make, script: Script
) -> None:
    client = make(posts_per_second=0.001)
    for _ in range(POST_BURST):
        await client.post("T1", "C1", text="x")
    client.expect("T1", "C1")
    with pytest.raises(Paced):
        await client.post("T1", "C1", text="x")
    assert len(script.calls) == POST_BURST


async def test_where_there_is_no_burst_nothing_is_taken_ahead(
    config: SlackConfig, script: Script
) -> None:
    limiter = Counting()
    client = Client(replace(config, posts_per_second=1_000.0), limiter)
    script.on("chat.postMessage", Response(status_code=429, headers={"Retry-After": "0"}))
    with pytest.raises(Paced):
        await client.post("T1", "C1", text="x")
    client.expect("T1", "C1")
    await client.close()
    assert limiter.taken == ["slack:T1:post:C1"]


async def test_without_a_pace_nothing_is_taken_ahead(config: SlackConfig) -> None:
    limiter = Counting()
    client = Client(replace(config, posts_per_second=0.0), limiter)
    client.expect("T1", "C1")
    await client.close()
    assert limiter.taken == []


async def test_without_a_pace_only_slacks_own_limit_counts(client: Client, script: Script) -> None:
    for _ in range(30):
        await client.post("T1", "C1", text="x")
        await client.call("reactions.add", "T1", channel="C1")
    assert len(script.calls) == 60


async def test_a_revoked_token_breaks_everything(client: Client, script: Script) -> None:
    script.on("auth.test", {"ok": False, "error": "token_revoked"})
    with pytest.raises(Broken) as failed:
        await client.call("auth.test")
    assert failed.value.scope is Scope.TOKEN


async def test_an_answer_to_a_click_carries_no_token(
    client: Client, script: Script, config: SlackConfig
) -> None:
    await client.respond(f"{config.api_url}hook", text="done", replace_original=True)
    assert script.calls == [("hook", {"text": "done", "replace_original": True})]
    assert "authorization" not in script.headers[0]
    script.on("hook", PlainTextResponse("used_url", 404))
    with pytest.raises(Retry):
        await client.respond(f"{config.api_url}hook", text="done")
    with pytest.raises(Retry):
        await client.respond("no address", text="done")


@pytest.mark.parametrize("name", ["slack_bot_token", "slack_signing_secret", "slack_channel"])
def test_a_process_without_slack_has_no_desk(name: str) -> None:
    assert from_settings(settings("http://x", **{name: None})) is None


def test_an_api_address_ends_with_a_slash() -> None:
    made = from_settings(settings("http://x", slack_api_url="http://x/api"))
    assert made is not None
    assert made.api_url == "http://x/api/"
