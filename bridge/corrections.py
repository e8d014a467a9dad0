"""Second thoughts about what an agent wrote: edits, deletes, recalls, and what is kept inside.

Each function is a step of the table in `lifecycle.py`, or a part of one. What a message is was
decided when it was first seen, so an edit sends nothing that stayed inside; what was sent follows
where the channel can. Where it cannot, or where the new words would not have left either, a line
says so: nobody is to believe that the user sees what they do not.
"""

from __future__ import annotations

from collections.abc import Collection

from bridge import judging, notice, words
from bridge.commands import AgentDeleted, AgentEdited, AgentSaid
from bridge.effects import Line, Mark
from bridge.events import Kind
from bridge.filing import parts as parts_of
from bridge.model import Agent, Message, Standing, Visibility, replace
from bridge.opening import await_agent
from bridge.policy import OnMention
from bridge.turn import Turn
from bridge.words import Sense

CORRECTION = "correction"
"""Held because the channel cannot change what it has: the new words may go out as a message."""


# --- what stays inside ---------------------------------------------------------------------------


def kept(said: words.Said, text: str) -> str:
    """Without its prefix, where that was understood."""
    return said.text if said.sense in (Sense.REPLY, Sense.NOTE) else text


def as_note(held: Message) -> Message:
    return replace(held, visibility=Visibility.INTERNAL, standing=Standing.SENT, held_for="")


def note(turn: Turn, by: Agent, text: str, command: AgentSaid | None = None) -> Message:
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
    return message


def is_from_elsewhere(message: Message) -> bool:
    """A note that was written below a question (`asking`), and so has no place among what was
    written in the handoff's thread. That thread shows a copy of it, which stays."""
    inside = message.visibility is Visibility.INTERNAL
    return inside and bool(message.source) and not message.order


def ask_about(turn: Turn, held: Message) -> None:
    """One line says why it was held and what can be done, and its author is called later on."""
    author = held.author
    turn.note(Kind.MESSAGE_HELD, author, message=held.id, reason=held.held_for)
    turn.line(Line.HELD, held, who=author.id, name=author.name, detail=held.held_for)
    notice.watch_held(turn, held)


# --- edits ---------------------------------------------------------------------------------------


def agent_edited(turn: Turn, command: AgentEdited) -> None:
    """An older edit that comes late changes nothing."""
    subject, said = turn.subject, words.read(command.text)
    if subject.deleted or command.order <= subject.edited_order:
        return
    changed = replace(subject, edited_at=turn.at, edited_order=command.order)
    if subject.visibility is Visibility.INTERNAL or subject.standing is Standing.HELD:
        _edit_inside(turn, changed, said, command)
    elif turn.unsent and _edit_unsent(turn, changed, said, command):
        turn.note(Kind.MESSAGE_EDITED, command.by.as_author(), message=subject.id)
    elif said.sense is Sense.NOTE and subject.leaves:
        _edit_into_note(turn, command)
    elif why := _stays_inside(turn, said, command):
        turn.messages[subject.id] = replace(subject, edited_order=command.order)  # no news
        turn.line(Line.CORRECTION, subject, who=command.by.id, detail=why)
    else:
        _edit_outside(turn, changed, said, command)


def _edit_inside(turn: Turn, changed: Message, said: words.Said, command: AgentEdited) -> None:
    """A note stays a note; a held message goes on being held, or becomes one."""
    if changed.standing is Standing.HELD and said.sense is Sense.NOTE:
        turn.show(as_note(replace(changed, text=said.text)))
        turn.mark(changed.source, Mark.NOTE)
    else:
        note = turn.show(replace(changed, text=kept(said, command.text)))
        if is_from_elsewhere(note):  # the thread shows what it said at first
            turn.post(note)
    turn.note(Kind.MESSAGE_EDITED, command.by.as_author(), message=changed.id)


def _edit_unsent(turn: Turn, changed: Message, said: words.Said, command: AgentEdited) -> bool:
    """Nothing of it has left: what would have stayed inside from the first stays there now. Whether
    it does."""
    mention = command.mentions and turn.policy.on_mention is OnMention.NOTE
    if said.sense is Sense.NOTE or (mention and command.by.member):
        turn.show(as_note(replace(changed, text=said.text)))
        turn.mark(changed.source, Mark.NOTE)
    elif held := judging.reasons_of_edit(turn, command, said):
        text = kept(said, command.text)
        message = replace(changed, text=text, standing=Standing.HELD, held_for=held)
        ask_about(turn, turn.show(message))
        turn.mark(changed.source, Mark.HELD)
    else:
        return False
    not_replied(turn)
    return True


