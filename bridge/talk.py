"""What is said by the user and by agents, and what of it leaves the house.

Each function is a step of the table in `lifecycle.py`. An agent's message is judged once, when it
is first seen (`judge`): reply, note, or held. Held means kept, nothing sent, and somebody asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from bridge import asking, carrying, judging, mailing, notice, ratings, triggering, window, words
from bridge.answering import await_bot
from bridge.commands import (
    AddNote,
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
from bridge.corrections import as_note, ask_about, kept, note
from bridge.effects import (
    CallBot,
    Mark,
    ShowSeen,
)
from bridge.endings import CANCELLED, end, open_again
from bridge.events import Kind
from bridge.handoffs import give, join, keep_open, wake
from bridge.model import (
    Author,
    Message,
    Mode,
    Role,
    Standing,
    Status,
    Visibility,
    replace,
)
from bridge.opening import await_agent, await_user, open_handoff
from bridge.pausing import leave_pause
from bridge.turn import Turn
from bridge.visits import mark_visit

# --- the user ------------------------------------------------------------------------------------


def hear(turn: Turn, command: UserSaid) -> Message:
    """Keeps what the user said, and what came with it about them."""
    mark_visit(turn, command)
    said_at = max(turn.conversation.user_at, command.said_at or turn.at)
    turn.meet(command.to, user_at=said_at, user_seq=turn.conversation.seq + 1)
    window.watch(turn)
    if turn.conversation.seq == 0:
        turn.note(Kind.CONVERSATION_STARTED, _user(turn))
        turn.tell_bot("conversation.started")
    handoff = turn.handoff.id if turn.handoff and turn.handoff.is_open else None
    message = turn.say(
        _user(turn),
        command.text,
        handoff_id=handoff,
        attachments=command.attachments,
        source=command.source or None,
    )
    carrying.came(turn, message)
    if mailing.by_email(message):
        mailing.watch(turn)
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
    """To the bot; where there is none, or a rule wishes it, to a human at once."""
    message = hear(turn, command)
    if ratings.heard(turn, command):
        return message
    wish = triggering.user_said(turn, message)
    if not turn.has_bot or wish:
        _user_to_desk(turn, message, wish)
        return message
    epoch = turn.conversation.epoch
    body = {"payload": command.payload} if command.payload else None
    turn.do(CallBot("message.created", epoch, message.id, None, body))
    if not turn.conversation.unanswered_since:
        await_bot(turn)
    return message


def _user_to_desk(turn: Turn, message: Message, wish: Escalation | None) -> None:
    """Without a bot, soon after the end the same handoff goes on, later a new one opens."""
    last = turn.handoff
    soon = last is not None and turn.at - last.closed_at <= turn.policy.reopen_within
    if turn.has_bot or not (soon and open_again(turn, _user(turn), None)):
        wish = wish or Escalation(triggering.title_of(message.text), reason="no_bot")
        open_handoff(turn, _user(turn), wish, message.seq - 1)
    triggering.shown(turn)
    message = replace(turn.messages[message.id], handoff_id=turn.open_handoff.id)
    turn.messages[message.id] = message
    await_agent(turn)
    _post(turn, message)


def _leaves(turn: Turn, command: UserSaid) -> bool:
    """Whether the user writes the word that ends it, `/end`."""
    return command.text.strip().casefold() == turn.policy.end_command.casefold() != ""


@_answered
def user_to_agent(turn: Turn, command: UserSaid) -> Message:
    """Into the thread. A user who writes `/end` leaves; one who writes wakes a snoozed handoff. Who
    rates one that goes on already is asked again at its end."""
    if ratings.is_pressed(command):
        return hear(turn, command)
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
    triggering.user_said(turn, message)
    return message


def _post(turn: Turn, message: Message) -> None:
    turn.post(message, notice.call_assignee(turn))
    carrying.show_files(turn, message)


@_answered
def user_to_nobody(turn: Turn, command: UserSaid) -> Message:
    """While the bot is paused without a handoff: kept, and seen by whoever paused it. A user who
    writes `/end` wants the bot back, and has it unless it is silent everywhere."""
    message = hear(turn, command)
    if ratings.heard(turn, command):
        return message
    if _leaves(turn, command) and turn.conversation.mode is Mode.HUMAN:
        leave_pause(turn, UserEnded(command.key, command.at, ToConversation(turn.conversation.id)))
    else:
        triggering.user_said(turn, message)
    return message


def read(turn: Turn, command: UserRead) -> None:
    """The desk shows how far they have read."""
    seq = min(max(command.seq, turn.conversation.read_seq), turn.conversation.seq)
    turn.conversation = replace(turn.conversation, read_seq=seq)
    before, newest = turn.case.seen
    if newest != before:
        turn.do(ShowSeen(newest, before))


# --- agents --------------------------------------------------------------------------------------


def agent_said(turn: Turn, command: AgentSaid) -> None:
    """Judges a message of the thread and does what the judgement says. One below a question that
    was put elsewhere is an answer to that."""
    if asking.is_answer(turn.case, command):
        return asking.answered(turn, command)
    said = words.read(command.text)
    if judging.is_note(turn, command, said):
        note(turn, command.by, kept(said, command.text), command)
    elif held := judging.reasons_to_hold(turn, command, said):
        hold(turn, command, said, held)
    else:
        take_and_reply(turn, command, said.text)
    return None


def take_and_reply(turn: Turn, command: AgentSaid, text: str, *, shown: bool = False) -> None:
    """The first reply claims a waiting handoff, and writing wakes a snoozed one, which stays with
    whoever has it: who has joined may write there, too. `shown`: the thread has to be shown it,
    since its words were not typed there."""
    handoff = turn.open_handoff
    if handoff.status is Status.SNOOZED and handoff.assignee:
        wake(turn, command.by.as_author())
    elif handoff.status is not Status.ASSIGNED:
        give(turn, command.by.as_author(), command.by)
    message = reply(turn, command.by.as_author(), text, command)
    if shown:
        turn.post(message)


def reply(turn: Turn, author: Author, text: str, command: AgentSaid) -> Message:
    late = command.order < turn.conversation.agent_order
    message = turn.say(
        author,
        text,
        handoff_id=turn.open_handoff.id,
        attachments=command.attachments,
        source=command.source or None,
        order=command.order,
        before=turn.case.later if late else None,
    )
    order = max(command.order, turn.conversation.agent_order)
    turn.conversation = replace(turn.conversation, agent_order=order)
    wait = turn.policy.undo_of(turn.open_handoff.queue, turn.conversation.channel)
    message = turn.deliver(message, wait)
    _replied(turn, message, fresh=True)
    if wait:
        turn.mark(message.source, Mark.LEAVING)
    return message


def _replied(turn: Turn, message: Message, *, fresh: bool = False, **body: str) -> None:
    """It is the user's turn; a channel that reads our store has taken the message already. `body`:
    what else the event tells."""
    if not turn.open_handoff.first_reply_at:
        by = message.author
        turn.change(first_reply_at=turn.at, first_reply_by=by.id, first_reply_name=by.name)
    await_user(turn)
    turn.note(Kind.AGENT_SPOKE, message.author, message=message.id, **body)
    unposted = fresh and not message.source  # its post is marked once it is there
    if message.standing is Standing.SENT and not unposted:
        turn.mark_message(message, Mark.TAKEN, fresh=fresh)
    mailing.watch(turn)
    turn.data = {"id": message.id, "seq": message.seq}


def hold(
    turn: Turn, command: AgentSaid, said: words.Said, reason: str, *, shown: bool = False
) -> None:
    """`shown`: the thread has to be shown its words, since they were not typed there."""
    message = turn.say(
        command.by.as_author(),
        kept(said, command.text),
        standing=Standing.HELD,
        held_for=reason,
        handoff_id=turn.open_handoff.id,
        attachments=command.attachments,
        source=command.source or None,
        order=command.order,
    )
    if shown:
        turn.post(message)
    ask_about(turn, message)
    turn.mark_message(message, Mark.HELD)
    turn.data = {"id": message.id, "held": reason}


def add_note(turn: Turn, command: AddNote) -> None:
    """What was typed in a form, or by a tool, is shown where colleagues read."""
    turn.post(note(turn, command.by, command.text))


def send_held(turn: Turn, command: SendHeld) -> None:
    """Somebody looked at a held message and wants it out: now, in the place of now, and as if it
    had never been another, since its reader sees it for the first time."""
    if not _is_held(turn.subject):
        return turn.reject("already_decided")
    traits = turn.policy.traits(turn.conversation.channel)
    if not turn.subject.text.strip() and not (turn.subject.attachments and traits.files):
        return turn.reject("no_words")
    if judging.window_is_shut(traits, turn.conversation.user_at, turn.at):
        return turn.reject("window_closed")
    handoff = turn.open_handoff
    if not handoff.is_open and not open_again(turn, command.by.as_author(), command.by):
        return None
    if command.take_over or turn.open_handoff.assignee is None:
        give(turn, command.by.as_author(), command.by)
    elif command.join:
        join(turn, command.by)
    seq = turn.conversation.seq + 1
    turn.conversation = replace(turn.conversation, seq=seq)
    released = replace(turn.subject, standing=Standing.SENT, held_for="", edited_at=0)
    message = turn.show(replace(released, seq=seq, sent_at=turn.at))
    return _replied(turn, turn.deliver(message), released_by=command.by.id)


def _is_held(message: Message) -> bool:
    """An agent's; what was suggested to agents is no message of theirs yet."""
    held = message.standing is Standing.HELD and not message.deleted
    return held and message.visibility is Visibility.PUBLIC


def keep_as_note(turn: Turn, command: KeepAsNote) -> None:
    subject = turn.subject
    if not _is_held(subject):
        return turn.reject("already_decided")
    turn.show(as_note(subject))
    turn.note(Kind.NOTE_ADDED, command.by.as_author(), message=subject.id)
    turn.mark_message(subject, Mark.NOTE)
    turn.data = {"id": subject.id, "note": True}
    return None


def send_again(turn: Turn, command: SendAgain) -> None:
    """*Retry* under a message that the channel, or of a user's or a note that the desk, did not
    take. What the channel has of it is not sent again."""
    if turn.subject.author.role is Role.USER or turn.subject.visibility is Visibility.INTERNAL:
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
    code, message = turn.subject.held_for, replace(turn.subject, held_for="")
    turn.messages[message.id] = message
    if message.author.role is not Role.USER:
        turn.post(message)
    elif not carrying.again(turn, message, code):
        _post(turn, message)
    turn.data = {"id": message.id, "seq": message.seq}
    return None
