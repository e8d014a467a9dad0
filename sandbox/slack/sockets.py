"""Socket Mode: tickets, connections, and envelopes that go to one of the connections in turn.

Slack serves sockets from another host than its Web API; so does this workspace, from a port of
its own that opens with the first ticket. What Slack's documentation leaves open is told beside it.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import uuid
from dataclasses import replace

import orjson

from sandbox.slack.config import Json, SandboxConfig
from sandbox.slack.outgoing import Outgoing, Reply
from sandbox.slack.socket_link import ACTS, Link
from sandbox.slack.socket_server import SocketServer

MOST_LINKS = 10
DEBUG_LIFE = 360.0
TICKETS_KEPT = 1_000
ANSWERED = frozenset({"view_submission", "block_suggestion"})
"""Interactions whose acknowledgement may carry an answer; commands may too, events never."""


class Sockets:
    """The sockets of the app. `on` is the app's Socket Mode setting; switch it by `switch`."""

    def __init__(self, config: SandboxConfig) -> None:
        settings = (config.manifest or {}).get("settings", {})
        self.on = config.socket_mode or bool(settings.get("socket_mode_enabled"))
        self.life = config.socket_life
        self._config = config
        self._tickets: dict[str, float] = {}
        self._links: list[Link] = []
        self._numbers = 0
        self._server = SocketServer(self._config.socket_host, self._welcome, self._redeem)

    @property
    def connected(self) -> int:
        """How many sockets are open."""
        return len(self._links)

    def ticket(self, app_id: str) -> str:
        """A websocket address that is good for one connection."""
        ticket = str(uuid.uuid4())
        if len(self._tickets) >= TICKETS_KEPT:
            del self._tickets[next(iter(self._tickets))]
        self._tickets[ticket] = self.life
        return f"{self._server.open()}/link/?ticket={ticket}&app_id={app_id}"

    def _redeem(self, ticket: str) -> float | None:
        """Use a ticket up; the life of its connection in seconds, None for an unknown ticket."""
        return self._tickets.pop(ticket, None)

    async def _welcome(self, link: Link, *, debug: bool) -> None:
        """Say hello (or that there are too many), then listen until the connection ends."""
        if not self.on:
            await link.goodbye("link_disabled")
            return
        if len(self._links) >= MOST_LINKS:
            await link.goodbye("too_many_websockets")
            return
        self._numbers += 1
        link.number = self._numbers
        link.life = min(link.life, DEBUG_LIFE) if debug else link.life
        self._links.append(link)
        try:
            await link.serve(len(self._links), self._config)
        finally:
            self._links.remove(link)

    async def event(self, item: Outgoing) -> Reply:
        """Send an event over a socket other than the last one, where there is another."""
        head: Json = {"retry_attempt": item.attempt, "retry_reason": item.reason}
        return await self._send("events_api", item.body, head, item, answers=False)

    async def request(self, fields: dict[str, str]) -> Reply:
        """Send a command or interaction."""
        item = Outgoing(b"", "", "")
        if "payload" not in fields:
            body = orjson.dumps(fields)
            return await self._send("slash_commands", body, {}, item, answers=True)
        body = fields["payload"].encode()
        answers = orjson.loads(body)["type"] in ANSWERED
        return await self._send("interactive", body, {}, item, answers=answers)

    async def _send(
        self, kind: str, body: bytes, head: Json, item: Outgoing, *, answers: bool
    ) -> Reply:
        link = self._next(item.via)
        if link is None:
            return Reply(0, failure="connection_failed")
        item.via = link.number
        envelope_id = str(uuid.uuid4())
        frame = {
            "envelope_id": envelope_id, "type": kind, "payload": orjson.Fragment(body),
            "accepts_response_payload": answers, **head,
        }  # fmt: skip
        acknowledged = link.send_envelope(envelope_id, orjson.dumps(frame))
        if item.cut:
            link.cut()
        reply = await link.acknowledgement(envelope_id, acknowledged, self._config.ack_timeout)
        return reply if answers else replace(reply, body=b"")

    def _next(self, last: int) -> Link | None:
        """The sockets take turns; a repeat avoids the one that did not answer."""
        fit = [link for link in self._links if link.takes]
        found = next((link for link in fit if link.number != last), fit[0] if fit else None)
        if found is not None:
            self._links.remove(found)
            self._links.append(found)
        return found

    async def switch(self, *, on: bool) -> None:
        """Turn Socket Mode on or off; off tells every socket `link_disabled` and closes it."""
        self.on = on
        if not on:
            await self.tell("link_disabled")

    async def tell(self, act: str, number: int | None = None) -> int:
        """Do something to one socket or all; how many it was done to. KeyError: unknown act.

        `warning` and `refresh_requested` are the frames of a refresh (the second closes), `cut`
        ends without a word, `freeze` leaves it open but deaf and dumb, `thaw` ends that.
        """
        suffer = ACTS[act]
        meant = [link for link in self._links if number in (None, link.number)]
        for link in meant:
            await suffer(link)
        return len(meant)

    def describe(self) -> Json:
        """The setting and the open sockets."""
        links = sorted(self._links, key=lambda link: link.number)
        shown = [link.describe() for link in links]
        return {"socket_mode": self.on, "life": self.life, "connections": shown}

    async def close(self) -> None:
        """End all sockets and the port."""
        for link in list(self._links):
            link.cut()
        await self._server.close()
