"""What `deskbridge parked` shows: a table for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bridge.model import SECOND, Micros
from bridge.stores import Parked


def show(found: Sequence[Parked], console: Console) -> None:
    if not found:
        console.print("Nothing is parked.")
        return
    table = Table("Lane", "Handoff", "Waiting", "Since", "Because of")
    for each in found:
        number = f"#{each.number}" if each.number else ""
        row = (each.lane, number, str(each.effects), _time(each.since), each.reason)
        table.add_row(*map(escape, row))
    console.print(table)
    console.print("Mend the cause; all goes on by itself then. At once: deskbridge retry")


def as_json(found: Sequence[Parked]) -> str:
    listed = [
        {
            "lane": each.lane,
            "conversation_id": each.conversation_id,
            "handoff": each.number or None,
            "waiting": each.effects,
            "since": _time(each.since) or None,
            "reason": each.reason,
        }
        for each in found
    ]
    return json.dumps(listed, indent=2) + "\n"


def _time(at: Micros) -> str:
    """UTC; empty for a lane in which nothing waits any more."""
    if not at:
        return ""
    return datetime.fromtimestamp(at // SECOND, UTC).isoformat().replace("+00:00", "Z")
