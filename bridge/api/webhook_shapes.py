"""Requests and answers of `/v1/webhooks`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from bridge.api.answers import Out, Time
from bridge.api.shapes import Integral, Request, either
from bridge.hooks import EVERYTHING, NAMES, Endpoint, is_a_filter
from bridge.reachable import LONGEST
from bridge.webhooks import iso


def _filter(text: str) -> str:
    if not is_a_filter(text):
        raise ValueError(f"must be one of {', '.join(NAMES)}, a group such as handoff.*, or *")
    return text


FILTERS: Any = [EVERYTHING, *sorted({f"{name.partition('.')[0]}.*" for name in NAMES}), *NAMES]
EventName = Annotated[str, Field(json_schema_extra={"enum": FILTERS}), AfterValidator(_filter)]
Url = Annotated[str, Field(max_length=LONGEST, pattern=r"^https?://[!#-;=?-\[\]_a-z~]+$")]
Events = Annotated[tuple[EventName, ...], Field(max_length=100)]
Description = Annotated[str, Field(max_length=500)]


class WebhookRequest(Request):
    """Without `events` it is told of all."""

    url: Url
    events: Events = ()
    description: Description = ""
    enabled: bool = True


class ChangeRequest(Request):
    """What is not given stays."""

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    enabled: bool | None = None


class ReplayRequest(Request):
    """Events from `since` on, or those after the position that the last answer called `next`."""

    model_config = either({"since": "string"}, {"after": "integer"})

    since: AwareDatetime | None = None
    after: Annotated[int, Field(ge=0, lt=2**53), Integral] = 0

    @model_validator(mode="after")
    def _has_begin(self) -> ReplayRequest:
        if self.since is None and not self.model_fields_set & {"after"}:
            raise ValueError("give since or after")
        return self


# --- answers -------------------------------------------------------------------------------------


class WebhookOut(Out):
    id: str
    url: str
    events: list[str]
    description: str
    enabled: bool
    disabled_reason: str | None
    created_by: str
    created_at: Time
    updated_at: Time
    failing_since: Time | None
    last_error: str | None
    next_try_at: Time | None


class WebhookList(Out):
    webhooks: list[WebhookOut]


class WebhookMade(WebhookOut):
    secret: str
    """Shown this once."""


class Rotated(WebhookMade):
    old_secret_until: Time


class Tried(Out):
    delivered: bool
    status: int | None
    error: str | None
    seconds: float


class ReplayedOut(Out):
    events: int
    next: int | None
    """`after` of the next call; null: all are sent."""


def webhook(endpoint: Endpoint) -> WebhookOut:
    """An endpoint as tools see it; its secret is not shown again."""
    state = endpoint.circuit
    return WebhookOut(
        id=endpoint.id,
        url=endpoint.url,
        events=list(endpoint.events),
        description=endpoint.description,
        enabled=endpoint.enabled,
        disabled_reason=endpoint.reason or None,
        created_by=endpoint.owner,
        created_at=iso(endpoint.created_at),
        updated_at=iso(endpoint.updated_at),
        failing_since=iso(state.since) if state.failures else None,
        last_error=state.error or None,
        next_try_at=iso(state.probe_at) if state.is_open else None,
    )
