"""Messenger's part of `deskbridge check`: the questions; `judgement` has what the answers mean.

Nothing is sent to anybody, and nothing is subscribed.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from adapters.messenger import judgement
from adapters.messenger.config import MessengerConfig, from_settings, plain
from adapters.messenger.judgement import Said
from adapters.messenger.signing import proof, signature
from bridge.findings import Check, Finding
from bridge.judgement import is_loopback
from bridge.ports import Patient
from bridge.probing import NoAnswer, ask

ENDPOINT = "/messenger/webhook"
VERSION_HEADER = "facebook-api-version"
MESSENGER = Check("messenger", "Messenger")
SETTINGS = (
    "MESSENGER_PAGE_TOKEN",
    "MESSENGER_APP_SECRET",
    "MESSENGER_VERIFY_TOKEN",
    "MESSENGER_API_URL",
    "messenger",
)


async def diagnose(patient: Patient) -> list[Finding]:
    """Nothing at all where no page is set up."""
    named = [name for name in patient.faults if name.split(".")[0] in SETTINGS]
    if named:
        return [MESSENGER.skipped(named[0])]
    config = from_settings(patient.settings)
    if config is None:
        return []
    found, webhook = await asyncio.gather(
        asyncio.gather(*(_of_page(config, page) for page in config.tokens)),
        _round_trip(config, patient),
    )
    versions = [said.version for said, _ in found]
    version = judgement.of_version(config.api_url, next(filter(None, versions), ""))
    return [*(finding for _, part in found for finding in part), version, *webhook]


async def _of_page(config: MessengerConfig, page: str) -> tuple[Said, list[Finding]]:
    token = config.tokens[page][0]
    me = await _call(config, token, page or "me", fields="id,name")
    found = judgement.of_token(me, page, config.api_url)
    if not me.is_well:
        return me, [found, judgement.SUBSCRIPTION.skipped(found.title)]
    apps = await _call(config, token, f"{page or 'me'}/subscribed_apps")
    return me, [found, judgement.of_subscription(apps, page)]


async def _call(config: MessengerConfig, token: str, path: str, **query: str) -> Said:
    proven = {**query, "appsecret_proof": proof(config.app_secrets[0], token)}
    url = f"{config.api_url}/{path}?{urlencode(proven)}"
    answered = await ask("GET", url, headers={"Authorization": f"Bearer {token}"})
    if isinstance(answered, NoAnswer):
        return Said(reason=answered.reason)
    version = answered.headers.get(VERSION_HEADER, "")
    return Said(_object(answered.body), answered.status, version=version)


def _object(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


# --- our own address -----------------------------------------------------------------------------


async def _round_trip(config: MessengerConfig, patient: Patient) -> list[Finding]:
    """Asks our own address as Meta does: for its challenge, and with a webhook in which nothing
    has happened."""
    if fault := patient.fault_in("PUBLIC_URL"):
        return [judgement.WEBHOOK.skipped(fault)]
    if not config.verify_tokens:
        return [judgement.WEBHOOK.skipped("MESSENGER_VERIFY_TOKEN, which is not set")]
    url = plain(patient.settings.public_url) + ENDPOINT
    if _is_local(url) and not _is_local(config.api_url):
        return [judgement.of_local(url)]
    challenge = str(secrets.randbelow(10**12))
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": config.verify_tokens[0],
        "hub.challenge": challenge,
    }
    body = orjson.dumps({"object": "page", "entry": []})
    signed = {
        "Content-Type": "application/json",
        "X-Hub-Signature-256": signature(config.app_secrets[0], body),
    }
    first, second = await asyncio.gather(
        ask("GET", f"{url}?{urlencode(asked)}"), ask("POST", url, headers=signed, content=body)
    )
    said = "" if isinstance(first, NoAnswer) else first.body.decode("utf-8", "replace")
    verified, heard = (
        Said(reason=each.reason) if isinstance(each, NoAnswer) else Said(status=each.status)
        for each in (first, second)
    )
    return [judgement.of_round_trip(url, verified, heard, challenge, said)]


def _is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
