"""The Web API answers as Slack's does, through the official client and by hand."""

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import seed
from tests.sandbox.conftest import FAST
from tests.sandbox.support import World, button, fetch, section, world

Json = dict[str, Any]
UNKNOWN_TS = "1700000000.000100"


async def refusal(call: Awaitable[object]) -> str:
    """The error name of a call that Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_auth_test_tells_who_the_token_is(slack: World) -> None:
    answer = await slack.client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (
        seed.TEAM, seed.BOT_USER, seed.BOT,
    )  # fmt: skip
    assert "chat:write" in answer.headers["x-oauth-scopes"]


@pytest.mark.parametrize(
    ("headers", "error"),
    [({}, "not_authed"), ({"Authorization": "Bearer xoxb-other"}, "invalid_auth")],
)
async def test_a_missing_and_a_wrong_token_are_told_apart(
    slack: World, headers: dict[str, str], error: str
) -> None:
    answer = await fetch("POST", f"{slack.base}/api/auth.test", headers=headers)
    assert answer.json == {"ok": False, "error": error}


async def test_a_revoked_token_is_refused(slack: World) -> None:
    assert (await slack.client.auth_revoke())["revoked"]
    assert await refusal(slack.client.auth_test()) == "token_revoked"


@pytest.mark.parametrize("encoding", ["json", "form", "query", "get", "multipart"])
async def test_arguments_may_come_in_every_encoding(slack: World, encoding: str) -> None:
    url = f"{slack.base}/api/conversations.info"
    args = {"channel": seed.ORDERS}
    kinds: dict[str, dict[str, object]] = {
        "json": {"json": args}, "form": {"data": {**args, "token": "xoxb-sandbox"}},
        "query": {"params": args}, "get": {"params": args},
        "multipart": {"data": aiohttp.FormData(args, default_to_multipart=True)},
    }  # fmt: skip
    bearer = {} if encoding == "form" else {"Authorization": "Bearer xoxb-sandbox"}
    verb = "GET" if encoding == "get" else "POST"
    answer = await fetch(verb, url, headers=bearer, **kinds[encoding])
    assert answer.json["channel"]["name"] == "desk-orders"


@pytest.mark.parametrize(("body", "error"), [(b"{", "invalid_json"), (b"[]", "json_not_object")])
async def test_broken_json_is_named(slack: World, body: bytes, error: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await fetch("POST", f"{slack.base}/api/api.test", data=body, headers=headers)
    assert answer.json["error"] == error


async def test_an_unknown_method_is_named(slack: World) -> None:
    assert await refusal(slack.client.api_call("chat.postTelegram")) == "unknown_method"


async def test_a_post_is_stored_and_shown_in_history_with_entities(slack: World) -> None:
    ts = await slack.post("a < b & <@U06ANAT0RR5> &lt;i&gt;")
    history = (await slack.client.conversations_history(channel=seed.ORDERS))["messages"]
    assert history[0]["ts"] == ts
    assert history[0]["text"] == "a &lt; b &amp; <@U06ANAT0RR5> &lt;i&gt;"


async def test_a_post_with_another_name_is_a_bot_message_of_no_user(slack: World) -> None:
    await slack.post("hi", username="Sam · customer", icon_emoji=":cat:")
    message = (await slack.client.conversations_history(channel=seed.ORDERS))["messages"][0]
    assert message["subtype"] == "bot_message"
    assert message["username"] == "Sam · customer"
    assert message["icons"] == {"emoji": ":cat:"}
    assert "user" not in message


async def test_text_up_to_4040_characters_is_one_message_and_longer_is_split(slack: World) -> None:
    await slack.post("x" * 4040)
    assert [len(message["text"]) for message in await slack.oracle()] == [4040]
    answer = await slack.client.chat_postMessage(channel=seed.ORDERS, text="y" * 8500)
    later = (await slack.oracle())[1:]
    assert [len(message["text"]) for message in later] == [4000, 4000, 500]
    assert answer["ts"] == later[0]["ts"]


async def test_text_with_blocks_is_not_split_and_text_over_40000_is_cut(slack: World) -> None:
    await slack.post("x" * 5000, blocks=[section("hi")])
    await slack.post("y" * 41_000)
    lengths = [len(message["text"]) for message in await slack.oracle()]
    assert lengths[0] == 5000
    assert sum(lengths[1:]) == 40_000


async def test_a_reply_to_an_unknown_thread_lands_in_the_channel(slack: World) -> None:
    answer = await slack.client.chat_postMessage(
        channel=seed.ORDERS, text="lost", thread_ts=UNKNOWN_TS
    )
    assert "thread_ts" not in answer["message"]
    history = await slack.client.conversations_history(channel=seed.ORDERS)
    assert [message["text"] for message in history["messages"]] == ["lost"]


async def test_a_malformed_thread_is_refused(slack: World) -> None:
    assert await refusal(slack.post(thread_ts="soon")) == "invalid_thread_ts"


async def test_a_root_counts_its_replies(slack: World) -> None:
    root = await slack.post("root")
    first = await slack.ana.reply(seed.ORDERS, root, "one")
    last = await slack.post("two", thread_ts=root)
    thread = (await slack.client.conversations_replies(channel=seed.ORDERS, ts=root))["messages"]
    assert [message["text"] for message in thread] == ["root", "one", "two"]
    assert thread[0]["reply_count"] == 2
    assert thread[0]["latest_reply"] == last
    assert thread[0]["reply_users"] == [seed.ANA, seed.BOT_USER]
    assert thread[1]["ts"] == first
    assert thread[1]["parent_user_id"] == seed.BOT_USER


async def test_replies_are_paged_and_windowed(slack: World) -> None:
    root = await slack.post("root")
    stamps = [await slack.post(f"{number}", thread_ts=root) for number in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while cursor != "":
        page = await slack.client.conversations_replies(
            channel=seed.ORDERS, ts=root, limit=2, cursor=cursor
        )
        seen += [message["ts"] for message in page["messages"]]
        meta: Json = page["response_metadata"] if page["has_more"] else {"next_cursor": ""}
        cursor = meta["next_cursor"]
    assert seen == [root, *stamps]
    newer = await slack.client.conversations_replies(channel=seed.ORDERS, ts=root, oldest=stamps[2])
    assert [message["ts"] for message in newer["messages"]] == [root, *stamps[3:]]


async def test_history_is_paged_newest_first(slack: World) -> None:
    stamps = [await slack.post(f"{number}") for number in range(5)]
    first = await slack.client.conversations_history(channel=seed.ORDERS, limit=3)
    assert [message["ts"] for message in first["messages"]] == stamps[:1:-1]
    assert first["has_more"]
    rest = await slack.client.conversations_history(
        channel=seed.ORDERS, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [message["ts"] for message in rest["messages"]] == stamps[1::-1]
    assert not rest["has_more"]


async def test_a_foreign_cursor_is_refused(slack: World) -> None:
    call = slack.client.conversations_history(channel=seed.ORDERS, cursor="dXNlcjpV")
    assert await refusal(call) == "invalid_cursor"


async def test_metadata_is_told_in_full_only_when_asked_for(slack: World) -> None:
    metadata = {"event_type": "deskbridge", "event_payload": {"id": "m1"}}
    ts = await slack.post("hi", metadata=metadata)
    asked = await slack.client.conversations_replies(
        channel=seed.ORDERS, ts=ts, include_all_metadata=True
    )
    plain = await slack.client.conversations_replies(channel=seed.ORDERS, ts=ts)
    assert asked["messages"][0]["metadata"] == metadata
    assert plain["messages"][0]["metadata"] == {"event_type": "deskbridge"}


async def test_an_update_without_blocks_removes_them_and_marks_the_edit(slack: World) -> None:
    ts = await slack.post("before", blocks=[section("before")])
    await slack.client.chat_update(channel=seed.ORDERS, ts=ts, text="after")
    message = (await slack.oracle())[0]
    assert message["text"] == "after"
    assert "blocks" not in message
    assert message["edited"]["user"] == seed.BOT
    await slack.client.chat_update(channel=seed.ORDERS, ts=ts, blocks=[section("x")], text="x")
    assert (await slack.oracle())[0]["blocks"][0]["text"]["text"] == "x"


async def test_an_update_refuses_long_text_and_messages_of_others(slack: World) -> None:
    own, other = await slack.post("mine"), await slack.ana.say(seed.ORDERS, "hers")
    update = slack.client.chat_update
    assert await refusal(update(channel=seed.ORDERS, ts=own, text="x" * 4001)) == "msg_too_long"
    assert await refusal(update(channel=seed.ORDERS, ts=other, text="x")) == "cant_update_message"
    assert (
        await refusal(update(channel=seed.ORDERS, ts=UNKNOWN_TS, text="x")) == "message_not_found"
    )


async def test_deleting_knows_whose_message_it_is(slack: World) -> None:
    own, other = await slack.post("mine"), await slack.ana.say(seed.ORDERS, "hers")
    assert (await slack.client.chat_delete(channel=seed.ORDERS, ts=own))["ts"] == own
    call = slack.client.chat_delete
    assert await refusal(call(channel=seed.ORDERS, ts=other)) == "cant_delete_message"
    assert await refusal(call(channel=seed.ORDERS, ts=own)) == "message_not_found"


async def test_a_deleted_root_with_replies_stays_as_a_tombstone(slack: World) -> None:
    root = await slack.post("root")
    reply = await slack.post("reply", thread_ts=root)
    await slack.client.chat_delete(channel=seed.ORDERS, ts=root)
    thread = (await slack.client.conversations_replies(channel=seed.ORDERS, ts=root))["messages"]
    assert [message.get("subtype") for message in thread] == ["tombstone", None]
    assert thread[1]["ts"] == reply


@pytest.mark.parametrize(
    ("channel", "error"),
    [("C0NOWHERE00", "channel_not_found"), (seed.GENERAL, "not_in_channel")],
)
async def test_posting_needs_a_known_channel_and_the_right_to_write(
    channel: str, error: str
) -> None:
    scopes = {"scopes": {"bot": ["chat:write"]}}
    async with world(replace(FAST, manifest={"oauth_config": scopes})) as slack:
        call = slack.client.chat_postMessage(channel=channel, text="x")
        assert await refusal(call) == error


async def test_nothing_to_say_is_refused(slack: World) -> None:
    call = slack.client.api_call("chat.postMessage", json={"channel": seed.ORDERS, "text": " "})
    assert await refusal(call) == "no_text"


async def test_a_missing_scope_is_named() -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["chat:write"]}}}
    async with world(replace(FAST, manifest=manifest)) as slack:
        with pytest.raises(SlackApiError) as caught:
            await slack.client.users_info(user=seed.ANA)
        assert caught.value.response["error"] == "missing_scope"
        assert caught.value.response["needed"] == "users:read"


async def test_people_channels_and_groups_can_be_asked_for(slack: World) -> None:
    client = slack.client
    assert (await client.users_info(user=seed.GIL))["user"]["is_restricted"]
    assert (await client.users_info(user=seed.OSCAR))["user"]["is_stranger"]
    assert (await client.users_getPresence(user=seed.ANA))["presence"] == "active"
    assert await refusal(client.users_info(user="U0NOBODY000")) == "user_not_found"
    channels = (await client.conversations_list())["channels"]
    assert [channel["name"] for channel in channels][:2] == ["desk-orders", "desk-billing"]
    members = (await client.conversations_members(channel=seed.ORDERS, limit=2))["members"]
    assert members == [seed.ANA, seed.BEN]
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert groups[0]["users"] == [seed.ANA, seed.BEN]
    assert (await client.usergroups_users_list(usergroup=seed.BILLING_GROUP))["users"] == [
        seed.CHLOE
    ]


async def test_users_are_listed_in_pages(slack: World) -> None:
    seen = []
    async for page in await slack.client.users_list(limit=3):
        seen += [user["id"] for user in page["members"]]
    assert len(seen) == len(set(seen)) == len(slack.box.workspace.users)


async def test_reactions_can_be_added_once_and_taken_back_once(slack: World) -> None:
    ts = await slack.post()
    place: Json = {"channel": seed.ORDERS, "timestamp": ts}
    client = slack.client
    await client.reactions_add(**place, name="white_check_mark")
    assert (
        await refusal(client.reactions_add(**place, name="white_check_mark")) == "already_reacted"
    )
    shown = (await client.reactions_get(**place))["message"]["reactions"]
    assert shown == [{"name": "white_check_mark", "users": [seed.BOT_USER], "count": 1}]
    await client.reactions_remove(**place, name="white_check_mark")
    assert await refusal(client.reactions_remove(**place, name="white_check_mark")) == "no_reaction"
    assert await refusal(client.reactions_add(**place, name="not_an_emoji")) == "invalid_name"
    gone = {"channel": seed.ORDERS, "timestamp": UNKNOWN_TS, "name": "x"}
    assert await refusal(client.reactions_add(**gone)) == "message_not_found"


async def test_an_ephemeral_is_seen_by_one_person_and_in_no_history(slack: World) -> None:
    await slack.client.chat_postEphemeral(channel=seed.ORDERS, user=seed.ANA, text="psst")
    assert [message["text"] for message in await slack.ana.ephemerals()] == ["psst"]
    assert await slack.ben.ephemerals() == []
    assert await slack.ana.history(seed.ORDERS) == []
    call = slack.client.chat_postEphemeral(channel=seed.ORDERS, user=seed.GIL, text="x")
    assert await refusal(call) == "user_not_in_channel"


async def test_an_ephemeral_in_a_thread_without_replies_is_never_seen(slack: World) -> None:
    root = await slack.post("root")
    place: Json = {"channel": seed.ORDERS, "user": seed.ANA, "thread_ts": root}
    await slack.client.chat_postEphemeral(**place, text="unseen")
    await slack.ben.reply(seed.ORDERS, root, "now it is active")
    await slack.client.chat_postEphemeral(**place, text="seen")
    assert [message["text"] for message in await slack.ana.ephemerals()] == ["seen"]


async def test_a_permalink_of_a_reply_names_its_thread(slack: World) -> None:
    root = await slack.post("root")
    reply = await slack.post("reply", thread_ts=root)
    answer = await slack.client.chat_getPermalink(channel=seed.ORDERS, message_ts=reply)
    expected = f"/archives/{seed.ORDERS}/p{reply.replace('.', '')}?thread_ts={root}"
    assert expected in answer["permalink"]


async def test_an_archived_channel_takes_no_posts(slack: World) -> None:
    slack.box.workspace.channels[seed.ORDERS].is_archived = True
    assert await refusal(slack.post()) == "is_archived"


async def test_blocks_are_checked_and_violations_kept(slack: World) -> None:
    with pytest.raises(SlackApiError) as caught:
        await slack.post("x", blocks=[section("x" * 3001)])
    assert caught.value.response["error"] == "invalid_blocks"
    problem = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert caught.value.response["response_metadata"]["messages"] == [f"[ERROR] {problem}"]
    assert slack.box.violations.entries()[0]["problems"] == [problem]


async def test_blocks_and_elements_get_the_ids_that_the_app_left_out(slack: World) -> None:
    row = button()
    del row["block_id"]
    await slack.post("x", blocks=[row, section("hi")])
    blocks = (await slack.oracle())[0]["blocks"]
    assert all(block["block_id"] for block in blocks)
    assert "block_id" not in row


async def test_a_ts_is_never_given_twice_even_when_the_clock_stands(slack: World) -> None:
    class Stopped:
        def time(self) -> float:
            return 1_790_000_000.0

        async def sleep(self, seconds: float) -> None:
            return None

    async with world(replace(FAST, clock=Stopped())) as still:
        stamps = [await still.post(f"{number}") for number in range(3)]
    assert stamps == [f"1790000000.00000{number}" for number in range(3)]


async def test_socket_mode_is_refused_for_now(slack: World) -> None:
    client = AsyncWebClient(base_url=f"{slack.base}/api/", session=slack.client.session)
    call = client.apps_connections_open(app_token="xoxb-sandbox")
    assert await refusal(call) == "not_allowed_token_type"
