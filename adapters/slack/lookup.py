"""Whether a post of ours arrived although its answer was lost: Slack's own history is asked.

Our key stands in the message's metadata and as its first block's id. How far back is told by
Slack's clock where there is a thread; for a root by ours, less a margin for clocks that disagree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.slack.client import Client
from adapters.slack.ids import ts_of
from bridge.model import SECOND, HandoffId, Micros, Thread

EVENT_TYPE = "deskbridge"
MARGIN: Micros = 600 * SECOND
PAGE = 200
_ROOT = re.compile(r"(hnd_\w{1,60})/(\d{1,6})", re.ASCII)


def metadata(key: str) -> dict[str, Any]:
    """Readable by every app in the workspace that asks: an opaque id and nothing else."""
    return {"event_type": EVENT_TYPE, "event_payload": {"id": key}}


def carries(message: Any, key: str) -> bool:
    if not isinstance(message, dict):
        return False
    meta = message.get("metadata")
    payload = meta.get("event_payload") if isinstance(meta, dict) else None
    if isinstance(payload, dict) and payload.get("id") == key:
        return True
    blocks = message.get("blocks")
    first = blocks[0] if isinstance(blocks, list) and blocks else None
    return isinstance(first, dict) and first.get("block_id") == key


def opened_for(message: Mapping[str, Any]) -> tuple[HandoffId, int] | None:
    """The handoff and the generation of a root whose card was never drawn anew."""
    blocks = message.get("blocks")
    first = blocks[0] if isinstance(blocks, list) and blocks else None
    key = _ROOT.fullmatch(str(first.get("block_id"))) if isinstance(first, dict) else None
    return (HandoffId(key[1]), int(key[2])) if key else None


async def in_thread(client: Client, thread: Thread, key: str) -> str | None:
    """The ts of the post with this key, if it is there. Raises DeliveryError."""
    where = {"channel": thread.channel, "ts": thread.ts, "oldest": thread.ts}
    return await _search(client, "conversations.replies", thread.team, key, where)


async def in_channel(
    client: Client, team: str, channel: str, key: str, since: Micros
) -> str | None:
    where = {"channel": channel, "oldest": ts_of(max(since - MARGIN, 0))}
    return await _search(client, "conversations.history", team, key, where)


async def _search(
    client: Client, method: str, team: str, key: str, where: dict[str, str]
) -> str | None:
    cursor: dict[str, str] = {}
    while True:
        answer = await client.call(
            method, team, **where, **cursor, limit=PAGE, inclusive=True, include_all_metadata=True
        )
        for message in answer.get("messages") or ():
            if carries(message, key):
                return str(message.get("ts"))
        following = (answer.get("response_metadata") or {}).get("next_cursor")
        if not following:
            return None
        cursor = {"cursor": str(following)}
