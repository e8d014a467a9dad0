"""Requests as Slack signs them, for what the stand-in would never send: forged, old, malformed."""

import hashlib
import hmac
import time
from typing import Any

import httpx
import orjson

from sandbox.slack import seed
from tests.scenarios.stage import SIGNING_SECRET

Json = dict[str, Any]


def headers(body: bytes, *, age: int = 0, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """Those of a request made `age` seconds ago."""
    stamp = str(int(time.time()) - age)
    signature = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature.hexdigest()}",
        "Content-Type": "application/json",
    }


def envelope(thread: str, text: str, ts: str, user: str = seed.ANA) -> Json:
    """The event of a member's message in a thread."""
    event = {
        "type": "message",
        "user": user,
        "text": text,
        "ts": ts,
        "thread_ts": thread,
        "channel": seed.ORDERS,
        "channel_type": "channel",
        "event_ts": ts,
        "team": seed.TEAM,
    }
    return {
        "type": "event_callback",
        "team_id": seed.TEAM,
        "api_app_id": seed.APP,
        "event_id": f"Ev{ts}",
        "event_time": int(float(ts)),
        "authorizations": [{"team_id": seed.TEAM, "user_id": seed.BOT_USER, "is_bot": True}],
        "event": event,
    }


def now(later: int = 0) -> str:
    """A ts of this moment, and `later` microseconds."""
    micros = time.time_ns() // 1_000 + later
    return f"{micros // 10**6}.{micros % 10**6:06d}"


async def post(
    client: httpx.AsyncClient, base: str, body: Json | bytes, **how: Any
) -> httpx.Response:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return await client.post(f"{base}/slack/events", content=raw, headers=headers(raw, **how))
