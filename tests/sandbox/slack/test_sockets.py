"""Socket Mode: tickets, connections, envelopes, acknowledgements, and what happens as they go."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from starlette.responses import Response

from sandbox.slack import seed
from sandbox.slack.person import Refused
from sandbox.slack.sockets import MOST_LINKS
from tests.sandbox.conftest import FAST
from tests.sandbox.slack.sockets import open_connection, socket, socket_mode
from tests.sandbox.support import World, button, fetch, modal, world
from tests.waiting import until


@pytest.fixture
async def socketed() -> AsyncIterator[World]:
    """A workspace whose app is in Socket Mode."""
    async with world(replace(FAST, socket_mode=True)) as built:
        yield built


async def test_a_socket_is_opened_with_the_apps_token_only(socketed: World) -> None:
    assert (await open_connection(socketed, "xoxb-sandbox"))["error"] == "not_allowed_token_type"
    assert (await open_connection(socketed, "xapp-other"))["error"] == "invalid_auth"
    assert (await open_connection(socketed))["url"].startswith("ws://127.0.0.1:")


async def test_the_apps_token_is_good_for_nothing_else(socketed: World) -> None:
    headers = {"Authorization": "Bearer xapp-sandbox"}
    answer = await fetch("POST", f"{socketed.base}/api/auth.test", headers=headers)
    assert answer.json["error"] == "not_allowed_token_type"


async def test_without_socket_mode_there_are_no_sockets(slack: World) -> None:
    assert (await open_connection(slack))["error"] == "access_denied"


async def test_the_manifest_switches_socket_mode_on() -> None:
    manifest = {"settings": {"socket_mode_enabled": True}}
    async with world(replace(FAST, manifest=manifest)) as slack:
        assert (await open_connection(slack))["ok"]


async def test_a_ticket_is_good_once(socketed: World) -> None:
    url = (await open_connection(socketed))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
        assert (await ws.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_hello_counts_the_connections_and_says_how_long_they_live(socketed: World) -> None:
    async with socket(socketed) as one, socket(socketed, more="&debug_reconnects=true") as two:
        assert (one.hello["num_connections"], two.hello["num_connections"]) == (1, 2)
        assert one.hello["debug_info"]["approximate_connection_time"] == 3600
        assert two.hello["debug_info"]["approximate_connection_time"] == 360
        assert one.hello["connection_info"] == {"app_id": seed.APP}


async def test_an_eleventh_connection_is_sent_away(socketed: World) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(MOST_LINKS):
            await stack.enter_async_context(socket(socketed))
        late = await stack.enter_async_context(socket(socketed))
        assert (late.hello["type"], late.hello["reason"]) == ("disconnect", "too_many_websockets")
        await until(lambda: late.ws.closed)
        assert socketed.box.delivery.sockets.connected == MOST_LINKS


async def test_events_go_to_the_socket_and_not_to_the_request_url(socketed: World) -> None:
    async with socket(socketed) as one:
        ts = await socketed.ana.say(seed.ORDERS, "hello")
        await until(lambda: one.envelopes and socketed.box.delivery.open == 0)
    (envelope,) = one.envelopes
    assert envelope["type"] == "events_api"
    assert envelope["accepts_response_payload"] is False
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")
    assert envelope["payload"]["event"]["ts"] == ts
    assert envelope["payload"]["type"] == "event_callback"
    assert socketed.requests.items == []
    (entry,) = socketed.box.delivery.log.entries()
    assert (entry["status"], entry["via"]) == (200, 1)


async def test_sockets_take_turns() -> None:
    config = replace(FAST, socket_mode=True, ack_timeout=30.0)
    async with (
        world(config) as slack,
        socket(slack) as one,
        socket(slack) as two,
        socket(slack) as three,
    ):
        for number in range(9):
            await slack.ana.say(seed.ORDERS, f"{number}")
        await until(lambda: slack.box.delivery.open == 0)
        assert [len(each.envelopes) for each in (one, two, three)] == [3, 3, 3]


async def test_what_is_not_acknowledged_comes_again_over_another_socket() -> None:
    config = replace(FAST, socket_mode=True, ack_timeout=2.0)
    async with (
        world(config) as slack,
        socket(slack, acknowledges=False) as deaf,
        socket(slack) as good,
    ):
        for text in ("one", "two"):  # one of them meets the deaf socket first
            await slack.ana.say(seed.ORDERS, text)
        await until(lambda: len(good.envelopes) == 2)
        await until(lambda: slack.box.delivery.open == 0)
    (lost,) = deaf.envelopes
    (again,) = [e for e in good.envelopes if e["retry_attempt"]]
    assert again["payload"] == lost["payload"]
    assert again["envelope_id"] != lost["envelope_id"]
    assert (again["retry_attempt"], again["retry_reason"]) == (1, "http_timeout")


async def test_what_a_lost_socket_held_comes_again_at_once() -> None:
    config = replace(FAST, socket_mode=True, ack_timeout=30.0)
    async with world(config) as slack, socket(slack, acknowledges=False) as lost:
        await slack.ana.say(seed.ORDERS, "hello")
        await until(lambda: lost.envelopes)
        async with socket(slack) as good:
            await lost.ws.close()
            await until(lambda: good.envelopes)
            assert good.envelopes[0]["retry_reason"] == "connection_failed"


async def test_without_any_socket_an_event_is_repeated_and_then_lost(socketed: World) -> None:
    await socketed.ana.say(seed.ORDERS, "nobody hears")
    await until(lambda: socketed.box.delivery.open == 0)
    attempts = [entry["failure"] for entry in socketed.box.delivery.log.entries()]
    assert attempts == ["connection_failed"] * 4
    with pytest.raises(Refused, match="dispatch_failed"):
        await socketed.ana.command(seed.ORDERS, "/desk")


async def test_an_event_of_a_moment_without_sockets_reaches_the_next_one() -> None:
    config = replace(FAST, socket_mode=True, retry_delays=(0.1,) * 600)
    async with world(config) as slack:
        await slack.ana.say(seed.ORDERS, "early")
        async with socket(slack) as one:
            await until(lambda: one.envelopes)
            assert one.envelopes[0]["payload"]["event"]["text"] == "early"


async def test_a_command_is_answered_in_its_acknowledgement(socketed: World) -> None:
    async with socket(socketed) as one:
        one.answer = {"text": "Two are waiting"}
        await socketed.ana.command(seed.ORDERS, "/desk queue")
    (envelope,) = one.envelopes
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert (envelope["payload"]["command"], envelope["payload"]["text"]) == ("/desk", "queue")
    (shown,) = await socketed.ana.ephemerals()
    assert shown["text"] == "Two are waiting"


async def test_a_click_takes_no_answer(socketed: World) -> None:
    ts = await socketed.post("press", blocks=[button()])
    async with socket(socketed) as one:
        one.answer = {"text": "nobody reads this"}
        await socketed.ana.click("go", channel=seed.ORDERS, ts=ts)
        (envelope,) = [e for e in one.envelopes if e["type"] == "interactive"]
    assert envelope["accepts_response_payload"] is False
    assert envelope["payload"]["actions"][0]["action_id"] == "go"
    assert await socketed.ana.ephemerals() == []


async def test_a_modal_is_answered_in_its_acknowledgement(socketed: World) -> None:
    async with socket(socketed) as one:
        asking = asyncio.create_task(socketed.ana.shortcut("open"))
        await until(lambda: one.envelopes)
        await asking
        trigger = one.envelopes[0]["payload"]["trigger_id"]
        view = (await socketed.client.views_open(trigger_id=trigger, view=modal()))["view"]
        one.answer = {"response_action": "errors", "errors": {"why": "No."}}
        answer = await socketed.ana.submit(view["id"], {"reason": "because"})
    assert answer["errors"] == {"why": "No."}
    assert one.envelopes[-1]["accepts_response_payload"] is True


async def test_a_menus_options_are_answered_in_the_acknowledgement(socketed: World) -> None:
    menu = {"type": "external_select", "action_id": "pick", "min_query_length": 1}
    block = {"type": "actions", "block_id": "row", "elements": [menu]}
    ts = await socketed.post("choose", blocks=[block])
    async with socket(socketed) as one:
        option = {"text": {"type": "plain_text", "text": "Refund"}, "value": "refund"}
        one.answer = {"options": [option]}
        found = await socketed.ana.options("pick", "re", channel=seed.ORDERS, ts=ts)
        (envelope,) = [e for e in one.envelopes if e["type"] == "interactive"]
    assert found == [option]
    assert (envelope["payload"]["type"], envelope["payload"]["value"]) == ("block_suggestion", "re")
    assert envelope["accepts_response_payload"] is True


async def test_a_connection_is_warned_and_then_refreshed() -> None:
    async with world(replace(FAST, socket_mode=True, socket_life=0.1)) as slack:
        async with socket(slack) as one:
            await until(lambda: one.ws.closed)
        assert one.reasons == ["warning", "refresh_requested"]
        assert slack.box.delivery.sockets.connected == 0


async def test_slack_pings_and_answers_pings() -> None:
    async with world(replace(FAST, socket_mode=True, socket_ping=0.02)) as slack:
        url = (await open_connection(slack))["url"]
        ends = aiohttp.ClientSession()
        async with ends as session, session.ws_connect(url, autoping=False) as ws:
            await ws.receive_json()
            await ws.ping(b"mine")
            kinds = {(m := await ws.receive()).type: m.data for _ in range(4)}
    assert kinds[aiohttp.WSMsgType.PONG] == b"mine"
    assert kinds[aiohttp.WSMsgType.PING].startswith(b"Ping from")


async def test_switching_socket_mode_off_tells_every_socket_and_goes_back_to_http(
    socketed: World,
) -> None:
    url = f"{socketed.base}/control/app"
    async with socket(socketed) as one, socket(socketed) as two:
        answer = await fetch("POST", url, json={"socket_mode": False})
        await until(lambda: one.ws.closed and two.ws.closed)
    assert answer.json["socket_mode"] is False
    assert one.reasons == two.reasons == ["link_disabled"]
    await socketed.ana.say(seed.ORDERS, "over HTTP")
    await socketed.events.at_least(1)


async def test_a_frozen_socket_is_open_and_dumb() -> None:
    config = replace(FAST, socket_mode=True, ack_timeout=0.1, retry_delays=(0.2,) * 300)
    async with world(config) as slack, socket(slack) as one:
        url = f"{slack.base}/control/sockets"
        assert (await fetch("POST", url, json={"act": "freeze"})).json["hit"] == 1
        await slack.ana.say(seed.ORDERS, "unheard")
        await until(slack.box.delivery.log.entries)
        (shown,) = (await fetch("GET", url)).json["connections"]
        assert (shown["frozen"], shown["sent"] > 0, one.envelopes) == (True, True, [])
        await fetch("POST", url, json={"act": "thaw", "connection": shown["number"]})
        await until(lambda: one.envelopes)
        assert one.envelopes[0]["retry_attempt"] > 0


async def test_a_socket_can_be_cut(socketed: World) -> None:
    url = f"{socketed.base}/control/sockets"
    async with socket(socketed) as one:
        await fetch("POST", url, json={"act": "cut"})
        await until(lambda: one.ws.closed)
    assert one.reasons == []
    assert (await fetch("POST", url, json={"act": "dance"})).status == 400


async def test_a_socket_may_be_lost_with_an_event_in_it(socketed: World) -> None:
    await socket_mode(socketed.box)
    async with socket(socketed) as one, socket(socketed) as two:
        socketed.fault(kind="cut_socket", count=1)
        await socketed.ana.say(seed.ORDERS, "hello")
        await until(lambda: socketed.box.delivery.open == 0)
        await until(lambda: one.ws.closed)
        assert two.envelopes[0]["retry_reason"] == "connection_failed"


@pytest.mark.parametrize("text", ["[]", "no json", json.dumps({"envelope_id": "unknown"})])
async def test_what_is_no_acknowledgement_is_ignored(socketed: World, text: str) -> None:
    async with socket(socketed) as one:
        await one.ws.send_str(text)
        await socketed.ana.say(seed.ORDERS, "hello")
        await until(lambda: one.envelopes and socketed.box.delivery.open == 0)


async def test_the_sdks_own_client_gets_on_with_it(socketed: World) -> None:
    handler = AsyncSocketModeHandler(socketed.bolt, "xapp-sandbox")
    handler.client.web_client.base_url = f"{socketed.base}/api/"

    async def desk(ack: Any) -> None:
        await ack("heard")

    socketed.bolt.command("/desk")(desk)
    await handler.connect_async()  # type: ignore[no-untyped-call] # its stub
    try:
        await socketed.ana.say(seed.ORDERS, "hello")
        await socketed.events.at_least(1)
        await socketed.ana.command(seed.ORDERS, "/desk")
        (shown,) = await socketed.ana.ephemerals()
        assert shown["text"] == "heard"
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # its stub


async def test_answers_over_http_are_not_asked_for_in_socket_mode(socketed: World) -> None:
    socketed.answers.append(Response("never", media_type="text/plain"))
    async with socket(socketed):
        await socketed.ana.command(seed.ORDERS, "/desk")
    assert len(socketed.answers) == 1
