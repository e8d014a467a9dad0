"""The life of a conversation as a picture, drawn from the table that decides it.

python -m bridge.diagram > docs/lifecycle.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from bridge.lifecycle import TRANSITIONS, Rule, State

Table = Mapping[State, Mapping[type[Any], Rule]]

TIMERS = (
    ("bot", "queued", "the bot hands over or is silent too long"),
    ("queued", "expired", "nobody takes it in time"),
    ("snoozed", "assigned", "its time has come"),
    ("snoozed", "queued", "its time has come"),
)
"""What no command asks for: it comes of an effect (`results.py`)."""

PAGE = """\
# The life of a conversation

Drawn from `TRANSITIONS` in `bridge/lifecycle.py` by `python -m bridge.diagram > docs/lifecycle.md`.

## Who answers

Steps are named by their commands; those in brackets come of a timer or of a bot's answer. The ends
give the conversation back to the bot, and its next handoff is a new one.

```mermaid
{picture}
```

## Every legal step

What is not in this table is rejected, and whoever asked is told. A cell names the states that may
follow; `·` stays as it is, `refused` has an answer of its own that says why.

{table}
"""


def mermaid(table: Table) -> str:
    """The steps that change the state, one arrow for each pair of states."""
    lines = ["stateDiagram-v2", "    [*] --> bot"]
    for (here, there), names in _arrows(table).items():
        lines.append(f"    {here} --> {there} : {', '.join(sorted(names))}")
    lines += [f"    {here} --> {there} : ({why})" for here, there, why in TIMERS]
    return "\n".join(lines)


def steps(table: Table) -> str:
    """The whole table, a row for each command, in Markdown."""
    commands = sorted({kind.__name__ for rules in table.values() for kind in rules})
    rows = [["", *table], ["---"] * (len(table) + 1)]
    rows += [[f"`{name}`", *_cells(table, name)] for name in commands]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def page(table: Table) -> str:
    """The page of the docs."""
    return PAGE.format(picture=mermaid(table), table=steps(table))


def _arrows(table: Table) -> dict[tuple[State, State], set[str]]:
    arrows: dict[tuple[State, State], set[str]] = {}
    for here, rules in table.items():
        for kind, rule in rules.items():
            for there in sorted(rule.to - {here}):
                arrows.setdefault((here, there), set()).add(kind.__name__)
    return arrows


def _cells(table: Table, name: str) -> Iterator[str]:
    for here, rules in table.items():
        rule = next((rule for kind, rule in rules.items() if kind.__name__ == name), None)
        yield "" if rule is None else _cell(here, rule)


def _cell(here: State, rule: Rule) -> str:
    if not rule.to:
        return "refused"
    return ", ".join(["·"] * (here in rule.to) + sorted(rule.to - {here}))


if __name__ == "__main__":
    sys.stdout.write(page(TRANSITIONS))
