"""Words in the desk's channel outside threads are answered: they went to nobody."""

from __future__ import annotations

import time
from typing import Any

from sandbox.slack import seed
from tests.adapters.slack.things import assigned
from tests.adapters.slack.world import World
from tests.waiting import until


async def answers(slack: World, ts: str, channel: str = seed.ORDERS) -> list[dict[str, Any]]:
    """What stands below the message when everything that followed it is done."""
    await until(lambda: not slack.box.delivery.open)
    await slack.desk.idle()
    return (await slack.ana.thread(channel, ts))[1:]


async def test_a_members_words_are_answered_with_the_way_to_what_they_have(slack: World) -> None:
    thread = await slack.opened(assigned())
    ts = await slack.ana.say(seed.ORDERS, "Your parcel leaves today")
    [told] = await answers(slack, ts)
    assert (
        told["text"] == "This went to nobody: only what stands in a conversation's thread is sent."
    )
    [_, heading, list_] = told["blocks"]
    assert "You have these open" in str(heading)
    assert f"/archives/{thread.channel}/p{thread.ts.replace('.', '')}" in str(list_)
    assert "Sam Rivera" in str(list_)
    assert slack.bridge.commands == []


async def test_who_has_nothing_is_told_so(slack: World) -> None:
    ts = await slack.ben.say(seed.ORDERS, "Anybody here?")
    [told] = await answers(slack, ts)
    assert "You have no conversation open now." in str(told["blocks"])


async def test_each_is_answered_once_however_often_slack_tells_of_it(slack: World) -> None:
    rule = {"kind": "duplicate_events", "event_types": ["message"], "count": 1}
    slack.box.faults.install({"seed": 1, "rules": [rule]}, time.time())
    ts = await slack.ana.say(seed.ORDERS, "Hello?")
    assert len(await answers(slack, ts)) == 1
