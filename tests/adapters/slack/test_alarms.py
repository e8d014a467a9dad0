"""A rule that has fired, as agents see it, and what they say who know better."""

from __future__ import annotations

from bridge.commands import FalseAlarm, ToHandoff
from bridge.effects import Line
from bridge.views import LinePost
from sandbox.slack import seed
from tests.adapters.slack.things import assigned
from tests.adapters.slack.world import World

FIRED = LinePost(Line.TRIGGERED, name="refund", detail="evt_1\n“money back”")


async def test_a_line_that_is_called_a_false_alarm_still_says_of_which_rule(slack: World) -> None:
    thread = await slack.opened(assigned())
    receipt = await slack.desk.post(thread, assigned(), FIRED, "line/1")
    assert receipt.place
    ts = receipt.place[2]
    assert "refund: “money back”" in slack.message(ts).text
    await slack.ana.click("false_alarm", channel=seed.ORDERS, ts=ts)
    command = await slack.bridge.next(FalseAlarm)
    handoff = ToHandoff(assigned().handoff.id)
    assert (command.to, command.firing, command.rule) == (handoff, "evt_1", "refund")
    await slack.desk.idle()
    assert slack.message(ts).text == "⚡ refund: noted as a false alarm by Ana"
