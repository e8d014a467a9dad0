"""What the bot says through the API, and how it is fenced off."""

from __future__ import annotations

from bridge.commands import BotSaid, Pause, Rejected, Reply
from bridge.effects import SetTimer
from bridge.model import Button, Role
from tests.bridge.driver import World
from tests.bridge.test_talk import API, HERE, handed_over, says


def test_the_bot_speaks_with_buttons_and_ends_the_wait() -> None:
    world = World()
    says(world, "hello")
    world.do(BotSaid("b", world.now, HERE, "robo", Reply("Which?", (Button("A", "a"),)), epoch=1))
    message = world.said_by(Role.BOT)[0]
    assert message.buttons == (Button("A", "a"),)
    assert not world.effects(SetTimer)
    assert world.conversation.unanswered_since == 0


def test_a_bot_that_speaks_of_a_time_that_is_over_is_refused() -> None:
    world = World()
    says(world, "hello")
    answer = world.do(BotSaid("b", world.now, HERE, "robo", Reply("hi"), epoch=0))
    assert isinstance(answer, Rejected)
    assert (answer.reason, answer.data["epoch"]) == ("human_in_control", 1)


def test_a_bot_is_told_who_is_in_control() -> None:
    world = handed_over()
    answer = world.do(BotSaid("b", world.now, HERE, "robo", Reply("hi")))
    assert isinstance(answer, Rejected)
    assert (answer.data["by"], answer.data["handoff_id"]) == ("Ana", world.handoff.id)
    world = World()
    says(world, "hello")
    world.do(Pause("p", world.now, HERE, API))
    answer = world.do(BotSaid("b", world.now, HERE, "robo", Reply("hi")))
    assert isinstance(answer, Rejected)
    assert (answer.data["by"], answer.data["handoff_id"]) == ("crm", None)
