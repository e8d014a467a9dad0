"""Findings as people and as machines read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bridge.findings import Finding, Status, all_well

STYLES = {
    Status.OK: "green",
    Status.WARNING: "yellow",
    Status.FAILED: "bold red",
    Status.SKIPPED: "dim",
}
"""The word says it; the colour only helps to find it."""
REMEDY = "→ "


def as_json(findings: Sequence[Finding]) -> str:
    told = {"ok": all_well(findings), "checks": [asdict(finding) for finding in findings]}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n"


def show(findings: Sequence[Finding], console: Console) -> None:
    """A table with the remedy below what was found, and one line that sums up."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Check", overflow="fold")
    table.add_column("Result", no_wrap=True)
    table.add_column("Found, and what to do", overflow="fold", ratio=1)
    for finding in findings:
        result = Text(finding.status, style=STYLES[finding.status])
        table.add_row(Text(finding.title), result, _said(finding))
    console.print(table)
    console.print(Text(summary(findings)))


def _said(finding: Finding) -> Text:
    text = Text(finding.found)
    if finding.remedy:
        text.append(f"\n{REMEDY}{finding.remedy}", style="bold")
    return text


def summary(findings: Sequence[Finding]) -> str:
    """`1 failed, 2 warnings, 14 ok.` and what comes next."""
    numbers = [
        (sum(finding.status is status for finding in findings), one, many)
        for status, one, many in (
            (Status.FAILED, "failed", "failed"),
            (Status.WARNING, "warning", "warnings"),
            (Status.SKIPPED, "skipped", "skipped"),
            (Status.OK, "ok", "ok"),
        )
    ]
    counted = ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in numbers if n)
    mend = "Nothing failed." if all_well(findings) else "Mend what failed, and check again."
    return f"{counted}. {mend}"
