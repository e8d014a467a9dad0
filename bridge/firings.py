"""Rules that have fired, as `deskbridge triggers` shows them: to people and to machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from bridge.model import SECOND, Micros
from bridge.patterns import TOO_LONG
from bridge.stores import Fired
from bridge.triggers.rehearsal import Tried

EXCERPT = 60


def show(found: Sequence[Fired], console: Console) -> None:
    if not found:
        console.print("No rule has fired since then.")
        return
    table = Table(Column("When (UTC)", no_wrap=True), "Rule", "Why", "Handoff", "False alarm?")
    for each in found:
        number = f"#{each.number}" if each.number else ""
        row = (_minute(each.at), each.rule, each.why, number, each.false_alarm)
        table.add_row(*map(escape, row))
    console.print(table)
    for line in summary(found):
        console.print(escape(line))


def summary(found: Sequence[Fired]) -> list[str]:
    """How often each rule fired, the one with most false alarms first."""
    fired = Counter(each.rule for each in found if each.checked)
    false = Counter(each.rule for each in found if each.false_alarm)
    rules = sorted(fired, key=lambda rule: (-false[rule], -fired[rule], rule))
    told = [f"{rule}: {fired[rule]} fired, {_alarms(false[rule])}" for rule in rules]
    off = "To turn one off: enabled = false in its [[triggers]], then deskbridge reload"
    told = [*told, off] if false else told
    slow = Counter(each.rule for each in found if not each.checked)
    return [*told, *(f"{rule}: {TOO_LONG}, {_times(slow[rule])}" for rule in sorted(slow))]


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _alarms(number: int) -> str:
    return "1 false alarm" if number == 1 else f"{number} false alarms"


def as_json(found: Sequence[Fired]) -> str:
    listed = [
        {**asdict(each), "at": _time(each.at), "number": each.number or None} for each in found
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def show_tried(tried: Sequence[Tried], messages: int, console: Console) -> None:
    if not tried:
        console.print(f"Nothing would have fired, of {messages} messages.")
        return
    table = Table("Message", "Rule", "Why", "Then")
    for each in tried:
        said = " ".join(each.text.split())
        cut = said if len(said) <= EXCERPT else f"{said[: EXCERPT - 1]}…"
        then = ", ".join(each.then) or ("only tells" if each.checked else "does not fire")
        rule = f"{each.rule} ({each.kind})" if each.rule != each.kind else each.rule
        table.add_row(*map(escape, (f"{each.n} {each.role}: {cut}", rule, each.why, then)))
    console.print(table)


def tried_as_json(tried: Sequence[Tried]) -> str:
    listed = [{**asdict(each), "role": str(each.role)} for each in tried]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def _time(at: Micros) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).isoformat().replace("+00:00", "Z")


def _minute(at: Micros) -> str:
    """Short enough for a narrow terminal."""
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%d %H:%M}"
