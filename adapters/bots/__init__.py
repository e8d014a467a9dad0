"""Bots: `adapters.bots:webhook` is the entry point for one that is called by signed webhooks."""

from __future__ import annotations

from typing import Final

from adapters.bots import checkup
from adapters.bots.webhook import WebhookBot
from bridge.findings import Finding
from bridge.ports import Deps, Patient
from bridge.settings import BotSettings


class Factory:
    """Makes bots; `Diagnoses` of `bridge.ports`."""

    def __call__(self, bot: BotSettings, deps: Deps) -> WebhookBot:
        secret = bot.secret.get_secret_value()
        return WebhookBot(bot.id, str(bot.url), secret, deps.settings.delivery_timeout, deps.clock)

    async def diagnose(self, patient: Patient) -> list[Finding]:
        return await checkup.diagnose(patient)


webhook: Final = Factory()
