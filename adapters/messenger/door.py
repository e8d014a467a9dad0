"""The webhook: `GET` once, when its address is entered at Meta's; `POST` for all that happens.

200 says that everything in it is kept, or will never be better: Meta sends what is not answered so
again, and ends the subscription after an hour. So only a database that cannot commit is 503.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from adapters.messenger import events
from adapters.messenger.config import MessengerConfig
from adapters.messenger.events import Event, Malformed, Said
from adapters.messenger.intake import Intake
from adapters.messenger.profiles import Profiles
from adapters.messenger.signing import is_signed
from bridge.commands import Answer, UserSaid
from bridge.errors import StoreError, StoreUnavailable
from bridge.ports import Clock, Receive
from bridge.problems import parse_json, problem

AT_ONCE = 500
"""Events of one webhook that are on their way together."""
MAX_CHALLENGE = 200
TAKEN = "EVENT_RECEIVED"

Heard = Callable[[Said, Answer], None]
"""Called after a user's words were kept."""
log = structlog.get_logger("messenger")


class Door:
    def __init__(
        self,
        config: MessengerConfig,
        receive: Receive,
        *,
        intake: Intake,
        profiles: Profiles,
        clock: Clock,
        heard: Heard,
    ) -> None:
        self._config = config
        self._receive = receive
        self._intake = intake
        self._profiles = profiles
        self._clock = clock
        self._heard = heard

    async def verify(self, request: Request) -> Response:
        """Meta asks whether this is the address that was meant: it gets its challenge back."""
        query = request.query_params
        token = query.get("hub.verify_token", "").encode("utf-8", "replace")
        known = [hmac.compare_digest(t.encode(), token) for t in self._config.verify_tokens]
        challenge = query.get("hub.challenge", "")
        if query.get("hub.mode") != "subscribe" or not any(known) or not challenge.isascii():
            return problem("forbidden", "The verify token is another one.", 403)
        return PlainTextResponse(challenge[:MAX_CHALLENGE])

    async def hear(self, request: Request) -> Response:
        body = await request.body()
        given = request.headers.get("x-hub-signature-256", "")
        if not is_signed(self._config.app_secrets, body, given):
            return problem("unauthorized", "The signature does not fit.", 401)
        try:
            found = events.read(parse_json(body))
        except Malformed as error:
            return problem("bad_event", f"This is no event of a page: {error}.", 422)
        ours = [event for event in found if self._config.tokens_of(event.where.page)]
        if len(ours) < len(found):
            log.warning("unknown_page", events=len(found) - len(ours))
        for start in range(0, len(ours), AT_ONCE):
            await self._take(ours[start : start + AT_ONCE])
        return PlainTextResponse(TAKEN)

    async def _take(self, some: Sequence[Event]) -> None:
        """Raises StoreUnavailable when one of them could not be kept: Meta then sends all again,
        and what was kept is not kept twice."""
        known = await asyncio.gather(*(self._known(event) for event in some))
        taken = (self._one(event, names) for event, names in zip(some, known, strict=True))
        failed = [e for e in await asyncio.gather(*taken, return_exceptions=True) if e]
        for error in failed:
            if isinstance(error, StoreUnavailable):
                raise error
            if not isinstance(error, StoreError):  # a mistake of ours costs the one event only
                log.error("event_lost", error=type(error).__name__, exc_info=error)

    async def _known(self, event: Event) -> dict[str, str]:
        if not isinstance(event, Said):
            return {}
        return await self._profiles.of(event.where.page, event.where.user)

    async def _one(self, event: Event, known: dict[str, str]) -> None:
        command = await self._intake.command(event, self._clock(), known)
        if command is None:
            return
        answer = await self._receive(command)
        if isinstance(event, Said) and isinstance(command, UserSaid):
            self._heard(event, answer)
