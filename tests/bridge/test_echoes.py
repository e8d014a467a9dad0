"""What a channel tells of our own sends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.commands import Answer, Delivered, Echoed, NotDelivered, SendAgain, ToMessage
from bridge.echoes import IN_DOUBT
from bridge.effects import Mark, SendToUser
from bridge.model import Attachment, ConversationId, Message, Standing
from bridge.policy import Traits
from tests.bridge.driver import CNV, MAIL, World
from tests.bridge.test_talk import click, handed_over, marks, replies

PLACE = ("channel", "page", "m_1")


def echo(world: World, said: Message, part: int = 0, here: ConversationId = CNV) -> Answer:
    key = f"echo:{said.id}:{part}"
    return world.do(Echoed(key, world.tick(), ToMessage(said.id), here, part, PLACE))


def now(world: World, said: Message) -> Message:
    return world.messages[said.id]


def failed(world: World, text: str, reason: str = IN_DOUBT) -> Message:
    said = replies(world, text)
    world.answer(SendToUser, lambda claim: NotDelivered(claim, world.now, reason))
    return now(world, said)


def test_an_echo_may_come_before_the_answer_and_the_answer_changes_nothing_then() -> None:
    world = handed_over(MAIL)
    said = replies(world, "hello")
    assert not hasattr(echo(world, said), "reason")
    assert (now(world, said).standing, now(world, said).sent_parts) == (Standing.SENT, 1)
    assert marks(world) == [Mark.TAKEN]
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now, PLACE))
    assert marks(world) == [Mark.TAKEN]


def test_an_echo_may_come_while_it_is_looked_for_and_what_was_not_found_does_not_count_then() -> (
    None
):
    world = handed_over(MAIL)
    said = replies(world, "hello")
    echo(world, said)
    world.answer(SendToUser, lambda claim: NotDelivered(claim, world.now, IN_DOUBT))
    assert (now(world, said).standing, now(world, said).held_for) == (Standing.SENT, "")
    assert marks(world) == [Mark.TAKEN]


def test_an_echo_of_what_is_known_is_no_news() -> None:
    world = handed_over(MAIL)
    said = replies(world, "hello")
    world.answer(SendToUser, lambda claim: Delivered(claim, world.now, PLACE))
    before = now(world, said)
    assert getattr(echo(world, said), "reason", "") == "known"
    assert now(world, said) == before


def test_of_a_long_message_each_part_is_settled_by_its_own() -> None:
    world = handed_over(MAIL)
    said = replies(world, "one two three four. five six seven eight.")
    echo(world, said, 0)
    assert (now(world, said).standing, now(world, said).sent_parts) == (Standing.PENDING, 1)
    assert marks(world) == []


def test_a_doubt_that_an_agent_was_asked_about_is_settled() -> None:
    world = handed_over(MAIL)
    said = failed(world, "hello")
    echo(world, said)
    assert (now(world, said).standing, now(world, said).held_for) == (Standing.SENT, "")
    assert marks(world)[-1] is Mark.TAKEN
    assert getattr(click(world, SendAgain, said), "reason", "") == "already_decided"


def test_a_retry_goes_on_behind_the_part_that_was_settled() -> None:
    world = handed_over(MAIL)
    said = failed(world, "one two three four. five six seven eight.")
    echo(world, said, 0)
    assert now(world, said).standing is Standing.FAILED
    world.waiting.clear()
    click(world, SendAgain, said)
    assert next(send.part for send in world.effects(SendToUser)) == 1


@pytest.mark.parametrize(("reason", "here"), [("blocked", CNV), (IN_DOUBT, ConversationId("x"))])
def test_nothing_else_is_changed_by_an_echo(reason: str, here: ConversationId) -> None:
    world = handed_over(MAIL)
    said = failed(world, "hello", reason)
    assert hasattr(echo(world, said, here=here), "reason")
    assert now(world, said) == replace(said)


def test_a_file_is_a_part_like_any_other() -> None:
    traits = {"webchat": Traits(max_text=20, files=True)}
    world = handed_over(replace(MAIL, channels=traits))
    kept = Attachment("a.png", "image/png", 5, "fil_1")
    said = replies(world, "hello", files=1, attachments=(kept,))
    for part, standing in ((0, Standing.PENDING), (1, Standing.SENT)):
        echo(world, said, part)
        assert now(world, said).standing is standing
