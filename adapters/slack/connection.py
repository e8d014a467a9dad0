"""One websocket of Socket Mode: reads frames, gives envelopes to the entry, acknowledges them.

Frames (docs.slack.dev/apis/events-api/using-socket-mode): `hello` first; envelopes with an
`envelope_id`, to be answered by `{envelope_id, payload?}`; `disconnect` with a reason when Slack is
about to end the connection (`warning`, ten seconds before; `refresh_requested`; `link_disabled`,
when Socket Mode was switched off). Each envelope is taken by a task of its own, so that one that
waits for Slack does not hold up the others; those that wait together are committed together.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import structlog
from aiohttp import WSMsgType

from adapters.slack.entry import Payload, Take, Taken, read_object
from adapters.slack.heard import Malformed

ENDED = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})
WORDS = frozenset({WSMsgType.TEXT, WSMsgType.BINARY})

log = structlog.get_logger("slack")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, all of them.

    `open`: to connect and be greeted. `quiet`: without any frame until we ping, and then again
    until we give up. `linger`: how long one that Slack is about to end may still listen. `finish`:
    for what is in hand at the end. `steady`: who lasted so long did not fail. `broken`: between
    tries of what only a person can mend. `ladder`: a factor for the ladder of tries.
    """

    open: float = 10.0
    quiet: float = 15.0
    linger: float = 60.0
    finish: float = 10.0
    steady: float = 30.0
    broken: float = 60.0
    ladder: float = 1.0


class Lost(Exception):
    """There is no connection (any more); `reason` in Slack's words where Slack gave one."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def greeted(web_socket: aiohttp.ClientWebSocketResponse) -> None:
    """Returns with Slack's `hello`. Raises Lost."""
    while True:
        message = await web_socket.receive()
        if message.type in ENDED:
            raise Lost("closed_before_hello")
        if message.type is WSMsgType.PING:
            await web_socket.pong(message.data)
        if message.type not in WORDS:
            continue
        frame = _read(message.data)
        if frame.get("type") == "hello":
            return
        if frame.get("type") == "disconnect":
            raise Lost(_reason(frame))


class Connection:
    """`leaving` is set when another one is needed in its place, and `reason` then says why."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        web_socket: aiohttp.ClientWebSocketResponse,
        take: Take,
        pace: Pace,
    ) -> None:
        self._session = session
        self._web_socket = web_socket
        self._taking = take
        self._pace = pace
        self._in_hand: set[asyncio.Task[None]] = set()
        self._until: float | None = None
        self.leaving = asyncio.Event()
        self.reason = ""

    async def listen(self) -> None:
        """Until it has ended, or is cancelled; what is in hand then is finished first."""
        try:
            await self._hear()
        except Lost as lost:
            self._leave(lost.reason)
        finally:
            self._leave("stopped")
            if self._in_hand:
                _, late = await asyncio.wait(self._in_hand, timeout=self._pace.finish)
                for task in late:
                    task.cancel()
            await self._web_socket.close()
            await self._session.close()

    def _leave(self, reason: str) -> None:
        if not self.leaving.is_set():
            self.reason = reason
            self._until = asyncio.get_running_loop().time() + self._pace.linger
            self.leaving.set()

    # --- frames --------------------------------------------------------------------------------

    async def _hear(self) -> None:
        """Raises Lost."""
        while self._until is None or asyncio.get_running_loop().time() < self._until:
            message = await self._next()
            if message.type is WSMsgType.PING:
                await self._send(self._web_socket.pong(message.data))
            elif message.type in WORDS:
                self._read(message.data)

    async def _next(self) -> aiohttp.WSMessage:
        """The next frame of any kind. A connection that is silent, and then does not answer a ping
        either, is no connection. Raises Lost."""
        try:
            message = await self._web_socket.receive(self._pace.quiet)
        except TimeoutError:
            await self._send(self._web_socket.ping())
            try:
                message = await self._web_socket.receive(self._pace.quiet)
            except TimeoutError:
                raise Lost("silent") from None
        if message.type in ENDED:
            raise Lost("closed")
        return message

    def _read(self, raw: str | bytes) -> None:
        frame = _read(raw)
        if frame.get("type") == "disconnect":
            self._leave(_reason(frame))
        elif isinstance(frame.get("envelope_id"), str):
            task = asyncio.create_task(self._take(frame))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)

    # --- envelopes -----------------------------------------------------------------------------

    async def _take(self, envelope: Payload) -> None:
        payload = envelope.get("payload")
        try:
            taken = await self._taking(payload if isinstance(payload, dict) else {})
        except Exception:  # a mistake of ours: Slack is to come again, as after a 500
            log.exception("envelope_failed", kind=envelope.get("type"))
            return
        if taken.ok:
            await self._acknowledge(envelope, taken)
        else:
            log.warning("not_acknowledged", kind=envelope.get("type"), status=int(taken.status))

    async def _acknowledge(self, envelope: Payload, taken: Taken) -> None:
        ack: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        if envelope.get("accepts_response_payload") and taken.body:
            ack["payload"] = _answer(taken.body)
        try:
            await self._send(self._web_socket.send_str(orjson.dumps(ack).decode()))
        except Lost:
            log.info("ack_lost")  # it comes again over another connection, and does nothing twice

    async def _send(self, sending: Any) -> None:
        """Raises Lost."""
        try:
            await sending
        except (aiohttp.ClientError, OSError) as error:
            raise Lost("closed") from error


def _read(raw: str | bytes) -> Payload:
    """A frame; one that is no JSON object says nothing to us."""
    try:
        return read_object(raw)
    except Malformed:
        log.warning("frame_malformed")
        return {}


def _reason(frame: Payload) -> str:
    return str(frame.get("reason") or "disconnect")[:80]


def _answer(body: str) -> Payload:
    """What Bolt says over HTTP, as a payload: an object as it is, words as a message's text."""
    try:
        return read_object(body)
    except Malformed:
        return {"text": body}
