"""The HTTP API for bots and tools, `/v1` (contract §4).

access          who calls: an API key, or a bot that signs
shapes          requests and answers, as Pydantic models
handoffs        /v1/handoffs: asking for a human
actions         what agents do with a handoff, for tools
conversations   /v1/conversations
switches        pausing and resuming: a conversation, a bot
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.routing import Route

from bridge.api.actions import Actions
from bridge.api.conversations import Conversations
from bridge.api.handoffs import Handoffs
from bridge.api.switches import Switches
from bridge.ports import Deps, Receive, Staff


def routes(
    receive: Receive,
    deps: Deps,
    channels: Collection[str],
    staff: Staff | None = None,
    *,
    staffed: bool = True,
) -> list[Route]:
    """Everything under `/v1`. `channels`: the names of those that there are; `staff`: the desk,
    where it knows who an agent is; `staffed`: whether there is a desk."""
    return [
        *Handoffs(receive, deps, channels, staffed=staffed).routes(),
        *Actions(receive, deps, staff).routes(),
        *Conversations(receive, deps).routes(),
        *Switches(receive, deps).routes(),
    ]
