"""Rows as others read them: nothing is lost, and no spreadsheet runs anything."""

from __future__ import annotations

import csv
import io
import json
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from bridge.audit import Entry, Fault, Head, What
from bridge.trail import Checked, Sought, Trail
from bridge.trailing import FORMULAS, checked, lines, row
from tests.bridge.test_audit import made

CHANGES = '{"handoff":{"status":["queued","assigned"],"title":[0,4]}}'


class Rows:
    def __init__(self, entries: list[Entry], page: int = 2) -> None:
        self._entries = entries
        self._page = page

    async def rows(self, sought: Sought, after: int, limit: int) -> list[Entry]:
        del sought, limit
        return [entry for entry in self._entries if entry.position > after][: self._page]


async def written(entries: list[Entry], form: str) -> str:
    return "".join([part async for part in lines(cast(Trail, Rows(entries)), Sought(), form)])


def test_a_row_says_what_was_before_and_after_and_of_what_it_came() -> None:
    told = row(made(1)[0]._replace(changes=CHANGES, cause="Assign slack:T1:C1:7"))
    assert told["before"] == {"handoff": {"status": "queued", "title": 0}}
    assert told["after"] == {"handoff": {"status": "assigned", "title": 4}}
    assert told["cause"] == {"what": "Assign", "key": "slack:T1:C1:7"}
    older = row(made(1)[0]._replace(cause=None, conversation_id=""))
    assert (older["cause"], older["conversation_id"], older["before"]) == (None, None, {})


async def test_an_export_has_every_row_in_its_order() -> None:
    entries = made(5)
    told = [json.loads(line) for line in (await written(entries, "jsonl")).splitlines()]
    assert [each["position"] for each in told] == [1, 2, 3, 4, 5]
    head, *rows = csv.reader(io.StringIO(await written(entries, "csv"), newline=""))
    assert [each[head.index("id")] for each in rows] == [entry.name for entry in entries]
    assert rows[0][head.index("actor_name")] == "Ana"
    assert rows[0][head.index("details")] == '{"n":1}'
    assert await written([], "jsonl") == ""


@given(st.lists(st.text() | st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])))
async def test_no_cell_begins_a_formula_and_none_is_lost(names: list[str]) -> None:
    entries = [
        entry._replace(actor_name=name, cause=None)
        for entry, name in zip(made(len(names)), names, strict=True)
    ]
    _, *rows = csv.reader(io.StringIO(await written(entries, "csv"), newline=""))
    assert not any(cell.startswith(FORMULAS) for each in rows for cell in each)
    shown = [each[6] for each in rows]
    assert [cell.removeprefix("'") for cell in shown] == [name.removeprefix("'") for name in names]


def test_what_a_check_found_is_told_with_its_places() -> None:
    fault = Fault(What.REMOVED, 3, 4, "e5", 5, "missing")
    found = checked(Checked(3, 1, 2, 0, Head("newest", 5, 5, "f00"), [fault], 7))
    assert (found["whole"], found["more_faults"], found["newest"]["seal"]) == (False, 7, "f00")
    assert found["faults"][0]["time"].startswith("1970-01-01")
    none = checked(Checked(0, 0, 0, 0, None, [Fault(What.HEAD, 1, 1)]))
    assert (none["newest"], none["faults"][0]["time"], none["faults"][0]["id"]) == (
        None,
        None,
        None,
    )
    assert checked(Checked(0, 0, 0, 0, None, []))["whole"]
