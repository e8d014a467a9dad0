"""The one door: what is not Slack's stays outside, and 200 means that it is kept."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from structlog.testing import capture_logs

from adapters.slack.signing import signature
from bridge.commands import AgentSaid, Answer, Assign, Request, Resolve
from bridge.errors import BadData, StoreUnavailable
from sandbox.slack import seed
from tests.adapters.slack.things import view
from tests.adapters.slack.world import SECRET, World

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Door:
    """Posts to the desk as Slack does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._client = httpx.AsyncClient(base_url=world.url)

    async def post(
        self, body: bytes, kind: str = JSON, *, at: float | None = None, secret: str = SECRET
    ) -> httpx.Response:
        stamp = str(int(time.time() if at is None else at))
        headers = {
            "content-type": kind,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": signature(secret, stamp, body),
        }
        return await self._client.post("/slack/events", content=body, headers=headers)

    async def bare(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        return await self._client.post("/slack/events", content=body, headers=headers)

    async def aclose(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def door(slack: World) -> AsyncIterator[Door]:
    slack.books.views.append(view())
    made = Door(slack)
    yield made
    await made.aclose()


def event(**fields: Any) -> dict[str, Any]:
    inner = {
        "type": "message",
        "channel": seed.ORDERS,
        "user": seed.ANA,
        "text": "hello",
        "ts": "1763700000.000200",
        "thread_ts": "1763600000.000100",
        **fields,
    }
    return {"type": "event_callback", "team_id": seed.TEAM, "event": inner}


def click(**fields: Any) -> bytes:
    action = {"type": "button", "action_id": "assign_me", "value": "hnd_1", "block_id": "b"}
    payload = {
        "type": "block_actions",
        "user": {"id": seed.ANA},
        "team": {"id": seed.TEAM},
        "actions": [{**action, "action_ts": "1763700001.000100", **fields}],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def dumped(value: object) -> bytes:
    return json.dumps(value).encode()


async def test_a_genuine_event_is_taken(door: Door) -> None:
    answer = await door.post(dumped(event()))
    assert answer.status_code == 200
    assert (await door.world.bridge.next(AgentSaid)).text == "hello"


async def test_what_no_database_can_keep_is_cleaned_out_of_a_command(door: Door) -> None:
    door.world.books.views.append(view())
    fields = {
        "command": "/resolve",
        "text": "42 re\x00fund",
        "user_id": seed.ANA,
        "team_id": seed.TEAM,
        "channel_id": seed.ORDERS,
        "trigger_id": "1.2.3",
        "response_url": "http://127.0.0.1:1/",
    }
    assert (await door.post(urlencode(fields).encode(), FORM)).status_code == 200
    assert (await door.world.bridge.next(Resolve)).reason == "re\ufffdfund"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-slack-signature": "v0=00"},
        {"x-slack-signature": "v0=" + "0" * 64, "x-slack-request-timestamp": "now"},
        {"x-slack-signature": "ä", "x-slack-request-timestamp": "1763700000"},
    ],
)
async def test_without_a_signature_nothing_is_even_read(
    door: Door, headers: dict[str, str]
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = await door.bare(dumped(event()), raw)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert door.world.bridge.commands == []


async def test_an_old_or_a_strangers_signature_is_refused(door: Door) -> None:
    assert (await door.post(dumped(event()), at=time.time() - 3_600)).status_code == 401
    assert (await door.post(dumped(event()), at=time.time() + 3_600)).status_code == 401
    assert (await door.post(dumped(event()), secret="other")).status_code == 401
    assert door.world.bridge.commands == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", JSON),
        (b"{", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b"\xff\xfe", JSON),
        (b"[" * 100_000, JSON),
        (b'{"type": "event_callback"}', JSON),
        (b'{"type": "event_callback", "event": []}', JSON),
        (b'{"type": "event_callback", "event": {"type": 5}}', JSON),
        (b'{"type": "event_callback", "event": {"type": "message"}}', JSON),
        (dumped(event(ts="x")), JSON),
        (b"", FORM),
        (b"payload=", FORM),
        (b"payload=%7B", FORM),
        (b"payload=%FF%FE", FORM),
        (b"a=\xff", FORM),
        (b"a=1&b=2", FORM),
        (b"&".join([b"command=%2Fdesk"] * 300), FORM),
        (urlencode({"payload": '{"type": "block_actions", "actions": []}'}).encode(), FORM),
        (click(action_ts="x"), FORM),
        (click(action_id=7), FORM),
        (click(deep=json.loads("[" * 60 + "]" * 60)), FORM),
    ],
)
async def test_malformed_bodies_are_refused(door: Door, body: bytes, kind: str) -> None:
    answer = await door.post(body, kind)
    assert 400 <= answer.status_code < 500
    assert door.world.bridge.commands == []


