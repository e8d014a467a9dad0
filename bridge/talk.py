"""What is said by the user and by agents, and what of it leaves the house.

Each function is a step of the table in `lifecycle.py`. An agent's message is judged once, when it
is first seen (`judge`): reply, note, or held. Held means kept, nothing sent, and somebody asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from bridge import words
from bridge.answering import await_bot
from bridge.commands import (
    AddNote,
    AgentDeleted,
    AgentEdited,
    AgentSaid,
    Escalation,
    KeepAsNote,
    SendAgain,
    SendHeld,
    ToConversation,
    UserEnded,
    UserRead,
    UserSaid,
)
from bridge.effects import (
    CallBot,
    Line,
    Mark,
    PostMessage,
)
from bridge.endings import CANCELLED, end, open_again
from bridge.events import Kind
from bridge.handoffs import await_agent, await_user, give, keep_open, open_handoff, wake
from bridge.model import (
    Agent,
    Author,
    Message,
    Role,
    Standing,
    Status,
    Visibility,
    replace,
)
from bridge.pausing import leave_pause
from bridge.texts import split
from bridge.turn import Turn
from bridge.visits import mark_visit
from bridge.words import Sense

# --- the user ------------------------------------------------------------------------------------


def hear(turn: Turn, command: UserSaid) -> Message:
    """Keeps what the user said, and what came with it about them."""
    mark_visit(turn, command)
    turn.meet(command.to, user_at=turn.at)
    if turn.conversation.seq == 0:
        turn.note(Kind.CONVERSATION_STARTED, _user(turn))
        turn.tell_bot("conversation.started")
    handoff = turn.handoff.id if turn.handoff and turn.handoff.is_open else None
    message = turn.say(
        _user(turn), command.text, handoff_id=handoff, attachments=command.attachments
    )
    turn.conversation = replace(turn.conversation, user_seq=message.seq)
    turn.note(Kind.USER_SPOKE, _user(turn), message=message.id)
    return message


def _answered(
    step: Callable[[Turn, UserSaid], Message],
) -> Callable[[Turn, UserSaid], None]:
    """Whatever else follows from what the user said, and has an answer of its own (a handoff that
    ends or opens again): the answer to a message is always where it was kept."""

    @wraps(step)
    def answered(turn: Turn, command: UserSaid) -> None:
        message = step(turn, command)
        turn.data = {"id": message.id, "seq": message.seq}

    return answered


def _user(turn: Turn) -> Author:
    contact = turn.contact
    return Author(Role.USER, contact.id, contact.name, contact.avatar_url)


@_answered
def user_to_bot(turn: Turn, command: UserSaid) -> Message:
    """To the bot; where there is none, to a human at once."""
    message = hear(turn, command)
    if not turn.has_bot:
        _user_to_desk(turn, message)
        return message
    epoch = turn.conversation.epoch
    body = {"payload": command.payload} if command.payload else None
    turn.do(CallBot("message.created", epoch, message.id, None, body))
    if not turn.conversation.unanswered_since:
        await_bot(turn)
    return message


def _user_to_desk(turn: Turn, message: Message) -> None:
    """Soon after the end the same handoff goes on, later a new one opens."""
    last = turn.handoff
    soon = last is not None and turn.at - last.closed_at <= turn.policy.reopen_within
    if not (soon and open_again(turn, _user(turn), None)):
        title = message.text.strip().split("\n")[0][:80]
        open_handoff(turn, _user(turn), Escalation(title, reason="no_bot"), message.seq - 1)
    message = replace(turn.messages[message.id], handoff_id=turn.open_handoff.id)
    turn.messages[message.id] = message
    await_agent(turn)
    _post(turn, message)


def _leaves(turn: Turn, command: UserSaid) -> bool:
    """Whether the user writes the word that ends it, `/end`."""
    return command.text.strip().casefold() == turn.policy.end_command.casefold() != ""


@_answered
def user_to_agent(turn: Turn, command: UserSaid) -> Message:
    """Into the thread. A user who writes `/end` leaves; one who writes wakes a snoozed handoff."""
    if _leaves(turn, command):
        message = hear(turn, command)
        end(turn, CANCELLED, _user(turn), "user_left")
        return message
    keep_open(turn)
    if turn.open_handoff.status is Status.SNOOZED:
        wake(turn, _user(turn))
    await_agent(turn)
    message = hear(turn, command)
    _post(turn, message)
    return message


def _post(turn: Turn, message: Message) -> None:
    parts = len(split(message.text, turn.policy.desk_max_text))
    handoff = turn.open_handoff.id
    turn.do(*(PostMessage(handoff, message.id, part, parts) for part in range(parts)))


@_answered
def user_to_nobody(turn: Turn, command: UserSaid) -> Message:
    """While the bot is paused without a handoff: kept, and seen by whoever paused it. A user who
    writes `/end` wants the bot back."""
    message = hear(turn, command)
    if _leaves(turn, command):
        leave_pause(turn, UserEnded(command.key, command.at, ToConversation(turn.conversation.id)))
    return message


def read(turn: Turn, command: UserRead) -> None:
    seq = min(max(command.seq, turn.conversation.read_seq), turn.conversation.seq)
    turn.conversation = replace(turn.conversation, read_seq=seq)


# --- agents --------------------------------------------------------------------------------------


def agent_said(turn: Turn, command: AgentSaid) -> None:
    """Judges a message of the thread and does what the judgement says."""
    said = words.read(command.text)
    held = _reason_to_hold(turn, command, said)
    if said.sense is Sense.NOTE or (command.mentions and not held):
        _note(turn, command.by, _kept(said, command.text), command)
    elif held:
        hold(turn, command, said, held)
    else:
        _take_and_reply(turn, command, said.text)


def _reason_to_hold(turn: Turn, command: AgentSaid, said: words.Said) -> str:
    """Why the message may not go out as it is; empty: it may."""
    handoff, by = turn.open_handoff, command.by
    if not by.member:
        return "not_a_member"
    if said.sense in (Sense.VERB, Sense.UNKNOWN):
        return "unknown_command"
    if command.files and not turn.policy.traits(turn.conversation.channel).files:
        return "files"
    if not command.files and not said.text.strip():
        return "no_words"  # a message that was shared into the thread, say
    if not handoff.is_open:
        return "bot_in_charge" if turn.has_bot else "ended"
    foreign = handoff.assignee is not None and handoff.assignee != by.id
    return "foreign" if foreign else ""


def _take_and_reply(turn: Turn, command: AgentSaid, text: str) -> None:
    """The first reply claims a waiting handoff, and writing wakes a snoozed one."""
    if turn.open_handoff.status is not Status.ASSIGNED:
        give(turn, command.by, command.by)
    reply(turn, command.by.as_author(), text, command)


def reply(turn: Turn, author: Author, text: str, command: AgentSaid) -> None:
    late = command.order < turn.conversation.agent_order
    message = turn.say(
        author,
        text,
        handoff_id=turn.open_handoff.id,
        source=command.source,
        order=command.order,
        before=turn.case.later if late else None,
    )
    order = max(command.order, turn.conversation.agent_order)
    turn.conversation = replace(turn.conversation, agent_order=order)
    _replied(turn, turn.deliver(message))


def _replied(turn: Turn, message: Message) -> None:
    """It is the user's turn; a channel that reads our store has taken the message already."""
    if not turn.open_handoff.first_reply_at:
        turn.change(first_reply_at=turn.at)
    await_user(turn)
    turn.note(Kind.AGENT_SPOKE, message.author, message=message.id)
    if message.standing is Standing.SENT:
        turn.mark(message.source, Mark.TAKEN)
    turn.data = {"id": message.id, "seq": message.seq}


