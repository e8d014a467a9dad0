"""What is kept, and how it is asked for: the write side, the lanes and the read side of a store.

`storage/` implements them, once for both databases.
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bridge.attending import Seat
from bridge.commands import Answer, Claim, Command
from bridge.effects import Outward, PostMessage
from bridge.errors import Retry, Scope, Unknown
from bridge.lanes import Direction
from bridge.latest import Fresh
from bridge.model import (
    SECOND,
    AgentId,
    Contact,
    Conversation,
    ConversationId,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Micros,
    Thread,
    WorkspaceId,
)
from bridge.quick import quick
from bridge.routing import Floor
from bridge.views import Figures, News, View

T = TypeVar("T")
LATEST = 2**62
"""Of a `rev`: no message has one so great."""
RECEIPTS_KEPT: Micros = 30 * 86_400 * SECOND
"""For how long it is known that a thing was taken; what is older must not be handed in again."""


@quick
@dataclass(frozen=True, slots=True)
class Work:
    """A claimed effect: ours to perform until the lease ends.

    `since`: when the effect was made. `doubtful`: an attempt was made before and nobody knows what
    came of it; `doubted_at` is when that was first found, `waited` whether the quarantine after it
    has passed. `subject`: the message that the effect is about, where the commit that claimed it
    had it in hand; `thread`: likewise, the newest thread of the handoff that it is of.
    """

    claim: Claim
    conversation_id: ConversationId
    effect: Outward
    since: Micros
    attempts: int = 0
    failures: int = 0
    doubtful: bool = False
    waited: bool = False
    doubted_at: Micros = 0
    subject: Message | None = None
    thread: Thread | None = None
    begin_by: float = math.inf
    """On this process's monotonic clock: a call that begins later may outlive the lease."""


@dataclass(frozen=True, slots=True)
class Behind:
    """An effect that waits behind another one of its lane; `joined`: it was said to go with it."""

    effect_id: int
    effect: PostMessage
    joined: bool


@dataclass(frozen=True, slots=True)
class Committed:
    """What one transaction gave: an answer for each command, in order; work that was claimed on the
    way; topics for the bell; what changed for those who follow a conversation here."""

    answers: tuple[Answer, ...]
    work: tuple[Work, ...] = ()
    topics: frozenset[str] = frozenset()
    fresh: Mapping[ConversationId, Fresh] = field(default_factory=dict)


class Store(Protocol):
    """The write side. All raise StoreUnavailable or BadData."""

    async def commit(self, commands: Sequence[Command]) -> Committed: ...
    async def keep_poison(self, command: Command, error: str) -> None: ...


class Lanes(Protocol):
    async def claim(self, limit: int, skip: Collection[Direction] = ()) -> list[Work]:
        """Lanes that are due, but none of these directions."""
        ...

    async def begin(self, work: Work) -> Work | None: ...
    async def put_back(self, work: Work, after: float, *, failed: bool, doubtful: bool) -> None: ...
    async def park(self, work: Work, reason: str) -> None: ...
    async def behind(self, work: Work, most: int) -> list[Behind]:
        """The posts of messages that come next in the work's lane, up to one that is none."""
        ...

    async def unposted(self, work: Work) -> frozenset[MessageId]:
        """The messages that wait in the work's lane to be posted."""
        ...

    async def join(self, work: Work, effects: Sequence[int]) -> bool:
        """Writes down that these go with the work; False when the lane is no longer ours."""
        ...

    async def forget_dead(self) -> int: ...


class Rosters(Protocol):
    """Who is there, and what each has."""

    async def seats(self, workspace: WorkspaceId) -> tuple[Seat, ...]: ...
    async def floor(self, workspace: WorkspaceId, manual: Sequence[str], now: Micros) -> Floor:
        """What routing goes by; who waits in a queue that is `manual` is left out."""
        ...


@dataclass(frozen=True, slots=True)
class Outage:
    """What is broken until somebody mends it. `about`: the channel, where the scope is one."""

    scope: Scope
    about: str
    reason: str

    @property
    def what(self) -> tuple[Scope, str]:
        return self.scope, self.about


@dataclass(frozen=True, slots=True)
class Parked:
    """A lane that waits for somebody to mend something. `number`: of the conversation's handoff,
    zero: none; `effects`: how many wait in it, the first of them `since`."""

    lane: str
    conversation_id: ConversationId
    number: int
    reason: str
    effects: int
    since: Micros


@dataclass(frozen=True, slots=True)
class Fired:
    """That a rule has fired, and why. `number`: of the handoff, the open one or the
    next, zero: none came; `false_alarm`: who says that it was one, empty: nobody. Not `checked`:
    it took too long, and nobody knows whether it should have."""

    id: str
    at: Micros
    rule: str
    kind: str
    why: str
    conversation_id: str
    number: int = 0
    false_alarm: str = ""
    checked: bool = True


class Parks(Protocol):
    """All raise StoreError."""

    async def park_all(self, work: Work, outage: Outage) -> None:
        """The work's lane, which is ours, and all others with the same trouble that have something
        to do and that nobody works on."""
        ...

    async def outages(self) -> list[Outage]: ...
    async def release(self, outage: Outage) -> int:
        """How many lanes go on."""
        ...


