"""`deskbridge report`: the figures as one page."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bridge import cli
from tests.bridge.running import SECRET_KEY


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    assert CliRunner().invoke(cli.app, ["migrate"]).exit_code == 0


def report(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["report", *arguments])


def test_the_page_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    assert report().exit_code == 0
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "No handoff was opened in this time." in page
    assert report("--since", "1w", "--out", "week.html").exit_code == 0
    assert (tmp_path / "week.html").exists()
    printed = report("--out", "-")
    assert (printed.exit_code, printed.stdout[:15]) == (0, "<!doctype html>")


def test_a_folder_without_a_desk_has_no_figures_and_gets_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert "no Deskbridge has run on it" in str(report().exception)
    assert list((tmp_path / "other").iterdir()) == []


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    odd = report("--since", "yesterday")
    assert odd.exit_code == 2
    assert "--since yesterday" in odd.stderr
    nowhere = report("--out", "no/such/folder.html")
    assert nowhere.exit_code == 2
    assert "no/such/folder.html cannot be written" in nowhere.stderr
