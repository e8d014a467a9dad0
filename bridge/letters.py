"""E-mail to users who have left, as the bridge sees it: what an adapter for it must be able to do.

`deskbridge.mailers` is its group of entry points: `f(deps) -> Mailer | None`, None: not configured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from starlette.routing import BaseRoute

from bridge.model import Contact, Conversation, ConversationId, Message
from bridge.ports import Receive


@dataclass(frozen=True, slots=True)
class Letter:
    """What was said to a user and not read, in order, to their address `to.email`; up to place
    `upto`, which makes it another than all before. The same letter twice is the same e-mail."""

    conversation: Conversation
    to: Contact
    messages: tuple[Message, ...]
    upto: int


class Mailer(Protocol):
    """`routes` is where answers come in. `mail` raises DeliveryError; an e-mail that is sent twice
    carries the same Message-ID, so that it is repeated when nobody knows whether it went."""

    @property
    def name(self) -> str: ...
    def routes(self, receive: Receive) -> Sequence[BaseRoute]: ...
    async def mail(self, letter: Letter) -> None: ...


@runtime_checkable
class SeesWhoIsThere(Protocol):
    """Of a channel: whether a user is in the chat now, or was there within the time after which
    they count as gone."""

    async def is_there(self, conversation: ConversationId) -> bool: ...
