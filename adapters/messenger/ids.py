"""Addresses and references of Messenger's, made and read in this module only.

A user is known to each page by another id (PSID), so an address is both.
"""

from __future__ import annotations

import re
from typing import Any

from adapters.messenger.config import CHANNEL
from bridge.commands import ToUser
from bridge.model import (
    DEFAULT_WORKSPACE,
    ConversationId,
    MessageId,
    contact_id,
    conversation_id,
)

OUR_KEY = re.compile(r"(msg_[0-9a-f]{24})/(\d{1,4})", re.ASCII)
"""What we put into a message's metadata: our message and which part of it."""


def address(page: str, user: str) -> str:
    return f"{page}:{user}"


def page_and_user(address: str) -> tuple[str, str]:
    page, _, user = address.partition(":")
    return page, user


def conversation_of(page: str, user: str) -> ConversationId:
    return conversation_id(DEFAULT_WORKSPACE, CHANNEL, address(page, user))


def to_user(page: str, user: str, **known: Any) -> ToUser:
    at = address(page, user)
    return ToUser(
        DEFAULT_WORKSPACE,
        conversation_of(page, user),
        contact_id(DEFAULT_WORKSPACE, CHANNEL, at),
        CHANNEL,
        at,
        **known,
    )


def place(page: str, mid: str) -> tuple[str, str, str]:
    """Where a message of ours is, for `Receipt` and `ToPost`."""
    return (CHANNEL, page, mid)


def our_part(metadata: str) -> tuple[MessageId, int] | None:
    """Which message of ours a send was, by its metadata."""
    found = OUR_KEY.fullmatch(metadata)
    return (MessageId(found[1]), int(found[2])) if found else None
