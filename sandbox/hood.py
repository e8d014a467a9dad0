"""*Under the hood*: what goes over the wire while one plays, each with the curl that repeats it."""

from __future__ import annotations

import json
import re
import shlex
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from sandbox.tap import Exchange

Json = dict[str, Any]
KEPT = 150
"""Entries."""
LONGEST = 16_000
"""Bytes of a body that is shown."""
SHOWN = (
    "content-type", "authorization", "webhook-id", "webhook-timestamp", "webhook-signature",
    "x-slack-request-timestamp", "x-slack-signature", "x-hub-signature-256",
)  # fmt: skip
"""Headers that a repetition needs."""
EVENT, WEBHOOK, CALL, CHAT, API = "event", "webhook", "call", "chat", "api"
META, SEND = "meta", "send"
GRAPH = re.compile(r"/sandbox/graph/v[0-9.]+/[0-9]+/(\w+)")
ABOUT = ("sender", "recipient", "timestamp")
"""Of an event of Meta's; what else is in it is what it is."""


class Hood:
    """The newest entries, numbered. `tell` is called for each."""

    def __init__(self, base: str, clock: Callable[[], float], tell: Callable[[], None]) -> None:
        self._base = base
        self._clock = clock
        self._tell = tell
        self._entries: deque[Json] = deque(maxlen=KEPT)
        self.last = 0

    def hear(self, exchange: Exchange) -> None:
        named = name(exchange)
        if named is None:
            return
        kind, title = named
        self.last += 1
        entry: Json = {
            "n": self.last,
            "at": self._clock(),
            "kind": kind,
            "title": title,
            "status": exchange.status,
            "repeated": "x-slack-retry-num" in exchange.headers,
            "body": _pretty(exchange),
            "curl": curl(self._base, exchange),
        }
        self._entries.append(entry)
        self._tell()

    def after(self, number: int) -> list[Json]:
        """Those behind it that are kept, the oldest first."""
        return [entry for entry in self._entries if entry["n"] > number]


def name(exchange: Exchange) -> tuple[str, str] | None:
    """Kind and title; None: of no interest."""
    path = exchange.path
    if path.startswith("/sandbox/bot"):
        return WEBHOOK, str(_json(exchange.body).get("type", "webhook"))
    if path.startswith("/sandbox/slack/api/"):
        return CALL, path.removeprefix("/sandbox/slack/api/")
    if path.startswith("/slack/"):
        return EVENT, _of_slack(exchange)
    if path.startswith("/messenger/") and exchange.method == "POST":
        return META, _of_meta(_json(exchange.body))
    if graph := GRAPH.fullmatch(path):
        return SEND, str(_json(exchange.body).get("sender_action") or graph[1])
    if path.startswith("/v1/"):
        return API, f"{exchange.method} {path}"
    if path == "/webchat/messages" and exchange.method == "POST":
        return CHAT, "POST /webchat/messages"
    return None


def _of_slack(exchange: Exchange) -> str:
    if b"{" in exchange.body[:1]:
        outer = _json(exchange.body)
        event = outer.get("event", {})
        return str(event.get("subtype") or event.get("type") or outer.get("type", "event"))
    form = {key: values[0] for key, values in parse_qs(exchange.body.decode()).items()}
    if "command" in form:
        return f"{form['command']} {form.get('text', '')}".strip()
    return str(_json(form.get("payload", "").encode()).get("type", "interaction"))


def _of_meta(told: Json) -> str:
    events = [event for entry in told.get("entry", ()) for event in entry.get("messaging", ())]
    first = events[0] if events else {}
    kind = next((name for name in first if name not in ABOUT), "event")
    return "echo" if first.get(kind, {}).get("is_echo") else kind


def _json(body: bytes) -> Json:
    with suppress(ValueError):
        found = json.loads(body)
        if isinstance(found, dict):
            return found
    return {}


def _pretty(exchange: Exchange) -> str:
    body = (exchange.body or exchange.query.encode())[:LONGEST].decode(errors="replace")
    whole = _json(exchange.body)
    if not whole and (form := parse_qs(body)):
        whole = {key: values[0] for key, values in form.items()}
        if "payload" in whole:
            whole = _json(whole["payload"].encode())
    if "event" in whole:  # what it is about comes first
        whole = {"event": whole.pop("event"), **whole}
    return json.dumps(whole, indent=2, ensure_ascii=False)[:LONGEST] if whole else body


def curl(base: str, exchange: Exchange) -> str:
    """The same request for a shell, headers that prove who asks included."""
    parts = ["curl", "-X", exchange.method, _address(base, exchange)]
    for key in SHOWN:
        if value := exchange.headers.get(key):
            parts += ["-H", f"{key}: {value}"]
    if exchange.body:
        parts += ["-d", exchange.body.decode(errors="replace")]
    return shlex.join(parts)


def _address(base: str, exchange: Exchange) -> str:
    return f"{base}{exchange.path}" + (f"?{exchange.query}" if exchange.query else "")
