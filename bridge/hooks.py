"""Webhooks out: who wants to be told what, decided purely and stored in the commit of the event.

`TYPES` is what can be told, by the kind of event; the names are the contract's. Control that
returns to a bot has no event of its own: it follows from the ends of handoffs and of pauses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge import botpress
from bridge.cases import Decision
from bridge.circuit import Circuit
from bridge.effects import CallHook
from bridge.events import Event, Kind
from bridge.model import Conversation, Handoff, MessageId, Micros, Mode
from bridge.relaying import webhook_of
from bridge.webhooks import iso, state

RETURNED = "control.returned"
TYPES: Mapping[Kind, str] = {
    Kind.CONVERSATION_STARTED: "conversation.started",
    Kind.PAUSED: "conversation.paused",
    Kind.RESUMED: "conversation.resumed",
    Kind.CONVERSATION_DELETED: "conversation.deleted",
    Kind.USER_SPOKE: "message.created",
    Kind.BOT_SPOKE: "message.created",
    Kind.AGENT_SPOKE: "message.created",
    Kind.MESSAGE_EDITED: "message.edited",
    Kind.MESSAGE_DELETED: "message.deleted",
    Kind.MESSAGE_RECALLED: "message.deleted",
    Kind.HANDOFF_QUEUED: "handoff.queued",
    Kind.HANDOFF_ASSIGNED: "handoff.assigned",
    Kind.HANDOFF_TRANSFERRED: "handoff.transferred",
    Kind.HANDOFF_RELEASED: "handoff.released",
    Kind.HANDOFF_SNOOZED: "handoff.snoozed",
    Kind.HANDOFF_WOKEN: "handoff.woken",
    Kind.HANDOFF_REOPENED: "handoff.reopened",
    Kind.HANDOFF_RESOLVED: "handoff.resolved",
    Kind.HANDOFF_REJECTED: "handoff.rejected",
    Kind.HANDOFF_EXPIRED: "handoff.expired",
    Kind.HANDOFF_CANCELLED: "handoff.cancelled",
    Kind.HANDOFF_CHANGED: "handoff.changed",
    Kind.GOAL_MISSED: "handoff.goal_missed",
    Kind.HANDOFF_RATED: "handoff.rated",
    Kind.APPROVAL_REQUESTED: "approval.requested",
    Kind.APPROVAL_DECIDED: "approval.decided",
    Kind.TRIGGER_FIRED: "trigger.fired",
}
GIVES_BACK: Mapping[Kind, str] = {
    Kind.HANDOFF_RESOLVED: "resolved",
    Kind.HANDOFF_REJECTED: "rejected",
    Kind.HANDOFF_EXPIRED: "expired",
    Kind.HANDOFF_CANCELLED: "cancelled",
    Kind.RESUMED: "resumed",
}
"""After which a bot has the conversation again, and with which outcome."""
AUDIT_HEAD = "audit.head"
"""Told once a day, by `heads.py`."""
NAMES = tuple(dict.fromkeys((*TYPES.values(), RETURNED, AUDIT_HEAD)))
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Secret:
    """Encrypted (`vault`); `until`: when it ends to sign, 0: it does not."""

    token: str
    until: Micros = 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a tool wants to be told. `owner`: who registered it; `reason`: why it is disabled."""

    id: str
    url: str
    events: tuple[str, ...] = (EVERYTHING,)
    description: str = ""
    enabled: bool = True
    reason: str = ""
    owner: str = ""
    secrets: tuple[Secret, ...] = ()
    created_at: Micros = 0
    updated_at: Micros = 0
    circuit: Circuit = field(default_factory=Circuit)

    def wants(self, type: str) -> bool:
        """`handoff.*` stands for all that begin so."""
        group = f"{type.partition('.')[0]}.*"
        return any(each in (type, group, EVERYTHING) for each in self.events)


def is_a_filter(text: str) -> bool:
    groups = {f"{name.partition('.')[0]}.*" for name in NAMES}
    return text in {EVERYTHING, botpress.WEBHOOK} or text in NAMES or text in groups


