"""Who has left before they read what was said to them is written to by e-mail. Pure.

An agent's word sets the timer; who is still there when it fires was looked at before
(`mailman.py`), since a decision cannot. What was read needs no letter, and how far the letters
go is kept in the conversation (`mailed_seq`), so that nothing is written twice. Answers come back
as what the user said, marked by their `source`.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.commands import Delivered, NotDelivered, Result
from bridge.effects import Line, SendMail, SetTimer, TimerKind
from bridge.events import Kind
from bridge.model import Message, Role, replace
from bridge.turn import DESKBRIDGE, Turn

BY_EMAIL = "email:"
"""How the `source` of a message begins that the user sent as an e-mail."""


def by_email(message: Message) -> bool:
    return message.author.role is Role.USER and (message.source or "").startswith(BY_EMAIL)


def shortened(address: str) -> str:
    """For lines in a thread; the card has the whole of it.

    >>> shortened("sam@shop.example")
    's…@shop.example'
    """
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def watch(turn: Turn) -> None:
    """There may be something that the user does not read in time: it was said just now, or only now
    is known where they can be written to. More of it within the time goes into the same letter."""
    policy, conversation = turn.policy, turn.conversation
    if policy.mail_after and policy.traits(conversation.channel).mails and _unread(turn):
        due, about = turn.at + policy.mail_after, str(conversation.seq)
        turn.do(SetTimer(TimerKind.MAIL, due, conversation.epoch, about))


def _unread(turn: Turn) -> bool:
    return turn.conversation.seq > _known(turn)


def _known(turn: Turn) -> int:
    return max(turn.conversation.read_seq, turn.conversation.mailed_seq)


def is_read(timer: SetTimer, read_seq: int) -> bool:
    """Whether the user has read what the timer was set for."""
    return int(timer.about) <= read_seq


def fired(turn: Turn, timer: SetTimer) -> None:
    """They are not there. Whose address nobody knows is written to once it is known."""
    known = _known(turn)
    if turn.policy.mail_after and turn.contact.email and not is_read(timer, known):
        upto = turn.conversation.seq
        turn.do(SendMail(known, upto, turn.conversation.handoff_id))
        turn.conversation = replace(turn.conversation, mailed_seq=upto)


def to_mail(messages: Sequence[Message]) -> tuple[Message, ...]:
    """What of it the user has not seen: they wrote in the chat with all before it in sight."""
    there = [n for n, m in enumerate(messages) if m.author.role is Role.USER and not by_email(m)]
    since = messages[there[-1] + 1 :] if there else messages
    said = (m for m in since if m.author.role in (Role.AGENT, Role.BOT) and m.leaves)
    return tuple(m for m in said if not m.deleted and (m.text.strip() or m.attachments))


def went(turn: Turn, effect: SendMail, result: Result) -> None:
    """The thread says so. Without a place there was nothing left to write."""
    address = shortened(turn.contact.email)
    if isinstance(result, NotDelivered):
        turn.note(Kind.MAIL_FAILED, DESKBRIDGE, reason=result.reason, upto=effect.upto)
        turn.line(Line.NOT_MAILED, name=address, detail=result.reason)
    elif isinstance(result, Delivered) and result.place:
        turn.note(Kind.MAIL_SENT, DESKBRIDGE, upto=effect.upto)
        turn.line(Line.MAILED, name=address)
