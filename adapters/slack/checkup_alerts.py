"""Whether those whom `[alerts]` names are there, for `deskbridge check`. Nothing is posted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from adapters.slack import judgement
from adapters.slack.ids import is_user
from adapters.slack.judgement import Said
from adapters.slack.members import NOBODY, is_group
from bridge.findings import Check, Finding

Ask = Callable[..., Awaitable[Said]]
"""One call of the Web API: its method and its arguments."""
CALLED = Check("slack.called", "Slack: whom alerts call")


async def diagnose(settings: Any, bot: str, ask: Ask, api_url: str) -> list[Finding]:
    """`bot`: our name in Slack."""
    alerts = settings.alerts
    channels = {p.name: p.slack for p in alerts.to if p.slack and not is_user(p.slack)}
    people = {p.slack for p in alerts.to if is_user(p.slack)}
    people |= {each for each in (alerts.notify, alerts.lead) if is_user(each)}
    groups = {each for each in (alerts.notify, alerts.lead) if is_group(each)}
    found = await asyncio.gather(
        *(_channel(name, channel, bot, ask, api_url) for name, channel in sorted(channels.items())),
        *(_person(each, ask, api_url) for each in sorted(people)),
        *(_group(each, ask, api_url) for each in sorted(groups)),
    )
    return list(found)


async def _channel(name: str, channel: str, bot: str, ask: Ask, api_url: str) -> Finding:
    setting = f"slack of the [[alerts.to]] {name}"
    finding = judgement.of_channel_name(channel, setting)
    if finding is None:
        said = await ask("conversations.info", channel=channel)
        finding = judgement.of_channel(said, channel, bot, setting, api_url)
    return replace(finding, id=f"slack.alerts.{name}", title=f"Slack: alerts for {name}")


async def _person(person: str, ask: Ask, api_url: str) -> Finding:
    said = await ask("users.info", user=person)
    check = Check(f"{CALLED.id}.{person}", f"{CALLED.title}, {person}")
    told = said.answer.get("user")
    user = told if isinstance(told, dict) else {}
    if said.error in NOBODY or user.get("deleted"):
        return check.failed(
            "nobody of this workspace, or not any more",
            "Copy the id of somebody who is there (a profile → ⋮ → Copy member ID) into [alerts]",
        )
    if said.error == "missing_scope":
        return check.skipped(judgement.SCOPES.title)
    if said.error:
        return judgement.of_error(check, said, "SLACK_BOT_TOKEN", api_url)
    return check.ok(f"@{user.get('name')}")


async def _group(group: str, ask: Ask, api_url: str) -> Finding:
    said = await ask("usergroups.users.list", usergroup=group)
    finding = judgement.of_groups({group: said}, api_url)
    return replace(finding, id=f"{CALLED.id}.{group}", title=f"{CALLED.title}, {group}")