class Reads(Protocol):
    """The read side, as far as adapters and the outbox need it; see `storage/queries.py`."""

    async def view(self, handoff: HandoffId) -> View | None: ...
    async def view_of(self, conversation: ConversationId) -> View | None: ...
    async def news(
        self, id: ConversationId, after_rev: int = LATEST, limit: int = 200
    ) -> News | None:
        """What its user may see of a conversation, in one look."""
        ...

    async def thread(self, handoff: HandoffId) -> Thread | None: ...
    async def message(self, id: str) -> Message | None: ...
    async def lines_about(self, id: MessageId | HandoffId) -> list[tuple[str, str, str]]:
        """Where the lines stand that ask what becomes of it."""
        ...

    async def posts_of(self, id: MessageId) -> list[tuple[str, str, str]]:
        """Where posts of the desk show this message."""
        ...

    async def messages(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        """Those that there are, by id."""
        ...

    async def conversation(self, id: ConversationId) -> Conversation | None: ...
    async def contact(self, conversation: ConversationId) -> Contact | None: ...
    async def shown(
        self, conversation: ConversationId, after_rev: int, limit: int = 200
    ) -> list[Message]:
        """What a user may see (`Message.leaves`, changes included) with rev > after_rev, by rev."""
        ...

    async def before(self, conversation: ConversationId, seq: int, limit: int) -> list[Message]:
        """The last public messages up to and including `seq`, oldest first."""
        ...

    async def between(
        self, conversation: ConversationId, after_seq: int, to_seq: int
    ) -> list[Message]:
        """Public messages of a human stretch, oldest first."""
        ...

    async def by_number(self, workspace: WorkspaceId, number: int) -> View | None: ...
    async def by_thread(self, team: str, channel: str, ts: str) -> View | None: ...
    async def by_message(self, source: str) -> Message | None: ...
    async def threads_since(self, workspace: WorkspaceId, closed_after: Micros) -> list[Thread]:
        """The threads of all handoffs that are open, and then of those that ended later than that,
        the latest first."""
        ...

    async def questions(self, workspace: WorkspaceId) -> list[Thread]:
        """The threads below what handoffs that are open have asked elsewhere, the oldest first."""
        ...

    async def said_in(self, handoff: HandoffId) -> list[Message]:
        """What has a `source` there, in order: the agents' words and notes, deleted ones too."""
        ...

    async def taken(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys by which a command was taken, for `RECEIPTS_KEPT`."""
        ...

    async def seq_at(self, conversation: ConversationId, at: Micros) -> int:
        """The place of the last public message that was said until then; zero: there is none."""
        ...

    async def posted(self, team: str, channel: str, ids: Sequence[str]) -> set[str]:
        """Those of these references of a network that are known to be messages of ours."""
        ...

    async def open_of(self, workspace: WorkspaceId, agent: AgentId) -> list[View]: ...
    async def open_all(self, workspace: WorkspaceId) -> list[View]:
        """All handoffs that are open, in the order of opening."""
        ...

    async def ahead(self, handoff: Handoff) -> int:
        """How many wait before it in its queue."""
        ...

    async def live(
        self, workspace: WorkspaceId, since: Micros, limit: int = 50
    ) -> list[tuple[Conversation, Contact]]:
        """Who wrote since then and is with the bot, or with nobody; the newest first."""
        ...

    async def history(
        self, conversation: ConversationId, before_seq: int, limit: int, *, notes: bool = False
    ) -> list[Message]:
        """The last messages before that place, notes and removed ones too, oldest first; `notes`:
        agents' notes alone, those in other conversations of the same person among them."""
        ...

    async def stuck(self, workspace: WorkspaceId, agent: AgentId) -> list[Message]:
        """The agent's held and failed messages in handoffs that are open."""
        ...

    async def figures(
        self, workspace: WorkspaceId, since: Micros, agent: AgentId | None = None
    ) -> Figures: ...
    async def seats(self, workspace: WorkspaceId) -> Sequence[Seat]: ...
    async def waits(self, workspace: WorkspaceId, queue: str, since: Micros) -> Sequence[Micros]:
        """How long those waited for somebody who were taken, of the last that ended since then."""
        ...

    async def silent_bots(self, workspace: WorkspaceId) -> dict[str, str]:
        """Who paused it, by bot; `*` is every bot."""
        ...


def in_time(work: Work) -> None:
    """Just before a call: it must end within the lease, or another worker may be at it too. Raises
    Retry."""
    if time.monotonic() > work.begin_by:
        raise Retry("too_late", counts=False)


async def renewed(lanes: Lanes, work: Work) -> Work:
    """The same with the whole lease before it. Raises Retry where the lane is another's by now."""
    begun = await lanes.begin(work)
    if begun is None:
        raise Retry("lane_lost", counts=False)
    return begun


async def looked_for(work: Work, finding: Awaitable[T | None]) -> T | None:
    """Where a doubtful thing went; None: nowhere, and it may be sent. Raises Unknown: wait and look
    again."""
    found = await finding
    if found is None and not work.waited:
        raise Unknown("not_found_yet")
    return found


async def message_of(reads: Reads, work: Work, id: str | None) -> Message | None:
    """A message that the work is about, in hand or read."""
    if work.subject is not None and work.subject.id == id:
        return work.subject
    return await reads.message(id) if id else None
