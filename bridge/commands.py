"""All that may be asked of a conversation. A command is a fact about somebody's wish, not a change.

Every command has a `key`, the identity of the thing that was done (a Slack message, a click, a
client's id), by which it is taken once, and `at`, when it was done. Its address says which
conversation it is for, in one of five ways: by the conversation's id, by a handoff's id, by a
thread of the desk, by a message's source, or by the effect that it answers.

Commands that an outsider names by an id of its own carry a `digest` of their body: the same key
with another digest is `Rejected("id_reused")`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bridge.model import (
    Agent,
    Attachment,
    Author,
    Button,
    ContactId,
    ConversationId,
    HandoffId,
    MessageId,
    Micros,
    Priority,
    WorkspaceId,
)

# --- addresses ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToUser:
    """A conversation by its user's address; it is made when it does not exist yet."""

    workspace_id: WorkspaceId
    conversation_id: ConversationId
    contact_id: ContactId
    channel: str
    address: str
    name: str = ""
    email: str = ""
    avatar_url: str = ""
    locale: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    page_url: str = ""
    page_title: str = ""


@dataclass(frozen=True, slots=True)
class ToConversation:
    id: ConversationId


@dataclass(frozen=True, slots=True)
class ToHandoff:
    id: HandoffId


@dataclass(frozen=True, slots=True)
class ToThread:
    """A thread of the desk. A message for a thread that is not known yet waits for it."""

    team: str
    channel: str
    ts: str

    @property
    def key(self) -> str:
        return f"thread:{self.team}:{self.channel}:{self.ts}"


@dataclass(frozen=True, slots=True)
class ToMessage:
    """The message with this id (`msg_…`) or this source. One by a source unknown yet waits for
    it."""

    id: MessageId | None = None
    source: str = ""

    @property
    def key(self) -> str:
        return f"source:{self.source}"


Address: TypeAlias = ToUser | ToConversation | ToHandoff | ToThread | ToMessage


