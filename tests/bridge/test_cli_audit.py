"""`deskbridge audit`: the trail of a real database, checked and written out."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bridge import cli, cli_audit
from bridge.audit import Fault, What
from bridge.trail import Checked
from bridge.trailing import checked
from tests.bridge.running import SECRET_KEY


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments)


def test_what_operators_do_is_in_it_and_it_is_whole(tmp_path: Path) -> None:
    run("keys", "create", "crm")
    run("keys", "revoke", "crm")
    told = run("audit", "export")
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [row["action"] for row in rows] == ["key.created", "key.revoked", "audit.exported"]
    assert {row["actor"]["id"] for row in rows} == {"command line"}
    assert rows[0]["details"]["scopes"] == ["bot"]
    whole = run("audit", "verify")
    assert (whole.exit_code, "The trail is whole" in whole.stdout) == (0, True)
    newest = whole.stdout.split("--head ")[1].split()[0]
    assert run("audit", "verify", "--head", newest).exit_code == 0

    out = tmp_path / "trail.csv"
    assert run("audit", "export", "--format", "csv", "--out", str(out)).exit_code == 0
    head, *lines = csv.reader(io.StringIO(out.read_text("utf-8")))
    assert [line[head.index("action")] for line in lines][-1] == "audit.exported"
    assert len(lines) == 4
    assert "no row" not in run("audit", "export", "--format", "csv", "--since", "1h").stderr
    assert "no row" in run("audit", "export", "--format", "csv", "--until", "52w").stderr
    again = run("audit", "export", "--out", str(out))
    assert (again.exit_code, "cannot be written" in again.stderr) == (1, True)


def test_what_is_sought_is_noted_and_alone_written_out() -> None:
    run("keys", "create", "crm")
    told = run(
        "audit", "export", "--agent", "Ana", "--since", "2020-01-01", "--until", "2020-01-02"
    )
    assert (told.exit_code, told.stdout) == (0, "")
    assert "no row was written out" in told.stderr
    later = run("audit", "export", "--since", "2020-01-01T00:00:00+01:00").stdout.splitlines()
    noted = json.loads(later[1])["details"]
    assert (noted["agent"], noted["format"]) == ("Ana", "jsonl")


def test_what_was_done_to_it_is_told_with_its_place() -> None:
    for name in ("a", "b", "c"):
        run("keys", "create", name)
    run("audit", "export")
    file = sqlite3.connect("deskbridge.db")
    file.executescript("DROP TRIGGER event_stays; DROP TRIGGER event_is_kept")
    file.execute("UPDATE event SET actor_name = 'mallory' WHERE position = 2")
    file.execute("DELETE FROM event WHERE position > 2")
    file.commit()
    file.close()
    found = run("audit", "verify", "--head", f"3:{'0' * 32}")
    assert found.exit_code == 1
    assert "CHANGED at position 2 (evt_" in found.stdout
    assert "REMOVED at position 3 to 4 (" in found.stdout
    assert "The trail is NOT whole" in found.stdout
    told = json.loads(run("audit", "verify", "--json").stdout)
    assert [fault["what"] for fault in told["faults"]] == ["changed", "removed"]


def test_a_trail_of_which_nothing_is_sealed_is_whole_and_one_without_its_record_is_not() -> None:
    run("keys", "create", "crm")
    empty = run("audit", "verify").stdout
    assert ("1 wait" in empty, "--head" in empty) == (True, False)
    run("audit", "export")
    file = sqlite3.connect("deskbridge.db")
    file.execute("DELETE FROM audit_head")
    file.commit()
    file.close()
    assert run("audit", "verify").exit_code == 1


@pytest.mark.parametrize("head", ["", "7", "7:", "0:" + "0" * 32, "7:" + "g" * 32])
def test_a_head_that_is_none_is_told(head: str) -> None:
    told = run("audit", "verify", "--head", head)
    assert (told.exit_code, "position, a colon" in told.stderr) == (1, True)


def test_a_time_that_is_none_is_told() -> None:
    told = run("audit", "export", "--since", "yesterday")
    assert (told.exit_code, "yesterday is no time" in told.stderr) == (1, True)


def test_of_more_faults_than_anybody_reads_only_the_number_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli_audit._tell(checked(Checked(0, 0, 0, 0, None, [Fault(What.CHANGED, 7, 7)], 3)))
    told = capsys.readouterr().out
    assert "CHANGED at position 7: " in told
    assert "… and 3 more." in told
