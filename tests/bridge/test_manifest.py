"""`deskbridge manifest`: what is pasted into Slack is manifest.yml with one's own address."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bridge.cli import app
from bridge.errors import SettingsError
from bridge.manifest import PLACEHOLDER, fill, template

TOP = Path(__file__).parents[2]


def addresses(value: Any) -> set[str]:
    """Every URL anywhere in it."""
    if isinstance(value, dict):
        return set().union(*(addresses(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(addresses(each) for each in value))
    return {value} if isinstance(value, str) and value.startswith("https://") else set()


def test_the_packaged_file_is_the_one_at_the_top() -> None:
    assert template() == (TOP / "manifest.yml").read_text("utf-8")


@pytest.mark.parametrize("url", ["https://help.shop.test", "https://help.shop.test/"])
def test_every_address_becomes_ones_own(url: str) -> None:
    filled = yaml.safe_load(fill(template(), url))
    assert addresses(filled) == {"https://help.shop.test/slack/events"}
    assert PLACEHOLDER not in fill(template(), url)


def test_nothing_but_the_addresses_changes() -> None:
    assert yaml.safe_load(fill(template(), PLACEHOLDER)) == yaml.safe_load(template())


def test_the_address_of_the_endpoint_itself_is_understood_too() -> None:
    url = "https://help.shop.test"
    assert fill(template(), f"{url}/slack/events") == fill(template(), url)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8080", "help.shop.test"])
def test_an_address_that_slack_cannot_call_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        fill(template(), url)
    assert list(refused.value.faults) == ["PUBLIC_URL"]


def test_for_socket_mode_there_are_no_addresses() -> None:
    filled, original = yaml.safe_load(fill(template(), "", socket=True)), yaml.safe_load(template())
    assert addresses(filled) == set()
    assert filled["settings"]["socket_mode_enabled"] is True
    assert filled["settings"]["event_subscriptions"] == {
        "bot_events": original["settings"]["event_subscriptions"]["bot_events"]
    }
    commands = [each["command"] for each in filled["features"]["slash_commands"]]
    assert commands == [each["command"] for each in original["features"]["slash_commands"]]


def commands(text: str) -> list[str]:
    return [each["command"] for each in yaml.safe_load(text)["features"]["slash_commands"]]


def test_only_the_wanted_commands_are_written_behind_the_wanted_prefix() -> None:
    original = yaml.safe_load(template())
    everything = fill(template(), PLACEHOLDER, prefix="acme-")
    assert commands(everything) == [
        f"/acme-{each}" for each in ("assign", "resolve", "pause", "resume", "desk")
    ]
    only = fill(template(), PLACEHOLDER, commands="desk", prefix="acme-")
    assert commands(only) == ["/acme-desk"]
    assert commands(fill(template(), "", socket=True, commands="desk")) == ["/desk"]
    rest = yaml.safe_load(only)
    for each in (rest, original):
        del each["features"]["slash_commands"]
    assert rest == original


@pytest.mark.parametrize("prefix", ["acme", "Acme-", "-", "a b-", "/acme-", "x" * 20 + "-"])
def test_a_prefix_that_slack_would_refuse_is_refused(prefix: str) -> None:
    with pytest.raises(SettingsError) as refused:
        fill(template(), PLACEHOLDER, prefix=prefix)
    assert list(refused.value.faults) == ["--prefix"]


def test_the_command_line_takes_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["manifest", "--url", "https://help.shop.test", "--commands", "desk"]
    printed = CliRunner().invoke(app, [*asked, "--prefix", "acme-"])
    assert commands(printed.stdout) == ["/acme-desk"]


def test_the_command_prints_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(app, ["manifest", "--url", "https://help.shop.test"])
    assert printed.stdout == fill(template(), "https://help.shop.test")


def test_without_an_address_it_takes_that_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"PUBLIC_URL": "https://help.shop.test"}
    printed = CliRunner().invoke(app, ["manifest"], env=environment)
    assert printed.stdout == fill(template(), "https://help.shop.test")


def test_for_socket_mode_it_needs_no_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(app, ["manifest", "--socket"])
    assert printed.stdout == fill(template(), "", socket=True)


def test_a_local_address_is_told_as_a_fault_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(app, ["manifest"])
    assert isinstance(refused.exception, SettingsError)
