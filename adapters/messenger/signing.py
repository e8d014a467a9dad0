"""How Meta signs what it sends, and how we prove that a token is ours (Messenger Platform:
Webhooks; Graph API: Securing requests)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

SCHEME = "sha256="


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the HMAC over the bytes as they came: Meta escapes non-ASCII characters before
    it signs, so JSON that is written anew has another signature."""
    return SCHEME + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secrets: Iterable[str], body: bytes, given: str) -> bool:
    """Whether one of the app secrets signed it; how long a comparison takes tells nothing."""
    told = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(signature(s, body).encode(), told) for s in secrets)


def proof(secret: str, token: str) -> str:
    """`appsecret_proof`: whoever has only the token cannot use it."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
