"""Botpress' words for our things: its channels, states, events and kinds of messages. Pure.

Its v12 modules `hitl` and `hitlnext` have their own names in their HTTP API, its HITL interface 2.x
has others; what is said under them is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge.events import Event, Kind
from bridge.model import Conversation, Handoff, Message, Role, Status

CHANNELS: Mapping[str, str] = {"web": "webchat"}
"""Ours, by theirs; all others are called the same."""
STATUSES: Mapping[Status, str] = {
    Status.QUEUED: "pending",
    Status.ASSIGNED: "assigned",
    Status.SNOOZED: "assigned",
    Status.RESOLVED: "resolved",
    Status.CANCELLED: "resolved",
    Status.REJECTED: "rejected",
    Status.EXPIRED: "expired",
}
STEPS: Mapping[str, tuple[str, ...]] = {
    "assign": ("pending",),
    "resolve": ("assigned",),
    "reject": ("pending", "assigned"),
}
"""In which states hitlnext lets these be done; all else is 422."""


def channel_of(theirs: str) -> str:
    return CHANNELS.get(theirs, theirs)


def their_channel(ours: str) -> str:
    return next((theirs for theirs, name in CHANNELS.items() if name == ours), ours)


def status_of(handoff: Handoff) -> str:
    """A snoozed one that nobody has waits."""
    if handoff.status is Status.SNOOZED and handoff.assignee is None:
        return "pending"
    return STATUSES[handoff.status]


def source_of(message: Message) -> str:
    """user, bot or agent; what the desk itself says is an agent's side."""
    return "agent" if message.author.role is Role.SYSTEM else str(message.author.role)


# --- the webhook of hitlnext ---------------------------------------------------------------------

WEBHOOK = "hitlnext.*"
"""What a webhook asks for to be told of handoffs as Botpress' own tells of them."""
_CHANGES: Mapping[Kind, str] = {
    Kind.HANDOFF_QUEUED: "create",
    Kind.HANDOFF_ASSIGNED: "update",
    Kind.HANDOFF_TRANSFERRED: "update",
    Kind.HANDOFF_RELEASED: "update",
    Kind.HANDOFF_SNOOZED: "update",
    Kind.HANDOFF_WOKEN: "update",
    Kind.HANDOFF_REOPENED: "update",
    Kind.HANDOFF_RESOLVED: "update",
    Kind.HANDOFF_REJECTED: "update",
    Kind.HANDOFF_EXPIRED: "update",
    Kind.HANDOFF_CANCELLED: "update",
    Kind.HANDOFF_CHANGED: "update",
}


def told_as(event: Event, conversation: Conversation, handoff: Handoff | None) -> dict[str, Any]:
    """`{botId, resource, type, id, payload}`, as Botpress' webhook has it; empty: it has none for
    such an event."""
    change = _CHANGES.get(event.kind)
    if change is None or handoff is None:
        return {}
    return {
        "botId": conversation.bot_id,
        "resource": "handoff",
        "type": change,
        "id": handoff.id,
        "payload": handoff_of(handoff, conversation),
    }


def handoff_of(handoff: Handoff, conversation: Conversation) -> dict[str, Any]:
    """Of an IHandoff, what the handoff itself knows."""
    return {
        "id": handoff.id,
        "number": handoff.number,
        "botId": conversation.bot_id,
        "agentId": handoff.assignee,
        "userId": conversation.address,
        "status": status_of(handoff),
        "userChannel": their_channel(conversation.channel),
        "userThreadId": thread_of(handoff),
        "agentThreadId": None,
        "tags": list(handoff.labels),
    }


def thread_of(handoff: Handoff) -> str:
    """The thread as who opened it calls it, else the conversation."""
    context = handoff.context if isinstance(handoff.context, dict) else {}
    named = context.get("userThreadId")
    return named if isinstance(named, str) and named else str(handoff.conversation_id)


