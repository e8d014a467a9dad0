"""`deskbridge triggers`: rules tried on a transcript, and those that have fired."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bridge import cli
from bridge.cli_triggers import moment
from bridge.model import SECOND

RULES = '[[triggers]]\nname = "person"\nkind = "human"\nhand_over = true\n'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "deskbridge.toml").write_text(RULES, "utf-8")
    (tmp_path / "chat.txt").write_text("user: hi\nuser: I want a human\n", "utf-8")
    return tmp_path


def run(*args: str, given: str = "") -> Result:
    return CliRunner().invoke(cli.app, ["triggers", *args], input=given)


@pytest.mark.usefixtures("desk")
def test_a_transcript_shows_what_would_have_fired() -> None:
    assert "2 user: I want a human" in run("try", "chat.txt").output
    [one] = json.loads(run("try", "-", "--json", given="user: a human please").stdout)
    assert (one["n"], one["rule"], one["then"]) == (1, "person", ["hands over"])


def test_what_cannot_be_read_is_said_and_that_there_are_no_rules(desk: Path) -> None:
    (desk / "odd").write_bytes(b"\xff")
    (desk / "none").write_text("hello", "utf-8")
    for name, why in (("odd", "no text in UTF-8"), ("gone", "No such file"), ("none", "line 1")):
        failed = run("try", name)
        assert (failed.exit_code, why in failed.stderr) == (2, True), failed.stderr
    (desk / "deskbridge.toml").write_text("", "utf-8")
    assert "has no [[triggers]]" in run("try", "chat.txt").stderr


@pytest.mark.usefixtures("desk")
def test_without_a_desk_or_firings_it_says_so_and_a_wrong_time_is_refused() -> None:
    assert "no Deskbridge has run on it" in str(run("fired").exception)
    assert CliRunner().invoke(cli.app, ["migrate"]).exit_code == 0
    assert "No rule has fired" in run("fired").output
    assert json.loads(run("fired", "--json").stdout) == []
    assert run("fired", "--since", "yesterday").exit_code == 2


def test_a_time_is_so_long_ago_or_a_date() -> None:
    at = 1_795_341_600 * SECOND
    assert at - moment("90m", at) == 5_400 * SECOND
    assert at - moment("2d", at) == 172_800 * SECOND
    day = datetime(2026, 11, 1, tzinfo=UTC)
    for text in ("2026-11-01", "2026-11-01T00:00:00+00:00"):
        assert moment(text, at) == int(day.timestamp()) * SECOND
    with pytest.raises(typer.BadParameter):
        moment("soon", at)
