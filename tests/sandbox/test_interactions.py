"""Commands, clicks, shortcuts, modals and response URLs, with a real Bolt app at the other end."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient
from starlette.responses import PlainTextResponse

from sandbox.slack import seed
from sandbox.slack.person import Person, Refused
from tests.sandbox.conftest import FAST
from tests.sandbox.support import Inbox, World, button, fetch, modal, section, text_input, world

Json = dict[str, Any]


def on_command(slack: World, name: str = "/desk", answer: Any = "") -> Inbox:
    """Register a command that answers that; what it got."""
    got = Inbox()

    async def handle(ack: Any, command: Json) -> None:
        await ack(answer)
        await got.add(command)

    slack.bolt.command(name)(handle)
    return got


def on_action(slack: World, action_id: str = "go") -> Inbox:
    """Register a button; what it got."""
    got = Inbox()

    async def handle(ack: Any, body: Json) -> None:
        await ack()
        await got.add(body)

    slack.bolt.action(action_id)(handle)
    return got


async def test_a_command_brings_its_fields_and_shows_its_answer(slack: World) -> None:
    got = on_command(slack, answer="Nothing waits.")
    await slack.ana.command(seed.ORDERS, "/desk queue  now ")
    command = (await got.at_least(1))[0]
    assert (command["command"], command["text"]) == ("/desk", "queue  now")
    assert (command["user_id"], command["user_name"]) == (seed.ANA, "ana")
    assert (command["channel_id"], command["channel_name"]) == (seed.ORDERS, "desk-orders")
    assert command["team_id"] == seed.TEAM
    assert [message["text"] for message in await slack.ana.ephemerals()] == ["Nothing waits."]
    assert await slack.ben.ephemerals() == []


async def test_an_answer_in_channel_is_seen_by_all(slack: World) -> None:
    on_command(slack, answer={"response_type": "in_channel", "text": "hello all"})
    await slack.ana.command(seed.ORDERS, "/desk queue")
    assert [message["text"] for message in await slack.ben.history(seed.ORDERS)] == ["hello all"]


async def test_a_command_in_a_thread_is_refused_as_slack_does(slack: World) -> None:
    root = await slack.post("root")
    with pytest.raises(Refused, match=r"/resolve is not supported in threads\. Sorry!"):
        await slack.ana.reply(seed.ORDERS, root, "/resolve")
    with pytest.raises(Refused, match=r"^// is not a valid command\. "):
        await slack.ana.reply(seed.ORDERS, root, "// note")


async def test_a_command_the_app_does_not_answer_in_time_fails() -> None:
    over = asyncio.Event()

    async def slow(ack: Any) -> None:
        await over.wait()
        await ack()

    async with world(replace(FAST, ack_timeout=0.1)) as slack:
        slack.bolt.command("/slow")(slow)
        with pytest.raises(Refused, match="operation_timeout"):
            await slack.ana.command(seed.ORDERS, "/slow")
        over.set()


async def test_an_unregistered_command_is_told_from_the_manifest() -> None:
    commands = [{"command": "/desk", "description": "The desk", "should_escape": True}]
    manifest = {"features": {"slash_commands": commands}}
    async with world(replace(FAST, manifest=manifest)) as slack:
        got = on_command(slack)
        with pytest.raises(Refused, match="/nope is not a valid command"):
            await slack.ana.command(seed.ORDERS, "/nope")
        await slack.ana.command(seed.ORDERS, "/desk find @Ben in #desk-billing")
        text = (await got.at_least(1))[0]["text"]
        assert text == f"find <@{seed.BEN}|ben> in <#{seed.BILLING}|desk-billing>"
        assert (await slack.ana.state())["commands"][0]["description"] == "The desk"


async def test_a_click_in_a_thread_names_message_thread_and_value(slack: World) -> None:
    got = on_action(slack)
    root = await slack.post("root")
    ts = await slack.post("card", thread_ts=root, blocks=[button(value="42")])
    await slack.ana.click("go", channel=seed.ORDERS, ts=ts)
    body = (await got.at_least(1))[0]
    assert body["container"]["thread_ts"] == root
    assert body["message"]["ts"] == ts
    assert body["message"]["thread_ts"] == root
    assert body["actions"][0]["value"] == "42"
    assert body["actions"][0]["block_id"] == "row"
    assert body["actions"][0]["action_ts"]
    assert body["user"]["id"] == seed.ANA
    assert body["state"] == {"values": {}}


async def test_a_choice_in_a_menu_brings_the_whole_option(slack: World) -> None:
    got = on_action(slack, "pick")
    texts = {value: {"type": "plain_text", "text": value.upper()} for value in ("a", "b")}
    options = [{"text": text, "value": value} for value, text in texts.items()]
    menu = {"type": "static_select", "action_id": "pick", "options": options}
    ts = await slack.post("menu", blocks=[{**section("x"), "block_id": "m", "accessory": menu}])
    await slack.ana.click("pick", channel=seed.ORDERS, ts=ts, option="b")
    body = (await got.at_least(1))[0]
    assert body["actions"][0]["selected_option"] == options[1]
    assert body["state"]["values"]["m"]["pick"]["selected_option"] == options[1]


async def test_a_click_on_what_is_gone_is_refused(slack: World) -> None:
    ts = await slack.post("card", blocks=[button()])
    with pytest.raises(Refused, match="not there"):
        await slack.ana.click("other", channel=seed.ORDERS, ts=ts)
    await slack.client.chat_delete(channel=seed.ORDERS, ts=ts)
    with pytest.raises(Refused, match="gone"):
        await slack.ana.click("go", channel=seed.ORDERS, ts=ts)


async def test_a_click_the_app_refuses_shows_trouble(slack: World) -> None:
    ts = await slack.post("card", blocks=[button()])
    with pytest.raises(Refused, match="http_service_error"):
        await slack.ana.click("go", channel=seed.ORDERS, ts=ts)


async def test_a_response_url_replaces_deletes_and_speaks_five_times_at_most(slack: World) -> None:
    got = on_action(slack)
    ts = await slack.post("card", blocks=[button()])
    await slack.ana.click("go", channel=seed.ORDERS, ts=ts)
    hook = AsyncWebhookClient((await got.at_least(1))[0]["response_url"])
    assert (await hook.send(text="new", replace_original=True)).body == "ok"
    assert (await slack.oracle())[0]["text"] == "new"
    await hook.send(text="only you")
    await hook.send(text="everybody", response_type="in_channel", replace_original=False)
    await hook.send_dict({"text": "in thread", "response_type": "in_channel", "thread_ts": ts})
    await hook.send(delete_original=True)
    assert [message["text"] for message in await slack.ana.ephemerals()] == ["only you"]
    living = [message["text"] for message in await slack.oracle() if not message["deleted"]]
    assert {"everybody", "in thread"} <= set(living)
    late = await hook.send(text="sixth")
    assert (late.status_code, late.body) == (404, '{"ok":false,"error":"used_url"}')


async def test_a_response_url_expires(slack: World) -> None:
    url = slack.box.hooks.new("actions", seed.ANA, seed.ORDERS)
    async with world(replace(FAST, response_url_lifetime=0.0)) as short:
        url = short.box.hooks.new("actions", seed.ANA, seed.ORDERS)
        base = short.base
        answer = await AsyncWebhookClient(base + url[url.index("/hooks") :]).send(text="late")
    assert answer.status_code == 404
    assert "expired_url" in str(answer.body)


async def test_an_ephemeral_answer_can_be_clicked_replaced_and_taken_away(slack: World) -> None:
    got = on_action(slack)
    on_command(slack, answer={"text": "choose", "blocks": [button()]})
    await slack.ana.command(seed.ORDERS, "/desk pick")
    shown = (await slack.ana.ephemerals())[0]
    await slack.ana.click("go", channel=seed.ORDERS, ts=shown["ts"])
    body = (await got.at_least(1))[0]
    assert body["container"]["is_ephemeral"]
    assert "message" not in body
    hook = AsyncWebhookClient(body["response_url"])
    await hook.send(text="chosen", replace_original=True)
    assert [message["text"] for message in await slack.ana.ephemerals()] == ["chosen"]
    await hook.send(delete_original=True)
    assert await slack.ana.ephemerals() == []


async def test_a_message_shortcut_on_a_reply_brings_message_and_thread(slack: World) -> None:
    got = Inbox()

    async def handle(ack: Any, body: Json) -> None:
        await ack()
        await got.add(body)

    slack.bolt.shortcut("handoff")(handle)
    root = await slack.post("root")
    ts = await slack.ben.reply(seed.ORDERS, root, "reply")
    await slack.ana.shortcut("handoff", channel=seed.ORDERS, ts=ts)
    await slack.ana.shortcut("handoff")
    first, second = await got.at_least(2)
    assert first["type"] == "message_action"
    assert (first["message_ts"], first["message"]["thread_ts"]) == (ts, root)
    assert first["message"]["user"] == seed.BEN
    assert second["type"] == "shortcut"
    assert "response_url" not in second


async def opened(slack: World, view: Json | None = None) -> Json:
    """Open a modal for Ana by a trigger of hers."""
    trigger = slack.box.triggers.new(seed.ANA)
    answer = await slack.client.views_open(trigger_id=trigger, view=view or modal())
    shown: Json = answer["view"]
    return shown


async def test_a_trigger_is_good_once_and_for_a_short_time(slack: World) -> None:
    trigger = slack.box.triggers.new(seed.ANA)
    await slack.client.views_open(trigger_id=trigger, view=modal())
    for name, error in ((trigger, "exchanged_trigger_id"), ("12.34.ab", "invalid_trigger_id")):
        with pytest.raises(SlackApiError, match=error):
            await slack.client.views_open(trigger_id=name, view=modal())
    async with world(replace(FAST, trigger_lifetime=-1.0)) as late:
        with pytest.raises(SlackApiError, match="expired_trigger_id"):
            await opened(late)


def on_view(slack: World, *answers: Json) -> Inbox:
    """Register the form; it gives these answers, one for each submission."""
    got, left = Inbox(), list(answers)

    async def handle(ack: Any, body: Json) -> None:
        await ack(**(left.pop(0) if left else {}))
        await got.add(body)

    slack.bolt.view("form")(handle)
    return got


async def test_a_modals_errors_are_shown_and_then_it_closes(slack: World) -> None:
    got = on_view(slack, {"response_action": "errors", "errors": {"why": "Say more."}})
    view = await opened(slack)
    refused = await slack.ana.submit(view["id"], {"reason": "no"})
    assert refused["errors"] == {"why": "Say more."}
    assert await slack.ana.modal() is not None
    accepted = await slack.ana.submit(view["id"], {"reason": "because"})
    assert "errors" not in accepted
    assert await slack.ana.modal() is None
    body = (await got.at_least(2))[1]
    assert body["view"]["state"]["values"]["why"]["reason"]["value"] == "because"
    assert body["view"]["callback_id"] == "form"


async def test_the_client_itself_refuses_empty_and_overlong_fields(slack: World) -> None:
    got = on_view(slack)
    view = await opened(slack)
    empty = await slack.ana.submit(view["id"])
    assert empty["errors"] == {"why": "Please complete this required field."}
    long = await slack.ana.submit(view["id"], {"reason": "x" * 21})
    assert long["errors"] == {"why": "Must be 20 characters or fewer."}
    assert got.items == []


async def test_errors_for_blocks_that_are_no_inputs_are_a_violation(slack: World) -> None:
    on_view(slack, {"response_action": "errors", "errors": {"nope": "x"}})
    view = await opened(slack)
    with pytest.raises(Refused, match="trouble"):
        await slack.ana.submit(view["id"], {"reason": "x"})
    assert slack.box.violations.entries()


async def test_a_submission_may_update_push_and_clear(slack: World) -> None:
    title = {"type": "plain_text", "text": "Second"}
    second = {**modal(), "title": title}
    on_view(
        slack, {"response_action": "update", "view": second},
        {"response_action": "push", "view": modal(section("third"), text_input())},
        {"response_action": "clear"},
    )  # fmt: skip
    view = await opened(slack)
    await slack.ana.submit(view["id"], {"reason": "x"})
    updated = await slack.ana.modal()
    assert updated is not None
    assert (updated["id"], updated["title"]["text"]) == (view["id"], "Second")
    await slack.ana.submit(view["id"], {"reason": "x"})
    top = await slack.ana.modal()
    assert top is not None
    assert (top["previous_view_id"], top["root_view_id"]) == (view["id"], view["id"])
    await slack.ana.submit(top["id"], {"reason": "x"})
    assert await slack.ana.modal() is None


async def test_at_most_three_modals_are_stacked(slack: World) -> None:
    await opened(slack)
    for _ in range(2):
        trigger = slack.box.triggers.new(seed.ANA)
        await slack.client.views_push(trigger_id=trigger, view=modal())
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await slack.client.views_push(trigger_id=slack.box.triggers.new(seed.ANA), view=modal())


async def test_an_update_with_an_old_hash_is_a_conflict(slack: World) -> None:
    view = await opened(slack)
    update = slack.client.views_update
    first = await update(view_id=view["id"], hash=view["hash"], view=modal(section("loaded")))
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await update(view_id=view["id"], hash=view["hash"], view=modal())
    await update(view_id=view["id"], hash=first["view"]["hash"], view=modal())
    with pytest.raises(SlackApiError, match="not_found"):
        await update(view_id="V0NOTHING00", view=modal())


async def test_a_closed_modal_is_told_when_it_asked_to(slack: World) -> None:
    got = Inbox()

    async def handle(ack: Any, body: Json) -> None:
        await ack()
        await got.add(body)

    slack.bolt.view_closed("form")(handle)
    view = await opened(slack, modal(notify_on_close=True))
    await slack.ana.close(view["id"])
    body = (await got.at_least(1))[0]
    assert (body["view"]["id"], body["is_cleared"]) == (view["id"], False)
    assert await slack.ana.modal() is None


@pytest.mark.parametrize(
    "view",
    [
        {**modal(), "title": {"type": "plain_text", "text": "x" * 25}},
        {**modal(), "private_metadata": "x" * 3001},
        {**modal(), "blocks": [section("x")] * 101},
        {**modal(), "submit": None},
        {**modal(), "type": "home"},
    ],
)
async def test_views_over_the_limits_are_refused(slack: World, view: Json) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await opened(slack, view)


async def test_a_click_inside_a_modal_brings_what_was_typed(slack: World) -> None:
    got = on_action(slack)
    view = await opened(slack, modal(text_input(), button()))
    typed = {"why": {"reason": {"type": "plain_text_input", "value": "half"}}}
    body = {"as": seed.ANA, "view_id": view["id"], "action_id": "go", "values": typed}
    assert (await fetch("POST", f"{slack.base}/ui/action", json=body)).json["ok"]
    sent = (await got.at_least(1))[0]
    assert sent["view"]["state"]["values"]["why"]["reason"]["value"] == "half"
    trigger = sent["trigger_id"]
    pushed = await slack.client.views_push(trigger_id=trigger, view=modal())
    assert pushed["view"]["previous_view_id"] == view["id"]


async def test_an_external_menu_asks_the_app_for_options(slack: World) -> None:
    option = {"text": {"type": "plain_text", "text": "Sam"}, "value": "42"}

    async def suggest(ack: Any, payload: Json) -> None:
        await ack(options=[option] if payload["value"] == "sa" else [])

    slack.bolt.options("who")(suggest)
    menu = {"type": "external_select", "action_id": "who", "min_query_length": 1}
    ts = await slack.post("x", blocks=[{**section("x"), "accessory": menu}])
    assert await slack.ana.options("who", "sa", channel=seed.ORDERS, ts=ts) == [option]


async def test_people_act_only_where_they_are(slack: World) -> None:
    async with Person(slack.base, seed.GIL) as gil:
        with pytest.raises(Refused, match="not in this channel"):
            await gil.say(seed.ORDERS, "let me in")
        await gil.join(seed.ORDERS)
        await gil.say(seed.ORDERS, "thanks")
    ts = await slack.ana.say(seed.ORDERS, "mine")
    with pytest.raises(Refused, match="own messages"):
        await slack.ben.edit(seed.ORDERS, ts, "yours")


async def test_an_app_that_does_not_listen_is_named(slack: World) -> None:
    slack.box.set_request_url("http://127.0.0.1:9/")
    with pytest.raises(Refused, match="dispatch_failed"):
        await slack.ana.command(seed.ORDERS, "/desk")


async def test_a_broken_answer_to_a_command_is_a_violation(slack: World) -> None:
    answer = {"blocks": [section("x" * 3001)], "text": "x"}
    on_command(slack, answer=answer)
    with pytest.raises(Refused, match="invalid_command_response"):
        await slack.ana.command(seed.ORDERS, "/desk")
    assert slack.box.violations.entries()


async def test_an_empty_answer_shows_nothing(slack: World) -> None:
    slack.answers.append(PlainTextResponse(""))
    await slack.ana.command(seed.ORDERS, "/desk")
    assert await slack.ana.ephemerals() == []
