"""Effects that ask something of others, of people and of systems: parts of `effects.py`."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.model import AgentId, HandoffId, MessageId, Micros


@dataclass(frozen=True, slots=True)
class AskElsewhere:
    """The question of this message into another place of the desk's network, as the head of a
    thread of its own. `said`: the word in the handoff's thread that asked for it."""

    handoff_id: HandoffId
    message_id: MessageId
    place: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class CallAction:
    """An action of one's own, set off by an agent (`agent`, `name`), as a signed webhook to the
    system that does it, which knows it by its `id`. `said`: the word that asked for it."""

    handoff_id: HandoffId
    action: str
    label: str
    id: str
    at: Micros
    agent: AgentId
    name: str
    fields: dict[str, str]
    said: str = ""


@dataclass(frozen=True, slots=True)
class AskApproval:
    """An approval before those who decide: as a card of its own."""

    approval_id: str


@dataclass(frozen=True, slots=True)
class CallReviewers:
    """It waits still: `whom` in the desk's own spelling; `again`: others than those who were asked
    at first."""

    approval_id: str
    whom: tuple[str, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class RefreshApproval:
    """Collapses: of several that wait only the last is performed."""

    approval_id: str
