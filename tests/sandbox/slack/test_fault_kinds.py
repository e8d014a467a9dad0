"""Each kind of fault, alone, by method and channel, so often or until it is switched off."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from sandbox.slack import seed
from sandbox.slack.fault_kinds import CALLS, ERRORS, KINDS, table
from sandbox.slack.faults import BadFaultScript, Faults
from sandbox.slack.person import Refused
from sandbox.slack.rates import PER_MINUTE
from sandbox.slack.web_api import METHODS
from tests.sandbox.conftest import FAST
from tests.sandbox.support import Fetched, World, fetch, world
from tests.waiting import until

DOC = Path(__file__).parents[3] / "docs" / "sandbox.md"
BEARER = {"Authorization": "Bearer xoxb-sandbox"}


async def call(slack: World, method: str, **arguments: Any) -> Fetched:
    """A Web API call as it goes over the wire."""
    return await fetch("POST", f"{slack.base}/api/{method}", headers=BEARER, json=arguments)


def test_the_docs_table_is_the_codes_own() -> None:
    assert table() in DOC.read_text()


def test_faults_and_limits_name_methods_that_exist() -> None:
    assert {name for kind in KINDS.values() for name in kind.methods} <= set(METHODS)
    assert set(PER_MINUTE) == set(METHODS)


@pytest.mark.parametrize("name", ERRORS)
async def test_every_error_can_be_had_by_its_name_once(slack: World, name: str) -> None:
    slack.fault(kind=name, count=1)
    method = (ERRORS[name].methods or ("auth.test",))[0]
    place = {"channel": seed.ORDERS, "ts": "1600000000.000100", "user": seed.ANA}
    assert (await call(slack, method, **place)).json == {"ok": False, "error": name}
    assert slack.box.faults.for_call(method, seed.ORDERS, time.time()) is None


async def test_an_error_means_its_own_methods_unless_others_are_named(slack: World) -> None:
    slack.fault(kind="cant_delete_message")
    assert (await call(slack, "auth.test")).json["ok"]
    ts = await slack.post()
    deleted = await call(slack, "chat.delete", channel=seed.ORDERS, ts=ts)
    assert deleted.json["error"] == "cant_delete_message"
    slack.fault(kind="is_archived", methods=["auth.test"])
    assert (await call(slack, "auth.test")).json["error"] == "is_archived"
    await slack.post()


async def test_an_error_may_strike_one_channel(slack: World) -> None:
    slack.fault(kind="not_in_channel", channels=[seed.BILLING])
    await slack.post()
    there = await call(slack, "chat.postMessage", channel=seed.BILLING, text="hello")
    assert there.json["error"] == "not_in_channel"


async def test_an_edit_window_closes_for_old_messages(slack: World) -> None:
    slack.fault(kind="edit_window_closed", older_than=60)
    ts = await slack.post()
    changed = await call(slack, "chat.update", channel=seed.ORDERS, ts=ts, text="new")
    assert changed.json["ok"]
    old = await call(slack, "chat.update", channel=seed.ORDERS, ts="1600000000.000100", text="x")
    assert old.json["error"] == "edit_window_closed"
    assert (await call(slack, "chat.update", channel=seed.ORDERS)).json["error"] != old.json[
        "error"
    ]


async def test_a_call_that_hangs_ends_with_the_rule(slack: World) -> None:
    slack.fault(kind="hang", methods=["auth.test"])
    hanging = asyncio.create_task(call(slack, "auth.test"))
    await slack.post()
    assert not hanging.done()
    await fetch("DELETE", f"{slack.base}/control/faults")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await hanging


async def test_a_call_that_hangs_ends_with_its_window(slack: World) -> None:
    slack.fault(kind="hang", until=1.0)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call(slack, "auth.test")
    assert (await call(slack, "auth.test")).json["ok"]


async def test_who_gives_up_on_a_hanging_call_frees_it(slack: World) -> None:
    slack.fault(kind="hang", count=1)
    hanging = asyncio.create_task(call(slack, "auth.test"))
    await until(lambda: slack.box.faults.describe()[0]["used"])
    hanging.cancel()
    await asyncio.wait([hanging])
    await until(slack.box.calls.entries)
    assert (await call(slack, "auth.test")).json["ok"]


async def test_slack_may_be_out_of_order(slack: World) -> None:
    slack.fault(kind="http_503", count=1)
    assert (await call(slack, "auth.test")).status == 503


@pytest.mark.parametrize("mode", ["drop", "fail"])
async def test_an_outage_may_be_told_or_cut(slack: World, mode: str) -> None:
    slack.fault(kind="outage", mode=mode)
    if mode == "fail":
        assert (await call(slack, "chat.postMessage", channel=seed.ORDERS, text="x")).status == 503
    else:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await call(slack, "chat.postMessage", channel=seed.ORDERS, text="x")
    assert await slack.oracle() == []


async def test_a_silent_slack_holds_everything_until_it_is_over(slack: World) -> None:
    slack.fault(kind="outage")
    hanging = asyncio.create_task(call(slack, "auth.test"))
    await slack.ana.say(seed.ORDERS, "held")
    with pytest.raises(Refused, match="operation_timeout"):
        await slack.ana.command(seed.ORDERS, "/desk")
    assert slack.requests.items == []
    await fetch("DELETE", f"{slack.base}/control/faults")
    assert [body["event"]["text"] for body in await slack.events.at_least(1)] == ["held"]
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await hanging


async def test_a_silent_slack_may_lose_everything(slack: World) -> None:
    slack.fault(kind="outage", lose=True)
    await slack.ana.say(seed.ORDERS, "lost")
    await fetch("DELETE", f"{slack.base}/control/faults")
    await slack.ana.say(seed.ORDERS, "kept")
    assert [body["event"]["text"] for body in await slack.events.at_least(1)] == ["kept"]


async def test_tiers_limit_each_method_alone(slack: World) -> None:
    slack.fault(kind="tier_limits")
    for _ in range(20):
        assert (await call(slack, "conversations.list")).status == 200
    limited = await call(slack, "conversations.list")
    assert (limited.status, limited.json["error"]) == (429, "ratelimited")
    assert (await call(slack, "conversations.info", channel=seed.ORDERS)).status == 200


async def test_a_limit_may_be_set_by_the_script(slack: World) -> None:
    slack.fault(kind="tier_limits", methods=["auth.test"], per_minute=2)
    statuses = [(await call(slack, "auth.test")).status for _ in range(3)]
    assert statuses == [200, 200, 429]


async def test_tiers_may_hold_from_the_start() -> None:
    async with world(replace(FAST, method_limits=True)) as slack:
        answers = [await call(slack, "users.list") for _ in range(21)]
        assert [answer.status for answer in answers] == [200] * 20 + [429]


async def test_a_channels_limit_lets_a_burst_through(slack: World) -> None:
    slack.fault(kind="channel_limit", rate=1, burst=3)
    for number in range(3):
        await slack.post(f"{number}")
    with pytest.raises(SlackApiError) as caught:
        await slack.post("4")
    assert caught.value.response.headers["Retry-After"] == "1"
    await slack.client.chat_postMessage(channel=seed.BILLING, text="elsewhere")


async def test_over_the_limit_of_events_they_are_lost_and_one_says_so(slack: World) -> None:
    slack.fault(kind="event_limit", per_hour=2)
    for text in ("one", "two", "three", "four"):
        await slack.ana.say(seed.ORDERS, text)
    await slack.events.at_least(2)
    await until(lambda: slack.box.delivery.open == 0)
    kinds = [e["kind"] for e in slack.box.delivery.log.entries() if not e["attempt"]]
    assert (kinds.count("message"), kinds.count("app_rate_limited")) == (4, 1)
    assert [body["event"]["text"] for body in slack.events.items] == ["one", "two"]


async def test_a_lost_answer_brings_the_event_again(slack: World) -> None:
    slack.fault(kind="lose_answers", count=1)
    await slack.ana.say(seed.ORDERS, "hello")
    first, second = await slack.requests.at_least(2)
    assert first["body"] == second["body"]
    assert second["headers"]["x-slack-retry-reason"] == "http_timeout"


async def test_events_of_one_channel_may_be_late(slack: World) -> None:
    slack.fault(kind="late_events", seconds=1.0, channels=[seed.ORDERS])
    before = time.monotonic()
    said = (slack.ana.say(seed.ORDERS, "late"), slack.ana.say(seed.BILLING, "soon"))
    await asyncio.gather(*said)
    bodies = await slack.events.at_least(2)
    assert [body["event"]["text"] for body in bodies] == ["soon", "late"]
    assert time.monotonic() - before >= 1.0


async def opens_a_modal(slack: World) -> list[str]:
    """What the app is answered when it opens a modal for a shortcut."""
    answers: list[str] = []

    async def open_modal(ack: Any, body: Any) -> None:
        await ack()
        view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}
        answer = await call(slack, "views.open", trigger_id=body["trigger_id"], view=view)
        answers.append(answer.json.get("error", "ok"))

    slack.bolt.shortcut("open")(open_modal)
    await slack.ana.shortcut("open")
    await until(lambda: answers)
    return answers


async def test_a_late_click_comes_with_an_expired_trigger() -> None:
    async with world(replace(FAST, trigger_lifetime=0.02)) as slack:
        slack.fault(kind="late_requests", seconds=0.05)
        assert await opens_a_modal(slack) == ["expired_trigger_id"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [("expired_trigger", "expired_trigger_id"), ("used_trigger", "exchanged_trigger_id")],
)
async def test_triggers_may_be_spoiled(slack: World, kind: str, error: str) -> None:
    slack.fault(kind=kind, count=1)
    assert await opens_a_modal(slack) == [error]


async def test_a_lost_command_fails_for_who_typed_it(slack: World) -> None:
    slack.fault(kind="lose_requests", event_types=["command"], count=1)
    with pytest.raises(Refused, match="operation_timeout"):
        await slack.ana.command(seed.ORDERS, "/desk")
    assert slack.requests.items == []


def test_a_mode_must_be_known() -> None:
    with pytest.raises(BadFaultScript, match="mode must be"):
        Faults().install({"rules": [{"kind": "outage", "mode": "loud"}]}, 0.0)


def test_a_script_that_cannot_be_read_leaves_the_old_one_in_force() -> None:
    faults = Faults()
    faults.install({"rules": [{"kind": "hang"}]}, 0.0)
    with pytest.raises(BadFaultScript):
        faults.install({"rules": [{"kind": "gremlins"}]}, 0.0)
    assert faults.for_call("auth.test", None, 0.0) is not None


def test_every_kind_is_told_with_keys_that_a_rule_has() -> None:
    faults = Faults()
    faults.install({"rules": [{"kind": name} for name in CALLS]}, 0.0)
    keys = {key for kind in KINDS.values() for key in kind.keys}
    assert keys <= set(faults.describe()[0])
