"""The picture in the docs is the table in the code."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from bridge.diagram import mermaid, page, steps
from bridge.lifecycle import TRANSITIONS, State

ROOT = Path(__file__).parents[2]
RENEW = "docs/lifecycle.md is stale: python -m bridge.diagram > docs/lifecycle.md"


def test_the_docs_show_the_table_as_it_is() -> None:
    assert (ROOT / "docs" / "lifecycle.md").read_text() == page(TRANSITIONS), RENEW


def test_the_page_is_made_by_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "bridge" / "diagram.py"), run_name="__main__")
    assert capsys.readouterr().out == page(TRANSITIONS)


def test_every_state_is_in_the_picture_and_every_command_in_the_table() -> None:
    picture, table = mermaid(TRANSITIONS), steps(TRANSITIONS)
    assert all(f" {state} " in picture for state in State)
    assert all(f"`{kind.__name__}`" in table for rules in TRANSITIONS.values() for kind in rules)


def test_an_arrow_names_all_that_lead_along_it() -> None:
    picture = mermaid(TRANSITIONS)
    assert "    assigned --> resolved : Block, DeleteConversation, Resolve\n" in picture
    assert "    resolved --> assigned : Reopen, SendHeld, TakeOver\n" in picture
    assert "assigned --> assigned" not in picture
