"""What a desk shows: a handoff as it is now, and what is posted into its thread. Plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.effects import Line
from bridge.model import Contact, Conversation, ConversationId, Handoff, Message, Micros


def in_chat(conversation: ConversationId) -> str:
    """The key of Presence by which a channel whose users may leave says that one is there now."""
    return f"in_chat:{conversation}"


@dataclass(frozen=True, slots=True)
class View:
    """All that a desk shows of a handoff, as it is now."""

    handoff: Handoff
    conversation: Conversation
    contact: Contact
    bot: bool = True
    """Whether there is a bot that gets the conversation back."""
    earlier: int = 0
    """How many handoffs of this person ended before."""
    answer_until: Micros = 0
    """Until then the channel takes an agent's answer; zero: always."""


@dataclass(frozen=True, slots=True)
class News:
    """What its user may see of a conversation: the handoff that it is in or was in last, and the
    messages after a `rev`, by rev."""

    conversation: Conversation
    handoff: Handoff | None
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True)
class CustomerPost:
    """What a user (or, while a human is there, the bot) said."""

    message: Message
    text: str
    part: int = 0
    parts: int = 1
    mention: str = ""
    """The agent whom it calls, by the desk's id."""
    also: tuple[Message, ...] = ()
    """What the same one said next, in the same post."""


@dataclass(frozen=True, slots=True)
class PreviewPost:
    messages: tuple[Message, ...]
    more: int = 0
    """How many came before these."""
    so_far: bool = False
    """In a thread that was opened anew: what was said until then, and not only before the
    handoff."""
    notes: tuple[Message, ...] = ()
    """Of colleagues, about the person, at earlier handoffs; `so_far`: and at this one."""


@dataclass(frozen=True, slots=True)
class LinePost:
    line: Line
    message: Message | None = None
    who: str = ""
    name: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A desk, or one agent, since some moment. `first_reply`: the median, µs; None: nobody was
    answered. `rating`: the mean of those that were `rated`; None: none was."""

    waiting: int
    open: int
    opened: int
    resolved: int
    first_reply: Micros | None = None
    rating: float | None = None
    rated: int = 0


Post = CustomerPost | PreviewPost | LinePost
