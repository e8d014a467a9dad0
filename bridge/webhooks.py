"""The bodies of webhooks, the bot's and those of tools (contract §4): `{type, timestamp, data}`, as
plain data.

Notes and held messages are never in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from bridge import botpress
from bridge.effects import CallBot, CallHook
from bridge.favours import CallAction
from bridge.model import (
    SECOND,
    Attachment,
    Contact,
    Conversation,
    Handoff,
    Message,
    MessageId,
    Micros,
    Role,
)
from bridge.scores import Rating

LinkTo = Callable[[Attachment], str]
"""An address at which a file can be read for a while; empty: nowhere."""


def nowhere(file: Attachment) -> str:
    del file
    return ""


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
    link: LinkTo = nowhere,
) -> dict[str, Any]:
    """`at`: when the thing happened. `transcript`: the human stretch, for control.returned.
    `link` makes addresses of files, good for minutes: they alone differ between attempts."""
    data: dict[str, Any] = {
        "conversation_id": conversation.id,
        "channel": conversation.channel,
        "epoch": call.epoch,
        "user": user(contact, conversation),
    }
    if handoff is not None:
        data |= _about(handoff)
    if message is not None:
        data["message"] = {**spoken(message, link), **(call.body or {})}
    elif call.body:  # it says how things were then; the handoff may have moved on
        data |= call.body
    if call.type == "control.returned":
        data["transcript"] = [
            spoken(m, link) for m in transcript if m.author.role is not Role.SYSTEM
        ]
    return {"type": call.type, "timestamp": iso(at), "data": data}


def told(
    call: CallHook,
    conversation: Conversation,
    contact: Contact,
    handoff: Handoff | None,
    *,
    message: Message | None = None,
    transcript: Sequence[Message] = (),
) -> dict[str, Any]:
    """To a tool. A message that is deleted has lost its words; `call.body` says how things were."""
    if call.type == botpress.WEBHOOK:
        return call.body
    data: dict[str, Any] = {
        "conversation_id": conversation.id,
        "channel": conversation.channel,
        "epoch": call.epoch,
        "actor": call.actor,
        "user": user(contact, conversation),
        "handoff_id": call.handoff_id,
    }
    if handoff is not None:
        data |= _about(handoff) | {"priority": str(handoff.priority)}
    data |= call.body
    if botpress.is_hitl(conversation):
        data |= botpress.ids(handoff, (data.get("agent") or {}).get("id"))
    if call.message_id:
        there = message if message and not message.deleted else None
        data["message"] = spoken(there) if there else removed(call.message_id)
    if call.type == "handoff.rated" and handoff is not None:
        data["rating"] = rated(handoff.rating)
    if call.type == "control.returned":
        data["transcript"] = [spoken(m) for m in transcript if m.author.role is not Role.SYSTEM]
    return {"type": call.type, "timestamp": iso(call.at), "data": data}


def acted(
    call: CallAction, conversation: Conversation, contact: Contact, handoff: Handoff
) -> dict[str, Any]:
    """To the system of an action of one's own. `actor` set it off; `agent` has the handoff."""
    data: dict[str, Any] = {
        "id": call.id,
        "action": call.action,
        "fields": call.fields,
        "actor": {"role": str(Role.AGENT), "id": call.agent, "name": call.name},
        "conversation_id": conversation.id,
        "channel": conversation.channel,
        "epoch": conversation.epoch,
        "page": {"url": conversation.page_url, "title": conversation.page_title},
        "user": user(contact, conversation),
        **_about(handoff),
        "title": handoff.title,
        "priority": str(handoff.priority),
    }
    return {"type": "action.run", "timestamp": iso(call.at), "data": data}


def rated(rating: Rating) -> dict[str, Any] | None:
    """What the user thinks of it; None: they have not said."""
    if not rating.score:
        return None
    return {"score": rating.score, "comment": rating.comment, "at": iso(rating.at)}


def removed(id: MessageId) -> dict[str, Any]:
    """A message whose words are no more."""
    return {"id": id, "text": "", "deleted": True}


def user(contact: Contact, conversation: Conversation) -> dict[str, Any]:
    """With what they write, and where, in channels with a page, as far as that is known."""
    seen = {"device": conversation.device, "time_zone": conversation.time_zone}
    return {
        "id": contact.address,
        "name": contact.name,
        "email": contact.email,
        "avatar_url": contact.avatar_url,
        "locale": conversation.locale or contact.locale,
        "attributes": contact.attributes,
        **{name: told for name, told in seen.items() if told},
    }


def spoken(message: Message, link: LinkTo = nowhere) -> dict[str, Any]:
    """A message as bots and tools see it."""
    told: dict[str, Any] = {
        "id": message.id,
        "seq": message.seq,
        "role": str(message.author.role),
        "author": {"name": message.author.name, "avatar_url": message.author.avatar_url},
        "text": message.text,
        "at": iso(message.sent_at),
    }
    if files := [file for file in message.attachments if not file.is_gone]:
        told["attachments"] = [attached(file, link) for file in files]
    return told


def attached(file: Attachment, link: LinkTo = nowhere) -> dict[str, Any]:
    told = {"name": file.name, "mime": file.mime, "size": file.size}
    url = link(file)
    return {**told, "url": url} if url else told


def _about(handoff: Handoff) -> dict[str, Any]:
    return {
        "handoff_id": handoff.id,
        "number": handoff.number,
        **state(handoff),
        "context": handoff.context,
    }


def state(handoff: Handoff) -> dict[str, Any]:
    """What of a handoff changes as it goes on."""
    agent = {"id": handoff.assignee, "name": handoff.assignee_name}
    return {
        "status": str(handoff.status),
        "queue": handoff.queue,
        "labels": list(handoff.labels),
        "agent": agent if handoff.assignee_name else None,
    }