def calls(endpoints: Sequence[Endpoint], decision: Decision) -> list[CallHook]:
    """What the decision is told of, to each endpoint that wants it, in order."""
    messages = {message.id: message for message in decision.messages}
    told: list[CallHook] = []
    for event in decision.events:
        about = messages.get(event.body.get("message", ""))
        if about is not None and not about.leaves:
            continue  # notes, and what is held, are for the desk alone
        handoff = decision.handoff
        if handoff is not None and handoff.id != event.handoff_id:
            handoff = None
        told += of_event(endpoints, event, decision.conversation, handoff)
    return told


def of_event(
    endpoints: Sequence[Endpoint],
    event: Event,
    conversation: Conversation,
    handoff: Handoff | None,
) -> Iterator[CallHook]:
    """`handoff`: as the event left it; None where nobody knows any more."""
    for named, event_id, body, stretch in _told(event, conversation, handoff):
        for endpoint in endpoints:
            if _is_for(endpoint, named, conversation, handoff):
                yield CallHook(
                    endpoint=endpoint.id,
                    id=event_id,
                    type=_named(endpoint, named, conversation),
                    at=event.at,
                    epoch=event.epoch,
                    actor=actor(event),
                    body=body,
                    message_id=_message(event),
                    handoff_id=event.handoff_id,
                    stretch=stretch,
                )
    yield from _in_their_words(endpoints, event, conversation, handoff)


def _in_their_words(
    endpoints: Sequence[Endpoint],
    event: Event,
    conversation: Conversation,
    handoff: Handoff | None,
) -> Iterator[CallHook]:
    """The webhook of Botpress' hitlnext, for endpoints that ask for it by its name."""
    asking = [endpoint for endpoint in endpoints if botpress.WEBHOOK in endpoint.events]
    body = botpress.told_as(event, conversation, handoff) if asking else {}
    for endpoint in asking if body else ():
        yield CallHook(
            endpoint=endpoint.id,
            id=f"{event.id}_hitlnext",
            type=botpress.WEBHOOK,
            at=event.at,
            epoch=event.epoch,
            actor=actor(event),
            body=body,
            handoff_id=event.handoff_id,
        )


def _is_for(
    endpoint: Endpoint, named: str, conversation: Conversation, handoff: Handoff | None
) -> bool:
    """What is said in a relayed conversation its channel brings there itself."""
    if webhook_of(conversation) == endpoint.id:
        return not named.startswith("message.")
    asked = handoff is not None and handoff.terms.reply_to == endpoint.id
    return asked or endpoint.wants(named)


def _named(endpoint: Endpoint, type: str, conversation: Conversation) -> str:
    """A backend of Botpress' HITL interface is told in its words."""
    theirs = webhook_of(conversation) == endpoint.id and botpress.is_hitl(conversation)
    return botpress.event_of(type) if theirs else type


_RENAMED = {"agent": "agent_id"}
"""An event has ids; `agent` is who has the handoff."""
_Told = tuple[str, str, dict[str, Any], tuple[int, int] | None]


def _told(event: Event, conversation: Conversation, handoff: Handoff | None) -> Iterator[_Told]:
    """Its types, each with an id and what is said beside the usual."""
    then = {**state(handoff), "priority": str(handoff.priority)} if handoff else {}
    said = {_RENAMED.get(k, k): v for k, v in event.body.items() if k != "message"}
    if isinstance(until := said.get("until"), int):
        said["until"] = iso(until)
    if named := TYPES.get(event.kind):
        yield named, event.id, {**said, **then}, None
    outcome = GIVES_BACK.get(event.kind)
    if outcome and conversation.bot_id and (handoff is None or conversation.mode is Mode.BOT):
        stretch = (handoff.opened_seq, handoff.closed_seq) if handoff else None
        reason = said.get("reason", "")
        returned = {**then, "outcome": outcome, "reason": reason}
        yield RETURNED, f"{event.id}_returned", returned, stretch


def actor(event: Event) -> dict[str, str]:
    by = event.actor
    return {"role": str(by.role), "id": by.id, "name": by.name}


def _message(event: Event) -> MessageId | None:
    named = event.body.get("message")
    return MessageId(named) if named else None
