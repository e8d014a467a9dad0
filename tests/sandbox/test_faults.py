"""Faults strike as the script says, and never else."""

import time
from asyncio import gather
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import seed
from sandbox.slack.faults import BadFaultScript, Faults
from sandbox.slack.rates import ChannelLimit
from tests.sandbox.conftest import FAST
from tests.sandbox.support import World, fetch, world


async def test_a_rate_limit_names_the_wait_and_ends(slack: World) -> None:
    slack.fault(kind="ratelimit", methods=["chat.postMessage"], count=1, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await slack.post()
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response["error"] == "ratelimited"
    await slack.client.auth_test()
    await slack.post()


async def test_a_lost_response_leaves_the_message_stored(slack: World) -> None:
    slack.fault(kind="drop_response_after_store", count=1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await slack.post("stored")
    assert [message["text"] for message in await slack.oracle()] == ["stored"]


async def test_the_sdks_own_repeat_after_a_lost_response_doubles_the_message(slack: World) -> None:
    slack.fault(kind="drop_response_after_store", count=1)
    eager = AsyncWebClient(
        token="xoxb-sandbox", base_url=f"{slack.base}/api/", session=slack.client.session,
        retry_handlers=[AsyncConnectionErrorRetryHandler()],
    )  # fmt: skip
    await eager.chat_postMessage(channel=seed.ORDERS, text="twice")
    assert [message["text"] for message in await slack.oracle()] == ["twice", "twice"]


async def test_a_connection_dropped_before_stores_nothing(slack: World) -> None:
    slack.fault(kind="drop_connection_before", count=1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await slack.post("nothing")
    assert await slack.oracle() == []


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
async def test_a_server_error_may_come_before_or_after_storing(
    slack: World, when: str, stored: int
) -> None:
    slack.fault(kind="http_500", when=when, count=1)
    with pytest.raises(SlackApiError) as caught:
        await slack.post()
    assert caught.value.response.status_code == 500
    assert len(await slack.oracle()) == stored


async def test_a_gateway_error_is_a_page_and_not_json(slack: World) -> None:
    slack.fault(kind="http_502_html", count=1)
    with pytest.raises(SlackApiError) as caught:
        await slack.post()
    assert caught.value.response.status_code == 502


@pytest.mark.parametrize("error", ["channel_not_found", "token_revoked", "is_archived"])
async def test_an_error_can_be_asked_for_by_name(slack: World, error: str) -> None:
    slack.fault(kind="error", error=error, channels=[seed.ORDERS], count=1)
    with pytest.raises(SlackApiError) as caught:
        await slack.post()
    assert caught.value.response["error"] == error
    assert await slack.oracle() == []


async def test_slowness_takes_its_time(slack: World) -> None:
    slack.fault(kind="slow", seconds=0.1, count=1)
    before = time.monotonic()
    await slack.post()
    assert time.monotonic() - before >= 0.1


async def test_every_event_may_come_twice_at_once(slack: World) -> None:
    slack.fault(kind="duplicate_events")
    await slack.ana.say(seed.ORDERS, "hello")
    requests = await slack.requests.at_least(2)
    assert requests[0]["body"] == requests[1]["body"]
    assert {request["headers"].get("x-slack-retry-num") for request in requests} == {None, "1"}


async def test_events_may_come_twice_one_after_the_other(slack: World) -> None:
    slack.fault(kind="duplicate_events", concurrent=False, count=1)
    await slack.ana.say(seed.ORDERS, "hello")
    await slack.requests.at_least(2)


async def test_events_may_be_lost(slack: World) -> None:
    slack.fault(kind="lose_events", count=1)
    await slack.ana.say(seed.ORDERS, "lost")
    await slack.ana.say(seed.ORDERS, "kept")
    assert [body["event"]["text"] for body in await slack.events.at_least(1)] == ["kept"]


async def test_a_silence_holds_events_back_until_it_ends(slack: World) -> None:
    slack.fault(kind="silence", seconds=0.2)
    before = time.monotonic()
    await slack.ana.say(seed.ORDERS, "late")
    await slack.events.at_least(1)
    assert time.monotonic() - before >= 0.2


async def test_shuffled_events_all_arrive(slack: World) -> None:
    slack.fault(kind="shuffle_events", seconds=0.5)
    said = await gather(*(slack.ana.say(seed.ORDERS, f"{number}") for number in range(12)))
    bodies = await slack.events.at_least(len(said))
    heard = [body["event"]["ts"] for body in bodies]
    assert sorted(heard) == sorted(said)
    assert heard != sorted(heard)


async def test_one_post_a_second_and_channel_when_the_limit_is_on() -> None:
    async with world(replace(FAST, channel_limit=True)) as slack:
        await slack.post("one")
        with pytest.raises(SlackApiError) as caught:
            await slack.post("two")
        assert caught.value.response.headers["Retry-After"] == "1"
        await slack.client.chat_postMessage(channel=seed.BILLING, text="elsewhere")
    assert len(slack.box.workspace.channels[seed.ORDERS].messages) == 1


async def test_faults_are_set_shown_and_cleared_over_http(slack: World) -> None:
    url = f"{slack.base}/control/faults"
    rule = {"kind": "error", "error": "fatal_error", "count": 1}
    assert (await fetch("POST", url, json={"rules": [rule]})).status == 200
    assert (await fetch("GET", url)).json["rules"][0]["error"] == "fatal_error"
    assert (await fetch("DELETE", url)).json["rules"] == []
    assert (await fetch("POST", url, json={"rules": [{"kind": "gremlins"}]})).status == 400
    await slack.post()


@given(st.floats(0.2, 50), st.integers(1, 5), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_the_channel_limit_never_lets_more_through_than_rate_and_burst(
    rate: float, burst: int, gaps: list[float]
) -> None:
    limit, now, taken = ChannelLimit(rate, burst), 0.0, []
    for gap in gaps:
        now += gap
        if limit.take("C", now) == 0.0:
            taken.append(now)
    for index, first in enumerate(taken):
        for count, last in enumerate(taken[index:], 1):
            assert count <= burst + rate * (last - first) + 1e-3


@given(st.integers(0, 2**32), st.floats(0.05, 0.95))
def test_chance_is_the_same_for_the_same_seed(seed_value: int, probability: float) -> None:
    script = {"seed": seed_value, "rules": [{"kind": "ratelimit", "probability": probability}]}

    def run() -> list[bool]:
        faults = Faults()
        faults.install(script, 0.0)
        return [faults.for_call("x", None, 1.0) is not None for _ in range(50)]

    assert run() == run()


@pytest.mark.parametrize(
    "rule", [{"kind": "nothing"}, {"kind": "slow", "speed": 1}, {"kind": "http_500", "when": "?"}]
)
def test_an_unreadable_script_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(BadFaultScript):
        Faults().install({"rules": [rule]}, 0.0)


def test_a_rule_strikes_in_its_window_only() -> None:
    faults = Faults()
    faults.install({"rules": [{"kind": "ratelimit", "after": 2, "until": 4}]}, 100.0)
    struck = [faults.for_call("x", None, 100.0 + second) is not None for second in range(6)]
    assert struck == [False, False, True, True, False, False]
