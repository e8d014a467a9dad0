"""Findings for people and for machines: the same, and words before colours."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from bridge.findings import Check, Finding
from bridge.findings_table import as_json, show, summary

TOKEN, CHANNEL = Check("slack.token", "Slack: token"), Check("slack.channel", "Slack: channel")
FAILED = TOKEN.failed("it was [bold]revoked[/bold]", "Install the app again")
FINDINGS = [
    FAILED,
    CHANNEL.skipped(TOKEN.title),
    Check("disk", "Disk").warning("0.9 GiB free", "Free some space"),
    Check("redis", "Redis").ok("none"),
]


def shown(findings: list[Finding], width: int = 80) -> str:
    out = io.StringIO()
    show(findings, Console(file=out, width=width))
    return out.getvalue()


def test_the_table_says_in_words_what_was_found_and_what_to_do() -> None:
    text = shown(FINDINGS)
    lines = [line.split() for line in text.splitlines()]
    assert ["Slack:", "token", "failed", "it", "was", "[bold]revoked[/bold]"] in lines
    assert ["→", "Install", "the", "app", "again"] in lines
    assert "not looked at, because of Slack: token" in text
    assert text.splitlines()[-1] == (
        "1 failed, 1 warning, 1 skipped, 1 ok. Mend what failed, and check again."
    )


@pytest.mark.parametrize("width", [40, 80, 200])
def test_it_fits_the_terminal_and_loses_no_word(width: int) -> None:
    text = shown(FINDINGS, width)
    assert max(map(len, text.splitlines()[:-1])) <= width
    for word in ("revoked", "Install", "again", "warning", "skipped", "space"):
        assert word in text


def test_only_failures_are_failures() -> None:
    assert summary(FINDINGS[2:]) == "1 warning, 1 ok. Nothing failed."
    assert summary(FINDINGS[2:3] * 2) == "2 warnings. Nothing failed."


def test_json_is_one_object_with_every_finding() -> None:
    told = json.loads(as_json(FINDINGS))
    assert told["ok"] is False
    assert told["checks"][0] == {
        "id": "slack.token",
        "title": "Slack: token",
        "status": "failed",
        "found": "it was [bold]revoked[/bold]",
        "remedy": "Install the app again",
    }
    assert len(told["checks"]) == len(FINDINGS)
    assert json.loads(as_json(FINDINGS[2:]))["ok"] is True
