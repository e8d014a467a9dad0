"""What the user asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.commands.addresses import ToConversation, ToMessage, ToPost, ToUser
from bridge.model import Agent, Attachment, Author, ConversationId, Micros
from bridge.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class UserSaid:
    key: str
    at: Micros
    to: ToUser
    text: str
    payload: str = ""
    attachments: tuple[Attachment, ...] = ()
    digest: str = ""
    said_at: Micros = 0
    """When the channel says that it was said, where that may be earlier than `at`; zero: then."""
    source: str = ""
    """What it was said in, where that is not the channel itself: an e-mail."""


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


@dataclass(frozen=True, slots=True)
class Rate:
    """What the user thinks of how they were helped: 1 to 5. No comment leaves an earlier one as it
    is, an empty one takes it back."""

    key: str
    at: Micros
    to: ToConversation
    score: int
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Describe:
    """What a bot or a tool knows of the user: some of name, email, avatar_url, locale and
    attributes, by name. A user who is not known yet is from now on."""

    key: str
    at: Micros
    to: ToConversation | ToUser
    by: Author
    fields: dict[str, Any]
    heard_at: Micros = 0
    """When the user gave the sign of life that told it; zero: they did not."""


@dataclass(frozen=True, slots=True)
class MergeContacts:
    """Two contacts are the same person. What is known of `to` stands above what is known of
    `other`. `proven`: by the channel, of who was nobody until then; one who is somebody's already
    stays so."""

    key: str
    at: Micros
    to: ToConversation | ToUser
    other: ConversationId
    by: Author
    proven: bool = False
    asker: Agent | None = None
    """As in `ByAnybody`."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the team should know of a user, and the user need not: a code, and a text for
    agents. `shown`: in the thread, too, and not in the transcript alone."""

    key: str
    at: Micros
    to: ToConversation
    reason: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Echoed:
    """The channel tells that it took a part of a message: of a send whose answer was lost nobody
    knew. `place` is its own reference of that part."""

    key: str
    at: Micros
    to: ToMessage
    conversation: ConversationId
    part: int
    place: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class UserReacted:
    """An emoji on a message, which must be of the user's own `conversation`. A post is one of the
    user's channel."""

    key: str
    at: Micros
    to: ToMessage | ToPost
    conversation: ConversationId
    emoji: str
    on: bool
