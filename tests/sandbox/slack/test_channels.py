"""Channels, threads, people and files change under the app's feet, and by its own calls."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.slack import seed
from sandbox.slack.person import Refused
from tests.sandbox.support import World, fetch
from tests.waiting import until


async def control(slack: World, what: str, /, **body: Any) -> Any:
    """Something done over the control URLs."""
    answer = await fetch("POST", f"{slack.base}/control/{what}", json=body)
    assert answer.status == 200, answer.body
    return answer.json


async def refused(call: Any) -> str:
    """The error a call is refused with."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def subtypes(slack: World, channel: str = seed.ORDERS) -> list[str | None]:
    return [message.get("subtype") for message in await slack.oracle(channel)]


async def test_an_archived_channel_takes_no_posts_and_can_still_be_read(slack: World) -> None:
    ts = await slack.post("before")
    await control(slack, "channel", act="archive", channel=seed.ORDERS)
    assert await refused(slack.post("after")) == "is_archived"
    with pytest.raises(Refused, match="archived"):
        await slack.ana.say(seed.ORDERS, "after")
    history = await slack.client.conversations_history(channel=seed.ORDERS)
    assert [message["ts"] for message in history["messages"]][-1] == ts
    assert (await subtypes(slack))[-1] == "channel_archive"
    await control(slack, "channel", act="unarchive", channel=seed.ORDERS)
    await slack.post("after")


async def test_a_channel_made_private_is_told_as_a_group_from_then_on(slack: World) -> None:
    await control(slack, "channel", act="convert", channel=seed.ORDERS)
    await slack.ana.say(seed.ORDERS, "in private")
    bodies = await slack.events.at_least(2)
    assert [body["event"]["channel_type"] for body in bodies] == ["group", "group"]
    assert bodies[0]["event"]["subtype"] == "channel_convert_to_private"
    shown = await slack.client.conversations_info(channel=seed.ORDERS)
    assert shown["channel"]["is_private"] is True


async def test_a_private_channel_without_the_app_is_not_there(slack: World) -> None:
    await control(slack, "channel", act="convert", channel=seed.ORDERS)
    await control(slack, "member", channel=seed.ORDERS, user=seed.BOT_USER, on=False)
    assert await refused(slack.post()) == "channel_not_found"


async def test_an_app_that_was_taken_out_is_told_and_may_not_read(slack: World) -> None:
    await control(slack, "member", channel=seed.ORDERS, user=seed.BOT_USER, on=False)
    reading = slack.client.conversations_history(channel=seed.ORDERS)
    assert await refused(reading) == "not_in_channel"
    await slack.events.until(
        lambda bodies: any(body["event"]["type"] == "channel_left" for body in bodies)
    )


async def test_a_renamed_channel_keeps_its_id(slack: World) -> None:
    await control(slack, "channel", act="rename", channel=seed.ORDERS, name="desk-parcels")
    shown = await slack.client.conversations_info(channel=seed.ORDERS)
    assert shown["channel"]["name"] == "desk-parcels"
    await slack.post()


async def test_a_deleted_root_with_replies_stays_as_a_tombstone(slack: World) -> None:
    root = await slack.post("root")
    reply = await slack.ana.reply(seed.ORDERS, root, "reply")
    await control(slack, "message", act="delete", channel=seed.ORDERS, ts=root)
    thread = await slack.client.conversations_replies(channel=seed.ORDERS, ts=root)
    assert [message.get("subtype") for message in thread["messages"]] == ["tombstone", None]
    history = await slack.client.conversations_history(channel=seed.ORDERS)
    (shown,) = history["messages"]
    assert (shown["subtype"], shown["latest_reply"], shown["reply_count"]) == (
        "tombstone",
        reply,
        1,
    )


async def test_a_purged_thread_is_gone_and_nobody_is_told(slack: World) -> None:
    root = await slack.post("root")
    await slack.ana.reply(seed.ORDERS, root, "reply")
    await until(lambda: slack.box.delivery.open == 0)
    told = len(slack.events.items)
    await control(slack, "message", act="purge", channel=seed.ORDERS, ts=root)
    await slack.ana.say(seed.ORDERS, "later")
    await slack.events.at_least(told + 1)
    assert slack.events.items[-1]["event"]["text"] == "later"
    gone = slack.client.conversations_replies(channel=seed.ORDERS, ts=root)
    assert await refused(gone) == "thread_not_found"


async def test_roots_tell_how_their_thread_stands(slack: World) -> None:
    root = await slack.post("root")
    first = await slack.ana.reply(seed.ORDERS, root, "one")
    second = await slack.ben.reply(seed.ORDERS, root, "two")

    async def stands() -> tuple[int, str | None]:
        history = await slack.client.conversations_history(channel=seed.ORDERS)
        (shown,) = history["messages"]
        return shown.get("reply_count", 0), shown.get("latest_reply")

    assert await stands() == (2, second)
    await slack.ben.delete(seed.ORDERS, second)
    assert await stands() == (1, first)
    await slack.ana.delete(seed.ORDERS, first)
    assert await stands() == (0, None)


