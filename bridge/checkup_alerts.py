"""Whether somebody listens where `[[alerts.to]]` has a webhook, for `deskbridge check`. Nothing is
sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bridge.findings import Check, Finding
from bridge.ports import Patient
from bridge.posting import Poster
from bridge.reachable import networks
from bridge.settings_alerts import AlertPlace

ALERTS = Check("alerts", "Alerts")
TIMEOUT = 5.0
"""Seconds for a name and a connection."""


async def diagnose(patient: Patient) -> Sequence[Finding]:
    """Nothing where there are no such places."""
    settings = patient.settings
    poster = Poster(networks(settings.webhooks.allow_private), TIMEOUT)
    places = [place for place in settings.alerts.to if place.webhook]
    return await asyncio.gather(*(_look(poster, place) for place in places))


async def _look(poster: Poster, place: AlertPlace) -> Finding:
    check = Check(f"{ALERTS.id}.{place.name}", f"{ALERTS.title}: webhook of {place.name}")
    fault = await poster.fault(place.webhook) or await poster.silence(place.webhook)
    if fault:
        remedy = f"Correct webhook of the [[alerts.to]] {place.name}, or let this machine reach it"
        return check.failed(f"{place.webhook} {fault}", remedy)
    return check.ok("somebody listens there; nothing was sent")
