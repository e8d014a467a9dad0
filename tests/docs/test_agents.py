"""The page for agents names every command that there is, and the manifest's help does not lag."""

from __future__ import annotations

import re
from pathlib import Path

from adapters.slack.verbs import TABLE, VERBS

PAGE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text("utf-8")
ROW = re.compile(r"^\| (?P<names>`[^|]+) \|", re.MULTILINE)


def documented() -> set[str]:
    start = PAGE.index("## Every command")
    end = PAGE.index("`/assign`, `/resolve`", start)
    return {
        name
        for row in ROW.finditer(PAGE[start:end])
        for name in re.findall(r"`([a-z]+)`", row["names"])
    }


def test_every_command_is_on_the_page_and_no_other() -> None:
    assert documented() == set(VERBS)


def test_every_command_has_its_help() -> None:
    assert all(verb.help and verb.label for verb in TABLE)