def hold(turn: Turn, command: AgentSaid, said: words.Said, reason: str) -> None:
    message = turn.say(
        command.by.as_author(),
        _kept(said, command.text),
        standing=Standing.HELD,
        held_for=reason,
        handoff_id=turn.open_handoff.id,
        source=command.source,
        order=command.order,
    )
    turn.note(Kind.MESSAGE_HELD, message.author, message=message.id, reason=reason)
    turn.mark(message.source, Mark.HELD)
    turn.line(Line.HELD, message, who=command.by.id, name=command.by.name, detail=reason)
    turn.data = {"id": message.id, "held": reason}


def _kept(said: words.Said, text: str) -> str:
    """Without its prefix, where that was understood."""
    return said.text if said.sense in (Sense.REPLY, Sense.NOTE) else text


def _note(turn: Turn, by: Agent, text: str, command: AgentSaid | None = None) -> None:
    message = turn.say(
        by.as_author(),
        text,
        visibility=Visibility.INTERNAL,
        handoff_id=turn.open_handoff.id,
        source=command.source if command else None,
        order=command.order if command else "",
    )
    turn.note(Kind.NOTE_ADDED, message.author, message=message.id)
    turn.mark(message.source, Mark.NOTE)
    turn.data = {"id": message.id, "note": True}


def add_note(turn: Turn, command: AddNote) -> None:
    _note(turn, command.by, command.text)


