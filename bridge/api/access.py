"""Who calls the API: the bearer of a key, or a bot that signs with its secret (Standard Webhooks);
for what, how often, and for whom they may speak.

The signature is checked over the raw bytes, before anything is parsed; keys are compared in
constant time, and looked up by their digest. What was found is believed for `BELIEVED`: a key that
is revoked on the command line, by another process, is refused so much later.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.requests import Request

from bridge.errors import BadRequest, TooMany
from bridge.keys import EVERY_SCOPE, ApiKey, Keys, Scope, digest_of
from bridge.model import SECOND, Agent, AgentId, Author, Micros, Role
from bridge.policy import serving
from bridge.ports import Deps
from bridge.settings import Settings

KEY, THE_KEY = "key:default", "the API"
"""What the key of API_KEY is called: its id, and for people, to whom it has no name of its own."""
LONGEST_ID = 200
"""Characters of a webhook-id that tell one request from another."""
MINUTE = 60.0
BELIEVED: Micros = 10 * SECOND
REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is never another's; `title` is what people read. `bot_id` is set when a bot has
    signed; a key may speak for the only bot. `webhook_id` names a signed request: who repeats it
    repeats its signature over this id, too."""

    name: str
    bot_id: str = ""
    webhook_id: str = ""
    scopes: frozenset[Scope] = frozenset()
    title: str = ""
    signed: bool = False

    def names(self, given: str | None) -> str:
        """What makes this request the same as another: the `id` in its body, or that of the
        signed request, so that sent twice (or replayed) it is done once."""
        if given:
            return given
        return f"webhook-{self.webhook_id}" if self.webhook_id else f"auto-{secrets.token_hex(12)}"

    def may_speak_for(self, bot_id: str) -> bool:
        """A bot that signs speaks for itself alone, a key for every bot."""
        return not (self.signed and bot_id) or bot_id == self.bot_id

    def as_author(self) -> Author:
        role = Role.BOT if self.bot_id else Role.SYSTEM
        return Author(role, self.bot_id or self.name, self.title or self.name)

    def as_agent(self) -> Agent:
        """Whoever does by call what agents do."""
        return Agent(AgentId(self.name), self.title or self.name)


def bot_of(settings: Settings, channel: str) -> str:
    """By the settings, which may have changed since a conversation was last heard of."""
    bot = serving(settings.bots, channel)
    return bot.id if bot else ""


def in_charge(caller: Caller, settings: Settings, channel: str) -> None:
    """Raises BadRequest (403) when the conversations of the channel are another bot's."""
    if not caller.may_speak_for(bot_of(settings, channel)):
        raise BadRequest("forbidden", "Another bot has this conversation.", status=403)


def must_have(caller: Caller, scopes: Collection[Scope]) -> None:
    """Raises BadRequest (403) for a caller who has none of them."""
    if not caller.scopes.intersection(scopes):
        wanted = " or ".join(sorted(scopes))
        raise BadRequest("forbidden", f"This needs the scope {wanted}.", status=403)


class Access:
    """Mutable: what was found of keys, for a while."""

    def __init__(self, deps: Deps, keys: Keys) -> None:
        self._settings: Settings = deps.settings
        self._keys = keys
        self._clock = deps.clock
        self._limiter = deps.limiter
        self._found: OrderedDict[str, tuple[ApiKey, Micros]] = OrderedDict()

    async def admit(
        self,
        request: Request,
        scopes: Collection[Scope] = EVERY_SCOPE,
        *,
        signed: bool = False,
        basic: bool = False,
    ) -> Caller:
        """Raises BadRequest: 401 for who is nobody, 403 for who has none of the scopes, 429 for who
        asks too often. `signed`: a bot's signature is as good as a key here; `basic`: so is a key
        as the password of a browser, which must never be so where anything can be changed, since
        browsers send it whoever asks them to."""
        if signed and "authorization" not in request.headers and _is_signed(request):
            caller = _signer(await request.body(), request, self._settings)
        else:
            caller = await self._bearer(_key_in(request, basic=basic))
        await self._count(caller)
        must_have(caller, scopes)
        return caller

    async def _count(self, caller: Caller) -> None:
        """One request more. Raises TooMany."""
        most = self._settings.api.requests_per_minute
        if most and (wait := await self._limiter.take(f"api:{caller.name}", most / MINUTE, most)):
            raise TooMany(wait)

    async def _bearer(self, given: str) -> Caller:
        if given:
            if self._is_the_first(given):
                return Caller(KEY, _only_bot(self._settings), "", EVERY_SCOPE, THE_KEY)
            if key := await self._key(digest_of(given)):
                bot = _only_bot(self._settings) if Scope.BOT in key.scopes else ""
                return Caller(f"key:{key.id}", bot, scopes=key.scopes, title=key.name)
        raise BadRequest("unauthorized", "This needs an API key.", status=401)

    def _is_the_first(self, given: str) -> bool:
        key = self._settings.api_key.get_secret_value() if self._settings.api_key else ""
        return hmac.compare_digest(given.encode(), key.encode()) and bool(key)

    async def _key(self, digest: str) -> ApiKey | None:
        """One that is good. Strangers are not remembered, since there may be any number."""
        kept = self._found.get(digest)
        if kept and self._clock() - kept[1] <= BELIEVED:
            return kept[0]
        key = await self._keys.find(digest)
        self._found.pop(digest, None)
        if key is None or not key.is_good:
            return None
        self._found[digest] = key, self._clock()
        if len(self._found) > REMEMBERED:
            self._found.popitem(last=False)
        return key


def _key_in(request: Request, *, basic: bool) -> str:
    """Empty: none is given."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if basic and scheme.lower() == "basic":
        try:
            pair = base64.b64decode(given.strip(), validate=True).decode()
        except ValueError:
            return ""
        return pair.partition(":")[2]
    return given.strip() if scheme.lower() == "bearer" else ""


def _only_bot(settings: Settings) -> str:
    return settings.bots[0].id if len(settings.bots) == 1 else ""


def _is_signed(request: Request) -> bool:
    return "webhook-signature" in request.headers


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
        name = headers["webhook-id"][:LONGEST_ID]
        return Caller(f"bot:{bot.id}", bot.id, name, frozenset({Scope.BOT}), signed=True)
    raise BadRequest("unauthorized", "The signature does not fit.", status=401)
