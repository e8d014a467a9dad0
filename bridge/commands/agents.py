"""What agents ask: words, notes, changes of hands, pauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bridge.commands.addresses import ToConversation, ToHandoff, ToMessage, ToPost, ToThread
from bridge.model import Agent, Author, Micros, Priority
from bridge.quick import quick


@quick
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
class AgentReacted:
    """An emoji on what a user said, put on or taken off. `early`: the post is so young that we may
    not know it yet."""

    key: str
    at: Micros
    to: ToPost
    by: Agent
    emoji: str
    on: bool
    order: str
    early: bool = False


@dataclass(frozen=True, slots=True)
class SendHeld:
    """*Send to Sam* on a held message; with `take_over` the sender becomes the assignee first, with
    `join` one who is not asked again."""

    key: str
    at: Micros
    to: ToMessage
    by: Agent
    take_over: bool = False
    join: bool = False


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
    """`silent`: the user is told nothing. `undoable`: it may be taken back for some seconds, before
    anything of it goes out."""

    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    reason: str = ""
    silent: bool = False
    said: str = ""
    undoable: bool = False


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
    """For `by`, or for whoever had it last: one that a tool reopens is not the tool's."""

    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    said: str = ""
    for_last: bool = False


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


AgentCommand: TypeAlias = (
    AgentSaid
    | AgentEdited
    | AgentDeleted
    | AgentReacted
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
