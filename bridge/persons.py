"""Contacts that are one person: a step of the table in `lifecycle.py`.

Each conversation has a contact of its own. Those that share a `person_id` are one person, and
whoever joins them gets that very id, so that there are neither chains nor circles. Conversations,
addresses and what was said stay where they are: what colleagues noted, the handoffs, what is known
and whether anybody hears them is the person's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bridge import attributes
from bridge.commands import MergeContacts, ToUser
from bridge.effects import RefreshCard
from bridge.events import Kind
from bridge.model import Contact, replace
from bridge.ranks import Rank
from bridge.turn import Turn


def merge(turn: Turn, command: MergeContacts) -> None:
    """Of one person already: nothing changes. An e-mail address stays with its contact, since that
    is where its letters go."""
    if isinstance(command.to, ToUser):
        turn.meet(command.to)
    case, mine = turn.case, turn.contact
    if not case.merging or case.merging[0].workspace_id != mine.workspace_id:
        return turn.reject("unknown_user")
    other = case.merging[0]
    together = (*case.person, *case.merging)
    one_already = other.id in (mine.id, *(each.id for each in case.person))
    turn.data = {
        "merged": one_already or not command.proven or len(case.merging) == 1,
        "already": one_already,
    }
    if one_already or not turn.data["merged"]:
        return None
    asker, everybody = command.asker, (mine, *together)
    if asker and asker.rank is Rank.AGENT and blocks_somebody(everybody):
        return turn.reject("not_allowed")
    blocked = min((c for c in (mine, *together) if c.blocked_at), key=_since, default=mine)
    person = replace(
        mine,
        person_id=mine.person_id or mine.id,
        name=mine.name or other.name,
        attributes=known_of_both(mine, other),
        updated_at=turn.at,
    )
    [turn.contact] = alike(blocked, [person])
    turn.others = tuple(_joined(each, turn.contact) for each in alike(blocked, together))
    turn.note(Kind.USER_MERGED, command.by, with_user=other.id, proven=command.proven)
    if turn.handoff:
        turn.do(RefreshCard(turn.handoff.id))
    return None


def known_of_both(mine: Contact, other: Contact) -> dict[str, Any]:
    """Their attributes, once they are one person."""
    return attributes.merged(other.attributes, mine.attributes)


def blocks_somebody(everybody: Iterable[Contact]) -> bool:
    """Whether one of them is blocked and another one not, who would be then. That is for
    supervisors, as blocking is."""
    return len({bool(each.blocked_at) for each in everybody}) > 1


def alike(contact: Contact, others: Iterable[Contact]) -> tuple[Contact, ...]:
    """The others, blocked or heard as this one is."""
    since, by, why = contact.blocked_at, contact.blocked_by, contact.blocked_for
    return tuple(
        replace(other, blocked_at=since, blocked_by=by, blocked_for=why) for other in others
    )


def _since(contact: Contact) -> int:
    return contact.blocked_at


def _joined(contact: Contact, person: Contact) -> Contact:
    return replace(
        contact,
        person_id=person.person_id,
        name=contact.name or person.name,
        attributes=attributes.merged(contact.attributes, person.attributes),
        updated_at=person.updated_at,
    )
