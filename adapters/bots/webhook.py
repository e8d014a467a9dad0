"""A bot behind one URL: every event is a signed POST (Standard Webhooks), and it may answer at
once.

The id of a webhook is the same at every attempt, so a bot that remembers ids does nothing twice;
and whatever it answers at a second attempt, only the first answer that we stored counts.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from standardwebhooks.webhooks import Webhook

from bridge.authorities import authorities
from bridge.circuit import wait_of
from bridge.commands import Reply
from bridge.errors import BadRequest, Refused, Retry
from bridge.escalation import Attached, Confidence, Short
from bridge.model import SECOND, Button, Micros
from bridge.ports import BotCall, BotReply, Clock
from bridge.problems import clean_json, parse_object

MAX_ANSWER = 1024 * 1024
"""Bytes of an answer; a bot that says more is refused."""
TRY_LATER = frozenset({408, 425, 429})


class ButtonShape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    text: Annotated[str, Field(min_length=1, max_length=80)]
    value: Annotated[str, Field(max_length=1_000)] = ""


class ReplyShape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    text: Annotated[str, Field(min_length=1, max_length=40_000)]
    attachments: Attached = []
    buttons: Annotated[list[ButtonShape], Field(max_length=13)] = []
    intent: Short = ""
    confidence: Confidence | None = None

    def reply(self) -> Reply:
        buttons = tuple(Button(each.text, each.value) for each in self.buttons)
        files = tuple(each.file() for each in self.attachments)
        return Reply(self.text, buttons, files, self.intent, self.confidence)


class AnswerShape(BaseModel):
    """What a bot may answer with 200; without `messages` and `handoff` it answers later, if at
    all."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    messages: Annotated[list[ReplyShape], Field(max_length=50)] | None = None
    handoff: dict[str, Any] | None = None
    epoch: int | None = None


class WebhookBot:
    """Implements `bridge.ports.Bot`, and `Runs` for its HTTP client."""

    def __init__(self, id: str, url: str, secret: str, timeout: float, clock: Clock) -> None:
        self._id = id
        self._url = url
        self._sign = Webhook(secret)
        self._timeout = timeout
        self._clock = clock
        self._client: httpx.AsyncClient | None = None

    @property
    def id(self) -> str:
        return self._id

    async def start(self) -> None:
        self._client = self._open()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx.AsyncClient:
        # The environment's proxies are not for the bot's words, and a redirect is no answer.
        return httpx.AsyncClient(
            timeout=self._timeout, trust_env=False, verify=authorities(), follow_redirects=False
        )

    async def call(self, call: BotCall) -> BotReply:
        """Raises Retry (unreachable, too slow, 5xx) or Refused (it does not want this)."""
        self._client = self._client or self._open()
        body = orjson.dumps(call.body)
        try:
            request = self._client.build_request("POST", self._url, content=body)
            request.headers.update(self._headers(call.id, body))
            # The client's own time-out is for each read: an answer that drips would have no end.
            async with asyncio.timeout(self._timeout):
                return await _send(self._client, request, self._clock())
        except (httpx.HTTPError, TimeoutError) as error:
            raise Retry(f"bot_{type(error).__name__}") from error

    def _headers(self, id: str, body: bytes) -> dict[str, str]:
        now = datetime.fromtimestamp(self._clock() // SECOND, UTC)
        return {
            "content-type": "application/json",
            "user-agent": "Deskbridge",
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._sign.sign(id, now, body.decode()),
        }


async def _send(client: httpx.AsyncClient, request: httpx.Request, now: Micros) -> BotReply:
    response = await client.send(request, stream=True)
    try:
        return _reply(response, await _read(response), now)
    finally:
        await response.aclose()


async def _read(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise Refused("bot_answer_too_large")
    return body


def _reply(response: httpx.Response, body: bytes, now: Micros) -> BotReply:
    status = response.status_code
    if response.is_server_error or status in TRY_LATER:
        wait = wait_of(response.headers.get("retry-after", ""), now)
        raise Retry(f"bot_http_{status}", wait / SECOND)
    if not response.is_success:
        raise Refused(f"bot_http_{status}")
    if not body.strip():
        return BotReply()
    try:
        answer = AnswerShape.model_validate(clean_json(parse_object(body)))
    except (BadRequest, ValidationError) as error:
        raise Refused("bot_bad_answer") from error
    replies = tuple(message.reply() for message in answer.messages or ())
    silent = answer.messages == [] and answer.handoff is None
    return BotReply(replies, answer.handoff, answer.epoch, silent)
