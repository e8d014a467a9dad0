"""Parts of the policy, made from the settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from bridge.leaks import Guard
from bridge.model import SECOND
from bridge.policy import Alerts
from bridge.ports import Shields
from bridge.settings import Settings
from bridge.settings_sections import AlertSettings


def guard(settings: Settings, desk: object) -> Guard:
    """What customers may see anyway is where they are: the widget's pages and we ourselves."""
    seen = (urlsplit(url).hostname for url in (settings.public_url, *settings.webchat_origins))
    return Guard(
        settings.leaks.look_for,
        settings.leaks.internal_hosts,
        tuple(sorted({host for host in seen if host})),
        desk.internal_links if isinstance(desk, Shields) else "",
        settings.leaks.patterns,
    )


def alerts(given: AlertSettings) -> Alerts:
    return Alerts(
        mention=given.mention,
        notify=given.notify,
        lead=given.lead,
        notify_after=int(given.notify_after * SECOND),
        overdue_after=int(given.overdue_after * SECOND),
        lead_after=int(given.lead_after * SECOND),
        held_after=int(given.held_after * SECOND),
        present_for=int(given.present_for * SECOND),
    )
