"""Emoji both ways: by members on customers' words, by customers on agents'."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.slack.emoji import name_of
from bridge.commands import AgentReacted, AgentSaid, ToPost
from bridge.errors import Refused
from bridge.reactions import OFFERED
from sandbox.slack import seed
from tests.adapters.slack.test_receiver import Door, dumped
from tests.adapters.slack.things import assigned, post
from tests.adapters.slack.world import World


async def words_of_sam(slack: World) -> ToPost:
    thread = await slack.opened(assigned())
    receipt = await slack.desk.post(thread, assigned(), post("Thanks!"), "msg_1/0")
    assert receipt.place is not None
    return ToPost(*receipt.place)


async def test_a_members_emoji_on_a_customers_words_becomes_a_command(slack: World) -> None:
    said = await words_of_sam(slack)
    await slack.ana.react(said.channel, said.ts, "tada")
    put = await slack.bridge.next(AgentReacted)
    assert (put.to, put.by.id, put.emoji, put.on, put.early) == (said, seed.ANA, "🎉", True, True)
    await slack.ana.react(said.channel, said.ts, "tada", on=False)
    off = await slack.bridge.next(AgentReacted)
    assert (off.on, off.order > put.order) == (False, True)


async def test_emoji_on_colleagues_words_and_the_apps_own_marks_are_nothing(slack: World) -> None:
    said = await words_of_sam(slack)
    root = slack.books.threads["hnd_1"].ts
    ts = await slack.ana.reply(said.channel, root, "Hello")
    await slack.bridge.next(AgentSaid)
    await slack.ben.react(said.channel, ts, "tada")
    await slack.desk.react(f"slack:{said.team}:{said.channel}:{said.ts}", "👍", on=True)
    await slack.ana.react(said.channel, said.ts, "wave")
    put = await slack.bridge.next(AgentReacted)
    assert (put.emoji, slack.bridge.commands) == ("👋", [])


async def test_a_customers_emoji_is_put_on_and_taken_off_once(slack: World) -> None:
    said = await words_of_sam(slack)
    root = slack.books.threads["hnd_1"].ts
    ts = await slack.ana.reply(said.channel, root, "Hello")
    source = f"slack:{said.team}:{said.channel}:{ts}"
    for _ in range(2):
        await slack.desk.react(source, "👍", on=True)
    assert slack.message(ts).reactions == {"+1": [seed.BOT_USER]}
    for _ in range(2):
        await slack.desk.react(source, "👍", on=False)
    assert not slack.message(ts).reactions
    await slack.desk.react(f"slack:{said.team}:{said.channel}:1.000001", "👍", on=True)
    with pytest.raises(Refused):
        await slack.desk.react(source, "not an emoji", on=True)


def test_every_emoji_that_customers_are_offered_has_a_name_in_slack() -> None:
    assert [emoji for emoji in OFFERED if not name_of(emoji)] == []


@pytest.mark.parametrize(
    "event",
    [
        {"item": "message"},
        {"user": "someone"},
        {"event_ts": "now"},
    ],
)
async def test_what_slack_would_not_send_is_refused(slack: World, event: dict[str, Any]) -> None:
    given = {
        "type": "reaction_added",
        "user": seed.ANA,
        "reaction": "tada",
        "item": {"type": "message", "channel": seed.ORDERS, "ts": "1763700000.000100"},
        "event_ts": "1763700001.000100",
    }
    body = {"type": "event_callback", "team_id": seed.TEAM, "event": {**given, **event}}
    door = Door(slack)
    answer = await door.post(dumped(body))
    await door.aclose()
    assert answer.status_code == 400
