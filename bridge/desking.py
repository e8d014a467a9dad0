"""Steps of the table in `lifecycle.py` that belong to no handoff alone: looking, a word in the
desk's name, taking a conversation over, recalling a reply, deleting everything."""

from __future__ import annotations

from difflib import get_close_matches

from bridge import carrying, judging, mailing, words
from bridge.commands import (
    Assign,
    DeleteConversation,
    Escalation,
    Look,
    Recall,
    Remark,
    Say,
    TakeOver,
    Transfer,
)
from bridge.corrections import not_replied, note
from bridge.effects import Line, Mark
from bridge.endings import RESOLVED, end, open_again
from bridge.events import Kind
from bridge.handoffs import answer, assign, give, put_back
from bridge.labels import NEAR
from bridge.memory import NO_MEMORY
from bridge.model import Author, Message, Role, Standing, Visibility, replace
from bridge.opening import await_user, open_handoff, queue_of
from bridge.scores import NO_RATING
from bridge.terms import NO_TERMS
from bridge.texts import SOMEONE, by_language
from bridge.turn import DESKBRIDGE, Turn


def look(turn: Turn, command: Look) -> None:
    turn.mark(command.said, Mark.NOTE)
    turn.data = {"verb": command.verb}


# --- changes of hands ----------------------------------------------------------------------------


def transfer(turn: Turn, command: Transfer) -> None:
    """To a colleague, or into a queue, with a word for whoever has it next: a note, which the line
    that says so shows."""
    queues = [queue.name for queue in turn.policy.queues]
    if command.agent is None and command.queue not in queues:
        near = get_close_matches(command.queue, queues, n=NEAR) or queues[:NEAR]
        reason = "\n".join(["unknown_queue", *near])
        return turn.reject(reason, queue=command.queue, queues=queues)
    word = note(turn, command.by, command.word) if command.word else None
    if command.agent:
        to = Assign(command.key, command.at, command.to, command.by, command.agent, command.said)
        assign(turn, to, word)
    else:
        turn.mark(command.said, Mark.NOTE)
        put_back(turn, command.by, command.queue, word)
    return None


def take_over(turn: Turn, command: TakeOver) -> None:
    """From the bot, or from nobody: a handoff opens, and who asked has it."""
    turn.mark(command.said, Mark.NOTE)
    queue = queue_of(turn)
    if not turn.policy.serves(command.by, queue):
        queue = next(iter(command.by.queues or ()), queue)
    wish = Escalation("", reason="taken_over", queue=queue)
    open_handoff(turn, command.by.as_author(), wish, turn.conversation.seq, quiet=True)
    give(turn, command.by.as_author(), command.by)


def take(turn: Turn, command: TakeOver) -> None:
    """An open handoff goes to who asked."""
    turn.mark(command.said, Mark.NOTE)
    give(turn, command.by.as_author(), command.by)


def take_again(turn: Turn, command: TakeOver) -> None:
    """One that has ended goes on, with who asked."""
    turn.mark(command.said, Mark.NOTE)
    open_again(turn, command.by.as_author(), command.by)


# --- in the desk's name --------------------------------------------------------------------------


def say(turn: Turn, command: Say) -> None:
    """The user hears it from the desk; who has the conversation goes on having it. What an agent's
    reply would be held for is refused, since nothing is kept of it that could be sent later."""
    by_agent, said = command.by.role is Role.AGENT, words.read(command.text)
    if by_agent and said.sense is not words.Sense.REPLY:
        return turn.reject("not_a_reply")
    if by_agent and judging.leaks(turn.policy, command.text):
        return turn.reject("leaks")
    handoff = turn.handoff if turn.handoff and turn.handoff.is_open else None
    message = turn.say(
        _in_the_desks_name(turn, command.by),
        said.text if by_agent else command.text,
        handoff_id=handoff.id if handoff else None,
        source=command.said or None,
    )
    message = turn.deliver(message)
    turn.note(Kind.AGENT_SPOKE, command.by, message=message.id, desk=True)
    if message.standing is Standing.SENT:
        turn.mark(message.source, Mark.TAKEN)
    mailing.watch(turn)
    if handoff:
        await_user(turn)
        _show(turn, message, command)
    turn.data = {"id": message.id, "seq": message.seq}
    return None


