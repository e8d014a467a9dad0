"""What came of an effect. Its claim names who performed it, so that only the owner is believed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from bridge.commands.bots import Escalation, Reply
from bridge.effects import Outward
from bridge.model import Attachment, MessageId, Micros
from bridge.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Claim:
    """The right to perform one effect once: every answer to it names its owner (fencing). `effect`:
    what it is, where that is known; it is read else."""

    effect_id: int
    lane: str
    owner: str
    effect: Outward | None = field(default=None, compare=False, repr=False)


@quick
@dataclass(frozen=True, slots=True)
class Delivered:
    """`place` is where it went: for a thread its (team, channel, ts), for a post its source.
    `joined`: the effects, and their messages, that went with it."""

    claim: Claim
    at: Micros
    place: tuple[str, str, str] | None = None
    shown: int = 0
    """The version of the handoff that the card shows."""
    joined: tuple[tuple[int, MessageId], ...] = ()
    files: tuple[tuple[MessageId, int], ...] = ()
    """What came with the messages of a preview, and is to be shown below it."""


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
class ActionAnswered:
    """An action of one's own is done; `text`: what the other system said, if anything."""

    claim: Claim
    at: Micros
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of a message's files are here; in the order in which the message names them."""

    claim: Claim
    at: Micros
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class TimerFired:
    claim: Claim
    at: Micros


@dataclass(frozen=True, slots=True)
class Routed:
    """Routing has looked; `next_at`: when it looks again unless something stirs it, zero: never."""

    claim: Claim
    at: Micros
    next_at: Micros = 0


Result: TypeAlias = (
    Delivered | NotDelivered | BotAnswered | ActionAnswered | Fetched | TimerFired | Routed
)

RESULTS = (Delivered, NotDelivered, BotAnswered, ActionAnswered, Fetched, TimerFired, Routed)
"""For isinstance."""
