"""`[audit]`: where the head of each day's audit trail is shown, beside the log and webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from bridge.settings_types import Section


class AuditSettings(Section):
    slack_channel: Annotated[str, Field(pattern=r"^([CG][A-Z0-9]{2,20})?$")] = ""
    """The id of a channel that gets the head of each day; none: no channel does."""


def audit_conflicts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    section = values.get("audit")
    asked = isinstance(section, dict) and section.get("slack_channel")
    if asked and not values.get("slack_bot_token"):
        yield "SLACK_BOT_TOKEN", "is needed with audit.slack_channel"
