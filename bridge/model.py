"""The nouns: what a desk knows about people, conversations, messages and handoffs.

Everything is a frozen dataclass with slots; a change is `dataclasses.replace`. Times are integers,
microseconds since the epoch, UTC. Texts are CommonMark. Nothing here knows Slack, Messenger or SQL:
an address or a reference is an opaque string that only the adapter that made it can read.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType, TypeVar

from bridge.memory import NO_MEMORY, Memory
from bridge.quick import quick
from bridge.ranks import Rank
from bridge.scores import NO_RATING, Rating
from bridge.terms import NO_TERMS, Terms

WorkspaceId = NewType("WorkspaceId", str)
ContactId = NewType("ContactId", str)
ConversationId = NewType("ConversationId", str)
HandoffId = NewType("HandoffId", str)
MessageId = NewType("MessageId", str)
AgentId = NewType("AgentId", str)
Micros = int
"""Microseconds since 1970-01-01 UTC."""

SECOND: Micros = 1_000_000
LATEST: Micros = 253_370_764_800 * SECOND
"""The beginning of 9999: what is later can hardly be written as a date in every zone."""
DEFAULT_WORKSPACE = WorkspaceId("default")
GONE = "gone:"


X = TypeVar("X")


def given(thing: X | None) -> X:
    """What the table of the lifecycle or the store promises to be there."""
    if thing is None:
        raise LookupError("something is missing that was promised")
    return thing


def replace(thing: X, **changes: Any) -> X:
    """The same with some fields changed: `dataclasses.replace`, which every command pays several
    times, at a quarter of its price for what is `quick`."""
    one: Any = thing
    changed = getattr(one, "_changed", None)
    same: X = changed(changes) if changed else dataclasses.replace(one, **changes)
    return same


def derive_id(prefix: str, *parts: object) -> str:
    """An id that is a function of what it names, so that a replay gives the same id again."""
    text = "\x1f".join(map(str, parts))
    return f"{prefix}_{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"


def conversation_id(workspace: str, channel: str, address: str) -> ConversationId:
    """The conversation of one address in one channel; there is exactly one."""
    return ConversationId(derive_id("cnv", workspace, channel, address))


def contact_id(workspace: str, channel: str, address: str) -> ContactId:
    return ContactId(derive_id("con", workspace, channel, address))


class Mode(StrEnum):
    """Who answers the user. Paused is HUMAN without an open handoff."""

    BOT = "bot"
    HUMAN = "human"


class Status(StrEnum):
    """Where a handoff stands; the last four are its ends."""

    QUEUED = "queued"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN = frozenset({Status.QUEUED, Status.ASSIGNED, Status.SNOOZED})


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Awaiting(StrEnum):
    """Who waits for whom: the side whose turn it is to write."""

    AGENT = "agent"
    CUSTOMER = "customer"
    NOBODY = "nobody"


class Role(StrEnum):
    USER = "user"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Visibility(StrEnum):
    """INTERNAL never leaves the house. A note is a message that is INTERNAL."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Standing(StrEnum):
    """What became of a message on its way to the user (an agent's or the bot's)."""

    HELD = "held"
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


