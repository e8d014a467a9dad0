"""What a decision begins with and ends in: what `decide` looks at, and what one command did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.effects import Effect, Outward
from bridge.events import Event
from bridge.gates import Approval
from bridge.model import Author, Contact, Conversation, Handoff, Message, MessageId, Thread
from bridge.queues import NO_LINE, InLine
from bridge.quick import quick
from bridge.routing import Bench


@quick
@dataclass(frozen=True, slots=True)
class Case:
    """What `decide` looks at: one conversation and the handoff that the command is about.

    `handoff` is the one addressed (by its thread, number or id), else the conversation's own; a
    thread of long ago may address an ended handoff while another is open, then `is_current` is
    false. `subject` is the message that an edit, a delete, a click or a recall is about. `later` is
    the first shown agent's message with a greater order than the command's.
    """

    conversation: Conversation
    contact: Contact
    handoff: Handoff | None = None
    subject: Message | None = None
    later: MessageId | None = None
    silent_bots: Mapping[str, str] = field(default_factory=dict)
    """Bots that are paused in all their conversations, and by whom; `*` is every bot."""
    thread: Thread | None = None
    """The handoff's newest thread, for commands that may end it."""
    unsent: int = 0
    """Of a message that is edited or deleted: in how many parts it waits to be sent, while nobody
    has begun with it."""
    seen: tuple[str, str] = ("", "")
    """For a user's reading, the sources of the newest messages of agents that they have read:
    until now, and with it; empty: none."""
    line: InLine = NO_LINE
    """Where the handoff stands, for a user who is to hear of it."""
    bench: Bench | None = None
    """Of the agent to whom routing gives something, from whom it takes it back, or who takes it."""
    person: tuple[Contact, ...] = ()
    """For what concerns a person as a whole: who else is the same person as the contact."""
    merging: tuple[Contact, ...] = ()
    """For a merge: the contact that is named, and who else is the same person as it."""
    spoke: Author | None = None
    """Who wrote to the user last, of the handoff's agents, for what may end it."""
    approvals: tuple[Approval, ...] = ()
    """The conversation's that are pending, and the one that the command is about."""
    unanswered: str = ""
    """The words of the user's first message since somebody spoke to them, for what may end the
    waiting for a bot."""

    @property
    def is_current(self) -> bool:
        return self.handoff is not None and self.handoff.id == self.conversation.handoff_id


@quick
@dataclass(frozen=True, slots=True)
class Decision:
    """What one command did. `handoff` may be another one than the case's (a new one)."""

    conversation: Conversation
    contact: Contact
    handoff: Handoff | None = None
    messages: tuple[Message, ...] = ()
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    thread: Thread | None = None
    data: dict[str, Any] = field(default_factory=dict)
    ahead: tuple[Outward, ...] = ()
    """Effects that go ahead of all that waits in the conversation's lane for the desk."""
    forget: bool = False
    """All messages of the conversation are to be deleted, and what its other handoffs say."""
    stirs: bool = False
    """Routing is to look: something waits, or somebody may have room."""
    others: tuple[Contact, ...] = ()
    """Contacts of the same person that have changed, too."""
    approvals: tuple[Approval, ...] = ()
