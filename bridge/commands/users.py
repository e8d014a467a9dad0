"""What the user asks."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.commands.addresses import ToConversation, ToMessage, ToUser
from bridge.model import Attachment, ConversationId, Micros
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
class UserReacted:
    """An emoji on a message, which must be of the user's own `conversation`."""

    key: str
    at: Micros
    to: ToMessage
    conversation: ConversationId
    emoji: str
    on: bool
