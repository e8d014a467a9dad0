"""The bodies of the bot's webhooks (contract §4): `{type, timestamp, data}`, as plain data.

A body is the same at every attempt; notes and held messages are never in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bridge.effects import CallBot
from bridge.model import SECOND, Contact, Conversation, Handoff, Message, Micros, Role


def iso(at: Micros) -> str:
    """`2026-11-21T03:24:05.123Z`."""
    moment = datetime.fromtimestamp(at / SECOND, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def body(
    call: CallBot,
    at: Micros,
    conversation: Conversation,
    contact: Contact,
    handoff: Handoff | None,
    *,
    message: Message | None = None,
    transcript: Sequence[Message] = (),
) -> dict[str, Any]:
    """`at`: when the thing happened. `transcript`: the human stretch, for control.returned."""
    data: dict[str, Any] = {
        "conversation_id": conversation.id,
        "channel": conversation.channel,
        "epoch": call.epoch,
        "user": user(contact, conversation),
    }
    if handoff is not None:
        data |= _about(handoff)
    if message is not None:
        data["message"] = {**spoken(message), **(call.body or {})}
    elif call.body:  # it says how things were then; the handoff may have moved on
        data |= call.body
    if call.type == "control.returned":
        data["transcript"] = [spoken(m) for m in transcript if m.author.role is not Role.SYSTEM]
    return {"type": call.type, "timestamp": iso(at), "data": data}


def user(contact: Contact, conversation: Conversation) -> dict[str, Any]:
    return {
        "id": contact.address,
        "name": contact.name,
        "email": contact.email,
        "avatar_url": contact.avatar_url,
        "locale": conversation.locale or contact.locale,
        "attributes": contact.attributes,
    }


def spoken(message: Message) -> dict[str, Any]:
    """A message as bots and tools see it."""
    return {
        "id": message.id,
        "seq": message.seq,
        "role": str(message.author.role),
        "author": {"name": message.author.name, "avatar_url": message.author.avatar_url},
        "text": message.text,
        "at": iso(message.sent_at),
    }


def _about(handoff: Handoff) -> dict[str, Any]:
    agent = {"id": handoff.assignee, "name": handoff.assignee_name}
    return {
        "handoff_id": handoff.id,
        "number": handoff.number,
        "status": str(handoff.status),
        "queue": handoff.queue,
        "labels": list(handoff.labels),
        "agent": agent if handoff.assignee_name else None,
        "context": handoff.context,
    }
