"""The headers of a signed webhook (Standard Webhooks)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from bridge.model import SECOND, Micros


def headers(keys: Sequence[str], id: str, now: Micros, content: bytes) -> dict[str, str]:
    """Of a body, signed with each of the keys. `id`: the same at each attempt."""
    at, text = datetime.fromtimestamp(now // SECOND, UTC), content.decode()
    return {
        "content-type": "application/json",
        "user-agent": "Deskbridge",
        "webhook-id": id,
        "webhook-timestamp": str(now // SECOND),
        "webhook-signature": " ".join(Webhook(key).sign(id, at, text) for key in keys),
    }