def not_replied(turn: Turn) -> None:
    """What seemed to be a reply never left, so the user waits on."""
    if turn.handoff and turn.handoff.is_open:
        await_agent(turn)


def _edit_into_note(turn: Turn, command: AgentEdited) -> None:
    """Too late: it was sent. It can be taken back, where the channel can."""
    subject = replace(turn.subject, edited_order=command.order)
    turn.messages[subject.id] = subject  # no news for the user
    can = turn.policy.traits(turn.conversation.channel).deletes
    detail = "" if can else "cannot_delete"
    turn.line(Line.RECALL, subject, who=command.by.id, name=command.by.name, detail=detail)


def _stays_inside(turn: Turn, said: words.Said, command: AgentEdited) -> str:
    """Why the new words may not follow; empty: they may."""
    if not command.by.member or said.sense is not Sense.REPLY:
        return "edit_stays_inside"
    if command.mentions and turn.policy.on_mention is not OnMention.REPLY:
        return "edit_mentions"
    return "edit_leaks" if judging.leaks(turn.policy, said.text) else ""


def _edit_outside(turn: Turn, changed: Message, said: words.Said, command: AgentEdited) -> None:
    new = replace(changed, text=said.text, edited_at=0)
    if changed.standing is Standing.FAILED:
        turn.show(replace(changed, text=said.text, sent_parts=0))
    elif _may_go_instead(turn, new):
        turn.show(new)
    elif not turn.policy.traits(turn.conversation.channel).edits:
        return _offer_correction(turn, changed, said.text, command)
    else:
        turn.correct(turn.show(replace(changed, text=said.text)), "edit")
    return turn.note(Kind.MESSAGE_EDITED, command.by.as_author(), message=changed.id)


def _may_go_instead(turn: Turn, new: Message) -> bool:
    """It waits yet, so that its reader sees the new words for the first time; they are sent in the
    parts that were planned, so there must be enough of those."""
    room = turn.policy.traits(turn.conversation.channel).max_text
    return len(parts_of(new, room)) <= turn.unsent


def _offer_correction(turn: Turn, changed: Message, text: str, command: AgentEdited) -> None:
    """The new words as a message of their own, held until somebody wants it out."""
    turn.messages[changed.id] = replace(turn.subject, edited_order=command.order)  # no news
    held = turn.say(
        command.by.as_author(),
        text,
        standing=Standing.HELD,
        held_for=CORRECTION,
        handoff_id=changed.handoff_id,
    )
    ask_about(turn, held)


# --- deletes and recalls -------------------------------------------------------------------------


def agent_deleted(turn: Turn, command: AgentDeleted) -> None:
    subject = turn.subject
    if subject.deleted or is_from_elsewhere(subject):
        return None
    if command.files:
        return _take_back_files(turn, command.files)
    can = turn.policy.traits(turn.conversation.channel).deletes or turn.unsent
    if subject.leaves and not can:
        return turn.line(Line.CORRECTION, subject, who=subject.author.id, detail="cannot_delete")
    return take_back(turn)


def _take_back_files(turn: Turn, places: Collection[int]) -> None:
    """Some of what came with a message: what is not there any more is nobody's."""
    subject, traits = turn.subject, turn.policy.traits(turn.conversation.channel)
    came = enumerate(subject.attachments)
    left = tuple(file.taken_back() if n in places else file for n, file in came)
    if left == subject.attachments:
        return None
    if subject.leaves and not turn.unsent and not (traits.edits and traits.deletes):
        return turn.line(Line.CORRECTION, subject, who=subject.author.id, detail="cannot_delete")
    if not subject.text and all(file.is_gone for file in left):
        return take_back(turn)
    message = turn.show(replace(subject, attachments=left, edited_at=turn.at))
    if message.leaves and not turn.unsent:
        turn.correct(message, "edit")
    return turn.note(Kind.MESSAGE_EDITED, subject.author, message=subject.id)


def take_back(turn: Turn, **about: str) -> None:
    subject = turn.subject
    message = turn.show(replace(subject, deleted=True, text="", attachments=(), edited_at=turn.at))
    if message.leaves and turn.unsent:
        not_replied(turn)
    elif message.leaves:
        turn.correct(message, "delete")
    turn.note(Kind.MESSAGE_DELETED, subject.author, message=subject.id, **about)
