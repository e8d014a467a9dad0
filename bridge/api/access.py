"""Who calls the API: the bearer of a key, or a bot that signs with its secret (Standard Webhooks),
and for whom they may speak.

The signature is checked over the raw bytes, before anything is parsed; keys are compared in
constant time.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.requests import Request

from bridge.errors import BadRequest
from bridge.model import Author, Role
from bridge.policy import serving
from bridge.settings import Settings

KEY = "key:default"
"""What the key of API_KEY is called."""
LONGEST_ID = 200
"""Characters of a webhook-id that tell one request from another."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`bot_id` is set when a bot has signed; the key of API_KEY may speak for the only bot.
    `webhook_id` names a signed request: who repeats it repeats its signature over this id, too."""

    name: str
    bot_id: str = ""
    webhook_id: str = ""

    def names(self, given: str | None) -> str:
        """What makes this request the same as another: the `id` in its body, or that of the
        signed request, so that sent twice (or replayed) it is done once."""
        if given:
            return given
        return f"webhook-{self.webhook_id}" if self.webhook_id else f"auto-{secrets.token_hex(12)}"

    def may_speak_for(self, bot_id: str) -> bool:
        """A bot that signs speaks for itself alone, a key for every bot."""
        return self.name == KEY or not bot_id or bot_id == self.bot_id

    def as_author(self) -> Author:
        return Author(Role.BOT if self.bot_id else Role.SYSTEM, self.bot_id or self.name, self.name)


def bot_of(settings: Settings, channel: str) -> str:
    """By the settings, which may have changed since a conversation was last heard of."""
    bot = serving(settings.bots, channel)
    return bot.id if bot else ""


def in_charge(caller: Caller, settings: Settings, channel: str) -> None:
    """Raises BadRequest (403) when the conversations of the channel are another bot's."""
    if not caller.may_speak_for(bot_of(settings, channel)):
        raise BadRequest("forbidden", "Another bot has this conversation.", status=403)


async def admit(request: Request, settings: Settings, *, signed: bool = False) -> Caller:
    """Raises BadRequest (401). `signed`: a bot's signature is as good as a key here."""
    if signed and "webhook-signature" in request.headers:
        return _signer(await request.body(), request, settings)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    known = bool(key) and hmac.compare_digest(given.strip().encode(), key.encode())
    if scheme.lower() != "bearer" or not known:
        raise BadRequest("unauthorized", "This needs an API key.", status=401)
    return Caller(KEY, _only_bot(settings))


def _only_bot(settings: Settings) -> str:
    return settings.bots[0].id if len(settings.bots) == 1 else ""


def _signer(body: bytes, request: Request, settings: Settings) -> Caller:
    headers = {
        name: value for name, value in request.headers.items() if name.startswith("webhook-")
    }
    for bot in settings.bots:
        webhook = Webhook(bot.secret.get_secret_value())
        try:
            webhook.verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):  # ValueError: a header that is no signature
            continue
        return Caller(f"bot:{bot.id}", bot.id, headers["webhook-id"][:LONGEST_ID])
    raise BadRequest("unauthorized", "The signature does not fit.", status=401)