async def test_a_body_that_is_too_large_is_refused(door: Door) -> None:
    large = b" " * (8 * 1024 * 1024 + 1)
    assert (await door.post(large)).status_code == 413

    async def chunked() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * 1024 * 1024

    client = httpx.AsyncClient(base_url=door.world.url)
    async with client:
        assert (await client.post("/slack/events", content=chunked())).status_code == 413


async def test_nul_and_lone_surrogates_arrive_as_replacement_characters(door: Door) -> None:
    raw = dumped(event()).replace(b'"hello"', b'"a\\u0000b\\ud800c"')
    assert (await door.post(raw)).status_code == 200
    assert (await door.world.bridge.next(AgentSaid)).text == "a\ufffdb\ufffdc"


async def test_when_the_store_cannot_be_reached_slack_is_to_come_again(door: Door) -> None:
    def unavailable(_: Request) -> Answer:
        raise StoreUnavailable

    door.world.bridge.answer = unavailable
    assert (await door.post(dumped(event()))).status_code == 503
    assert (await door.post(click(), FORM)).status_code == 503


async def test_what_the_database_refuses_is_not_asked_for_again(door: Door) -> None:
    def poison(_: Request) -> Answer:
        raise BadData

    door.world.bridge.answer = poison
    assert (await door.post(dumped(event()))).status_code == 200
    assert (await door.post(click(), FORM)).status_code == 200


async def test_a_fault_of_ours_is_told_as_one(door: Door) -> None:
    def broken(_: Request) -> Answer:
        raise ZeroDivisionError

    door.world.bridge.answer = broken
    assert (await door.post(click(), FORM)).status_code == 500


async def test_a_repeated_click_has_the_same_key(door: Door) -> None:
    for _ in range(2):
        assert (await door.post(click(), FORM)).status_code == 200
    keys = {(await door.world.bridge.next(Assign)).key for _ in range(2)}
    assert keys == {f"slack:click:{seed.ANA}:1763700001.000100:assign_me"}


async def test_the_address_proves_itself_to_slack(door: Door) -> None:
    answer = await door.post(dumped({"type": "url_verification", "challenge": "abc"}))
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "event_callback", "team_id": seed.TEAM, "event": {"type": "app_home_opened"}},
        {"type": "event_callback", "team_id": seed.TEAM, "event": {"type": "brand_new"}},
        event(subtype="channel_join"),
        event(bot_id="B1"),
    ],
)
async def test_what_nobody_wants_is_acknowledged(door: Door, payload: dict[str, Any]) -> None:
    assert (await door.post(dumped(payload))).status_code == 200
    assert door.world.bridge.commands == []


async def test_when_slack_holds_events_back_the_log_says_so(door: Door) -> None:
    limited = {"type": "app_rate_limited", "team_id": seed.TEAM, "minute_rate_limited": 1763700000}
    with capture_logs() as logs:
        assert (await door.post(dumped(limited))).status_code == 200
    [told] = [each for each in logs if each["event"] == "events_rate_limited"]
    assert (told["log_level"], told["minute"]) == ("warning", 1763700000)


async def test_a_button_that_is_only_a_link_is_acknowledged(door: Door) -> None:
    assert (await door.post(click(action_id="open_profile"), FORM)).status_code == 200
    assert door.world.bridge.commands == []


async def test_slacks_check_of_the_certificate_is_answered(door: Door) -> None:
    assert (await door.post(b"ssl_check=1&token=x", FORM)).status_code == 200


async def test_a_change_of_a_person_is_asked_for_again(door: Door) -> None:
    members = door.world.desk._members
    await members.agent(seed.ANA)
    changed = {"type": "user_change", "user": {"id": seed.ANA}}
    payload = {"type": "event_callback", "team_id": seed.TEAM, "event": changed}
    assert members.known(seed.ANA) is not None
    assert (await door.post(dumped(payload))).status_code == 200
    assert members.known(seed.ANA) is None


async def test_a_click_while_slack_is_down_is_to_come_again(door: Door) -> None:
    door.world.box.faults.install({"rules": [{"kind": "error", "error": "fatal_error"}]}, 0)
    assert (await door.post(click(), FORM)).status_code == 503
    assert door.world.bridge.commands == []


async def test_a_message_of_20_000_characters_arrives_whole(door: Door) -> None:
    text = "All of it & more. " * 1_111 + "ok"
    assert len(text) == 20_000
    assert (await door.post(dumped(event(text=text.replace("&", "&amp;"))))).status_code == 200
    assert (await door.world.bridge.next(AgentSaid)).text == text
