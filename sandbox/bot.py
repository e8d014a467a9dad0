"""The shop's assistant: a bot as its builder would write it, over the public webhook alone.

It gets signed `{type, timestamp, data}` bodies, answers `message.created` at once with
`{messages, handoff?}`, hands over when asked for a human or when it failed twice in a row, and
after `control.returned` it knows what the human said. A webhook that comes again (the same
`webhook-id`) gets the same answer again.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import bot_words as words

Json = dict[str, Any]
Value = TypeVar("Value")
KEPT = 10_000
FAILURES_BEFORE_HANDOFF = 2
SAID_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class BotConfig:
    """`secret` is the webhook's (`whsec_…`). With `base_url` and `api_key` it can speak later too.

    `slow_answer` is how long it pretends to look for an invoice, in seconds.
    """

    secret: str
    base_url: str = ""
    api_key: str = ""
    slow_answer: float = 1.5


@dataclass(slots=True)
class Talk:
    """What the bot remembers of a conversation."""

    failures: int = 0
    question: str = ""
    order: str = ""
    agent: str = ""
    said: str = ""
    epoch: int | None = None


@dataclass(slots=True)
class Memory:
    """Conversations and answered webhooks; the oldest are forgotten."""

    talks: OrderedDict[str, Talk] = field(default_factory=OrderedDict)
    answers: OrderedDict[str, Json] = field(default_factory=OrderedDict)

    def talk(self, conversation: str) -> Talk:
        """What is known of a conversation, new when nothing is."""
        return _keep(self.talks, conversation, self.talks.get(conversation) or Talk())

    def answered(self, webhook_id: str, answer: Json) -> Json:
        """Remember an answer for when the webhook comes again."""
        return _keep(self.answers, webhook_id, answer)


def _keep(kept: OrderedDict[str, Value], key: str, value: Value) -> Value:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return value


class ShopBot:
    """The bot's endpoint: POST anywhere below its mount."""

    def __init__(self, config: BotConfig) -> None:
        self._config = config
        self._webhook = Webhook(config.secret)
        self._memory = Memory()
        self._later: set[asyncio.Task[None]] = set()

    async def endpoint(self, request: Request) -> Response:
        """Check the signature, then answer; 401 for what is not signed."""
        body = await request.body()
        try:
            event = self._webhook.verify(body, dict(request.headers))
        except (WebhookVerificationError, ValueError):
            return JSONResponse({"error": "signature"}, 401)
        webhook_id = request.headers["webhook-id"]
        known = self._memory.answers.get(webhook_id)
        if known is None:
            known = self._memory.answered(webhook_id, self._answer(event))
        return JSONResponse(known)

    def _answer(self, event: Json) -> Json:
        data: Json = event.get("data") or {}
        if event.get("type") == "message.created":
            return self._reply(data)
        if event.get("type") == "control.returned":
            self._learn(data)
        return {}

    def _reply(self, data: Json) -> Json:
        talk = self._memory.talk(str(data["conversation_id"]))
        talk.epoch = data.get("epoch")
        text = str(data.get("message", {}).get("text") or "")
        code = words.language(text, str((data.get("user") or {}).get("locale") or "en"))
        if words.HUMAN.search(text):
            return {"messages": [], "handoff": _handoff(talk, text, "requested")}
        answer, buttons = self._think(talk, text, code, str(data["conversation_id"]))
        if answer is None:
            talk.failures += 1
            if talk.failures >= FAILURES_BEFORE_HANDOFF:
                return {"messages": [], "handoff": _handoff(talk, text, "bot_failed")}
            answer, buttons = words.say("lost", code), ["human"]
        else:
            talk.failures = 0
        message: Json = {"text": _with_memory(talk, code, answer)}
        if buttons:
            message["buttons"] = [{"text": words.say(key, code)} for key in buttons]
        return {"messages": [message]}

    def _think(
        self, talk: Talk, text: str, code: str, conversation: str
    ) -> tuple[str | None, list[str]]:
        """An answer and its quick replies; None when it does not understand."""
        number = words.ORDER.search(text)
        if number is not None:
            talk.order, talk.question = number.group(1), text
        if words.INVOICE.search(text):
            return self._invoice(talk, conversation, code), []
        if number is not None:
            return words.order_status(number.group(1), code), ["human"]
        if words.SHIPMENT.search(text) and not words.RETURNS.search(text):
            talk.question = text
            known = words.order_status(talk.order, code) if talk.order else None
            return known or words.say("which", code), [] if known else ["track"]
        for pattern, key, buttons in words.TOPICS:
            if pattern.search(text):
                return words.say(key, code), list(buttons)
        return None, []

    def _invoice(self, talk: Talk, conversation: str, code: str) -> str:
        """An answer that takes a while: said later through the API, where there is one."""
        if not (self._config.base_url and self._config.api_key):
            return words.say("invoice", code)
        task = asyncio.create_task(self._speak_later(conversation, talk.epoch, code))
        self._later.add(task)
        task.add_done_callback(self._later.discard)
        return words.say("fetching", code)

    async def _speak_later(self, conversation: str, epoch: int | None, code: str) -> None:
        """With the epoch: if a human took over meanwhile, the words are refused, as they should."""
        await asyncio.sleep(self._config.slow_answer)
        url = f"{self._config.base_url}/v1/conversations/{conversation}/messages"
        body = {"text": words.say("invoice", code), "epoch": epoch}
        headers = {"Authorization": f"Bearer {self._config.api_key}"}
        async with httpx.AsyncClient(timeout=10.0) as client:
            await client.post(url, json=body, headers=headers)

    def _learn(self, data: Json) -> None:
        """Keep what the human said last, and who it was."""
        talk = self._memory.talk(str(data["conversation_id"]))
        talk.failures, talk.epoch = 0, data.get("epoch")
        lines = [line for line in data.get("transcript") or () if line.get("role") == "agent"]
        if not lines:
            return
        author = lines[-1].get("author") or {}
        agent = author.get("name") if isinstance(author, dict) else author
        talk.agent = str(agent or (data.get("agent") or {}).get("name") or "Our team")
        talk.said = str(lines[-1].get("text") or "")[:SAID_AT_MOST].strip()

    async def close(self) -> None:
        """Drop what was to be said later."""
        for task in list(self._later):
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)


def _with_memory(talk: Talk, code: str, answer: str) -> str:
    """Once after a human was there, the answer begins with what they said."""
    if not talk.said:
        return answer
    told = words.say("told", code, agent=talk.agent.split()[0], said=talk.said)
    talk.said = ""
    return f"{told}\n\n{answer}"


def _handoff(talk: Talk, text: str, reason: str) -> Json:
    """A handoff titled with what the person wanted to know, when they said it."""
    talk.failures = 0
    handoff: Json = {
        "title": (talk.question or text)[:150],
        "reason": {"code": reason, "text": text[:500]},
    }
    if talk.order:
        handoff["context"] = {"order": talk.order}
    return handoff


def create_bot(config: BotConfig) -> Starlette:
    """The bot as an ASGI application; the bot itself is at `app.state.bot`."""
    bot = ShopBot(config)
    route = Route("/{path:path}", bot.endpoint, methods=["POST"])
    app = Starlette(routes=[route])
    app.state.bot = bot
    return app
