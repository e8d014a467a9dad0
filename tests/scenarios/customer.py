"""A customer at the webchat, over HTTP alone: what the widget does, without its looks."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
import jwt
import orjson

from tests.scenarios.processes import until_equal
from tests.servers import PLAIN

Json = dict[str, Any]
IDENTITY_SECRET = "scenario-identity-secret-of-at-least-32-characters"
HTTP_OK, HTTP_CREATED, HTTP_ACCEPTED, TOO_MANY = 200, 201, 202, 429
PATIENCE = 60.0
"""Seconds for which a server may be away."""
AGAIN = 0.05
"""Seconds until something refused for now is tried again."""


class NotTaken(AssertionError):
    """The server will not have this message, now or later; the text says why."""


def identity(name: str, subject: str) -> str:
    claims = {"sub": subject, "name": name, "exp": int(time.time()) + 3_600}
    return jwt.encode(claims, IDENTITY_SECRET, "HS256")


def may_try_again(status: int) -> bool:
    return status >= 500 or status in (408, 425, TOO_MANY)


@dataclass(slots=True)
class Shown:
    """What a stream said: each `message` and `update`, with its rev, in the order of arrival."""

    events: list[tuple[str, int, Json]] = field(default_factory=list)
    statuses: list[Json] = field(default_factory=list)
    connections: int = 0

    @property
    def last(self) -> int:
        """The greatest rev so far."""
        return max((rev for _, rev, _ in self.events), default=0)

    def texts(self, kind: str) -> list[str]:
        return in_order([message for _, _, message in self.events], kind)


class Customer:
    """One visitor and their conversation."""

    def __init__(self, base: str, name: str, subject: str) -> None:
        self.name = name
        self.base = base
        self.client = httpx.AsyncClient(
            base_url=base, trust_env=False, verify=PLAIN, timeout=PATIENCE
        )
        self.token = ""
        self.conversation = ""
        self.settings: Json = {}
        self.patience = PATIENCE
        """Seconds until a word must have been taken."""
        self._identity = identity(name, subject)
        self._numbers: Iterator[int] = itertools.count(1)
        self._streams: list[asyncio.Task[None]] = []

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def arrive(self, **hello: Any) -> None:
        """Opens the widget. An unreachable server is asked again."""
        async with asyncio.timeout(PATIENCE):
            answer = await self._arrived(hello)
        told = answer.json()
        self.token, self.conversation = told["token"], told["conversation_id"]
        self.settings = told["settings"]

    async def _arrived(self, hello: Json) -> httpx.Response:
        while True:
            with suppress(httpx.TransportError):
                body = {"identity": self._identity, **hello}
                answer = await self.client.post("/webchat/sessions", json=body)
                if answer.status_code == HTTP_CREATED:
                    return answer
                assert may_try_again(answer.status_code), answer.text
            await anyio.sleep(AGAIN)

    async def post(self, text: str, client_id: str = "", **more: Any) -> httpx.Response:
        """One try, as it is."""
        body = {"client_id": client_id or self.next_id(), "text": text, **more}
        return await self.client.post("/webchat/messages", json=body, headers=self.headers)

    async def say(self, text: str) -> Json:
        """As the widget's outbox: the same again until it was taken. Raises NotTaken; TimeoutError
        with what each try came to."""
        tries: list[str] = []
        try:
            async with asyncio.timeout(self.patience):
                return await self._said(text, self.next_id(), tries)
        except TimeoutError:
            raise TimeoutError(f"{text[:20]!r} was not taken: {' · '.join(tries)}") from None

    async def _said(self, text: str, client_id: str, tries: list[str]) -> Json:
        while True:
            started = time.monotonic()
            try:
                answer = await self.post(text, client_id)
            except httpx.TransportError as error:
                tries.append(f"{type(error).__name__} after {time.monotonic() - started:.1f} s")
            else:
                tries.append(f"{answer.status_code} after {time.monotonic() - started:.1f} s")
                if answer.status_code == HTTP_ACCEPTED:
                    taken: Json = answer.json()
                    return taken
                if not may_try_again(answer.status_code):
                    raise NotTaken(answer.text)
            await anyio.sleep(AGAIN)

    def next_id(self) -> str:
        return f"client-{next(self._numbers)}"

    async def messages(self) -> list[Json]:
        """All that a fresh client sees, each message as it is now, in the order shown."""
        found: dict[str, Json] = {}
        after = 0
        while True:
            answer = await self.client.get(
                "/webchat/messages", params={"after": after}, headers=self.headers
            )
            assert answer.status_code == HTTP_OK, answer.text
            page = answer.json()
            found |= {message["id"]: message for message in page["messages"]}
            if not page["messages"]:
                return placed(list(found.values()))
            after = page["cursor"]

    async def texts(self, kind: str = "agent") -> list[str]:
        """What one side has said, in the order shown."""
        return in_order(await self.messages(), kind)

    async def has_heard(self, *texts: str, kind: str = "agent", timeout: float = PATIENCE) -> None:
        """Waits until one side has said these, each once and in this order."""
        await until_equal(lambda: self.texts(kind), list(texts), timeout, f"{kind}'s words")

    async def has_seen(self, shown: Shown) -> None:
        """Waits until the stream has shown what a fresh client sees; each change came once."""

        async def streamed() -> list[Json]:
            latest = {message["id"]: message for _, _, message in shown.events}
            return placed(list(latest.values()))

        await until_equal(streamed, await self.messages(), what="the stream")
        revs = [rev for _, rev, _ in shown.events]
        assert revs == sorted(set(revs)), f"not each rev once and in order: {revs}"
        new = [message["id"] for kind, _, message in shown.events if kind == "message"]
        assert len(new) == len(set(new)), "a message was shown twice as new"

    async def leave(self) -> httpx.Response:
        return await self.call("end", {})

    async def call(self, what: str, body: Json) -> httpx.Response:
        return await self.client.post(f"/webchat/{what}", json=body, headers=self.headers)

    # --- the stream ----------------------------------------------------------------------------

    def stream(self) -> Shown:
        """Listens from the beginning until `close`, over every break of the connection."""
        shown = Shown()
        self._streams.append(asyncio.create_task(self._listen(shown)))
        return shown

    async def _listen(self, shown: Shown) -> None:
        while True:
            headers = {**self.headers, "Last-Event-ID": str(shown.last)}
            with suppress(httpx.TransportError):
                async with self.client.stream(
                    "GET", "/webchat/stream", headers=headers, timeout=httpx.Timeout(10, read=60)
                ) as answer:
                    if answer.status_code == HTTP_OK:
                        shown.connections += 1
                        await _take(answer, shown)
            await anyio.sleep(AGAIN)

    async def close(self) -> None:
        for task in self._streams:
            task.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)
        await self.client.aclose()


async def _take(answer: httpx.Response, shown: Shown) -> None:
    """Reads server-sent events; one that was cut off in the middle never happened."""
    event: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(":")
        if name:
            event[name] = value.removeprefix(" ")
            continue
        if line == "" and event:
            _note(event, shown)
            event = {}


def _note(event: dict[str, str], shown: Shown) -> None:
    kind = event.get("event")
    if kind in ("message", "update"):
        shown.events.append((kind, int(event["id"]), orjson.loads(event["data"])))
    elif kind == "status":
        shown.statuses.append(orjson.loads(event["data"]))


def placed(messages: list[Json]) -> list[Json]:
    """By `seq`, and one that came late before the one it names."""
    shown = sorted((m for m in messages if not m.get("before")), key=lambda m: m["seq"])
    for late in sorted((m for m in messages if m.get("before")), key=lambda m: m["seq"]):
        at = next((n for n, m in enumerate(shown) if m["id"] == late["before"]), len(shown))
        shown.insert(at, late)
    return shown


def in_order(messages: list[Json], kind: str) -> list[str]:
    latest = {message["id"]: message for message in messages}
    mine = [m for m in placed(list(latest.values())) if m["author"]["kind"] == kind]
    return [m["text"] for m in mine if not m["deleted"]]
