"""Events reach a real Bolt app signed, repeated as Slack repeats them, and only when subscribed."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.slack import membership, seed
from tests.sandbox.conftest import FAST
from tests.sandbox.support import World, button, serving, world
from tests.waiting import until

Json = dict[str, Any]


async def test_a_persons_message_reaches_bolt_which_verified_its_signature(slack: World) -> None:
    ts = await slack.ana.say(seed.ORDERS, "hello")
    body = (await slack.events.at_least(1))[0]
    event = body["event"]
    assert (event["text"], event["ts"], event["user"]) == ("hello", ts, seed.ANA)
    assert event["channel_type"] == "channel"
    assert event["client_msg_id"]
    assert body["authorizations"][0]["user_id"] == seed.BOT_USER
    assert body["event_id"].startswith("Ev")


async def test_bolt_refuses_events_signed_with_another_secret() -> None:
    async with world(replace(FAST, signing_secret="one")) as slack:
        slack.bolt._signing_secret = "one"
        slack.box.delivery._http._signer.__init__("another")  # type: ignore[misc]
        await slack.ana.say(seed.ORDERS, "hello")
        await slack.requests.at_least(4)
        assert slack.events.items == []


async def test_the_apps_own_posts_come_back_with_its_bot_id(slack: World) -> None:
    await slack.post("own")
    event = (await slack.events.at_least(1))[0]["event"]
    assert event["bot_id"] == seed.BOT


async def test_an_unanswered_event_comes_three_more_times_with_the_reason(slack: World) -> None:
    slack.answers += [PlainTextResponse("no", 500)] * 4
    await slack.ana.say(seed.ORDERS, "hello")
    requests = await slack.requests.at_least(4)
    heads = [request["headers"] for request in requests]
    assert [head.get("x-slack-retry-num") for head in heads] == [None, "1", "2", "3"]
    assert [head.get("x-slack-retry-reason") for head in heads] == [None] + ["http_error"] * 3
    assert len({json.loads(request["body"])["event_id"] for request in requests}) == 1
    await settled(slack)
    assert len(slack.requests.items) == 4


async def test_no_retry_is_honoured(slack: World) -> None:
    slack.answers.append(PlainTextResponse("no", 500, headers={"x-slack-no-retry": "1"}))
    await slack.ana.say(seed.ORDERS, "hello")
    await slack.requests.at_least(1)
    await settled(slack)
    assert len(slack.requests.items) == 1


async def test_an_app_that_was_away_gets_the_event_when_it_is_back(slack: World) -> None:
    address = slack.box.delivery.request_url
    slack.box.set_request_url("http://127.0.0.1:9/slack/events")
    await slack.ana.say(seed.ORDERS, "hello")
    await until(slack.box.delivery.log.entries)
    slack.box.set_request_url(address)
    head = (await slack.requests.at_least(1))[0]["headers"]
    assert head["x-slack-retry-reason"] == "connection_failed"


@pytest.mark.parametrize(
    ("path", "reason", "patience"),
    [("/slow", "http_timeout", 0.1), ("/around", "too_many_redirects", 60.0)],
)
async def test_the_reason_of_a_repeat_is_what_went_wrong(
    path: str, reason: str, patience: float
) -> None:
    over = asyncio.Event()

    async def slow(request: Request) -> Response:
        await over.wait()
        return PlainTextResponse("late")

    async def around(request: Request) -> Response:
        return RedirectResponse(str(request.url), 307)

    routes = [
        Route(at, act, methods=["POST"]) for at, act in (("/slow", slow), ("/around", around))
    ]
    config = replace(FAST, ack_timeout=patience)
    async with serving(Starlette(routes=routes)) as odd, world(config) as slack:
        slack.box.set_request_url(odd + path)
        await slack.ana.say(seed.ORDERS, "hello")
        await until(slack.box.delivery.log.entries)
        assert slack.box.delivery.log.entries()[0]["failure"] == reason
        over.set()


async def test_an_event_follows_where_it_is_sent_on_to(slack: World) -> None:
    address = slack.box.delivery.request_url

    async def onward(request: Request) -> Response:
        return RedirectResponse(address, 307)

    async with serving(Starlette(routes=[Route("/", onward, methods=["POST"])])) as odd:
        slack.box.set_request_url(odd)
        await slack.ana.say(seed.ORDERS, "redirected")
        assert (await slack.events.at_least(1))[0]["event"]["text"] == "redirected"


async def settled(slack: World) -> None:
    """Return when nothing is on its way any more."""
    await until(lambda: not slack.box.delivery.open)


async def test_edits_and_deletes_tell_what_was_before(slack: World) -> None:
    ts = await slack.ana.say(seed.ORDERS, "before")
    await slack.ana.edit(seed.ORDERS, ts, "after")
    await slack.ana.delete(seed.ORDERS, ts)
    events = {
        body["event"].get("subtype"): body["event"] for body in await slack.events.at_least(3)
    }
    changed = events["message_changed"]
    assert changed["hidden"]
    assert changed["message"]["text"] == "after"
    assert changed["message"]["edited"]["user"] == seed.ANA
    assert changed["previous_message"]["text"] == "before"
    deleted = events["message_deleted"]
    assert deleted["deleted_ts"] == ts
    assert deleted["previous_message"]["text"] == "after"


async def test_a_deleted_root_with_replies_is_told_as_a_changed_tombstone(slack: World) -> None:
    root = await slack.ana.say(seed.ORDERS, "root")
    await slack.ben.reply(seed.ORDERS, root, "reply")
    await slack.ana.delete(seed.ORDERS, root)
    events = [body["event"] for body in await slack.events.at_least(3)]
    tomb = next(event for event in events if event.get("subtype") == "message_changed")
    assert tomb["message"]["subtype"] == "tombstone"
    assert tomb["previous_message"]["text"] == "root"


async def test_reactions_name_the_message_and_its_author(slack: World) -> None:
    ts = await slack.ana.say(seed.ORDERS, "hello")
    await slack.ben.react(seed.ORDERS, ts, "eyes")
    await slack.ben.react(seed.ORDERS, ts, "eyes", on=False)
    bodies = await slack.events.at_least(3)
    events = {body["event"]["type"]: body["event"] for body in bodies}
    item = {"type": "message", "channel": seed.ORDERS, "ts": ts}
    for kind in ("reaction_added", "reaction_removed"):
        assert events[kind]["item"] == item
        assert (events[kind]["user"], events[kind]["item_user"]) == (seed.BEN, seed.ANA)


async def test_a_broadcast_reply_carries_its_root(slack: World) -> None:
    root = await slack.post("root")
    await slack.ana.reply(seed.ORDERS, root, "for all", broadcast=True)
    events = [body["event"] for body in await slack.events.at_least(2)]
    reply = next(event for event in events if event.get("subtype") == "thread_broadcast")
    assert reply["root"]["ts"] == reply["thread_ts"] == root
    history = await slack.ana.history(seed.ORDERS)
    assert [message["text"] for message in history] == ["root", "for all"]


async def test_the_app_hears_only_of_its_own_channels(slack: World) -> None:
    await slack.ana.say(seed.GENERAL, "unheard")
    await slack.ana.say(seed.ORDERS, "heard")
    assert [body["event"]["text"] for body in await slack.events.at_least(1)] == ["heard"]


async def test_only_subscribed_events_are_sent() -> None:
    settings = {"event_subscriptions": {"bot_events": ["reaction_added"]}}
    async with world(replace(FAST, manifest={"settings": settings})) as slack:
        ts = await slack.ana.say(seed.ORDERS, "hello")
        await slack.ana.react(seed.ORDERS, ts, "eyes")
        bodies = await slack.events.at_least(1)
        assert [body["event"]["type"] for body in bodies] == ["reaction_added"]


async def test_posted_metadata_is_told_to_its_subscriber() -> None:
    subscribed = [{"app_id": seed.APP, "event_type": "deskbridge"}]
    settings = {"event_subscriptions": {"bot_events": [], "metadata_subscriptions": subscribed}}
    scopes = {"scopes": {"bot": ["chat:write"]}}
    manifest = {"settings": settings, "oauth_config": scopes}
    async with world(replace(FAST, manifest=manifest)) as slack:
        metadata = {"event_type": "deskbridge", "event_payload": {"id": "m1"}}
        ts = await slack.post("x", metadata=metadata)
        event = (await slack.events.at_least(1))[0]["event"]
        assert event["type"] == "message_metadata_posted"
        assert (event["message_ts"], event["metadata"]) == (ts, metadata)


async def test_membership_archiving_and_renaming_are_told(slack: World) -> None:
    workspace = slack.box.workspace
    channel = workspace.channels[seed.ORDERS]
    membership.join(workspace, channel, seed.GIL)
    membership.archive(workspace, channel, seed.ANA, on=True)
    membership.archive(workspace, channel, seed.ANA, on=False)
    membership.rename(workspace, channel, "desk-parcels", seed.ANA)
    membership.leave(workspace, channel, seed.BOT_USER)
    wanted = {
        "member_joined_channel", "channel_archive", "channel_unarchive", "channel_rename",
        "member_left_channel", "channel_left",
    }  # fmt: skip
    await slack.events.until(lambda items: wanted <= {item["event"]["type"] for item in items})


async def test_an_outsiders_joining_makes_the_channel_shared(slack: World) -> None:
    workspace = slack.box.workspace
    membership.join(workspace, workspace.channels[seed.ORDERS], seed.OSCAR)
    body = (await slack.events.at_least(1))[0]
    assert body["event"]["team"] == seed.OTHER_TEAM
    assert body["is_ext_shared_channel"]


async def test_opening_the_home_tab_is_told_with_the_view_shown(slack: World) -> None:
    await slack.ana.open_home()
    event = (await slack.events.at_least(1))[0]["event"]
    assert (event["user"], event["tab"]) == (seed.ANA, "home")
    assert "view" not in event
    await slack.client.views_publish(user_id=seed.ANA, view={"type": "home", "blocks": [button()]})
    await slack.ana.open_home()
    assert (await slack.events.at_least(2))[1]["event"]["view"]["type"] == "home"
    home = await slack.ana.home()
    assert home is not None
    assert home["blocks"][0]["block_id"] == "row"
