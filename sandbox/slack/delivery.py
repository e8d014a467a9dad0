"""Signed deliveries to the app: events with repeats, and single requests that wait for an answer.

Events go through one queue that a fixed set of workers empties, each keeping its connection.
An event that is not answered 2xx within `ack_timeout` is repeated after each of `retry_delays`
(Slack: three times), unless the answer carries `x-slack-no-retry: 1`.
"""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
import orjson

from sandbox.slack.config import Json, SandboxConfig
from sandbox.slack.courier import Courier
from sandbox.slack.faults import Faults
from sandbox.slack.log import Log
from sandbox.slack.signing import Signer

JSON_TYPE = "application/json"
HTTP_OK_CLASS = 2
REDIRECT_CLASS = 3
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Outgoing:
    """An event on its way; `attempt` counts repeats, `reason` says why it is repeated."""

    body: bytes
    id: str
    kind: str
    attempt: int = 0
    reason: str = ""
    twin: bool = False


@dataclass(slots=True)
class Reply:
    """What the app answered; `status` 0 means no answer, then `failure` says why."""

    status: int
    body: bytes = b""
    content_type: str = ""
    no_retry: bool = False
    failure: str = ""

    @property
    def accepted(self) -> bool:
        """2xx in time."""
        return self.status // 100 == HTTP_OK_CLASS

    @property
    def reason(self) -> str:
        """The `x-slack-retry-reason` of a repeat after this answer."""
        return self.failure or "http_error"


class Delivery:
    """Sends to the app. Starts by itself at the first event; `close` ends it."""

    def __init__(self, config: SandboxConfig, faults: Faults) -> None:
        self.request_url = config.request_url
        self._config = config
        self._clock = config.clock
        self._faults = faults
        self._courier = Courier(config.ack_timeout)
        self._signer = Signer(config.signing_secret)
        self.log = Log(config.log_limit)
        self._queue: asyncio.Queue[Outgoing] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._workers: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None
        self._busy = 0
        self._closed = False

    @property
    def open(self) -> int:
        """Events not settled: queued, being sent, or waiting to be repeated."""
        waiting = sum(not task.done() for task in self._tasks)
        return self._queue.qsize() + self._busy + waiting

    def event(self, envelope: Json, event_type: str) -> None:
        """Send an event soon, as the fault script has it. Without a request URL it is dropped."""
        if not self.request_url or self._closed:
            return
        fate = self._faults.for_event(event_type, self._clock.time())
        item = Outgoing(orjson.dumps(envelope), envelope["event_id"], event_type)
        if fate.lost:
            self._note(item, Reply(0, failure="lost"))
            return
        item.twin = fate.copies > 1 and not fate.concurrent
        self._enqueue(item, fate.delay)
        if fate.copies > 1 and fate.concurrent:
            self._enqueue(_repeat(item, "http_timeout"), fate.delay)

    def _enqueue(self, item: Outgoing, delay: float) -> None:
        if delay > 0:
            self._spawn(item, delay)
            return
        self._start_workers()
        self._queue.put_nowait(item)

    def _spawn(self, item: Outgoing, delay: float) -> None:
        async def later() -> None:
            await self._clock.sleep(delay)
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
            reply = await self._send(item.body, JSON_TYPE, _retry_headers(item))
            self._busy -= 1
            self._note(item, reply)
            self._after(item, reply)

    def _after(self, item: Outgoing, reply: Reply) -> None:
        """Repeat what was not accepted; send the second of a pair."""
        if item.twin:
            self._enqueue(_repeat(item, "http_timeout"), 0.0)
            return
        if reply.accepted or reply.no_retry or item.attempt >= len(self._config.retry_delays):
            return
        self._enqueue(_repeat(item, reply.reason), self._config.retry_delays[item.attempt])

    async def request(self, fields: dict[str, str], kind: str, label: str) -> Reply:
        """Send a form (command, interaction) and wait for the answer, once."""
        if not self.request_url:
            return Reply(0, failure="connection_failed")
        body = urlencode(fields).encode()
        reply = await self._send(body, FORM_TYPE, {})
        shown: object = fields
        if "payload" in fields and self.log.enabled:
            shown = orjson.loads(fields["payload"])
        self._log(kind, label, 0, reply, shown)
        return reply

    async def _send(self, body: bytes, content_type: str, extra: dict[str, str]) -> Reply:
        headers = self._signer.headers(body, int(self._clock.time()), content_type)
        try:
            return await self._post(body, headers | extra)
        except TimeoutError:
            return Reply(0, failure="http_timeout")
        except aiohttp.TooManyRedirects:
            return Reply(0, failure="too_many_redirects")
        except (aiohttp.ClientSSLError, ssl.SSLError):
            return Reply(0, failure="ssl_error")
        except (aiohttp.ClientConnectionError, OSError):
            return Reply(0, failure="connection_failed")
        except (aiohttp.ClientError, ValueError):
            return Reply(0, failure="unknown_error")

    async def _post(self, body: bytes, headers: dict[str, str]) -> Reply:
        if self._courier.serves(self.request_url):
            answer = await self._courier.post(body, headers)
            if answer.status // 100 != REDIRECT_CLASS:
                kind = answer.headers.get("content-type", "").partition(";")[0]
                no_retry = answer.headers.get("x-slack-no-retry") == "1"
                return Reply(answer.status, answer.body, kind, no_retry)
        return await self._post_anywhere(body, headers)

    async def _post_anywhere(self, body: bytes, headers: dict[str, str]) -> Reply:
        """Over TLS, or along redirects."""
        session = self._open_session()
        async with session.post(
            self.request_url, data=body, headers=headers, max_redirects=2
        ) as response:
            content = await response.read()
            no_retry = response.headers.get("x-slack-no-retry") == "1"
            return Reply(response.status, content, response.content_type, no_retry)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=0, limit_per_host=0, keepalive_timeout=60)
            timeout = aiohttp.ClientTimeout(total=self._config.ack_timeout)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=timeout, auto_decompress=True
            )
        return self._session

    def _note(self, item: Outgoing, reply: Reply) -> None:
        if self.log.enabled:
            self._log(item.kind, item.id, item.attempt, reply, orjson.loads(item.body))

    def _log(self, kind: str, label: str, attempt: int, reply: Reply, body: object) -> None:
        self.log.add(
            {
                "at": self._clock.time(), "kind": kind, "id": label, "attempt": attempt,
                "status": reply.status, "failure": reply.failure, "body": body,
            }
        )  # fmt: skip

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
        self._courier.close()
        if self._session is not None:
            await self._session.close()


def _repeat(item: Outgoing, reason: str) -> Outgoing:
    return Outgoing(item.body, item.id, item.kind, item.attempt + 1, reason)


def _retry_headers(item: Outgoing) -> dict[str, str]:
    if item.attempt == 0:
        return {}
    return {"X-Slack-Retry-Num": str(item.attempt), "X-Slack-Retry-Reason": item.reason}
