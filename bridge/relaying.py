"""The relay channel: a bot that keeps its own channel passes its users' words in, and gets what
they are to see at a webhook of its own. Pure.

The address of such a user is that webhook and the bot's own name of the conversation: where the
answers go is part of who it is, as everywhere.
"""

from __future__ import annotations

from typing import Any

from bridge import botpress
from bridge.model import Conversation, Message
from bridge.webhooks import iso, spoken

CHANNEL = "relay"


def address(webhook: str, conversation: str) -> str:
    return f"{webhook}/{conversation}"


def webhook_of(conversation: Conversation) -> str:
    """Where what its user is to see goes; empty: elsewhere."""
    relayed = conversation.channel == CHANNEL
    return conversation.address.partition("/")[0] if relayed else ""


def body(type: str, conversation: Conversation, message: Message) -> dict[str, Any]:
    """`conversation` is the bot's own name of it."""
    said = {
        **spoken(message),
        "buttons": [{"text": b.text, "value": b.value} for b in message.buttons],
    }
    theirs = botpress.payload(message) if botpress.is_hitl(conversation) else {}
    return {
        "type": type,
        "timestamp": iso(message.edited_at or message.sent_at),
        "data": {
            "conversation_id": conversation.id,
            "channel": CHANNEL,
            "conversation": conversation.address.partition("/")[2],
            "epoch": conversation.epoch,
            "handoff_id": message.handoff_id,
            "message": said,
            **theirs,
        },
    }