@quick
@dataclass(frozen=True, slots=True)
class Author:
    role: Role
    id: str = ""
    name: str = ""
    avatar_url: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Agent:
    """A member of the desk's staff, as the desk's network knows them; `id` is that network's."""

    id: AgentId
    name: str
    avatar_url: str = ""
    member: bool = True
    """Whether they belong to the desk now. Only members act, and only members speak to users."""
    queues: tuple[str, ...] | None = None  # None: of all there are
    rank: Rank = Rank.ADMIN
    languages: tuple[str, ...] = ()  # that they say they speak; none: as the settings say

    def serves(self, queue: str) -> bool:
        return self.member and (self.queues is None or queue in self.queues)

    def as_author(self) -> Author:
        return Author(Role.AGENT, self.id, self.name, self.avatar_url)


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply. `value` is what the bot gets back when it is chosen; the user sees `text`."""

    text: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """`ref` says where it is (`filing.py`). One that was taken back stays in its place, so that the
    others keep theirs."""

    name: str
    mime: str
    size: int
    ref: str

    @property
    def is_gone(self) -> bool:
        return self.ref == GONE

    def taken_back(self) -> Attachment:
        return Attachment(self.name, self.mime, 0, GONE)


@quick
@dataclass(frozen=True, slots=True)
class Reaction:
    """One person's emoji on a message. `order` is when they put it on, or took it off again (`on`),
    as a string that sorts: what is older and comes late changes nothing."""

    emoji: str
    role: Role
    by: str
    on: bool = True
    order: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Contact:
    id: ContactId
    workspace_id: WorkspaceId
    channel: str
    address: str
    name: str = ""
    email: str = ""
    avatar_url: str = ""
    locale: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    created_at: Micros = 0
    updated_at: Micros = 0
    blocked_at: Micros = 0  # zero: they are heard
    blocked_by: str = ""
    blocked_for: str = ""  # in the words of who blocked them
    person_id: str = ""
    """All contacts that share it are one person; empty: a person alone."""


@quick
@dataclass(frozen=True, slots=True)
class Conversation:
    """One user in one channel, for ever. Handoffs come and go inside it.

    `epoch` rises with every change of owner; who speaks with an old one is refused.
    `seq` numbers messages in the order people see them; `rev` numbers every visible change.
    `agent_order` is the greatest `Message.order` of an agent so far (see there).
    """

    id: ConversationId
    workspace_id: WorkspaceId
    contact_id: ContactId
    channel: str
    address: str
    bot_id: str = ""
    mode: Mode = Mode.BOT
    epoch: int = 1
    seq: int = 0
    rev: int = 0
    handoff_id: HandoffId | None = None
    """The open handoff, or the latest one."""
    awaiting: Awaiting = Awaiting.NOBODY
    awaiting_since: Micros = 0
    locale: str = ""
    page_url: str = ""
    page_title: str = ""
    device: str = ""  # what they write with, in a word or two
    time_zone: str = ""  # as Europe/Berlin
    paused_by: str = ""
    unanswered_since: Micros = 0
    """When the user first wrote what the bot has not answered yet; zero: nothing is open."""
    agent_order: str = ""
    agent_at: Micros = 0
    """When the assignee last wrote in the thread, or was called there by the line that gave it to
    them; zero: they need not follow the thread."""
    mentioned_at: Micros = 0  # when the assignee was called for this wait; zero: not yet
    user_at: Micros = 0
    user_seq: int = 0
    """The user's last message."""
    read_seq: int = 0
    mailed_seq: int = 0
    """So far the user was written to by e-mail, or was to be."""
    approve_next: str = ""  # why the bot's next answer must be approved; empty: it need not be
    drafts: int = 0  # how many approvals about it are pending
    memory: Memory = NO_MEMORY  # what rules remember of it
    created_at: Micros = 0
    """Zero: it was deleted, and nothing has been said since."""

    @property
    def is_gone(self) -> bool:
        return not self.created_at


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a handoff lives on the desk. `place` is the desk's own reference, opaque here.

    Generations count up when a lost thread is opened anew.
    """

    handoff_id: HandoffId
    generation: int
    team: str
    channel: str
    ts: str


@quick
@dataclass(frozen=True, slots=True)
class Handoff:
    id: HandoffId
    workspace_id: WorkspaceId
    conversation_id: ConversationId
    status: Status
    number: int = 0
    """Counts up in each workspace; what agents call it: #42. Zero until stored."""
    queue: str = "default"
    title: str = ""
    description: str = ""
    summary: str = ""
    priority: Priority = Priority.NORMAL
    labels: tuple[str, ...] = ()
    reason: str = ""  # why it was opened: a code such as user_request, bot_unavailable, no_bot
    reason_text: str = ""
    context: Any = None  # given by the bot, given back to it unchanged
    assignee: AgentId | None = None
    assignee_name: str = ""
    assignee_avatar: str = ""
    opened_at: Micros = 0
    assigned_at: Micros = 0
    first_reply_at: Micros = 0
    first_reply_by: str = ""  # by id; who has it may have changed since
    first_reply_name: str = ""
    closed_at: Micros = 0
    closed_by: str = ""
    outcome: str = ""  # why it ended, in the words of who ended it or a code
    opened_seq: int = 0  # the last message before this stretch with a human
    closed_seq: int = 0
    snoozed_until: Micros = 0
    expires_at: Micros = 0
    ends_at: Micros = 0
    """Resolved by a button that may still be taken back: when it ends unless somebody does."""
    ends_by: str = ""  # who resolved it so, by id; the rest stands in `closed_by` and `outcome`
    had_since: Micros = 0  # by who has it now
    given_back_by: AgentId | None = None  # the last one: routing gives it to another
    collaborators: tuple[AgentId, ...] = ()  # who may reply beside the assignee, until it ends
    version: int = 0  # rises with every change that the card shows
    terms: Terms = NO_TERMS
    rating: Rating = NO_RATING
    channel: str = ""  # the conversation's, which never changes

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@quick
@dataclass(frozen=True, slots=True)
class Message:
    """Something said. `seq` is its place among all messages of the conversation.

    `source` is the reference of the thing that was said, in the network where it was said (unique),
    and `order` its place there as a string that sorts (a Slack ts); an agent's message that comes
    late is shown `before` the first agent's message with a greater `order`.
    """

    id: MessageId
    conversation_id: ConversationId
    workspace_id: WorkspaceId
    seq: int
    rev: int
    author: Author
    text: str
    visibility: Visibility = Visibility.PUBLIC
    standing: Standing = Standing.SENT
    handoff_id: HandoffId | None = None
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    source: str | None = None
    order: str = ""
    before: MessageId | None = None
    held_for: str = ""
    """Why it was held or failed, a code of `words.py` or `errors.py`; of a user's message, why the
    desk did not take it."""
    sent_parts: int = 0
    """How many parts of it, from the first, the user's channel has taken; see `texts.split`."""
    sent_at: Micros = 0
    edited_at: Micros = 0
    edited_order: str = ""
    deleted: bool = False
    reactions: tuple[Reaction, ...] = ()
    """Of users and agents, what was taken off again included."""

    @property
    def leaves(self) -> bool:
        """The single rule of what a user may ever see."""
        return self.visibility is Visibility.PUBLIC and self.standing in LEAVING

    @property
    def is_unseen(self) -> bool:
        """On its way to one who reads our store: they see nothing of it yet."""
        return self.standing is Standing.PENDING and not self.rev


LEAVING = frozenset({Standing.PENDING, Standing.SENT})
