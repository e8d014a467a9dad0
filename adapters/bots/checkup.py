"""The bots' part of `deskbridge check`: whether each address answers. No event is sent, since a bot
might act on it; so a wrong secret shows in the bot's log and not here, only its shape is known.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from urllib.parse import urlsplit

from bridge.findings import Check, Finding
from bridge.ports import Patient
from bridge.probing import Answered, NoAnswer, ask
from bridge.settings import BotSettings

NONE = Check("bots", "Bots")
SHAPE = "its secret has the shape of one"


async def diagnose(patient: Patient) -> list[Finding]:
    if fault := patient.fault_in("BOT_URL", "BOT_SECRET") or _listed_fault(patient):
        return [NONE.skipped(fault)]
    bots = patient.settings.bots
    if not bots:
        return [NONE.ok("none: a conversation's first message calls a human")]
    return list(await asyncio.gather(*(_look(bot) for bot in bots)))


def _listed_fault(patient: Patient) -> str:
    return next((name for name in patient.faults if name.startswith("bots")), "")


async def _look(bot: BotSettings) -> Finding:
    check = Check(f"bots.{bot.id}", f"Bot {bot.id}")
    return judge(check, _place(bot.url), await ask("GET", bot.url))


def judge(check: Check, place: str, answered: Answered | NoAnswer) -> Finding:
    """A bot need not know GET: any answer of its own says that it is there."""
    if isinstance(answered, NoAnswer):
        return check.failed(
            f"{place}: {answered.reason}", "Start the bot, or correct its url (BOT_URL)"
        )
    if answered.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return check.failed(
            f"{place} answers {answered.status}: no bot at this path",
            "Correct the path in the bot's url (BOT_URL)",
        )
    if answered.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return check.failed(
            f"{place} answers {answered.status}", "Look into the bot's log, and start it again"
        )
    return check.ok(f"{place} answers; {SHAPE}")


def _place(url: str) -> str:
    """Without what may be a secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
