"""Adapters are found by entry point."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from bridge import plugins
from bridge.errors import SettingsError
from bridge.ports import Deps
from bridge.settings import Settings
from tests.bridge.fakes import PlainDesk
from tests.bridge.running import configured, in_file, with_bot

NOTHING = cast(Deps, object())


def deps(settings: Settings) -> Deps:
    none: Any = None
    return Deps(settings, none, none, none, none, lambda: 0)


def test_our_own_adapters_are_installed() -> None:
    assert "webchat" in plugins.load("channels")
    assert "slack" in plugins.load("desks")
    assert "webhook" in plugins.load("bots")
    assert "email" in plugins.load("mailers")
    assert plugins.load("nothing") == {}


def test_a_channel_that_is_not_configured_is_left_out() -> None:
    made = plugins.channels(NOTHING, {"a": lambda _deps: "channel", "b": lambda _deps: None})
    assert list(made) == ["a"]


def test_there_is_one_desk_or_none_and_several_are_a_fault() -> None:
    desk = PlainDesk()
    assert plugins.desk(NOTHING, {}) is None
    assert plugins.desk(NOTHING, {"a": lambda _deps: None, "b": lambda _deps: desk}) is desk
    with pytest.raises(SettingsError) as caught:
        plugins.desk(NOTHING, {"b": lambda _deps: desk, "a": lambda _deps: desk})
    assert caught.value.faults == {"desks": "only one may be configured, not a, b"}


def test_the_first_mailer_that_is_configured_is_the_one() -> None:
    made: Any = plugins.mailer(NOTHING, {"a": lambda _deps: None, "b": lambda _deps: "mailer"})
    assert made == "mailer"
    assert plugins.mailer(NOTHING, {"a": lambda _deps: None}) is None


def test_each_configured_bot_is_made_by_its_id(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path, **with_bot())
    made = plugins.bots(deps(settings), plugins.load("bots"))
    assert {name: bot.id for name, bot in made.items()} == {"default": "default"}
