"""A rule that has fired, as agents see it, and what they say who know better."""

from __future__ import annotations

from adapters.slack import alarms
from bridge.commands import FalseAlarm, ToHandoff
from bridge.effects import Line
from bridge.views import LinePost
from sandbox.slack import seed
from tests.adapters.slack.checks import check_limits
from tests.adapters.slack.things import assigned
from tests.adapters.slack.world import World

FIRED = LinePost(Line.TRIGGERED, detail="evt_1\trefund\t“money back”")


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


async def test_of_several_rules_the_one_that_was_wrong_is_called_so_and_the_others_stay(
    slack: World,
) -> None:
    thread = await slack.opened(assigned())
    both = f"{FIRED.detail}\nevt_2\tangry\t*sounds* <!here> angry"
    receipt = await slack.desk.post(thread, assigned(), LinePost(FIRED.line, detail=both), "line/1")
    assert receipt.place
    ts = receipt.place[2]
    first, second = slack.message(ts).blocks or []
    assert second["text"]["text"] == "⚡ angry: *sounds* <!here> angry"
    await slack.ana.click("false_alarm", channel=seed.ORDERS, ts=ts, block_id=second["block_id"])
    command = await slack.bridge.next(FalseAlarm)
    assert (command.firing, command.rule) == ("evt_2", "angry")
    await slack.desk.idle()
    left, done = slack.message(ts).blocks or []
    assert left["accessory"]["value"] == first["accessory"]["value"]
    assert "angry: noted as a false alarm by Ana" in str(done)


def test_more_rules_than_a_message_has_rows_are_counted() -> None:
    detail = "\n".join(f"evt_{n}\trule {n}\twhy" for n in range(42))
    made = alarms.line(assigned(), LinePost(FIRED.line, detail=detail), "k", "Look there.")
    check_limits(made)
    assert "and 2 more rules" in str(made.blocks[-2])
    assert "Look there." in str(made.blocks[-1])


def test_what_was_pressed_elsewhere_is_said_alone() -> None:
    assert [each["type"] for each in alarms.called((), "b", "noted").blocks] == ["rich_text"]