def _in_the_desks_name(turn: Turn, by: Author) -> Author:
    locale = turn.conversation.locale or turn.contact.locale or "en"
    return Author(Role.AGENT, by.id, by_language(SOMEONE, locale))


def _show(turn: Turn, message: Message, command: Say) -> None:
    """Where colleagues read; what was typed there stands there already."""
    if not command.said:
        turn.post(message)


def remark(turn: Turn, command: Remark) -> None:
    """Kept beside what was said, and shown where there is a thread."""
    handoff = turn.handoff
    message = turn.say(
        DESKBRIDGE,
        command.text,
        visibility=Visibility.INTERNAL,
        handoff_id=handoff.id if handoff else None,
        attachments=command.attachments,
    )
    turn.note(Kind.NOTE_ADDED, DESKBRIDGE, message=message.id, reason=command.reason)
    if handoff and command.shown:
        turn.post(message)
        carrying.show_files(turn, message)
    turn.data = {"id": message.id}


# --- taking back ---------------------------------------------------------------------------------


def recall(turn: Turn, command: Recall) -> None:
    """The case's message is taken back from the user, once."""
    message = turn.case.subject
    if message is None or not (message.leaves and message.author.role is Role.AGENT):
        return turn.reject("nothing_to_recall")
    if message.deleted:
        return turn.reject("already_recalled")
    turn.mark(command.said, Mark.NOTE)
    if not (turn.policy.traits(turn.conversation.channel).deletes or turn.unsent):
        turn.data = {"id": message.id, "recalled": False}
        by = command.by
        return turn.line(Line.CORRECTION, message, who=by.id, name=by.name, detail="cannot_delete")
    taken = replace(message, deleted=True, text="", attachments=(), edited_at=turn.at)
    gone = turn.show(taken)
    if turn.unsent:
        not_replied(turn)
    else:
        turn.correct(gone, "delete")
    turn.note(Kind.MESSAGE_RECALLED, command.by.as_author(), message=message.id)
    turn.mark_message(message, Mark.NOTE)
    turn.line(Line.RECALLED, who=command.by.id, name=command.by.name, detail=message.text[:200])
    turn.data = {"id": message.id, "recalled": True}
    return None


# --- deleting ------------------------------------------------------------------------------------

UNKNOWN = {"name": "", "email": "", "avatar_url": "", "locale": "", "attributes": {}}
UNSAID = {
    "title": "",
    "description": "",
    "summary": "",
    "reason_text": "",
    "context": None,
    "terms": NO_TERMS,
    "rating": NO_RATING,
}


def delete(turn: Turn, command: DeleteConversation) -> None:
    """What was said and who it was are gone; that there was a conversation, and who deleted it,
    stays in the log."""
    if not turn.policy.may_delete:
        return turn.reject("delete_not_allowed")
    if turn.handoff and turn.handoff.is_open:
        end(turn, RESOLVED, command.by, "deleted", silent=True)
    if turn.handoff:
        turn.change(**UNSAID, labels=(), outcome="deleted")
        turn.line(Line.DELETED, who=command.by.id, name=command.by.name)
        answer(turn)
    turn.contact = replace(turn.contact, **UNKNOWN, updated_at=turn.at)
    turn.conversation = replace(
        turn.conversation,
        **dict.fromkeys(("page_url", "page_title", "device", "time_zone"), ""),
        unanswered_since=0,
        memory=NO_MEMORY,
        created_at=0,
    )
    turn.forget = True
    turn.note(Kind.CONVERSATION_DELETED, command.by)
    turn.data = {"conversation_id": turn.conversation.id, "deleted": True}
    return None
