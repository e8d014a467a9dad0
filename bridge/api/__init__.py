"""The HTTP API for bots and tools, `/v1` (contract §4).

access          who calls: an API key, or a bot that signs
shapes          requests and answers, as Pydantic models
handoffs        /v1/handoffs
conversations   /v1/conversations
"""

from __future__ import annotations

from starlette.routing import Route

from bridge.api.conversations import Conversations
from bridge.api.handoffs import Handoffs
from bridge.ports import Deps, Receive


def routes(receive: Receive, deps: Deps) -> list[Route]:
    """Everything under `/v1`."""
    return [*Handoffs(receive, deps).routes(), *Conversations(receive, deps).routes()]
