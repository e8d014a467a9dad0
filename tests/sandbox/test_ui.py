"""What the page is told: state, changes, notifications, and what it missed in a gap."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp

from sandbox.slack import seed
from sandbox.slack.feed import Feed
from tests.sandbox.support import PATIENCE, World, button, fetch

Json = dict[str, Any]


class Listening:
    """An open stream of one person."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.cursor = 0

    async def next(self) -> Json:
        """The next change."""
        async with asyncio.timeout(PATIENCE):
            while True:
                line = (await self._response.content.readline()).decode().rstrip("\n")
                if line.startswith("id: "):
                    self.cursor = int(line[4:])
                if line.startswith("data: "):
                    change: Json = json.loads(line[6:])
                    return change

    async def next_of(self, kind: str) -> Json:
        """The next change of that type."""
        while True:
            change = await self.next()
            if change["type"] == kind:
                return change


@asynccontextmanager
async def listening(slack: World, user: str, after: int | None = None) -> AsyncIterator[Listening]:
    cursor = slack.box.workspace.feed.cursor if after is None else after
    url = f"{slack.base}/ui/stream?as={user}&after={cursor}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        yield Listening(response)


async def test_messages_edits_reactions_and_deletes_are_streamed(slack: World) -> None:
    async with listening(slack, seed.BEN) as ben:
        ts = await slack.ana.say(seed.ORDERS, "hello")
        message = (await ben.next_of("message"))["message"]
        assert (message["ts"], message["username"]) == (ts, "Ana")
        await slack.ana.edit(seed.ORDERS, ts, "hello all")
        changed = (await ben.next_of("changed"))["message"]
        assert (changed["text"], changed["edited"]) == ("hello all", True)
        await slack.ben.react(seed.ORDERS, ts, "eyes")
        reaction = await ben.next_of("reaction")
        assert reaction["reactions"] == [{"name": "eyes", "users": [seed.BEN]}]
        await slack.ana.delete(seed.ORDERS, ts)
        assert (await ben.next_of("deleted"))["ts"] == ts


async def test_a_reply_updates_its_root(slack: World) -> None:
    root = await slack.post("root")
    async with listening(slack, seed.ANA) as ana:
        reply = await slack.post("reply", thread_ts=root)
        assert (await ana.next_of("message"))["thread_ts"] == root
        changed = (await ana.next_of("changed"))["message"]
        assert (changed["reply_count"], changed["latest_reply"]) == (1, reply)


async def test_ephemerals_and_modals_reach_their_person_only(slack: World) -> None:
    async with listening(slack, seed.ANA) as ana, listening(slack, seed.BEN) as ben:
        await slack.client.chat_postEphemeral(channel=seed.ORDERS, user=seed.ANA, text="psst")
        view = {"type": "home", "blocks": [button()]}
        await slack.client.views_publish(user_id=seed.ANA, view=view)
        await slack.ana.say(seed.ORDERS, "for all")
        assert (await ana.next())["message"]["ephemeral"]
        assert (await ana.next())["type"] == "home"
        assert (await ben.next())["message"]["text"] == "for all"


async def test_a_gap_is_filled_from_the_cursor(slack: World) -> None:
    async with listening(slack, seed.BEN) as ben:
        await slack.ana.say(seed.ORDERS, "one")
        await ben.next_of("message")
        cursor = ben.cursor
    await slack.ana.say(seed.ORDERS, "two")
    async with listening(slack, seed.BEN, cursor) as again:
        assert (await again.next_of("message"))["message"]["text"] == "two"


async def test_a_reset_makes_open_pages_load_anew(slack: World) -> None:
    await slack.post("gone soon")
    async with listening(slack, seed.BEN) as ben:
        await fetch("POST", f"{slack.base}/control/reset")
        assert (await ben.next())["type"] == "reload"
        await slack.ana.say(seed.ORDERS, "fresh")
        assert (await ben.next_of("message"))["message"]["text"] == "fresh"
    assert [message["text"] for message in await slack.ana.history(seed.ORDERS)] == ["fresh"]


