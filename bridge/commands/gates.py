"""What bots ask people to decide, and what people decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bridge.commands.addresses import ToConversation, ToUser
from bridge.gates import Ask, Verdict
from bridge.model import Agent, Author, Micros


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """`to` a user of the channel `gates.CHANNEL`, where it is about no conversation. `asker`: who
    calls, as they would vote: they do not decide about it."""

    key: str
    at: Micros
    to: ToConversation | ToUser
    by: Author
    bot_id: str
    ask: Ask
    epoch: int | None = None
    asker: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """`judge` decides about an approval of the conversation. No `by`: who may is the approval's
    business, and not that of the queue of a handoff."""

    key: str
    at: Micros
    to: ToConversation
    approval_id: str
    judge: Agent
    verdict: Verdict
    digest: str = ""


GateCommand: TypeAlias = RequestApproval | Judge
