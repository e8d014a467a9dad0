"""What the user asks."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.commands.addresses import ToConversation, ToUser
from bridge.model import Attachment, Micros
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
