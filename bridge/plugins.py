"""Adapters by entry point: what is installed beside Deskbridge is found without being named here.

A channel is `f(deps) -> Channel | None`, a desk `f(deps) -> Desk | None` (None: not configured), a
bot `f(bot_settings, deps) -> Bot`. `deskbridge.channels`, `deskbridge.desks`, `deskbridge.bots`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from bridge.errors import SettingsError
from bridge.ports import Bot, Channel, Deps, Desk

Factory = Callable[..., Any]


def load(group: str) -> dict[str, Factory]:
    """The factories of a group by name."""
    return {point.name: point.load() for point in entry_points(group=f"deskbridge.{group}")}


def channels(deps: Deps, factories: dict[str, Factory]) -> dict[str, Channel]:
    made = {name: make(deps) for name, make in factories.items()}
    return {name: channel for name, channel in made.items() if channel is not None}


def desk(deps: Deps, factories: dict[str, Factory]) -> Desk | None:
    """The one desk that is configured. Raises SettingsError when there are several."""
    made = {name: desk for name, make in factories.items() if (desk := make(deps)) is not None}
    if len(made) > 1:
        raise SettingsError({"desks": f"only one may be configured, not {', '.join(sorted(made))}"})
    return next(iter(made.values()), None)


def bots(deps: Deps, factories: dict[str, Factory]) -> dict[str, Bot]:
    make = factories["webhook"]
    return {bot.id: make(bot, deps) for bot in deps.settings.bots}
