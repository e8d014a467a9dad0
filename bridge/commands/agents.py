"""What agents ask: words, notes, changes of hands, pauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bridge.commands.addresses import ToConversation, ToHandoff, ToMessage, ToPost, ToThread
from bridge.model import Agent, Attachment, Author, Micros, Priority
from bridge.quick import quick

OfHandoff: TypeAlias = ToThread | ToHandoff | ToConversation


@dataclass(frozen=True, slots=True)
class ByAgent:
    """What most have in common: fields, and nothing else."""

    key: str
    at: Micros
    to: OfHandoff
    by: Agent


@dataclass(frozen=True, slots=True)
class ByAnybody:
    """The same where `by` is an agent's or a key's author; each ends with `asker`: the agent, where
    it is one."""

    key: str
    at: Micros
    to: OfHandoff
    by: Author


@dataclass(frozen=True, slots=True)
class OnMessage:
    """The same about one message."""

    key: str
    at: Micros
    to: ToMessage
    by: Agent


@quick
@dataclass(frozen=True, slots=True)
class AgentSaid:
    """A message in a handoff's thread, not judged yet. `source` names it, `order` sorts it.

    `mentions`: it names a colleague, a group or everyone; `files`: how many it carries, of which
    `attachments` are those that can be fetched.
    """

    key: str
    at: Micros
    to: OfHandoff
    by: Agent
    text: str
    source: str
    order: str
    mentions: bool = False
    files: int = 0
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentEdited(OnMessage):
    """`order` is the edit's own place: an older one that comes late changes nothing."""

    text: str
    order: str
    mentions: bool = False


@dataclass(frozen=True, slots=True)
class AgentDeleted:
    """`files`: only these of what came with it, by their places; empty: all of it."""

    key: str
    at: Micros
    to: ToMessage
    files: tuple[int, ...] = ()


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
class SendHeld(OnMessage):
    """*Send to Sam* on a held message; with `take_over` the sender becomes the assignee first, with
    `join` one who is not asked again."""

    take_over: bool = False
    join: bool = False


@dataclass(frozen=True, slots=True)
class KeepAsNote(OnMessage):
    """What was held is to stay inside."""


@dataclass(frozen=True, slots=True)
class SendAgain(OnMessage):
    """*Retry* under a failed message."""


@dataclass(frozen=True, slots=True)
class AddNote(ByAgent):
    """A note by button, modal or API; one typed in the thread is an AgentSaid."""

    text: str


@dataclass(frozen=True, slots=True)
class Assign(ByAgent):
    """Give the handoff to `agent`; *Assign to me* when that is `by`.

    `said` on this and the next ones: the source of the message that asked for it, for its mark.
    `only_free`: not when somebody else has it by now.
    """

    agent: Agent
    said: str = ""
    only_free: bool = False


@dataclass(frozen=True, slots=True)
class Release(ByAgent):
    """Back to the queue."""

    said: str = ""


@dataclass(frozen=True, slots=True)
class Resolve(ByAgent):
    """`silent`: the user is told nothing. `undoable`: it may be taken back for some seconds, before
    anything of it goes out. `labels` are put on it; `unasked`: by who cannot know what its queue
    wants to be told."""

    reason: str = ""
    silent: bool = False
    said: str = ""
    undoable: bool = False
    labels: tuple[str, ...] = ()
    unasked: bool = False


@dataclass(frozen=True, slots=True)
class Reject(ByAgent):
    reason: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Snooze(ByAgent):
    until: Micros
    said: str = ""


@dataclass(frozen=True, slots=True)
class Wake(ByAgent):
    said: str = ""


@dataclass(frozen=True, slots=True)
class Reopen(ByAgent):
    """For `by`, or for whoever had it last: one that a tool reopens is not the tool's."""

    said: str = ""
    for_last: bool = False


@dataclass(frozen=True, slots=True)
class SetPriority(ByAgent):
    priority: Priority
    said: str = ""


@dataclass(frozen=True, slots=True)
class SetLabels(ByAgent):
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Pause(ByAnybody):
    """The bot is to be silent, without a handoff. `by` is an agent's or a key's author."""

    reason: str = ""
    said: str = ""
    asker: Agent | None = None


@dataclass(frozen=True, slots=True)
class Resume(ByAnybody):
    said: str = ""
    asker: Agent | None = None


@dataclass(frozen=True, slots=True)
class Block(ByAnybody):
    """Nothing that the user says is heard any more; an open handoff ends, and they are told
    nothing. `spam`: it is labelled so."""

    reason: str = ""
    spam: bool = False
    said: str = ""
    asker: Agent | None = None


@dataclass(frozen=True, slots=True)
class Unblock(ByAnybody):
    said: str = ""
    asker: Agent | None = None


@dataclass(frozen=True, slots=True)
class FalseAlarm(ByAgent):
    """A rule should not have fired. `firing`: the id of its event; `rule`: its name."""

    firing: str
    rule: str


AgentCommand: TypeAlias = (
    AgentSaid
    | AgentEdited
    | AgentDeleted
    | AgentReacted
    | SendHeld
    | FalseAlarm
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
    | Block
    | Unblock
)
