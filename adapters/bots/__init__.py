"""Bots: `adapters.bots:webhook` is the entry point for one that is called by signed webhooks."""

from __future__ import annotations

from adapters.bots.webhook import WebhookBot
from bridge.ports import Deps
from bridge.settings import BotSettings


def webhook(bot: BotSettings, deps: Deps) -> WebhookBot:
    secret = bot.secret.get_secret_value()
    return WebhookBot(bot.id, str(bot.url), secret, deps.settings.send_timeout, deps.clock)
