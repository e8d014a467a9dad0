"""The HTTP API for bots and tools, `/v1` (contract §4).

access          who calls: an API key, or a bot that signs
shapes          requests and answers, as Pydantic models
handoffs        /v1/handoffs
conversations   /v1/conversations
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.routing import Route

from bridge.api.conversations import Conversations
from bridge.api.handoffs import Handoffs
from bridge.ports import Deps, Receive


def routes(receive: Receive, deps: Deps, channels: Collection[str]) -> list[Route]:
    """Everything under `/v1`. `channels`: the names of those that there are."""
    return [*Handoffs(receive, deps, channels).routes(), *Conversations(receive, deps).routes()]
