"""What a transaction takes from what is known, and what is known after it: see `known.py`."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from collections.abc import Set as AbstractSet

from bridge.audit import Head
from bridge.model import ConversationId, Thread
from storage.known import Learnt, Talk, Talks
from storage.places import Room


def remember(room: Room, talks: Talks) -> None:
    """As though these had been read. That no bot is silent, and that nothing came early for what is
    brought, is proved with the rest."""
    for talk in talks.values():
        conversation, contact = talk.conversation, talk.contact
        room.conversations[conversation.id] = room.loaded[conversation.id] = conversation
        room.contacts[contact.id] = room.loaded[contact.id] = contact
        room.versions[conversation.id] = talk.version
        room.some_early = room.some_silent = False
        if talk.handoff:
            room.has(talk.handoff)
        if talk.thread:
            room.threads[talk.thread.handoff_id] = talk.thread


def changed_with(
    room: Room, threads: Iterable[Thread], events: Iterable[ConversationId]
) -> set[ConversationId]:
    """The conversations of which something is written that is known with them: their rows are
    written too, though they may say the same. `threads`: new ones; `events`: whose these are, for
    what was before must be sealed before."""
    loaded, talks = room.loaded, room.conversations.values()
    changed = {h.conversation_id for h in room.handoffs.values() if loaded.get(h.id) is not h}
    changed |= {room.handoffs[thread.handoff_id].conversation_id for thread in threads}
    contacts = {c.id for c in room.contacts.values() if loaded.get(c.id) is not c}
    return changed | {*events} | {talk.id for talk in talks if talk.contact_id in contacts}


def learnt(
    room: Room,
    written: Container[ConversationId],
    gone: AbstractSet[ConversationId],
    wrote: int | None,
    head: Head | None,
) -> Learnt:
    """`written`: conversations whose rows were; `gone`: of which nothing is to be remembered;
    `wrote`: which transaction it was, if it locked nothing."""
    talks = _talks(room, written, wrote or room.this)
    return Learnt(
        [each for each in talks if each.conversation.id not in gone], gone, head, room.early
    )


def _talks(room: Room, written: Container[ConversationId], this: int | None) -> Iterator[Talk]:
    for conversation in room.conversations.values():
        version = this if conversation.id in written else room.versions.get(conversation.id)
        named = conversation.handoff_id
        handoff = room.handoffs.get(named) if named else None
        if version is not None and (handoff is None) == (named is None):
            thread = room.threads.get(named) if named else None
            contact = room.contacts[conversation.contact_id]
            yield Talk(version, conversation, contact, handoff, thread)
