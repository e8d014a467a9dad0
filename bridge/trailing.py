"""Rows of the audit trail as others read them: as JSON, and as CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson

from bridge.audit import Entry, Fault, Head
from bridge.trail import Checked, Sought, Trail
from bridge.webhooks import iso

PAGE = 500
"""Rows that are read at a time."""
FIELDS = (
    *("position", "id", "time", "action", "actor_role", "actor_id", "actor_name"),
    *("conversation_id", "handoff_id", "epoch", "cause", "cause_key", "details"),
    *("before", "after", "erased", "seal"),
)
"""Columns of the CSV."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the begin of a formula."""


def row(entry: Entry) -> dict[str, Any]:
    """`before` and `after`: what was changed, by what it is of and by field."""
    changes = orjson.loads(entry.changes or "{}")
    cause, _, key = (entry.cause or "").partition(" ")
    return {
        "position": entry.position,
        "id": entry.name,
        "time": iso(entry.at),
        "action": entry.kind,
        "actor": {"role": entry.actor_role, "id": entry.actor_id, "name": entry.actor_name},
        "conversation_id": entry.conversation_id or None,
        "handoff_id": entry.handoff_id,
        "epoch": entry.epoch,
        "cause": {"what": cause, "key": key} if cause else None,
        "details": orjson.loads(entry.body),
        "before": _side(changes, 0),
        "after": _side(changes, 1),
        "erased": entry.is_erased,
        "seal": entry.seal,
    }


def _side(changes: dict[str, dict[str, list[Any]]], side: int) -> dict[str, dict[str, Any]]:
    return {
        thing: {name: both[side] for name, both in fields.items()}
        for thing, fields in changes.items()
    }


async def lines(trail: Trail, sought: Sought, form: str) -> AsyncIterator[str]:
    """The export, a page at a time; `form`: jsonl or csv."""
    if form == "csv":
        yield _csv([FIELDS])
    after = 0
    while found := await trail.rows(sought, after, PAGE):
        shown = [row(entry) for entry in found]
        if form == "csv":
            yield _csv([[_cell(each) for each in _flat(one)] for one in shown])
        else:
            yield "".join(f"{orjson.dumps(one).decode()}\n" for one in shown)
        after = found[-1].position


def _flat(one: dict[str, Any]) -> list[Any]:
    actor, cause = one["actor"], one["cause"] or {"what": "", "key": ""}
    told = {
        **one,
        **{f"actor_{name}": value for name, value in actor.items()},
        "cause": cause["what"],
        "cause_key": cause["key"],
    }
    return [told[name] for name in FIELDS]


def _cell(value: object) -> str:
    """An apostrophe before what would be a formula: the cell shows it as it is then."""
    if isinstance(value, dict):
        return orjson.dumps(value).decode() if value else ""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def _csv(rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue()


def checked(found: Checked) -> dict[str, Any]:
    newest = found.newest
    return {
        "whole": found.is_whole,
        "rows": found.rows,
        "erased": found.erased,
        "waiting": found.waiting,
        "older": found.older,
        "newest": _head(newest) if newest else None,
        "faults": [_fault(each) for each in found.faults],
        "more_faults": found.more,
    }


def _head(head: Head) -> dict[str, Any]:
    return {"position": head.position, "time": iso(head.at), "seal": head.seal}


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "what": str(fault.what),
        "position": fault.position,
        "until": fault.until,
        "id": fault.id or None,
        "time": iso(fault.at) if fault.at else None,
        "detail": fault.detail,
    }
