"""What is stored encrypted: `SECRET_KEY` turned into keys, Fernet around the text.

The first key encrypts, all decrypt, so that a comma-separated `SECRET_KEY` rotates. The keys are
derived for this one use, since `SECRET_KEY` also signs sessions.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FOR = b"deskbridge/stored"


class Vault:
    def __init__(self, keys: Sequence[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    def shut(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, token: str) -> str | None:
        """None: it was shut with a key that we no longer have."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            return None


def _derived(key: bytes) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=FOR).derive(key)
    return base64.urlsafe_b64encode(made)