# --- the HITL interface 2.x ----------------------------------------------------------------------

MARK = "botpress:"
"""A relayed conversation whose own name begins so is a user of the HITL interface."""
_EVENTS: Mapping[str, str] = {
    "handoff.assigned": "hitlAssigned",
    "handoff.transferred": "hitlAssigned",
    "handoff.resolved": "hitlStopped",
    "handoff.rejected": "hitlStopped",
    "handoff.expired": "hitlStopped",
    "handoff.cancelled": "hitlStopped",
}


def is_hitl(conversation: Conversation) -> bool:
    return conversation.address.partition("/")[2].startswith(MARK)


def event_of(type: str) -> str:
    """What the interface calls it; all that it does not know keeps its name."""
    return _EVENTS.get(type, type)


def ids(handoff: Handoff | None, user: str | None) -> dict[str, Any]:
    """What the interface says of an event: the session is the handoff. `user`: the agent."""
    context = handoff.context if handoff and isinstance(handoff.context, dict) else {}
    return {
        "conversationId": handoff.id if handoff else None,
        "userId": user,
        "botpressConversationId": context.get("botpressConversationId"),
    }


def payload(message: Message) -> dict[str, Any]:
    """A message to the user, as the interface has it: markdown is text to every channel of it."""
    who = message.author
    return {
        "conversationId": message.handoff_id,
        "userId": who.id or None,
        "agent": {"id": who.id, "name": who.name, "pictureUrl": who.avatar_url},
        "type": "text",
        "payload": {"text": message.text},
    }


Said = Mapping[str, Any]


def _text(said: Said, name: str) -> str:
    value = said.get(name)
    return value.strip() if isinstance(value, str) else ""


def _link(kind: str) -> Callable[[Said], str]:
    def written(said: Said) -> str:
        url = _text(said, f"{kind}Url")
        return " ".join(filter(None, [_text(said, "title"), url])) if url else ""

    return written


def _location(said: Said) -> str:
    place = [said.get("latitude"), said.get("longitude")]
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in place):
        return ""
    where = ", ".join(str(each) for each in place)
    return "\n".join(filter(None, [_text(said, "title"), _text(said, "address"), where]))


def _objects(said: Said, name: str) -> list[Said]:
    found = said.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _card(said: Said) -> str:
    actions = [_text(each, "label") for each in _objects(said, "actions")]
    parts = [_text(said, "title"), _text(said, "subtitle"), _text(said, "imageUrl")]
    return "\n".join(filter(None, [*parts, *(f"- {each}" for each in actions if each)]))


def _carousel(said: Said) -> str:
    return "\n\n".join(filter(None, map(_card, _objects(said, "items"))))


def _choice(said: Said) -> str:
    labels = [_text(each, "label") for each in _objects(said, "options")]
    return "\n".join(filter(None, [_text(said, "text"), *(f"- {each}" for each in labels if each)]))


def _bloc(said: Said) -> str:
    parts = []
    for each in _objects(said, "items"):
        kind, inner = each.get("type"), each.get("payload")
        if kind != "bloc" and isinstance(kind, str) and isinstance(inner, dict):
            parts.append(words(kind, inner))
    return "\n".join(filter(None, parts))


_WORDS: Mapping[str, Callable[[Said], str]] = {
    "text": lambda said: _text(said, "text"),
    "markdown": lambda said: _text(said, "markdown"),
    "image": _link("image"),
    "audio": _link("audio"),
    "video": _link("video"),
    "file": _link("file"),
    "location": _location,
    "card": _card,
    "carousel": _carousel,
    "choice": _choice,
    "dropdown": _choice,
    "bloc": _bloc,
}
KINDS = tuple(_WORDS)


def words(kind: str, said: Said) -> str:
    """What a message of the interface says, as text: what is no text is its address and its
    labels. Empty: its payload does not fit its type."""
    return _WORDS[kind](said) if kind in _WORDS else ""
