"""Who is one person, in the database: contacts that share a `person_id`, and their conversations.

What is asked of a person as a whole locks all their conversations, since a contact is written under
its conversation's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, literal_column, select, union_all

from bridge.commands import Block, Command, MergeContacts, Unblock
from bridge.model import Contact, ContactId, Conversation, ConversationId
from storage.dialects import among
from storage.tables import metadata

Mates = Callable[[Sequence[str]], Sequence[Sequence[str]]]
T = metadata.tables
OF_PERSONS = (Block, Unblock, MergeContacts)
"""Commands that change more contacts than their conversation's."""
_mine, _theirs = (T["contact"].alias(name) for name in ("mine", "theirs"))
_own, _other = (T["conversation"].alias(name) for name in ("own", "other"))
_JOINED = (
    _own.join(_mine, _mine.c.id == _own.c.contact_id)
    .join(
        _theirs,
        and_(
            _theirs.c.person_id == _mine.c.person_id,
            _theirs.c.person_id > literal_column("''"),  # in these words it goes by the index
            _theirs.c.id != _mine.c.id,
        ),
    )
    .join(_other, _other.c.contact_id == _theirs.c.id)
)


@lru_cache
def mates(dialect: str) -> Select[Any]:
    """Each of the conversations with every other one of the same person."""
    return (
        select(_own.c.id, _other.c.id).select_from(_JOINED).where(among(dialect, _own.c.id, "ids"))
    )


def conversations(conversation: str) -> Any:
    """This one, and all others of the same person."""
    others = select(_other.c.id).select_from(_JOINED).where(_own.c.id == conversation)
    return union_all(select(literal(conversation)), others)


def handoffs_elsewhere() -> Any:
    """Of a person alone zero, at no cost; else their earlier handoffs in other conversations."""
    handoff, earlier = T["handoff"].c, T["handoff"].alias("elsewhere").c
    others = (
        select(_other.c.id)
        .select_from(_JOINED)
        .where(_own.c.id == handoff.conversation_id)
        .correlate(T["handoff"])
    )
    count = (
        select(func.count())
        .where(earlier.conversation_id.in_(others), earlier.opened_at < handoff.opened_at)
        .correlate(T["handoff"])
    )
    return case((T["contact"].c.person_id == "", 0), else_=count.scalar_subquery())


def others(
    find: Mates, commands: Sequence[Command], places: Mapping[int, ConversationId]
) -> dict[int, tuple[ConversationId, ...]]:
    """All other conversations that the commands concern, by command; `places`: where each goes."""
    wide = [c for c in commands if isinstance(c, OF_PERSONS) and id(c) in places]
    if not wide:
        return {}
    named = {id(c): (places[id(c)], *_named(c)) for c in wide}
    together: dict[str, set[ConversationId]] = {}
    for own, other in find(sorted({each for some in named.values() for each in some})):
        together.setdefault(own, set()).add(ConversationId(other))
    found = {}
    for key, some in named.items():
        all_of_them = set(some).union(*(together.get(each, ()) for each in some))
        found[key] = tuple(sorted(all_of_them - {some[0]}))
    return found


def _named(command: Command) -> tuple[ConversationId, ...]:
    return (command.other,) if isinstance(command, MergeContacts) else ()


def people(
    contacts: Mapping[ContactId, Contact],
    conversations: Mapping[ConversationId, Conversation],
    command: Command,
    conversation: Conversation,
) -> tuple[tuple[Contact, ...], tuple[Contact, ...]]:
    """As they are by now: who else is the conversation's person, and whom a merge names."""
    if not isinstance(command, OF_PERSONS):
        return (), ()
    own = contacts[conversation.contact_id]
    other = next((conversations.get(each) for each in _named(command)), None)
    if other is None:
        return _same(contacts, own), ()
    named = contacts[other.contact_id]
    return _same(contacts, own), (named, *_same(contacts, named))


def _same(contacts: Mapping[ContactId, Contact], contact: Contact) -> tuple[Contact, ...]:
    everybody = contacts.values() if contact.person_id else ()
    return tuple(c for c in everybody if c.person_id == contact.person_id and c.id != contact.id)
