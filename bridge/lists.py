"""Reading by the page: what tools and bots list and filter, and the cursors between pages.

A page ends where the next begins after its last row, by a value of the row and not by counting, so
that what comes or goes meanwhile neither repeats nor hides a row.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import orjson

from bridge.gates import Approval, Stand
from bridge.introducing import Profile
from bridge.model import (
    AgentId,
    Awaiting,
    Contact,
    Conversation,
    ConversationId,
    HandoffId,
    Message,
    Micros,
    Mode,
    Role,
    Status,
    WorkspaceId,
)
from bridge.oversight import PastDrafts, PastFirings
from bridge.reports import Missed, Past
from bridge.routing import URGENCY
from bridge.sight import Sight
from bridge.views import View

NOBODY = "none"
"""As an agent: handoffs that nobody has. No network of a desk calls anybody so."""
Place = tuple[int | str, ...]
"""What the last row of a page has, in the order by which rows are sorted."""


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    PRIORITY = "priority"
    """The most urgent first, and of those the oldest."""
    WAITING = "waiting"
    """Those whose users wait first, and of those who waits longest."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which handoffs; what is empty does not matter. `text`: in title, description, the name or
    e-mail of whom it is about, or its number. `person`: of whoever is in this conversation, in all
    that they have. `other_than`: somebody has it who is not this one.
    Opened at `since` or later, and before `until`. `sight`: in conversations that whoever looks may
    see; None: in all."""

    statuses: Collection[Status] = ()
    queue: str = ""
    agent: str = ""
    channel: str = ""
    other_than: str = ""
    conversation: str = ""
    person: str = ""
    since: Micros = 0
    until: Micros = 0
    label: str = ""
    text: str = ""
    sort: Sort = Sort.NEWEST
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Drafts:
    """Which approvals; what is empty does not matter. `queue`: in a handoff of it, or asked of it;
    `oldest`: those first, else the newest."""

    statuses: Collection[Stand] = ()
    queue: str = ""
    conversation: str = ""
    bot: str = ""
    oldest: bool = False


class Lists(Protocol):
    """At most `limit` rows that come after a place; all raise StoreUnavailable."""

    async def handoffs(
        self, workspace: WorkspaceId, wanted: Wanted, after: Place, limit: int
    ) -> list[View]: ...

    async def sees(self, sight: Sight, conversation: ConversationId) -> bool: ...
    async def ahead(self, handoffs: Sequence[HandoffId]) -> Mapping[HandoffId, int]:
        """How many wait before each in its queue; those that do not wait are left out."""
        ...

    async def waiting(self, workspace: WorkspaceId, queue: str) -> int: ...
    async def conversations(
        self,
        workspace: WorkspaceId,
        text: str,
        after: Place,
        limit: int,
        *,
        paused: bool | None = None,
        mode: Mode | None = None,
        sight: Sight | None = None,
    ) -> list[tuple[Conversation, Contact]]:
        """Those who wrote last first; `text`: in name, e-mail, id, a handoff's title or what was
        said of late, or an attribute begins so. `paused`: only those that are, or are not; `mode`:
        only those whose users are answered so; `sight`: only those that whoever looks may see."""
        ...

    async def person(self, conversation: ConversationId) -> list[tuple[Conversation, Contact]]:
        """Everybody who is one person with whoever is in this conversation, who is among them."""
        ...

    async def blocked(
        self, workspace: WorkspaceId, after: Place, limit: int
    ) -> list[tuple[Conversation, Contact]]:
        """Whom the team has blocked, the last one first."""
        ...

    async def said(self, conversation: ConversationId, after_seq: int, limit: int) -> list[Message]:
        """What the user sees, by place."""
        ...

    async def latest(
        self, conversations: Sequence[ConversationId], role: Role | None = None
    ) -> Mapping[ConversationId, Message]:
        """The last that the user sees of each, or the last of those in this role."""
        ...

    async def notes(self, conversations: Sequence[ConversationId]) -> list[Message]:
        """All of them, by place."""
        ...

    async def approval(self, id: str) -> Approval | None: ...
    async def approvals(
        self, workspace: WorkspaceId, wanted: Drafts, after: Place, limit: int
    ) -> list[Approval]: ...

    async def profile(self, workspace: WorkspaceId, agent: AgentId) -> Profile | None:
        """How they wish to be known; None: as everybody knows them."""
        ...

    async def loads(self, workspace: WorkspaceId) -> Mapping[AgentId, int]:
        """How many open handoffs each agent has; who has none is left out."""
        ...

    async def past(self, workspace: WorkspaceId, wanted: Wanted) -> Past:
        """What figures are made of, in no order; words are not looked for."""
        ...

    async def missed(self, workspace: WorkspaceId, since: Micros) -> Missed:
        """The goals that were missed since then."""
        ...

    async def drafts(self, workspace: WorkspaceId, since: Micros, until: Micros) -> PastDrafts:
        """Approvals that were asked for in this time, in no order."""
        ...

    async def firings(self, workspace: WorkspaceId, since: Micros, until: Micros) -> PastFirings:
        """Of rules in this time, in no order."""
        ...

    async def false_alarms(self, workspace: WorkspaceId, since: Micros) -> AbstractSet[str]:
        """Firings that were said to be such since then."""
        ...


RANKS: Mapping[str, int] = {str(each): rank for each, rank in URGENCY.items()}
"""By priority: what comes first has the smaller one."""


def place_of(view: View, sort: Sort) -> Place:
    """Where a handoff stands in a list that is sorted so."""
    handoff, talk = view.handoff, view.conversation
    if sort is Sort.WAITING:
        return int(talk.awaiting is not Awaiting.AGENT), talk.awaiting_since, handoff.number
    ranked = sort is Sort.PRIORITY
    return (RANKS[handoff.priority], handoff.number) if ranked else (handoff.number,)


def width_of(sort: Sort) -> int:
    """Of how many numbers a place is made in a list that is sorted so."""
    return {Sort.WAITING: 3, Sort.PRIORITY: 2}.get(sort, 1)


# --- cursors -------------------------------------------------------------------------------------


class BadCursor(ValueError):
    """It is none of ours, or of another list."""


def cursor(kind: str, place: Place) -> str:
    """An opaque text for the place, of a list of this kind."""
    return base64.urlsafe_b64encode(orjson.dumps([kind, *place])).rstrip(b"=").decode()


def place(kind: str, text: str, types: Sequence[type]) -> Place:
    """The place of a cursor; an empty text is the beginning. Raises BadCursor."""
    if not text:
        return ()
    try:
        raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        values = orjson.loads(raw)
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error
    fits = isinstance(values, list) and [type(value) for value in values[1:]] == list(types)
    if not fits or values[0] != kind:
        raise BadCursor
    return tuple(values[1:])
