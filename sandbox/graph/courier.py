"""Webhooks to the app: signed, in order for each customer, again until they are answered 200.

Meta sends what was not taken again and, after an hour of that, no more at all: the page's
subscription ends. Each customer's events wait behind each other, so that a repeated one is not
overtaken, unless a fault wants that.
"""

import asyncio
import hashlib
import hmac
import json
from collections import deque
from contextlib import suppress

import httpx

from sandbox.graph.config import GraphConfig, Json
from sandbox.graph.faults import Faults
from sandbox.graph.model import World

MOST = 10
"""Events in one webhook."""


class Courier:
    """Starts by itself at the first event; `close` ends it."""

    def __init__(self, config: GraphConfig, world: World, faults: Faults) -> None:
        self._config = config
        self._world = world
        self._faults = faults
        self._waiting: dict[str, deque[Json]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._client: httpx.AsyncClient | None = None
        self._failing_since = 0.0
        self._closed = False
        self.callback_url = config.callback_url
        self.log: list[Json] = []

    @property
    def open(self) -> int:
        """Events that are not settled."""
        return sum(map(len, self._waiting.values()))

    def open_of(self, psid: str) -> int:
        """Those of one customer."""
        return len(self._waiting.get(psid, ()))

    def tell(self, field: str, psid: str, event: Json) -> None:
        """Sends an event soon, if the app has subscribed to such."""
        if field not in self._world.subscribed or not self.callback_url or self._closed:
            return
        queue = self._waiting.setdefault(psid, deque())
        if self._faults.strike({"reorder": ""}, psid) and queue:
            queue.insert(max(len(queue) - 1, 0), event)
        else:
            queue.append(event)
        if psid not in self._tasks:
            self._tasks[psid] = asyncio.get_running_loop().create_task(self._run(psid, queue))

    async def _run(self, psid: str, queue: deque[Json]) -> None:
        try:
            while queue and not self._closed:
                if self._faults.has("batch"):
                    await asyncio.sleep(self._config.retry_delay)
                many = MOST if self._faults.strike({"batch": ""}, psid) else 1
                events = [queue[n] for n in range(min(many, len(queue)))]
                await self._deliver(psid, events)
                for _ in events:
                    queue.popleft()
        finally:
            self._tasks.pop(psid, None)
            if not self._closed and queue:
                self._tasks[psid] = asyncio.get_running_loop().create_task(self._run(psid, queue))

    async def _deliver(self, psid: str, events: list[Json]) -> None:
        """Again and again until it is taken, or the subscription ends."""
        body = self._body(events)
        while not self._closed and self._world.subscribed:
            twice = self._faults.strike({"duplicate": ""}, psid)
            if self._faults.strike({"bad_signature": ""}, psid):
                await self._post(body, "another secret")
            posts = [self._post(body, self._config.app_secret) for _ in range(2 if twice else 1)]
            statuses = await asyncio.gather(*posts)
            unheard = self._faults.strike({"lost_answer": ""}, psid)
            if httpx.codes.OK in statuses and not unheard:
                self._failing_since = 0.0
                return
            self._give_up()
            await asyncio.sleep(self._config.retry_delay)

    def _give_up(self) -> None:
        now = self._config.clock()
        self._failing_since = self._failing_since or now
        if now - self._failing_since > self._config.give_up_after:
            self._world.subscribed.clear()
            self._failing_since = 0.0

    def _body(self, events: list[Json]) -> bytes:
        now = int(self._world.now() * 1_000)
        entries = [
            {"id": self._config.page_id, "time": now, "messaging": [event]} for event in events
        ]
        payload = {"object": "page", "entry": entries}
        text = json.dumps(payload, ensure_ascii=not self._config.raw_unicode)
        return text.encode()

    async def _post(self, body: bytes, secret: str) -> int:
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, timeout=self._config.ack_timeout)
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}
        try:
            answer = await self._client.post(self.callback_url, content=body, headers=headers)
            status = answer.status_code
        except httpx.HTTPError:
            status = 0
        self.log.append({"status": status, "body": body.decode()})
        del self.log[:-2_000]
        return status

    async def close(self) -> None:
        self._closed = True
        for task in list(self._tasks.values()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._client is not None:
            await self._client.aclose()
