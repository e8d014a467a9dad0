"""What `deskbridge check` finds: one finding for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """`found` and `remedy` are sentences for an operator and never hold a secret. A warning and a
    failure always have a remedy: the very setting, scope, command or page."""

    id: str
    title: str
    status: Status
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at. `id` is for machines and stays the same."""

    id: str
    title: str

    def ok(self, found: str) -> Finding:
        return Finding(self.id, self.title, Status.OK, found)

    def warning(self, found: str, remedy: str) -> Finding:
        return Finding(self.id, self.title, Status.WARNING, found, remedy)

    def failed(self, found: str, remedy: str) -> Finding:
        return Finding(self.id, self.title, Status.FAILED, found, remedy)

    def skipped(self, because: str) -> Finding:
        """`because`: the title of what failed, or the setting that is missing."""
        return Finding(self.id, self.title, Status.SKIPPED, f"not looked at, because of {because}")


def all_well(findings: Iterable[Finding]) -> bool:
    """Nothing failed. A warning is no failure, and what was skipped failed elsewhere."""
    return all(finding.status is not Status.FAILED for finding in findings)
