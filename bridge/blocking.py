"""Users whom nobody hears: blocked by the team, or named in the settings. Steps of `lifecycle.py`.

A blocked user is no state of the conversation but a fact about who is in it, so it comes before
the table: what they say is kept, for whoever looks, and goes nowhere, neither to the bot nor to a
thread, and what would open or change something for them is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bridge.cases import Decision
from bridge.commands import (
    Block,
    MergeContacts,
    OpenHandoff,
    ToConversation,
    Unblock,
    UserReacted,
    UserSaid,
)
from bridge.effects import CancelTimer, Line, Mark, TimerKind
from bridge.endings import RESOLVED, another_is_open, end
from bridge.events import Kind
from bridge.labels import SPAM
from bridge.model import Author, Conversation, Role, Standing, replace
from bridge.persons import alike
from bridge.turn import Turn

BLOCKED = "blocked"


def block(turn: Turn, command: Block) -> None:
    """An open handoff is over, and the user is told nothing. The second time changes nothing."""
    if another_is_open(turn):
        return turn.reject("open_elsewhere", id=turn.conversation.handoff_id)
    turn.mark(command.said, Mark.NOTE)
    by, reason = command.by, command.reason or (SPAM if command.spam else "")
    open_until_now = turn.handoff is not None and turn.handoff.is_open
    _close(turn, command, reason)
    heard_until_now = not turn.contact.blocked_at
    if heard_until_now:
        who = by.name or by.id
        turn.contact = replace(
            turn.contact, blocked_at=turn.at, blocked_by=who, blocked_for=reason, updated_at=turn.at
        )
        turn.others = alike(turn.contact, turn.case.person)
        turn.note(Kind.USER_BLOCKED, by, reason=reason)
    if heard_until_now or open_until_now:
        turn.line(Line.BLOCKED, who=by.id, name=by.name, detail=reason)
    turn.data = {"conversation_id": turn.conversation.id, "blocked": True}
    return None


def _close(turn: Turn, command: Block, reason: str) -> None:
    """Nobody waits for them, nor for the bot's answer."""
    turn.conversation = replace(turn.conversation, unanswered_since=0)
    turn.do(CancelTimer(TimerKind.PATIENCE))
    handoff = turn.handoff
    if handoff and command.spam and SPAM not in handoff.labels:
        turn.change(labels=(*handoff.labels, SPAM))
    if handoff and handoff.is_open:
        end(turn, RESOLVED, command.by, reason or BLOCKED, silent=True)


def elsewhere(
    command: Block | MergeContacts, decision: Decision, talks: Iterable[Conversation]
) -> Iterator[tuple[Conversation, Block]]:
    """Whom it has blocked in other conversations of theirs: what is open there is over like the
    one that it was asked for. `talks`: those of all whom the decision may have changed."""
    changed = {contact.id: contact for contact in decision.others}
    if isinstance(command, MergeContacts) and changed:
        changed[decision.contact.id] = decision.contact
    for talk in talks:
        who = changed.get(talk.contact_id)
        if who is not None and who.blocked_at:
            spam = isinstance(command, Block) and command.spam
            key, to = f"{command.key}/{talk.id}", ToConversation(talk.id)
            yield talk, Block(key, command.at, to, command.by, who.blocked_for, spam)


def unblock(turn: Turn, command: Unblock) -> None:
    """What they said meanwhile stays where it is; from now on they are heard."""
    turn.mark(command.said, Mark.NOTE)
    if turn.contact.blocked_at:
        turn.contact = replace(
            turn.contact, blocked_at=0, blocked_by="", blocked_for="", updated_at=turn.at
        )
        turn.others = alike(turn.contact, turn.case.person)
        turn.note(Kind.USER_UNBLOCKED, command.by)
        turn.line(Line.UNBLOCKED, who=command.by.id, name=command.by.name)
    blocked = turn.policy.blocks(turn.contact)  # by the settings still
    turn.data = {"conversation_id": turn.conversation.id, "blocked": blocked}


def is_unheard(turn: Turn, command: object) -> bool:
    """Whether it is asked by, or for, a user whom nobody hears."""
    if type(command) not in UNHEARD:
        return False
    return turn.policy.blocks(turn.contact, getattr(getattr(command, "to", None), "email", ""))


def _keep(turn: Turn, command: UserSaid) -> None:
    """They are told that the chat is closed, whatever they say."""
    user = Author(Role.USER, turn.contact.id, turn.contact.name, turn.contact.avatar_url)
    message = turn.say(
        user,
        command.text,
        standing=Standing.HELD,
        held_for=BLOCKED,
        attachments=command.attachments,
    )
    turn.note(Kind.MESSAGE_HELD, user, message=message.id, reason=BLOCKED)
    turn.data = {"rejected": BLOCKED}


def _refuse(turn: Turn, _command: OpenHandoff | UserReacted) -> None:
    turn.reject(BLOCKED)


UNHEARD: Mapping[type[Any], Callable[[Turn, Any], None]] = {
    UserSaid: _keep,
    UserReacted: _refuse,
    OpenHandoff: _refuse,
}
"""What becomes of it in their case."""
