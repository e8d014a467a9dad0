"""How an answer finds its conversation: a token in the address that it is sent to, and the same one
in the Message-ID that it answers. Pure.

A token is the conversation's id and 80 bits of an HMAC of it, in small hex digits, since some mail
servers write the part before the @ in small letters. It says where an answer belongs and not who
wrote it: that is judged by the sender's address (`reading.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence

from bridge.model import ConversationId

PURPOSE = b"deskbridge-email-reply"
PREFIX = "cnv_"
SIGNED = 20
"""Hex digits of the signature."""
_TOKEN = re.compile(rf"(?<![0-9a-z])([0-9a-f]{{24}})([0-9a-f]{{{SIGNED}}})(?![0-9a-z])")


class Tokens:
    """`keys`: the first signs, all verify; each is used for this alone."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [hmac.digest(key, PURPOSE, hashlib.sha256) for key in keys]

    def of(self, conversation: ConversationId) -> str:
        named = conversation.removeprefix(PREFIX)
        return named + _signature(self._keys[0], named)

    def find(self, texts: Iterable[str]) -> ConversationId | None:
        """The first conversation that is truly named in addresses or Message-IDs."""
        for text in texts:
            for named, signature in _TOKEN.findall(text.lower()):
                good = (_signature(key, named) for key in self._keys)
                if any(hmac.compare_digest(each, signature) for each in good):
                    return ConversationId(PREFIX + named)
        return None


def _signature(key: bytes, named: str) -> str:
    return hmac.new(key, named.encode(), hashlib.sha256).hexdigest()[:SIGNED]