# --- the user ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UserSaid:
    key: str
    at: Micros
    to: ToUser
    text: str
    payload: str = ""
    attachments: tuple[Attachment, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class UserEnded:
    """The user leaves the human: `/end`, *Back to the assistant*, *End chat*."""

    key: str
    at: Micros
    to: ToConversation


@dataclass(frozen=True, slots=True)
class UserRead:
    key: str
    at: Micros
    to: ToConversation
    seq: int


# --- agents ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentSaid:
    """A message in a handoff's thread, not judged yet. `source` names it, `order` sorts it.

    `mentions`: it names a colleague, a group or everyone; `files`: how many it carries.
    """

    key: str
    at: Micros
    to: ToThread
    by: Agent
    text: str
    source: str
    order: str
    mentions: bool = False
    files: int = 0


@dataclass(frozen=True, slots=True)
class AgentEdited:
    """`order` is the edit's own place: an older one that comes late changes nothing."""

    key: str
    at: Micros
    to: ToMessage
    by: Agent
    text: str
    order: str
    mentions: bool = False


@dataclass(frozen=True, slots=True)
class AgentDeleted:
    key: str
    at: Micros
    to: ToMessage


@dataclass(frozen=True, slots=True)
class SendHeld:
    """*Send to Sam* on a held message; with `take_over` the sender becomes the assignee first."""

    key: str
    at: Micros
    to: ToMessage
    by: Agent
    take_over: bool = False


@dataclass(frozen=True, slots=True)
class KeepAsNote:
    key: str
    at: Micros
    to: ToMessage
    by: Agent


@dataclass(frozen=True, slots=True)
class SendAgain:
    """*Retry* under a failed message."""

    key: str
    at: Micros
    to: ToMessage
    by: Agent


OfHandoff: TypeAlias = ToThread | ToHandoff | ToConversation


@dataclass(frozen=True, slots=True)
class AddNote:
    """A note by button, modal or API; one typed in the thread is an AgentSaid."""

    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    text: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Give the handoff to `agent`; *Assign to me* when that is `by`.

    `said` on this and the next ones: the source of the message that asked for it, for its mark.
    """

    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    agent: Agent
    said: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Back to the queue."""

    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    said: str = ""


@dataclass(frozen=True, slots=True)
class Resolve:
    """`silent`: the user is told nothing."""

    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    reason: str = ""
    silent: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    reason: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Snooze:
    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    until: Micros
    said: str = ""


@dataclass(frozen=True, slots=True)
class Wake:
    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    said: str = ""


@dataclass(frozen=True, slots=True)
class Reopen:
    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    said: str = ""


@dataclass(frozen=True, slots=True)
class SetPriority:
    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    priority: Priority
    said: str = ""


@dataclass(frozen=True, slots=True)
class SetLabels:
    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    said: str = ""


# --- pause -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pause:
    """The bot is to be silent, without a handoff. `by` is an agent's or a key's author."""

    key: str
    at: Micros
    to: ToConversation | ToHandoff | ToThread
    by: Author
    reason: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    key: str
    at: Micros
    to: ToConversation | ToHandoff | ToThread
    by: Author
    said: str = ""


# --- the bot -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of a bot's."""

    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Escalation:
    """What a bot says when it hands over (contract §4)."""

    title: str
    description: str = ""
    summary: str = ""
    reason: str = "bot_request"
    reason_text: str = ""
    priority: Priority = Priority.NORMAL
    queue: str = "default"
    labels: tuple[str, ...] = ()
    context: Any = None
    history: tuple[tuple[Author, str, Micros], ...] = ()
    expires_at: Micros = 0


@dataclass(frozen=True, slots=True)
class BotSaid:
    """The bot speaks through the API. Without `epoch` only the mode is checked."""

    key: str
    at: Micros
    to: ToConversation
    bot_id: str
    reply: Reply
    epoch: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class OpenHandoff:
    key: str
    at: Micros
    to: ToUser | ToConversation
    by: Author
    escalation: Escalation
    epoch: int | None = None
    digest: str = ""


# --- what came of an effect ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to perform one effect once: every answer to it names its owner (fencing)."""

    effect_id: int
    lane: str
    owner: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """`place` is where it went: for a thread its (team, channel, ts), for a post its source."""

    claim: Claim
    at: Micros
    place: tuple[str, str, str] | None = None
    shown: int = 0
    """The version of the handoff that the card shows."""


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """Refused for good, or given up after the last try; `reason` is a code."""

    claim: Claim
    at: Micros
    reason: str


@dataclass(frozen=True, slots=True)
class BotAnswered:
    """The bot took the call. `replies` may be empty; `silent`: it said on purpose nothing."""

    claim: Claim
    at: Micros
    replies: tuple[Reply, ...] = ()
    handoff: Escalation | None = None
    epoch: int | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class TimerFired:
    claim: Claim
    at: Micros


Result: TypeAlias = Delivered | NotDelivered | BotAnswered | TimerFired
AgentCommand: TypeAlias = (
    AgentSaid
    | AgentEdited
    | AgentDeleted
    | SendHeld
    | KeepAsNote
    | SendAgain
    | AddNote
    | Assign
    | Release
    | Resolve
    | Reject
    | Snooze
    | Wake
    | Reopen
    | SetPriority
    | SetLabels
    | Pause
    | Resume
)
Request: TypeAlias = UserSaid | UserEnded | UserRead | AgentCommand | BotSaid | OpenHandoff
Command: TypeAlias = Request | Result

RESULTS = (Delivered, NotDelivered, BotAnswered, TimerFired)


# --- answers -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is stored. `data` is what the caller may tell: ids, seq, status; JSON-able."""

    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """It was taken before; `data` is the first answer."""

    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing changed. `reason` is a code; `data` has what the caller needs to go on."""

    reason: str
    data: dict[str, Any] = field(default_factory=dict)


Answer: TypeAlias = Accepted | Duplicate | Rejected