async def test_who_is_mentioned_or_in_the_thread_is_notified(slack: World) -> None:
    root = await slack.post("root")
    await slack.ben.reply(seed.ORDERS, root, "I follow now")
    async with listening(slack, seed.BEN) as ben:
        await slack.post("Sam: hello", thread_ts=root, blocks=[
            {"type": "section", "text": {"type": "plain_text", "text": "hello"}},
        ])  # fmt: skip
        heard = await ben.next_of("notify")
        assert (heard["text"], heard["title"]) == ("hello", "Thread in #desk-orders")
        await slack.ana.say(seed.ORDERS, "@Ben look")
        assert (await ben.next_of("notify"))["title"] == "#desk-orders"


async def test_unread_and_mentions_are_counted_until_read(slack: World) -> None:
    await slack.ana.say(seed.ORDERS, "one")
    await slack.ana.say(seed.ORDERS, "two @Ben")

    async def orders() -> Json:
        state = await slack.ben.state()
        return next(channel for channel in state["channels"] if channel["id"] == seed.ORDERS)

    before = await orders()
    assert (before["unread"], before["mentions"]) == (2, 1)
    await slack.ben.history(seed.ORDERS)
    after = await orders()
    assert (after["unread"], after["mentions"]) == (0, 0)


async def test_presence_is_seen_by_people_and_by_the_api(slack: World) -> None:
    async with listening(slack, seed.ANA) as ana:
        await slack.ben.presence("away")
        assert await ana.next() == {"type": "presence", "user": seed.BEN, "presence": "away"}
    assert (await slack.client.users_getPresence(user=seed.BEN))["presence"] == "away"


async def test_avatars_are_drawn_and_permalinks_lead_to_the_page(slack: World) -> None:
    avatar = await fetch("GET", f"{slack.base}/avatars/{seed.CHLOE}.svg")
    assert (avatar.type, b">CM<" in avatar.body) == ("image/svg+xml", True)
    root = await slack.post("root")
    link = (await slack.client.chat_getPermalink(channel=seed.ORDERS, message_ts=root))["permalink"]
    async with (
        aiohttp.ClientSession() as session,
        session.get(link, allow_redirects=False) as answer,
    ):
        assert answer.headers["Location"].endswith(f"/?channel={seed.ORDERS}&thread={root}")


async def test_the_control_urls_tell_calls_and_deliveries(slack: World) -> None:
    await slack.client.auth_test()
    await slack.ana.say(seed.ORDERS, "hello")
    await slack.events.at_least(1)
    calls = (await fetch("GET", f"{slack.base}/control/log")).json["calls"]
    assert calls[0]["method"] == "auth.test"
    assert calls[0]["answer"]["ok"]
    await slack.requests.at_least(1)
    while not slack.box.delivery.log.entries():
        await asyncio.sleep(0)
    told = (await fetch("GET", f"{slack.base}/control/deliveries")).json
    assert told["open"] == 0
    assert told["deliveries"][0]["body"]["event"]["text"] == "hello"
    assert told["deliveries"][0]["status"] == 200


async def test_the_control_urls_change_people_channels_and_tokens(slack: World) -> None:
    control = f"{slack.base}/control"
    made = await fetch("POST", f"{control}/channel", json={"act": "create", "name": "desk-new"})
    channel = made.json["channel"]
    for act in ("archive", "unarchive"):
        await fetch("POST", f"{control}/channel", json={"act": act, "channel": channel})
    joined = {"channel": channel, "user": seed.BEN}
    assert (await fetch("POST", f"{control}/member", json=joined)).json["changed"]
    assert (await fetch("POST", f"{control}/member", json={"channel": "C0"})).status == 400
    await fetch("POST", f"{control}/channel", json={"act": "delete", "channel": channel})
    assert channel not in slack.box.workspace.channels
    await fetch("POST", f"{control}/tokens", json={})
    assert (await fetch("GET", f"{slack.base}/api/auth.test?token=xoxb-sandbox")).json == {
        "ok": False, "error": "token_revoked",
    }  # fmt: skip
    await fetch("POST", f"{control}/tokens", json={"revoked": False})
    await slack.client.auth_test()


def test_a_feed_knows_what_it_forgot() -> None:
    feed = Feed(limit=2)
    for number in range(3):
        feed.push(partial(dict, n=number))
    assert feed.lost(0)
    assert not feed.lost(1)
    assert feed.lost(9)
    assert [change.cursor for change in feed.after(1)] == [2, 3]
