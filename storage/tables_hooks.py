"""Endpoints of tools (`/v1/webhooks`), each with its circuit."""

from __future__ import annotations

from storage.tables import Base, _big, _key, _text


class WebhookRow(Base, table=True):
    """`secrets` are encrypted. From `failures` on it is the endpoint's circuit."""

    __tablename__ = "webhook"

    id: str = _key()
    workspace_id: str = _text("", index=True)
    url: str = _text()
    events: str = _text("[]")
    description: str = _text()
    enabled: bool = True
    reason: str = _text()
    owner: str = _text()
    secrets: str = _text("[]")
    created_at: int = _big()
    updated_at: int = _big()
    failures: int = 0
    failing_since: int = _big()
    suspect: str = _text()
    probe_at: int = _big()
    recovered_at: int = _big()
    error: str = _text()
