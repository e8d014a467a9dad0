"""Who has left before they read is written to by e-mail, once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.commands import (
    Delivered,
    Describe,
    NotDelivered,
    Remark,
    Say,
    ToConversation,
    UserRead,
    UserSaid,
)
from bridge.effects import Line, PostFile, PostLine, PostMessage, SendMail, SetTimer, TimerKind
from bridge.events import Kind
from bridge.mailing import by_email, shortened, to_mail
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Attachment,
    Author,
    Message,
    MessageId,
    Role,
    Standing,
    Visibility,
)
from bridge.policy import Policy, Traits
from tests.bridge.driver import CNV, NO_BOT, SAM, World
from tests.bridge.test_notice import rings
from tests.bridge.test_talk import API, handed_over, replies, says

AFTER = 120
TRAITS = Traits(reads_store=True, mails=True)
MAILED = replace(NO_BOT, channels={"webchat": TRAITS}, mail_after=AFTER * SECOND)
HERE = ToConversation(CNV)
PLACE = ("email", "sam@home.example", "9")


def waited(email: str = "sam@home.example", policy: Policy = MAILED) -> World:
    world = handed_over(policy)
    world.contact = replace(world.contact, email=email)
    return world


def timers(world: World) -> list[SetTimer]:
    return [timer for timer in world.effects(SetTimer) if timer.kind is TimerKind.MAIL]


def reads(world: World, seq: int) -> None:
    world.do(UserRead(world.key(), world.tick(), HERE, seq))


def describes(world: World, **fields: str) -> None:
    world.do(Describe(world.key(), world.tick(), HERE, Author(Role.USER, "c"), dict(fields)))


def lines(world: World) -> list[tuple[Line, str, str]]:
    mail = (Line.MAILED, Line.NOT_MAILED)
    return [(p.line, p.name, p.detail) for p in world.effects(PostLine) if p.line in mail]


def test_an_agents_word_is_waited_for_and_then_sent_as_one_letter_with_all_others() -> None:
    world = waited()
    before = world.conversation.seq
    replies(world, "one")
    world.tick(AFTER - 1)
    last = replies(world, "two")
    (timer,) = timers(world)
    assert timer.due == world.now + AFTER * SECOND
    assert rings(world, TimerKind.MAIL)
    (letter,) = world.effects(SendMail)
    assert letter == SendMail(0, last.seq, world.handoff.id)
    assert before < last.seq == world.conversation.mailed_seq
    world.answer(SendMail, lambda claim: Delivered(claim, world.now, PLACE))
    assert lines(world) == [(Line.MAILED, "s…@home.example", "")]
    assert world.events[-1].kind is Kind.MAIL_SENT
    again = replies(world, "three")
    assert rings(world, TimerKind.MAIL)
    assert world.effects(SendMail) == [SendMail(last.seq, again.seq, world.handoff.id)]


@pytest.mark.parametrize(
    "policy",
    [
        replace(MAILED, mail_after=0),
        replace(MAILED, channels={"webchat": replace(TRAITS, mails=False)}),
    ],
)
def test_where_it_is_off_nothing_waits(policy: Policy) -> None:
    world = waited(policy=policy)
    replies(world, "one")
    assert timers(world) == []


def test_what_was_read_or_is_for_nobody_known_is_not_sent() -> None:
    world = waited()
    said = replies(world, "one")
    reads(world, said.seq)
    assert rings(world, TimerKind.MAIL)
    nobody = waited("")
    replies(nobody, "one")
    assert rings(nobody, TimerKind.MAIL)
    off = waited()
    replies(off, "one")
    off.policy = replace(MAILED, mail_after=0)
    assert rings(off, TimerKind.MAIL)
    assert [w.effects(SendMail) for w in (world, nobody, off)] == [[], [], []]


def test_an_address_that_is_known_only_later_gets_what_waits() -> None:
    world = waited("")
    replies(world, "one")
    assert rings(world, TimerKind.MAIL)
    describes(world, name="Sam R.")
    assert timers(world) == []
    describes(world, email="sam@home.example")
    assert rings(world, TimerKind.MAIL)
    assert len(world.effects(SendMail)) == 1
    reads(world, world.conversation.seq)
    describes(world, email="sam@other.example")
    assert timers(world) == []


def test_a_letter_that_did_not_go_is_told_with_the_reason() -> None:
    world = waited()
    replies(world, "one")
    assert rings(world, TimerKind.MAIL)
    world.answer(SendMail, lambda claim: NotDelivered(claim, world.now, "smtp_550"))
    assert lines(world) == [(Line.NOT_MAILED, "s…@home.example", "smtp_550")]
    assert world.events[-1].body == {"reason": "smtp_550", "upto": world.conversation.mailed_seq}


def test_a_letter_with_nothing_left_in_it_is_not_told_of() -> None:
    world = waited()
    replies(world, "one")
    assert rings(world, TimerKind.MAIL)
    world.answer(SendMail, lambda claim: Delivered(claim, world.now))
    assert lines(world) == []


def test_a_word_in_the_desks_name_goes_by_e_mail_too_and_so_does_the_answer_to_an_e_mail() -> None:
    world = waited()
    world.do(Say(world.key(), world.tick(), HERE, API, "We have moved"))
    assert len(timers(world)) == 1
    other = waited()
    assert timers(other) == []
    mailed = UserSaid(other.key(), other.tick(), SAM, "from my e-mail", source="email:1")
    other.do(mailed)
    assert by_email(other.said_by(Role.USER)[-1])
    assert not by_email(says(other, "from the chat"))
    assert len(timers(other)) == 1


def said(role: Role, text: str = "x", **more: Any) -> Message:
    author = Author(role, "a", "Ana")
    one = Message(MessageId("m"), CNV, DEFAULT_WORKSPACE, 1, 1, author, text)
    return replace(one, **more)


def test_a_letter_has_what_was_said_after_they_were_last_in_the_chat() -> None:
    seen, chat = said(Role.AGENT, "seen"), said(Role.USER)
    mail = said(Role.USER, source="email:1")
    agent, bot, system = said(Role.AGENT), said(Role.BOT), said(Role.SYSTEM)
    assert to_mail([seen, chat, agent, mail, bot, system]) == (agent, bot)
    assert to_mail([mail, agent]) == (agent,)
    assert to_mail([seen, chat]) == ()
    gone, empty = replace(agent, deleted=True), replace(agent, text=" ")
    held = replace(agent, standing=Standing.HELD)
    note = replace(agent, visibility=Visibility.INTERNAL)
    file = replace(empty, attachments=(Attachment("a.pdf", "application/pdf", 1, "fil_1"),))
    assert to_mail([gone, empty, held, note, file]) == (file,)


def test_an_address_is_shown_shortened() -> None:
    assert shortened("sam@home.example") == "s…@home.example"


@pytest.mark.parametrize("shown", [True, False])
def test_a_remark_is_kept_and_shown_where_there_is_a_thread(shown: bool) -> None:
    world = waited()
    world.waiting.clear()
    file = Attachment("e-mail.eml", "text/plain", 1, "fil_1")
    world.do(
        Remark(world.key(), world.tick(), HERE, "email_bounced", "It came back", (file,), shown)
    )
    message = world.in_order()[-1]
    assert (message.text, message.visibility) == ("It came back", Visibility.INTERNAL)
    assert len(world.effects(PostMessage)) == len(world.effects(PostFile)) == shown
    assert world.events[-1].body == {"message": message.id, "reason": "email_bounced"}
    alone = World(policy=MAILED)
    alone.do(Remark(alone.key(), alone.tick(), HERE, "email_foreign", "Somebody wrote"))
    assert alone.in_order()[-1].handoff_id is None
    assert alone.effects(PostMessage) == []
