"""Links to files for bots, which have no session: signed, good for ten minutes, bound to the
conversation whose file it is. They stand in webhooks and nowhere else, and in no log."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from bridge.filing import Filed, is_kept
from bridge.model import SECOND, Attachment, ConversationId, Micros

GOOD_FOR: Micros = 600 * SECOND
PURPOSE = b"deskbridge-file-link"
DIGITS = 11
"""Of a moment in seconds, at most."""


class Links:
    """`keys`: the first signs, all verify; each is used for this alone."""

    def __init__(self, keys: Sequence[bytes], public_url: str) -> None:
        self._keys = [hmac.digest(key, PURPOSE, hashlib.sha256) for key in keys]
        self._base = public_url.rstrip("/")

    def to(self, conversation: ConversationId, file: Attachment, now: Micros) -> str:
        """Empty for one that is not here (yet)."""
        if not is_kept(file):
            return ""
        expires = (now + GOOD_FOR) // SECOND
        signature = _signature(self._keys[0], conversation, file.ref, expires)
        return f"{self._base}/files/{file.ref}?expires={expires}&signature={signature}"

    def admits(self, file: Filed, expires: str, signature: str, now: Micros) -> bool:
        if not (expires.isascii() and expires.isdigit() and len(expires) <= DIGITS):
            return False
        until = int(expires)
        good = (_signature(key, file.conversation_id, file.id, until) for key in self._keys)
        signed = any(hmac.compare_digest(each.encode(), signature.encode()) for each in good)
        return signed and until * SECOND > now


def _signature(key: bytes, conversation: str, file: str, expires: int) -> str:
    said = f"{conversation}\n{file}\n{expires}".encode()
    return hmac.new(key, said, hashlib.sha256).hexdigest()
