"""Whether a request is Slack's: HMAC-SHA256 over the raw body, and not older than five minutes.

Slack: docs.slack.dev/authentication/verifying-requests-from-slack. Nothing of a request is read
before this says yes.
"""

from __future__ import annotations

import hmac

WINDOW = 300
"""Seconds that a signature is good for, in either direction."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    base = b"v0:" + timestamp.encode("ascii") + b":" + body
    return "v0=" + hmac.digest(secret.encode(), base, "sha256").hex()


def is_genuine(secret: str, timestamp: str, given: str, body: bytes, now: float) -> bool:
    """`timestamp` and `given` are the headers as they came, `now` in seconds since the epoch."""
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > len("1763700000") + 2:
        return False
    if abs(now - int(timestamp)) > WINDOW:
        return False
    expected = signature(secret, timestamp, body).encode()
    return hmac.compare_digest(expected, given.encode("utf-8", "surrogateescape"))
