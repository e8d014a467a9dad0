"""`/ui/stream`: changes as server-sent events, each with its cursor as id."""

import asyncio
from collections.abc import AsyncIterator

import orjson
from starlette.requests import Request
from starlette.responses import StreamingResponse

from sandbox.slack.core import Sandbox
from sandbox.slack.feed import Change

PING_SECONDS = 15.0


def stream(box: Sandbox, user: str, request: Request) -> StreamingResponse:
    """All changes behind the cursor that this person may see; `reload` when some are forgotten."""
    raw = request.headers.get("last-event-id") or request.query_params.get("after")
    cursor = int(raw) if raw and raw.isdigit() else box.workspace.feed.cursor
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _events(box, user, cursor), media_type="text/event-stream", headers=headers
    )


async def _events(box: Sandbox, user: str, cursor: int) -> AsyncIterator[bytes]:
    feed = box.workspace.feed
    changed = feed.subscribe()
    try:
        yield b"retry: 1000\n\n"
        while True:
            changed.clear()
            if feed.lost(cursor):
                cursor = feed.cursor
                yield b'id: %d\ndata: {"type":"reload"}\n\n' % cursor
            for change in feed.after(cursor):
                cursor = change.cursor
                if _sees(box, user, change):
                    yield b"id: %d\ndata: %b\n\n" % (cursor, orjson.dumps(change.render()))
            if not await _woken(changed):
                yield b": ping\n\n"
    finally:
        feed.unsubscribe(changed)


async def _woken(changed: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(changed.wait(), PING_SECONDS)
    except TimeoutError:
        return False
    return True


def _sees(box: Sandbox, user: str, change: Change) -> bool:
    if change.user is not None and change.user != user:
        return False
    channel = box.workspace.channels.get(change.channel or "")
    return channel is None or user in channel.members
