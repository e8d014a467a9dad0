"""Requests as Slack, Meta and a webchat visitor send them, each signed and each different."""

import hashlib
import hmac
import itertools
import time
from collections.abc import Callable, Sequence

import orjson

from tests.bench.client import request

SLACK_SECRET = "bench-signing-secret-of-32-characters"
MESSENGER_SECRET = "bench-app-secret-of-32-characters-xx"
JSON = "application/json"


def slack_signature(secret: str, timestamp: str, body: bytes) -> str:
    base = f"v0:{timestamp}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def slack_request(secret: str, body: bytes) -> bytes:
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": JSON,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": slack_signature(secret, timestamp, body),
    }
    return request("POST", "/slack/events", body, headers)


def messenger_request(secret: str, body: bytes) -> bytes:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": JSON, "X-Hub-Signature-256": f"sha256={signature}"}
    return request("POST", "/messenger/webhook", body, headers)


def webchat_request(token: str, client_id: str, text: str) -> bytes:
    body = orjson.dumps({"client_id": client_id, "text": text})
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {token}"}
    return request("POST", "/webchat/messages", body, headers)


def slack_replies(
    secret: str, team: str, channel: str, agent: str, threads: Sequence[str]
) -> Callable[[], bytes]:
    """An agent's replies, round the threads, as signed `message` events (some 600 bytes each)."""
    numbers = itertools.count()
    began = int(time.time())

    def make() -> bytes:
        number = next(numbers)
        ts = f"{began + number // 100_000}.{number % 100_000 + 100_000:06d}"
        text = f"Thank you for waiting, I have looked into it. Number {number}."
        elements = [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}]
        event = {
            "type": "message",
            "user": agent,
            "ts": ts,
            "client_msg_id": f"bench-{number}",
            "text": text,
            "team": team,
            "thread_ts": threads[number % len(threads)],
            "parent_user_id": "U0BENCHAPP",
            "blocks": [{"type": "rich_text", "block_id": f"b{number}", "elements": elements}],
            "channel": channel,
            "event_ts": ts,
            "channel_type": "channel",
        }
        envelope = {
            "token": "bench",
            "team_id": team,
            "api_app_id": "A0BENCH",
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:010d}",
            "event_time": began,
            "authorizations": [
                {"enterprise_id": None, "team_id": team, "user_id": "U0BENCHAPP", "is_bot": True}
            ],
        }
        return slack_request(secret, orjson.dumps(envelope))

    return make


def webchat_messages(tokens: Sequence[str]) -> Callable[[], bytes]:
    """Visitors' messages, round the visitors."""
    numbers = itertools.count()

    def make() -> bytes:
        number = next(numbers)
        text = f"Where is my order? It was promised for last week. Number {number}."
        return webchat_request(tokens[number % len(tokens)], f"bench-{number}", text)

    return make


def messenger_messages(page: str, users: int) -> Callable[[], bytes]:
    """Messages of so many people to one page, one in each POST."""
    numbers = itertools.count()

    def make() -> bytes:
        number = next(numbers)
        now = int(time.time() * 1000)
        message = {"mid": f"m_bench_{number}", "text": f"Where is my order? Number {number}."}
        messaging = {
            "sender": {"id": str(10**15 + number % users)},
            "recipient": {"id": page},
            "timestamp": now,
            "message": message,
        }
        entry = {"id": page, "time": now, "messaging": [messaging]}
        body = orjson.dumps({"object": "page", "entry": [entry]})
        return messenger_request(MESSENGER_SECRET, body)

    return make
