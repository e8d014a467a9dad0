"""Adapters by entry point: what is installed beside Deskbridge is found without being named here.

A channel is `f(deps) -> Channel | None`, a desk `f(deps) -> Desk | None` (None: not configured), a
bot `f(bot_settings, deps) -> Bot`, a mailer `f(deps) -> Mailer | None`. `deskbridge.channels`,
`deskbridge.desks`, `deskbridge.bots`, `deskbridge.mailers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from typing import Any, Protocol, runtime_checkable

from bridge.doubts import NO_DESK
from bridge.errors import SettingsError
from bridge.letters import Mailer
from bridge.ports import Bot, Channel, Check, Deps, Desk, Fetches, Receive, Runs, Streams

Factory = Callable[..., Any]


def load(group: str) -> dict[str, Factory]:
    """The factories of a group by name."""
    return {point.name: point.load() for point in _points(f"deskbridge.{group}")}


@cache  # looks through all that is installed
def _points(group: str) -> EntryPoints:
    return entry_points(group=group)


def channels(deps: Deps, factories: dict[str, Factory]) -> dict[str, Channel]:
    made = {name: make(deps) for name, make in factories.items()}
    return {name: channel for name, channel in made.items() if channel is not None}


def desk(deps: Deps, factories: dict[str, Factory]) -> Desk | None:
    """The one desk that is configured. Raises SettingsError when there are several."""
    made = {name: desk for name, make in factories.items() if (desk := make(deps)) is not None}
    if len(made) > 1:
        raise SettingsError({"desks": f"only one may be configured, not {', '.join(sorted(made))}"})
    return next(iter(made.values()), None)


def mailer(deps: Deps, factories: dict[str, Factory]) -> Mailer | None:
    """The first that is configured."""
    return next((mailer for make in factories.values() if (mailer := make(deps))), None)


def bots(deps: Deps, factories: dict[str, Factory]) -> dict[str, Bot]:
    make = factories["webhook"]
    return {bot.id: make(bot, deps) for bot in deps.settings.bots}


@runtime_checkable
class Drains(Protocol):
    """Holds requests open. `drain` ends them when the process begins to stop."""

    def drain(self) -> None: ...


@runtime_checkable
class Checks(Protocol):
    """Can tell what is wrong with its platform; an empty text: nothing."""

    @property
    def name(self) -> str: ...
    async def fault(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Adapters:
    channels: Mapping[str, Channel]
    desk: Desk | None
    bots: Mapping[str, Bot]
    mailer: Mailer | None = None

    def that_run(self) -> list[Runs]:
        """Those that have something to start and to stop."""
        return [adapter for adapter in self.every() if isinstance(adapter, Runs)]

    def fetchers(self, receive: Receive) -> list[Runs]:
        able = [adapter for adapter in self.every() if isinstance(adapter, Fetches)]
        return [one for adapter in able for one in adapter.fetchers(receive)]

    def every(self) -> list[Any]:
        return [*self.channels.values(), self.desk, *self.bots.values(), self.mailer]

    def drain(self) -> None:
        for adapter in self.every():
            if isinstance(adapter, Drains):
                adapter.drain()

    def open_streams(self) -> int:
        return sum(each.open_streams() for each in self.every() if isinstance(each, Streams))

    def checks(self) -> dict[str, Check]:
        """By name: `slack`, `messenger`; `desk` where there is none."""
        found: dict[str, Check] = {
            each.name: each.fault for each in self.every() if isinstance(each, Checks)
        }
        return found if self.desk else {**found, "desk": _no_desk}


async def _no_desk() -> str:
    return NO_DESK


def adapters(deps: Deps) -> Adapters:
    """All that is installed and configured. Raises SettingsError."""
    return Adapters(
        channels(deps, load("channels")),
        desk(deps, load("desks")),
        bots(deps, load("bots")),
        mailer(deps, load("mailers")),
    )