def send_held(turn: Turn, command: SendHeld) -> None:
    """Somebody looked at a held message and wants it out: now, in the place of now."""
    if turn.subject.standing is not Standing.HELD or turn.subject.deleted:
        return turn.reject("already_decided")
    if not turn.subject.text.strip():
        return turn.reject("no_words")
    handoff = turn.open_handoff
    if not handoff.is_open and not open_again(turn, command.by.as_author(), command.by):
        return None
    if command.take_over or turn.open_handoff.assignee is None:
        give(turn, command.by, command.by)
    seq = turn.conversation.seq + 1
    turn.conversation = replace(turn.conversation, seq=seq)
    message = turn.show(
        replace(turn.subject, standing=Standing.SENT, held_for="", seq=seq, sent_at=turn.at)
    )
    return _replied(turn, turn.deliver(message))


def keep_as_note(turn: Turn, command: KeepAsNote) -> None:
    subject = turn.subject
    if subject.standing is not Standing.HELD or subject.deleted:
        return turn.reject("already_decided")
    turn.show(_as_note(subject))
    turn.note(Kind.NOTE_ADDED, command.by.as_author(), message=subject.id)
    turn.mark(subject.source, Mark.NOTE)
    turn.data = {"id": subject.id, "note": True}
    return None


def _as_note(held: Message) -> Message:
    return replace(held, visibility=Visibility.INTERNAL, standing=Standing.SENT, held_for="")


def send_again(turn: Turn, command: SendAgain) -> None:
    """*Retry* under a message that the channel, or of a user's that the desk, did not take. What
    the channel has of it is not sent again."""
    if turn.subject.author.role is Role.USER:
        return _post_again(turn)
    if turn.subject.standing is not Standing.FAILED or turn.subject.deleted:
        return turn.reject("already_decided")
    message = turn.show(replace(turn.subject, standing=Standing.SENT, held_for=""))
    message = turn.deliver(message)
    turn.note(Kind.AGENT_SPOKE, command.by.as_author(), message=message.id, again=True)
    turn.data = {"id": message.id, "seq": message.seq}
    return None


def _post_again(turn: Turn) -> None:
    if not turn.subject.held_for or turn.subject.deleted:
        return turn.reject("already_decided")
    message = replace(turn.subject, held_for="")
    turn.messages[message.id] = message
    _post(turn, message)
    turn.data = {"id": message.id, "seq": message.seq}
    return None


# --- edits and deletes by agents -----------------------------------------------------------------


def agent_edited(turn: Turn, command: AgentEdited) -> None:
    """A note stays a note, and a held message is held or becomes a note; what was sent is corrected
    where the channel can, unless the new text would not have left either."""
    subject = turn.subject
    if subject.deleted or command.order <= subject.edited_order:
        return None
    said = words.read(command.text)
    inside = said.sense is not Sense.REPLY or command.mentions or not command.by.member
    changed = replace(subject, edited_at=turn.at, edited_order=command.order)
    if subject.standing is Standing.HELD and said.sense is Sense.NOTE:
        turn.show(_as_note(replace(changed, text=said.text)))
        turn.mark(subject.source, Mark.NOTE)
    elif subject.visibility is Visibility.INTERNAL or subject.standing is Standing.HELD:
        turn.show(replace(changed, text=_kept(said, command.text)))
    elif inside:
        turn.messages[subject.id] = replace(subject, edited_order=command.order)  # no news
        return turn.line(Line.CORRECTION, subject, who=command.by.id, detail="edit_stays_inside")
    elif subject.standing is Standing.FAILED:
        turn.show(replace(changed, text=said.text, sent_parts=0))
    elif not turn.policy.traits(turn.conversation.channel).edits:
        return turn.line(Line.CORRECTION, subject, who=command.by.id, detail="cannot_edit")
    else:
        turn.correct(turn.show(replace(changed, text=said.text)), "edit")
    turn.note(Kind.MESSAGE_EDITED, command.by.as_author(), message=subject.id)
    return None


def agent_deleted(turn: Turn, _command: AgentDeleted) -> None:
    subject = turn.subject
    if subject.deleted:
        return None
    if subject.leaves and not turn.policy.traits(turn.conversation.channel).deletes:
        return turn.line(Line.CORRECTION, subject, who=subject.author.id, detail="cannot_delete")
    message = turn.show(replace(subject, deleted=True, text="", edited_at=turn.at))
    if message.leaves:
        turn.correct(message, "delete")
    turn.note(Kind.MESSAGE_DELETED, subject.author, message=subject.id)
    return None
