"""Requests as Slack signs them, for what the stand-in would never send: forged, old, malformed."""

import hashlib
import hmac
import secrets
import time
from typing import Any
from urllib.parse import urlencode

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


def click(thread: str, action_id: str, value: str, user: str = seed.ANA) -> dict[str, str]:
    """The form of a press of a button on a card."""
    action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
    payload = {
        "type": "block_actions",
        "user": {"id": user, "team_id": seed.TEAM},
        "team": {"id": seed.TEAM, "domain": "northwind"},
        "channel": {"id": seed.ORDERS, "name": "desk-orders"},
        "container": {"type": "message", "message_ts": thread, "channel_id": seed.ORDERS},
        "message": {"ts": thread, "text": ""},
        "api_app_id": seed.APP,
        "token": "unused",
        "trigger_id": f"1.2.{secrets.token_hex(4)}",
        "response_url": "http://127.0.0.1:9/nowhere",
        "actions": [{**action, "action_ts": now()}],
    }
    return {"payload": orjson.dumps(payload).decode()}


def command(name: str, text: str, user: str = seed.ANA) -> dict[str, str]:
    """The form of a slash command."""
    return {
        "token": "unused",
        "team_id": seed.TEAM,
        "channel_id": seed.ORDERS,
        "user_id": user,
        "command": name,
        "text": text,
        "api_app_id": seed.APP,
        "trigger_id": f"1.2.{secrets.token_hex(4)}",
        "response_url": "http://127.0.0.1:9/nowhere",
    }


async def form(client: httpx.AsyncClient, base: str, fields: dict[str, str]) -> httpx.Response:
    raw = urlencode(fields).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{base}/slack/events"
    return await client.post(url, content=raw, headers=headers(raw) | kind)


def now(later: int = 0) -> str:
    """A ts of this moment, and `later` microseconds."""
    micros = time.time_ns() // 1_000 + later
    return f"{micros // 10**6}.{micros % 10**6:06d}"


async def post(
    client: httpx.AsyncClient, base: str, body: Json | bytes, **how: Any
) -> httpx.Response:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return await client.post(f"{base}/slack/events", content=raw, headers=headers(raw, **how))
