"""Deliveries to the app: events with repeats, and single requests that wait for an answer.

They go over HTTP, or over a socket while Socket Mode is on (then nothing goes to the request URL).
Events go through one queue that a fixed set of workers empties. An event that is not answered 2xx
(over a socket: acknowledged) within `ack_timeout` is repeated after each of `retry_delays` (Slack:
three times), unless the answer carries `x-slack-no-retry: 1`.
"""

import asyncio
from collections.abc import Awaitable, Callable

import orjson

from sandbox.slack.config import Json, SandboxConfig
from sandbox.slack.faults import EventFate, Faults
from sandbox.slack.http_way import HttpWay
from sandbox.slack.log import Log
from sandbox.slack.outgoing import Outgoing, Reply
from sandbox.slack.sockets import Sockets


class Delivery:
    """Sends to the app. Starts by itself at the first event; `close` ends it."""

    def __init__(self, config: SandboxConfig, faults: Faults) -> None:
        self._config = config
        self._clock = config.clock
        self._faults = faults
        self._http = HttpWay(config)
        self.sockets = Sockets(config)
        self.log = Log(config.log_limit)
        self._queue: asyncio.Queue[Outgoing] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._workers: list[asyncio.Task[None]] = []
        self._busy = 0
        self._closed = False

    @property
    def request_url(self) -> str:
        """Where the app listens over HTTP; empty for nowhere."""
        return self._http.url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self._http.url = url

    @property
    def listening(self) -> bool:
        """True when there is a way to the app: without one events are dropped."""
        return not self._closed and (self.sockets.on or bool(self._http.url))

    @property
    def _way(self) -> HttpWay | Sockets:
        return self.sockets if self.sockets.on else self._http

    @property
    def open(self) -> int:
        """Events not settled: queued, being sent, or waiting to be repeated."""
        waiting = sum(not task.done() for task in self._tasks)
        return self._queue.qsize() + self._busy + waiting

    def event(self, envelope: Json, event_type: str, channel: str | None = None) -> None:
        """Send an event soon, as the fault script has it."""
        if not self.listening:
            return
        fate = self._faults.for_event(event_type, self._clock.time(), channel)
        item = Outgoing(orjson.dumps(envelope), envelope["event_id"], event_type)
        if fate.limited:
            self._set_off(self._limited(envelope), EventFate())
        if fate.lost:
            self._note(item, Reply(0, failure="lost"))
            return
        item.twin = fate.copies > 1 and not fate.concurrent
        item.unheard, item.cut = fate.unheard, fate.cut
        self._set_off(item, fate)

    def _limited(self, envelope: Json) -> Outgoing:
        """What Slack sends each minute in which it drops events: an outer type without an event."""
        kept = {key: envelope[key] for key in ("token", "team_id", "api_app_id")}
        minute = int(self._clock.time() // 60) * 60
        body = {**kept, "type": "app_rate_limited", "minute_rate_limited": minute}
        return Outgoing(orjson.dumps(body), f"limited-{minute}", "app_rate_limited")

    def _set_off(self, item: Outgoing, fate: EventFate) -> None:
        if fate.held:
            self._later(item, self._faults.lifted.wait)
            return
        self._enqueue(item, fate.delay)
        if fate.copies > 1 and fate.concurrent:
            self._enqueue(item.repeat("http_timeout"), fate.delay)

    def _enqueue(self, item: Outgoing, delay: float) -> None:
        if delay > 0:
            self._later(item, lambda: self._clock.sleep(delay))
            return
        self._start_workers()
        self._queue.put_nowait(item)

    def _later(self, item: Outgoing, wait: Callable[[], Awaitable[object]]) -> None:
        async def later() -> None:
            await wait()
            self._start_workers()
            self._queue.put_nowait(item)

        task = asyncio.get_running_loop().create_task(later())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _start_workers(self) -> None:
        if not self._workers:
            loop = asyncio.get_running_loop()
            count = self._config.connections
            self._workers = [loop.create_task(self._work()) for _ in range(count)]

    async def _work(self) -> None:
        while True:
            item = await self._queue.get()
            self._busy += 1
            reply = await self._way.event(item)
            if item.unheard or item.cut:
                reply = Reply(0, failure="http_timeout" if item.unheard else "connection_failed")
            self._busy -= 1
            self._note(item, reply)
            self._after(item, reply)

    def _after(self, item: Outgoing, reply: Reply) -> None:
        """Repeat what was not accepted; send the second of a pair."""
        if item.twin:
            self._enqueue(item.repeat("http_timeout"), 0.0)
            return
        if reply.accepted or reply.no_retry or item.attempt >= len(self._config.retry_delays):
            return
        self._enqueue(item.repeat(reply.reason), self._config.retry_delays[item.attempt])

    async def request(self, fields: dict[str, str], kind: str, label: str) -> Reply:
        """Send a command or interaction (as its form's fields) and wait for the answer, once."""
        reply = await self._requested(fields, kind)
        shown: object = fields
        if "payload" in fields and self.log.enabled:
            shown = orjson.loads(fields["payload"])
        self._add(_entry(kind, label, reply, shown))
        return reply

    async def _requested(self, fields: dict[str, str], kind: str) -> Reply:
        rule = self._faults.for_request(kind, self._clock.time())
        if rule is not None and rule.kind != "late_requests":
            return Reply(0, failure="http_timeout")
        if rule is not None:
            await self._clock.sleep(rule.seconds)
        return await self._way.request(fields)

    def _note(self, item: Outgoing, reply: Reply) -> None:
        if self.log.enabled:
            entry = _entry(item.kind, item.id, reply, orjson.loads(item.body))
            self._add({**entry, "attempt": item.attempt, "via": item.via})

    def _add(self, entry: Json) -> None:
        self.log.add({"at": self._clock.time(), **entry})

    def forget(self) -> None:
        """Drop what is queued or waits to be repeated; what is being sent goes on."""
        for task in self._tasks:
            task.cancel()
        while not self._queue.empty():
            self._queue.get_nowait()

    async def close(self) -> None:
        """Stop sending; what is queued is dropped."""
        self._closed = True
        tasks = [*self._workers, *self._tasks]
        self._workers, self._tasks = [], set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.close()
        await self.sockets.close()


def _entry(kind: str, label: str, reply: Reply, body: object) -> Json:
    """How the log shows a delivery; `via` is the number of the socket, 0 for HTTP."""
    return {
        "kind": kind, "id": label, "attempt": 0, "via": 0, "status": reply.status,
        "failure": reply.failure, "body": body,
    }  # fmt: skip
