"""`deskbridge keys`: made, shown once, listed without the secret, revoked."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bridge import cli
from bridge.keys import PREFIX
from tests.bridge.running import SECRET_KEY


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["keys", *arguments])


def test_a_key_is_made_shown_once_listed_and_revoked() -> None:
    made = keys("create", "crm", "--scope", "desk", "--scope", "bot")
    secret = made.stdout.strip()
    assert (made.exit_code, secret.startswith(PREFIX)) == (0, True)
    listed = keys("list").stdout
    assert "crm" in listed
    assert "bot desk" in listed
    assert secret not in listed
    assert secret[:10] in listed
    assert keys("create", "crm").exit_code == 1
    assert keys("revoke", "crm").exit_code == 0
    assert keys("revoke", "crm").exit_code == 1
    assert keys("create", "crm").exit_code == 0


@pytest.mark.parametrize("name", ["", "x" * 61, "two\nlines", "<b>"])
def test_a_name_is_one_that_people_can_read(name: str) -> None:
    refused = keys("create", name)
    assert (refused.exit_code, refused.stdout) == (1, "")


def test_a_scope_that_there_is_not_is_told() -> None:
    assert keys("create", "crm", "--scope", "root").exit_code == 2
