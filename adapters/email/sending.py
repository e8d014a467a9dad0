"""E-mail as `bridge.letters.Mailer`; tells `/readyz` what keeps it from sending."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from adapters.email.config import EmailConfig
from adapters.email.door import Door
from adapters.email.smtp import hand_in
from adapters.email.tokens import Tokens
from adapters.email.writing import Writer, deliverable
from bridge.errors import Broken, Retry
from bridge.letters import Letter
from bridge.ports import Deps, Receive

NAME = "email"
AT_ONCE = 8
"""Connections to the mail server: more than some take from one sender are of no use."""


class Email:
    """Implements `bridge.letters.Mailer`."""

    name = NAME

    def __init__(self, config: EmailConfig, deps: Deps) -> None:
        self._config = config
        self._deps = deps
        self._tokens = Tokens(config.keys)
        self._writer = Writer(config, self._tokens)
        self._busy = 0
        self._fault = ""

    def routes(self, receive: Receive) -> Sequence[BaseRoute]:
        """Without a secret nothing comes in."""
        config = self._config
        if not config.secret:
            return []
        return Door(config.secret, self._tokens, self._deps, receive, config.address).routes()

    async def mail(self, letter: Letter) -> None:
        mail = self._writer.write(letter, self._deps.clock())
        await self._hand_in(self._writer.envelope_from(letter), deliverable(letter.to.email), mail)

    async def notify(self, to: str, subject: str, text: str, key: str) -> None:
        """To an address of the team (`bridge.telling.Notifies`)."""
        mail = self._writer.notice(to, subject, text, key, self._deps.clock())
        await self._hand_in(self._config.address, deliverable(to), mail)

    async def _hand_in(self, sender: str, to: str, mail: bytes) -> None:
        if self._busy >= AT_ONCE:
            raise Retry("busy", 1.0, counts=False)
        self._busy += 1
        try:
            await hand_in(self._config.server, self._config.timeout, sender, to, mail)
        except Broken as error:
            self._fault = f"the mail server refuses us: {error.reason}"
            raise
        finally:
            self._busy -= 1
        self._fault = ""

    async def fault(self) -> str:
        return self._fault
