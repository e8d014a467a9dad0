"""Slack's part of `deskbridge check`: the questions; `judgement` has what the answers mean.

Nothing is posted. The token, the app-level token and our own address are asked about at the same
time; the channel after the token.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from adapters.slack import config, judgement, permissions
from adapters.slack.client import READS
from adapters.slack.identity import Identity
from adapters.slack.ids import is_user
from adapters.slack.judgement import NO_ANSWER, Said
from adapters.slack.members import AT_ONCE, is_group, read_person
from adapters.slack.signing import signature
from bridge.findings import Check, Finding
from bridge.judgement import is_loopback
from bridge.model import SECOND
from bridge.ports import Patient
from bridge.probing import NoAnswer, ask

ENDPOINT = "/slack/events"
FREE_PLAN_DAYS = 90
SCOPES_HEADER = "x-oauth-scopes"
OF_TOKEN = (judgement.SCOPES, judgement.CHANNEL, judgement.HISTORY)


async def diagnose(patient: Patient) -> list[Finding]:
    keys = Keys.of(patient.settings)
    if fault := patient.fault_in("SLACK_API_URL"):
        return [judgement.DESK.skipped(fault)]
    if not keys.token:
        fault = patient.fault_in("SLACK_BOT_TOKEN")
        return [judgement.DESK.skipped(fault) if fault else judgement.without_desk()]
    parts = await asyncio.gather(
        _of_token(keys, patient), _socket(keys), _round_trip(keys, patient)
    )
    return [finding for part in parts for finding in part]


@dataclass(frozen=True, slots=True)
class Keys:
    """The settings that are looked at, as plain texts; empty: not set."""

    token: str
    signing_secret: str
    app_token: str
    channel: str
    api_url: str
    public_url: str

    @classmethod
    def of(cls, settings: Any) -> Keys:
        return cls(
            config.plain(settings.slack_bot_token),
            config.plain(settings.slack_signing_secret),
            config.plain(settings.slack_app_token),
            config.plain(settings.slack_channel),
            config.plain(settings.slack_api_url),
            config.plain(settings.public_url),
        )


# --- the Web API ---------------------------------------------------------------------------------


async def _of_token(keys: Keys, patient: Patient) -> list[Finding]:
    said = await _call(keys.api_url, keys.token, "auth.test")
    token = judgement.of_token(said, keys.api_url)
    clock = [judgement.of_clock(said.skew)] if said.skew is not None else []
    if said.error or not said.answer.get("bot_id"):
        return [token, *(check.skipped(token.title) for check in OF_TOKEN), *clock]
    scopes = judgement.of_scopes(said.scopes, permissions.needed())
    bot = str(said.answer.get("user"))
    us = Identity(str(said.answer.get("team_id")))
    channel, queues, approvals, alerts, groups, people = await asyncio.gather(
        _channel(keys, bot, patient),
        _queues(keys, bot, patient),
        _approvals(keys, bot, patient),
        _alerts(keys, bot, patient),
        _groups(keys, patient),
        _people(keys, us, patient),
    )
    rest = (*channel, *queues, *approvals, *alerts, *groups, *people)
    return [token, scopes, *rest, *clock]


async def _queues(keys: Keys, bot: str, patient: Patient) -> list[Finding]:
    """The channels that queues have of their own."""
    named = {
        queue.slack_channel: queue.name
        for queue in patient.settings.queues
        if queue.slack_channel not in ("", keys.channel)
    }
    found = await asyncio.gather(
        *(
            _look(keys, bot, channel, f"slack_channel of the queue {queue}")
            for channel, queue in named.items()
        )
    )
    return [judgement.of_queue(*each) for each in zip(found, named.values(), strict=True)]


async def _approvals(keys: Keys, bot: str, patient: Patient) -> list[Finding]:
    """The channel in which drafts are asked about, where it is one of their own."""
    channel = patient.settings.approvals.slack_channel
    if channel in ("", keys.channel):
        return []
    found = await _look(keys, bot, channel, "slack_channel of [approvals]")
    return [judgement.of_approvals(found)]


async def _alerts(keys: Keys, bot: str, patient: Patient) -> list[Finding]:
    """The channels in which alerts are told, and the one that gets the heads of the audit trail."""
    places, audit = patient.settings.alerts.to, patient.settings.audit.slack_channel
    named = {place.name: place.slack for place in places if place.slack}
    named = {name: slack for name, slack in named.items() if not is_user(slack)}
    found = await asyncio.gather(
        *(
            _look(keys, bot, channel, f"slack of the [[alerts.to]] {name}")
            for name, channel in named.items()
        )
    )
    told = [judgement.of_alerts(*each) for each in zip(found, named, strict=True)]
    if audit:
        told.append(judgement.of_audit(await _look(keys, bot, audit, "audit.slack_channel")))
    return told


async def _look(keys: Keys, bot: str, channel: str, setting: str) -> Finding:
    if wrong := judgement.of_channel_name(channel, setting):
        return wrong
    said = await _call(keys.api_url, keys.token, "conversations.info", channel=channel)
    return judgement.of_channel(said, channel, bot, setting, keys.api_url)


async def _groups(keys: Keys, patient: Patient) -> list[Finding]:
    """The user groups that the settings name, if any."""
    groups = [each for each in _named(patient.settings) if is_group(each)]
    if not groups:
        return []
    said = await asyncio.gather(
        *(
            _call(keys.api_url, keys.token, "usergroups.users.list", usergroup=group)
            for group in groups
        )
    )
    return [judgement.of_groups(dict(zip(groups, said, strict=True)), keys.api_url)]


async def _people(keys: Keys, us: Identity, patient: Patient) -> list[Finding]:
    """Those whom the settings name, one by one, if any."""
    people = [each for each in _named(patient.settings) if is_user(each)]
    if not people:
        return []
    at_once = asyncio.Semaphore(AT_ONCE)

    async def ask(person: str) -> Said:
        async with at_once:
            return await _call(keys.api_url, keys.token, "users.info", user=person)

    said = dict(zip(people, await asyncio.gather(*map(ask, people)), strict=True))
    return [
        judgement.of_people(said, lambda user: read_person("", user, us, "").full, keys.api_url)
    ]


def _named(settings: Any) -> list[str]:
    """People and groups, by their ids, as agents, to be called or to approve."""
    agents, queues, alerts = settings.agents, settings.queues, settings.alerts
    named = {*agents.supervisors, *agents.admins, *(each.id for each in agents.people)}
    named |= {alerts.notify, alerts.lead, *(place.slack for place in alerts.to)}
    named.update(member for queue in queues for member in (*queue.members, queue.notify))
    approvals, ours = settings.approvals, {queue.name for queue in queues}
    named |= {*approvals.reviewers, *approvals.escalate_to} - ours
    return sorted(named)


async def _channel(keys: Keys, bot: str, patient: Patient) -> list[Finding]:
    setting = "SLACK_CHANNEL"
    if not keys.channel:
        return [_unset(judgement.CHANNEL, setting), _unset(judgement.HISTORY, setting)]
    if wrong := judgement.of_channel_name(keys.channel, setting):
        return [wrong, judgement.HISTORY.skipped(judgement.CHANNEL.title)]
    long_ago = patient.clock() // SECOND - FREE_PLAN_DAYS * 86_400
    info, history = await asyncio.gather(
        _call(keys.api_url, keys.token, "conversations.info", channel=keys.channel),
        _call(
            keys.api_url,
            keys.token,
            "conversations.history",
            channel=keys.channel,
            latest=long_ago,
            limit=1,
        ),
    )
    return [
        judgement.of_channel(info, keys.channel, bot, setting, keys.api_url),
        judgement.of_history(history),
    ]


def _unset(check: Check, setting: str) -> Finding:
    return check.skipped(f"{setting}, which is not set")


async def _socket(keys: Keys) -> list[Finding]:
    if not keys.app_token:
        return []
    said = await _call(keys.api_url, keys.app_token, "apps.connections.open")
    return [judgement.of_socket(said, keys.api_url)]


async def _call(api_url: str, token: str, method: str, **arguments: object) -> Said:
    """One call, without retries. Those that read take their arguments in the query."""
    verb = "GET" if method in READS else "POST"
    query = f"?{urlencode(arguments)}" if arguments else ""
    headers = {"Authorization": f"Bearer {token}"}
    answered = await ask(verb, f"{api_url}{method}{query}", headers=headers)
    if isinstance(answered, NoAnswer):
        return Said(error=NO_ANSWER, reason=answered.reason)
    told = answered.headers.get(SCOPES_HEADER)
    scopes = None if told is None else frozenset(filter(None, map(str.strip, told.split(","))))
    answer = _object(answered.body)
    if not answer:
        reason = f"it answers {answered.status}, and not as Slack does"
        return Said(error=NO_ANSWER, reason=reason, skew=answered.skew)
    error = "" if answer.get("ok") is True else str(answer.get("error") or "no reason given")[:80]
    return Said(answer, error, scopes=scopes, skew=answered.skew)


def _object(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


# --- our own address -----------------------------------------------------------------------------


async def _round_trip(keys: Keys, patient: Patient) -> list[Finding]:
    """Asks our own address as Slack does when an address is entered: signed, with a challenge."""
    if keys.app_token:
        return [judgement.SIGNING.skipped("SLACK_APP_TOKEN: events come by Socket Mode")]
    if fault := patient.fault_in("PUBLIC_URL"):
        return [judgement.SIGNING.skipped(fault)]
    if not keys.signing_secret:
        return [_unset(judgement.SIGNING, "SLACK_SIGNING_SECRET")]
    url = keys.public_url + ENDPOINT
    if _is_local(url) and not _is_local(keys.api_url):
        return [judgement.of_local_url(url)]
    challenge = secrets.token_urlsafe(24)
    body = orjson.dumps({"type": "url_verification", "challenge": challenge})
    headers = _signed(keys.signing_secret, patient.clock() // SECOND, body)
    answered = await ask("POST", url, headers=headers, content=body)
    if isinstance(answered, NoAnswer):
        return [judgement.of_silence(url, answered.reason)]
    return [judgement.of_round_trip(url, answered.status, answered.body, challenge)]


def _signed(secret: str, now: int, body: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": str(now),
        "X-Slack-Signature": signature(secret, str(now), body),
    }


def _is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