async def test_an_app_that_manages_channels_does_all_that_people_do(slack: World) -> None:
    client = slack.client
    made = (await client.conversations_create(name="desk-new", is_private=True))["channel"]
    assert made["is_private"] is True
    await client.conversations_invite(channel=made["id"], users=[seed.ANA, seed.BEN])
    await client.conversations_setTopic(channel=made["id"], topic="New things")
    await client.conversations_rename(channel=made["id"], name="desk-newer")
    await client.conversations_kick(channel=made["id"], user=seed.BEN)
    info = (await client.conversations_info(channel=made["id"]))["channel"]
    assert (info["name"], info["topic"]["value"]) == ("desk-newer", "New things")
    members = (await client.conversations_members(channel=made["id"]))["members"]
    assert members == [seed.BOT_USER, seed.ANA]
    await client.conversations_archive(channel=made["id"])
    assert await refused(client.conversations_archive(channel=made["id"])) == "already_archived"
    await client.conversations_unarchive(channel=made["id"])
    assert await refused(client.conversations_unarchive(channel=made["id"])) == "not_archived"


async def test_channels_are_changed_within_limits(slack: World) -> None:
    client, here = slack.client, seed.ORDERS
    assert await refused(client.conversations_create(name="Loud Name")) == "invalid_name_specials"
    assert await refused(client.conversations_create(name="general")) == "name_taken"
    assert await refused(client.conversations_create(name="")) == "invalid_name_required"
    assert await refused(client.conversations_archive(channel=seed.GENERAL)) == (
        "cant_archive_general"
    )
    invite = client.conversations_invite
    assert await refused(invite(channel=here, users=[seed.ANA])) == "already_in_channel"
    assert await refused(invite(channel=here, users=["U0"])) == "user_not_found"
    assert await refused(invite(channel=here, users=[seed.BOT_USER])) == "cant_invite_self"
    kick = client.conversations_kick
    assert await refused(kick(channel=here, user=seed.BOT_USER)) == "cant_kick_self"
    assert await refused(kick(channel=here, user=seed.GIL)) == "not_in_channel"
    assert await refused(kick(channel=here, user="U0")) == "user_not_found"
    topic = client.conversations_setTopic(channel=here, topic="x" * 251)
    assert await refused(topic) == "too_long"
    assert await refused(client.conversations_rename(channel=seed.GENERAL, name="x")) == (
        "not_in_channel"
    )
    await client.conversations_archive(channel=here)
    assert await refused(client.conversations_rename(channel=here, name="x")) == "is_archived"
    im = (await client.conversations_open(users=seed.ANA))["channel"]["id"]
    assert await refused(client.conversations_rename(channel=im, name="x")) == (
        "method_not_supported_for_channel_type"
    )


async def test_presence_is_asked_for_and_never_told(slack: World) -> None:
    await slack.ana.presence("away")
    assert (await slack.client.users_getPresence(user=seed.ANA))["presence"] == "away"
    await slack.client.users_setPresence(presence="away")
    own = await slack.client.users_getPresence(user="")
    assert (own["presence"], own["online"]) == ("away", False)
    assert await refused(slack.client.users_setPresence(presence="busy")) == "invalid_presence"
    assert slack.box.delivery.log.entries() == []


async def test_paused_notifications_are_told_by_dnd_info(slack: World) -> None:
    await control(slack, "user", user=seed.ANA, dnd=600, presence="away")
    info = await slack.client.dnd_info(user=seed.ANA)
    assert info["dnd_enabled"] is True
    assert 590 <= info["next_dnd_end_ts"] - info["next_dnd_start_ts"] <= 600
    team = await slack.client.dnd_teamInfo(users=[seed.ANA, seed.BEN, "U0"])
    assert {user: told["dnd_enabled"] for user, told in team["users"].items()} == {
        seed.ANA: True,
        seed.BEN: False,
    }


async def test_a_person_may_leave_the_company(slack: World) -> None:
    await control(slack, "user", user=seed.BEN, deleted=True)
    (body,) = await slack.events.at_least(1)
    assert (body["event"]["type"], body["event"]["user"]["deleted"]) == ("user_change", True)


async def test_an_admin_deletes_what_others_wrote_and_nobody_else_does(slack: World) -> None:
    ts = await slack.post("card")
    with pytest.raises(Refused, match="your own"):
        await slack.ben.delete(seed.ORDERS, ts)
    await slack.ana.delete(seed.ORDERS, ts)
    (message,) = await slack.oracle()
    assert message["deleted"] is True


async def test_files_are_listed_and_deleted(slack: World) -> None:
    client = slack.client
    await client.files_upload_v2(
        channel=seed.ORDERS, filename="a.txt", content="abc", initial_comment="here"
    )
    await until(lambda: slack.box.workspace.channels[seed.ORDERS].messages)
    (file,) = (await client.files_list(channel=seed.ORDERS))["files"]
    assert (await client.files_list(channel=seed.BILLING))["files"] == []
    await client.files_delete(file=file["id"])
    assert (await client.files_list())["files"] == []
    assert await refused(client.files_delete(file=file["id"])) == "file_deleted"
    assert await refused(client.files_delete(file="F0")) == "file_not_found"
    others = await slack.ana.upload("b.txt", b"x")
    assert await refused(client.files_delete(file=others)) == "cant_delete_file"
    (shown,) = await slack.ana.history(seed.ORDERS)
    assert shown["files"] == []


async def test_an_act_nobody_knows_is_refused(slack: World) -> None:
    for name, body in [
        ("channel", {"act": "paint", "channel": seed.ORDERS}),
        ("message", {"act": "delete", "channel": seed.ORDERS, "ts": "1.0"}),
        ("user", {"user": "U0"}),
    ]:
        answer = await fetch("POST", f"{slack.base}/control/{name}", json=body)
        assert answer.status == 400
