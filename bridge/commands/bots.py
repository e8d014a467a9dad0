"""What bots ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.commands.addresses import ToConversation, ToUser
from bridge.model import Attachment, Author, Button, Micros, Priority
from bridge.terms import NO_TERMS, Terms


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of a bot's."""

    text: str
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    intent: str = ""  # what the bot took the user to want, in its own words
    confidence: float | None = None  # how sure the bot is of it, 0 to 1; None: it does not say


@dataclass(frozen=True, slots=True)
class Escalation:
    """What a bot says when it hands over (contract §4)."""

    title: str
    description: str = ""
    summary: str = ""
    reason: str = "bot_request"
    reason_text: str = ""
    priority: Priority = Priority.NORMAL
    queue: str = ""
    """Empty: by its labels, or the user's language."""
    labels: tuple[str, ...] = ()
    context: Any = None
    history: tuple[tuple[Author, str, Micros], ...] = ()
    expires_at: Micros = 0
    terms: Terms = NO_TERMS


@dataclass(frozen=True, slots=True)
class BotSaid:
    """The bot speaks through the API. Without `epoch` only the mode is checked. `asker`: who calls,
    see `RequestApproval`."""

    key: str
    at: Micros
    to: ToConversation
    bot_id: str
    reply: Reply
    epoch: int | None = None
    asker: str = ""
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
