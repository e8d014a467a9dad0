"""What differs between two states of the settings, by name, since values are secrets often enough.
Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.settings import SECTIONS, Settings

FIXED = ("DATABASE_URL", "METRICS_PORT", "REDIS_URL")
"""What a process stands on as long as it lives."""
FAULT = "can only be changed by a restart, and nothing else is taken over before"


def changed(old: Settings, new: Settings) -> list[str]:
    """Variables in capital letters, sections as in the file."""
    found = []
    for name, field in Settings.model_fields.items():
        if getattr(old, name) != getattr(new, name):
            known = field.alias or name
            found.append(known if known in SECTIONS else known.upper())
    return sorted(found)


def fixed(names: Sequence[str]) -> dict[str, str]:
    """Faults, of those that a process cannot change while it lives."""
    return {name: FAULT for name in names if name in FIXED}
